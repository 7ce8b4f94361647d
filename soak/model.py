"""A desk beside a model of it: whatever comes in whatever order, and wherever it dies, both agree (RELIABILITY F17).

The model knows of each mail which ticket it belongs to, and of each customer how many acknowledgements
there may be; the checker knows everything that holds anyway. A death is an exception that nobody catches,
at one of the crash table's points; after it another process, with another name, takes over.
"""

from __future__ import annotations

import copy
import shutil
import sqlite3
import tempfile
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from maild.bootstrap.owner import PLACE
from maild.store import schema
from maild.store.migrate import upgrade
from maild.testing.conversation import SETTINGS, Conversation
from maild.testing.invariants import check
from maild.testing.mails import delivery_report, new_mail, reply_to
from maild.testing.sink import Posted
from maild.testing.stops import wrap

KIM, ANNA = "kim{}@customer.example", "anna@staff.example"
DEATHS = (
    "",
    "maild.store.inbox:StoredDesktop.claim",
    "maild.store.unit:StoredUnit.save",
    "maild.store.outbox:StoredOutbox.claim",
    "maild.store.outbox:StoredOutbox.step",
    "maild.testing.conversation:RecordingSender.send",
)
_NAMES = count(1)
_BUDGETS = (
    "address_per_10_minutes", "address_per_day", "ticket_per_hour", "domain_per_hour", "total_per_10_minutes",
    "agent_per_10_minutes", "agent_per_day", "notifications_per_5_minutes", "notifications_per_hour",
    "sender_per_day", "answers_per_10_minutes",
)  # fmt: skip
_DESK = SETTINGS + "\n[letters]\n" + "".join(f"{name} = 100000\n" for name in _BUDGETS)


class Died(BaseException):
    """A SIGKILL, for a process that is only a thought."""


@dataclass
class Model:
    """What ought to be there."""

    expected: list[tuple[str, int | None]] = field(default_factory=list)  # outcome and ticket of each mail, in order
    owners: list[int] = field(default_factory=list)  # the customer of each ticket
    raws: list[bytes] = field(default_factory=list)  # what may be sent once more


