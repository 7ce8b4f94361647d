"""A desk inside the test's own process: mails go in, letters come out, and the clock is the test's.

    talk.receive(new_mail("It is broken"))
    [letter] = talk.letters("kim@customer.example")

Everything but the doors and the relay is real: the store, the parser, the templates. A mail is worked
off at once, in the calling thread, so nothing has to be waited for.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Row, Table, select

from maild.app.arrival import Arrival, Door
from maild.app.ports import Delivery, Letter
from maild.app.reader import Reader
from maild.bootstrap.directories import open_directories
from maild.bootstrap.parts import Parts
from maild.config.load import load
from maild.store import schema
from maild.store.engine import Database
from maild.testing.mails import envelope_of
from maild.testing.one_lane import OneLane
from maild.testing.sink import Posted

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

SETTINGS = """
[desk]
name = "Example Support"
address = "support@example.com"
secret = "0123456789abcdef0123456789abcdef"
alerts_to = ["root@example.com"]

[[agent]]
name = "Anna Agent"
address = "anna@staff.example"

[[agent]]
name = "Ben Agent"
address = "ben@staff.example"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of one mail."""

    inbox: int
    outcome: str
    ticket: int | None
    why: str
    state: str


class RecordingSender:
    """Implements Sender: keeps letters, or answers as `answer` says."""

    def __init__(self) -> None:
        """Take everything until told otherwise."""
        self.posted: list[Posted] = []
        self.called: list[Letter] = []  # webhooks
        self.answer: Callable[[Letter], Delivery | None] = lambda _letter: None

    def send(self, letter: Letter) -> Delivery:
        """Keep it, unless there is another answer for it."""
        answer = self.answer(letter)
        if letter.webhook and (answer is None or answer.sent):
            self.called.append(letter)
        elif answer is None or answer.sent:
            self.posted.append(Posted(letter.envelope_from, letter.envelope_to, letter.raw))
        return answer or Delivery(sent=True, answer="250 taken")

    def close(self) -> None:
        """Nothing is open."""


class Conversation:
    """One desk on one database. Also the doorbell of its parts: it keeps the rings and answers none."""

    def __init__(
        self,
        url: str,
        folder: Path,
        *,
        settings: str = SETTINGS,
        owner: str = "",
        now: datetime = START,
        reader: Reader | None = None,
    ) -> None:
        """`owner` names this worker, who begins `now`; a second one on the same database needs another one.

        `reader` reads mails in place of this process.
        """
        path = folder / "maild.toml"
        path.write_text(f'{settings}\n[store]\nurl = "{url}"\n', encoding="utf-8")
        path.chmod(0o600)
        self.now = now
        self.rings: list[tuple[str, timedelta]] = []
        self.log: list[dict[str, object]] = []
        self.sender = RecordingSender()
        self.database = Database(url)
        given: dict[str, Any] = {"owner": owner} if owner else {}
        config = load(path, os.environ)
        if "detect" not in settings:  # a second and 40 MB for the model of languages
            config = config.model_copy(update={"templates": config.templates.model_copy(update={"detect": False})})
        given["directories"] = open_directories(config, lambda: self.now, self._log)
        self.parts = Parts(config, self.database, self, clock=lambda: self.now, log=self._log, reader=reader, **given)
        self.parts.deliver = replace(self.parts.deliver, lanes=OneLane(self.sender))

    def ring(self, bell: str, wait: timedelta = timedelta()) -> None:
        """The port `Doorbell`."""
        self.rings.append((bell, wait))

    def _log(self, event: str, **facts: object) -> None:
        self.log.append({"event": event, **facts})

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def wait(self, length: timedelta) -> None:
        """Let time go by."""
        self.now += length

    # ------------------------------------------------------------------------ mails

    def accept(
        self,
        raw: bytes,
        *,
        to: str | tuple[str, ...] = "",
        envelope_from: str | None = None,
        at: datetime | None = None,
        **facts: Any,
    ) -> None:
        """Put a mail into the inbox and leave it there; the envelope is what the headers say unless given."""
        sender, recipient = envelope_of(raw)
        self.parts.inbox.accept(
            [
                Arrival(
                    door=facts.pop("door", Door.SMTP),
                    raw=raw,
                    received_at=at or self.now,
                    envelope_from=sender if envelope_from is None else envelope_from,
                    envelope_to=((to or recipient,) if isinstance(to, str) else to),
                    **facts,
                )
            ]
        )

    def work(self) -> None:
        """Do everything that is due now: take mails in, send letters."""
        while self.parts.ingest.run():
            pass
        self.parts.send_all()

    def watch(self, wait: timedelta = timedelta()) -> None:
        """Let time go by, look at the clocks, and send what that makes."""
        self.wait(wait)
        self.parts.watch_clocks()
        self.parts.send_all()

    def receive(self, raw: bytes, **envelope: Any) -> Settled:
        """Accept a mail and do everything that follows from it."""
        self.accept(raw, **envelope)
        self.work()
        return self.settled()[-1]

    # ------------------------------------------------------------------------ what can be seen

    def settled(self) -> list[Settled]:
        """What became of every mail, in the order in which they came."""
        return [
            Settled(
                inbox=row.id,
                outcome=row.outcome or "",
                ticket=row.ticket,
                why="\n".join(row.why or ()),
                state=row.state,
            )
            for row in self.rows(schema.inbox)
        ]

    def ticket(self, number: int) -> Row[Any]:
        """A ticket's row."""
        return next(row for row in self.rows(schema.ticket) if row.number == number)

    def clocks(self, number: int) -> dict[str, Row[Any]]:
        """The latest clock of each kind of a ticket."""
        return {row.kind: row for row in self.rows(schema.clock) if row.ticket == number}

    def statuses(self) -> list[str]:
        """The status of every ticket, by number."""
        return [row.status for row in self.rows(schema.ticket)]

    def events(self, number: int) -> list[Row[Any]]:
        """The events of a ticket, oldest first."""
        return [row for row in self.rows(schema.event) if row.ticket == number]

    def letters(self, recipient: str) -> list[Posted]:
        """What was sent to one address, in order."""
        return [p for p in self.sender.posted if recipient in p.recipients]

    def rows(self, table: Table) -> list[Row[Any]]:
        """A whole table, by its key."""
        with self.database.read() as connection:
            return list(connection.execute(select(table).order_by(*table.primary_key.columns)))


Talk = Callable[..., Conversation]  # makes conversations on one database
