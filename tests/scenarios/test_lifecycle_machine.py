"""A ticket's life, lived through by mails of its customer and its agents, in any order."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Row, select

from maild.app.override_requests import read_requests
from maild.app.story import Story
from maild.ids import Purpose
from maild.store import schema
from maild.store.reading import snapshot
from maild.store.story import read_story
from maild.testing.conversation import SETTINGS, Conversation, Talk
from maild.testing.mails import new_mail
from maild.tickets.events import EventKind, verify
from maild.tickets.lifecycle import ENDED, MOVED_BY_ANSWER, ON_CUSTOMER_MAIL, TRANSITIONS, Status
from maild.tickets.model import Ticket

ANNA, BEN, EVA, OLE = (f"{name}@staff.example" for name in ("anna", "ben", "eva", "ole"))
# Ben manages; Eva is on site and ends nothing; Ole looks on, and approves.
DESK = f"""{SETTINGS}
role = "manager"

[[agent]]
name = "Eva"
address = "{EVA}"
role = "installer"

[[agent]]
name = "Ole"
address = "{OLE}"
role = "executive"

[lifecycle]
requires = {{ closed = ["root_cause"] }}

[[requirement]]
to = "resolved"
fields = ["serial_number"]
priorities = ["critical"]

[letters]
address_per_10_minutes = 100000
address_per_day = 100000
ticket_per_hour = 100000
domain_per_hour = 100000
total_per_10_minutes = 100000
agent_per_10_minutes = 100000
agent_per_day = 100000
sender_per_day = 100000
answers_per_10_minutes = 100000
"""
MOVES = {
    "#hold a part": Status.ON_HOLD,
    "#resume": Status.OPEN,
    "#reopen": Status.OPEN,
    "#resolve": Status.RESOLVED,
    "#resolve work-around": Status.RESOLVED,
    "#close": Status.CLOSED,
    "#close No Answer": Status.CLOSED,
    **{f"#status {status}": status for status in Status},
}
FIELDS = {
    "#cause rust": {"root_cause": "rust"},
    "#set root_cause": {"root_cause": ""},
    "#set serial_number X1": {"serial_number": "X1"},
    "#priority critical": {"priority": "critical"},
    "#priority low": {"priority": "low"},
}
CODES = {"#resolve": "resolved", "#resolve work-around": "workaround", "#close No Answer": "no_answer"}
CUSTOMERS = count(1)
moves, fields = st.sampled_from(sorted(MOVES)), st.lists(st.sampled_from(sorted(FIELDS)), max_size=2, unique=True)
writers = st.sampled_from([ANNA, EVA, BEN])


class Life(RuleBasedStateMachine):
    """Each life is another ticket of the same desk."""

    def __init__(self, talk: Conversation) -> None:
        super().__init__()
        self.talk = talk
        self.desk = talk.parts.letters.desk
        self.number = 0

    @initialize()
    def a_customer_writes(self) -> None:
        self.customer = f"kim{next(CUSTOMERS)}@customer.example"
        self.take(new_mail(sender=self.customer))
        self.number = self.last_mail().ticket
        self.story = self.read()

    # ------------------------------------------------------------------------ what happens

    @rule()
    def the_customer_writes_again(self) -> None:
        before = self.ticket
        address = self.desk.signer.reply_address("support@example.com", self.number, self.customer, Purpose.CUSTOMER)
        self.take(new_mail("It is broken, still.\n#close resolved", sender=self.customer, to=address))
        self.story = self.read()
        assert self.ticket.status is ON_CUSTOMER_MAIL.get(before.status, before.status)

    @rule(agent=writers)
    def an_agent_answers(self, agent: str) -> None:
        before = self.ticket
        self.says(agent, "We look at it.")
        assert self.ticket.status is (Status.RESPONDED if before.status in MOVED_BY_ANSWER else before.status)

    @rule(agent=writers, move=moves, given=fields, first=st.booleans())
    def an_agent_commands(self, agent: str, move: str, given: list[str], *, first: bool) -> None:
        before = self.ticket
        self.says(agent, "\n".join([move, *given] if first else [*given, move]))
        refused, after = self.expected(before, agent, move, given)
        assert self.ticket.status is (before.status if refused else MOVES[move]), (refused, self.why)
        assert self.is_(before if refused else after), refused
        assert not refused or self.ticket == before, refused

    @rule(agent=writers, move=moves, given=fields)
    def an_agent_overrides(self, agent: str, move: str, given: list[str]) -> None:
        before = self.ticket
        self.says(agent, "\n".join([move, *given, "#override it has to be"]))
        refused, after = self.expected(before, agent, move, given)
        if refused and MOVES[move] is before.status:
            assert self.ticket == before  # there is nothing to override
        elif not refused or agent == BEN:
            assert self.is_(after), (refused, self.last_mail().why, self.ticket)
        else:
            assert self.story.events[-1].kind is EventKind.REQUESTED
            assert replace(self.ticket, version=0, head="") == replace(before, version=0, head="")

    @rule(agent=st.sampled_from([ANNA, EVA, BEN, OLE]), approves=st.booleans(), named=st.booleans())
    def somebody_settles(self, agent: str, *, approves: bool, named: bool) -> None:
        before, found = self.ticket, read_requests(self.story.events)
        word = "#approve" if approves else "#deny"
        self.says(agent, f"{word} {found.open.number}" if named and found.open else word)
        settles = found.open and agent in {BEN, OLE} - {found.open.asker} and (named or not found.replaced)
        if not settles or found.open is None:
            assert self.ticket == before
        elif not approves:
            assert self.story.events[-1].kind is EventKind.DENIED
            assert replace(self.ticket, version=0, head="") == replace(before, version=0, head="")
        elif MOVES[found.open.lines[0]] is before.status:
            assert self.ticket == before  # became impossible meanwhile
        else:
            _, after = self.expected(before, BEN, found.open.lines[0], list(found.open.lines[1:]))
            assert self.is_(after)
            assert EventKind.APPROVED in [event.kind for event in self.story.events[-4:]]

    # ------------------------------------------------------------------------ what always holds

    @invariant()
    def it_has_ended_when_it_says_so(self) -> None:
        if self.number:
            ticket = self.ticket
            assert ticket.status in ENDED or (ticket.resolved_at, ticket.closed_at) == (None, None)
            assert (ticket.status is Status.RESOLVED) <= (ticket.resolved_at is not None)
            assert (ticket.status in {Status.CLOSED, Status.DUPLICATE}) <= (ticket.closed_at is not None)

    @invariant()
    def every_move_is_in_the_table_or_was_approved(self) -> None:
        status, code, approved = Status.NEW, "", set[int | None]()
        for event in self.story.events if self.number else ():
            if event.kind is EventKind.APPROVED:
                approved.add(event.mail)
            if event.kind is EventKind.STATUS:
                facts = {**event.data, **(event.content or {})}
                to, code = Status(str(facts["to"])), str(facts.get("resolution_code") or code)
                assert facts["from"] == status
                assert event.mail in approved or (to in TRANSITIONS[status] and (code or to is not Status.CLOSED))
                status = to
        assert not self.number or status is self.ticket.status

    @invariant()
    def nobody_approves_what_he_asked_for_unless_he_may_alone(self) -> None:
        asked: dict[int, str] = {}
        for event in self.story.events if self.number else ():
            if event.kind is EventKind.REQUESTED:
                asked[event.seq] = event.actor
            elif event.kind is EventKind.APPROVED:
                assert event.data["request"] == max(asked)
                assert event.actor != asked[max(asked)] or self.story.names[event.actor] == BEN

    @invariant()
    def its_events_tell_all_of_it(self) -> None:
        assert not self.number or verify(self.story.events, self.ticket) == []

    # ------------------------------------------------------------------------ hands and eyes

    def take(self, raw: bytes) -> None:
        self.talk.accept(raw)
        self.talk.parts.ingest.run()

    def says(self, agent: str, words: str) -> None:
        address = self.desk.signer.reply_address("support@example.com", self.number, agent, Purpose.AGENT)
        self.take(new_mail(words, sender=agent, to=address, subject=f"Re: [#{self.number}]"))
        taken = self.last_mail()
        assert (taken.state, taken.ticket) == ("done", self.number), taken.trouble
        self.why = taken.why
        self.story = self.read()

    def read(self) -> Story:
        with snapshot(self.talk.database) as connection:
            story = read_story(connection, self.number)
        assert story
        return story

    @property
    def ticket(self) -> Ticket:
        return self.story.ticket

    def last_mail(self) -> Row[Any]:
        with self.talk.database.read() as connection:
            newest = select(schema.inbox).order_by(schema.inbox.c.id.desc()).limit(1)
            return connection.execute(newest).one()

    def is_(self, expected: Ticket) -> bool:
        names = ("status", "resolution_code", "root_cause", "serial_number", "priority")
        return all(getattr(self.ticket, name) == getattr(expected, name) for name in names)

    def expected(self, before: Ticket, agent: str, move: str, given: list[str]) -> tuple[str, Ticket]:
        """Why it is refused, by rules written down here once more; and the ticket when it is not."""
        to, code = MOVES[move], CODES.get(move, before.resolution_code)
        if to is Status.RESOLVED:
            code = code or "resolved"
        elif to is not Status.CLOSED:
            code = before.resolution_code
        after = replace(before, status=to, resolution_code=code)
        for line in given:
            after = replace(after, **FIELDS[line])  # type: ignore[arg-type]
        ends = to in ENDED or before.status in ENDED
        refusals = {
            "no such move": to not in TRANSITIONS[before.status],
            "no code": to is Status.CLOSED and not code,
            "no cause": to is Status.CLOSED and not after.root_cause,
            "no serial number": (to, after.priority, after.serial_number) == (Status.RESOLVED, "critical", ""),
            "no permission": agent == EVA and (ends or move == "#reopen"),
        }
        return ", ".join(why for why, holds in refusals.items() if holds), after


# Without shrinking, which would live thousands of lives on one database.
SHORT = settings(max_examples=16, stateful_step_count=12, deadline=None, phases=[Phase.generate], database=None)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_ticket_lives_by_its_table_its_policy_and_its_approvals(new_talk: Talk) -> None:
    talk = new_talk(settings=DESK)
    run_state_machine_as_test(lambda: Life(talk), settings=SHORT)  # type: ignore[arg-type]  # it only calls it
    talk.work()