class DeskAndModel(RuleBasedStateMachine):
    """Steps are mails, deaths and a restored backup."""

    steps = 0  # of all runs in this process
    template: Path | None = None

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="maild-model-"))
        self.file = self.folder / "maild.db"
        if DeskAndModel.template is not None:
            shutil.copyfile(DeskAndModel.template, self.file)
        self.model = Model()
        self.saved: tuple[Model, list[Posted]] | None = None
        self.posted: list[Posted] = []
        self.talk = self._wake()
        if DeskAndModel.template is None:
            upgrade(self.talk.database)

    def _wake(self, **facts: Any) -> Conversation:
        """A new process: it knows that the one before it is gone."""
        owner = f"{PLACE}:{2_000_000_000 + next(_NAMES)}:model"  # no process has such a number
        talk = Conversation(f"sqlite:///{self.file}", self.folder, settings=_DESK, owner=owner, **facts)
        talk.sender.posted = self.posted
        return talk

    def _reborn(self) -> None:
        now = self.talk.now
        self.talk.close()
        self.talk = self._wake(now=now)

    def _come(
        self, mails: list[tuple[bytes, dict[str, Any]]], expected: list[tuple[str, int | None]], death: str
    ) -> None:
        """These mails arrive, perhaps somebody dies over them, and everything is worked off."""
        DeskAndModel.steps += 1
        self.talk.wait(timedelta(minutes=1))
        for raw, facts in mails:
            self.talk.accept(raw, **facts)
        if death:
            self._die_over(death)
        self.talk.parts.sweep.run()
        self.talk.work()
        self.talk.wait(timedelta(seconds=30))  # a reply that waited for its parent
        self.talk.work()
        self.model.expected += expected
        self._agree()

    def _die_over(self, death: str) -> None:
        def around(original: Any, *args: Any, **kwargs: Any) -> Any:
            original(*args, **kwargs)
            raise Died

        undo = wrap(death, around)
        try:
            self.talk.work()
        except Died:
            pass
        finally:
            undo()
        self._reborn()

    def _agree(self) -> None:
        found = [(mail.outcome, mail.ticket) for mail in self.talk.settled()]
        assert len(found) == len(self.model.expected)
        for number, (is_, ought) in enumerate(zip(found, self.model.expected, strict=True), 1):
            outcomes = ("reply", "command") if ought[0] == "answer" else ought[:1]  # #hold of what is held is refused
            assert is_[0] in outcomes, f"mail {number} is {is_}, and ought to be {ought}"
            assert ought[0] == "duplicate" or is_[1] == ought[1], f"mail {number} is {is_}, and ought to be {ought}"
        assert len(self.talk.rows(schema.ticket)) == len(self.model.owners)
        acks = Counter(row.recipient for row in self.talk.rows(schema.outbox) if row.template == "acknowledgement")
        assert acks == Counter(KIM.format(owner) for owner in self.model.owners)

    def _letter(self, ticket: int, recipient: str) -> Posted | None:
        ids = [r.message_id for r in self.talk.rows(schema.outbox) if r.ticket == ticket and r.recipient == recipient]
        return next((p for p in self.posted if p.message_id in ids), None)

    # ------------------------------------------------------------------------ steps

    @rule(customer=st.integers(0, 4), death=st.sampled_from(DEATHS))
    def writes(self, customer: int, death: str) -> None:
        """Somebody has a new concern."""
        raw = new_mail(f"Concern {next(_NAMES)}", sender=f"Kim <{KIM.format(customer)}>")
        self.model.owners.append(customer)
        self.model.raws.append(raw)
        self._come([(raw, {})], [("new_ticket", len(self.model.owners))], death)

    @precondition(lambda self: self.model.owners)
    @rule(pick=st.integers(0, 99), death=st.sampled_from(DEATHS))
    def replies(self, pick: int, death: str) -> None:
        """A customer adds something."""
        ticket = pick % len(self.model.owners) + 1
        letter = self._letter(ticket, KIM.format(self.model.owners[ticket - 1]))
        if letter is not None:
            raw = reply_to(letter, f"More {next(_NAMES)}")
            self.model.raws.append(raw)
            self._come([(raw, {})], [("reply", ticket)], death)

    @precondition(lambda self: self.model.owners)
    @rule(
        pick=st.integers(0, 99),
        command=st.sampled_from(["", "#hold a part", "#resolve"]),
        death=st.sampled_from(DEATHS),
    )
    def is_answered(self, pick: int, command: str, death: str) -> None:
        """An agent answers, perhaps with a command."""
        ticket = pick % len(self.model.owners) + 1
        letter = self._letter(ticket, ANNA)
        if letter is not None:
            raw = reply_to(letter, f"{command}\n\nPlease oil it {next(_NAMES)}.")
            self.model.raws.append(raw)
            self._come([(raw, {})], [("answer", ticket)], death)

    @precondition(lambda self: self.model.owners)
    @rule(pick=st.integers(0, 99), death=st.sampled_from(DEATHS))
    def bounces(self, pick: int, death: str) -> None:
        """A letter to a customer does not arrive, for now."""
        ticket = pick % len(self.model.owners) + 1
        letter = self._letter(ticket, KIM.format(self.model.owners[ticket - 1]))
        if letter is not None and letter.sender:
            raw = delivery_report(letter, action="delayed", status="4.4.1")
            self._come([(raw, {"envelope_from": "", "to": letter.sender})], [("bounce", ticket)], death)

    @precondition(lambda self: self.model.raws)
    @rule(pick=st.integers(0, 999), received=st.booleans(), death=st.sampled_from(DEATHS))
    def comes_again(self, pick: int, death: str, *, received: bool) -> None:
        """A mail comes a second time, perhaps over another way."""
        raw = self.model.raws[pick % len(self.model.raws)]
        again = b"Received: from elsewhere.example; Mon, 02 Mar 2026 09:00:00 +0000\r\n" + raw if received else raw
        self._come([(again, {"to": "support@example.com"} if received else {})], [("duplicate", None)], death)

    @rule(customer=st.integers(0, 4), death=st.sampled_from(DEATHS))
    def comes_in_the_wrong_order(self, customer: int, death: str) -> None:
        """What a mail is an answer to comes after it."""
        number = next(_NAMES)
        first, second = f"a{number}@customer.example", f"b{number}@customer.example"
        sender = f"Kim <{KIM.format(customer)}>"
        parent = new_mail(f"First {number}", sender=sender, message_id=first, subject=f"Case {number}")
        child = new_mail(
            f"Second {number}",
            sender=sender,
            message_id=second,
            subject=f"Re: Case {number}",
            headers={"References": f"<{first}>"},
        )
        self.model.owners.append(customer)
        ticket = len(self.model.owners)
        self.model.raws += [child, parent]
        self._come([(child, {}), (parent, {})], [("new_ticket", ticket), ("reply", ticket)], death)

    @rule()
    def is_backed_up(self) -> None:
        """A backup is taken while it runs."""
        DeskAndModel.steps += 1
        with closing(sqlite3.connect(self.file)) as source, closing(sqlite3.connect(self.folder / "backup")) as target:
            source.backup(target)
        self.saved = copy.deepcopy(self.model), list(self.posted)

    @precondition(lambda self: self.saved is not None)
    @rule()
    def is_restored(self) -> None:
        """The backup takes the place of the database: what came after it is forgotten, what came before it is known."""
        DeskAndModel.steps += 1
        assert self.saved is not None
        now = self.talk.now
        self.talk.close()
        for path in self.folder.glob("maild.db*"):
            path.unlink()
        shutil.copyfile(self.folder / "backup", self.file)
        self.model, self.posted = copy.deepcopy(self.saved[0]), list(self.saved[1])
        self.talk = self._wake(now=now)

    def teardown(self) -> None:
        """Whatever happened, everything holds."""
        try:
            faults = check(self.talk.database, posted=self.posted)
        finally:
            self.talk.close()
            shutil.rmtree(self.folder, ignore_errors=True)
        assert faults == []
