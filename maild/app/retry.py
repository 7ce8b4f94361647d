"""Makes letters wait for being sent once more; an answer that had not arrived counts again from now on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from maild.app.clocks import settle_clocks
from maild.app.desk import Desk
from maild.app.known import SentLetter, Wanted
from maild.app.ledger import Ledger
from maild.app.ticket_facts import facts_of
from maild.app.work import Unit
from maild.clock import Clock
from maild.errors import Conflict
from maild.sla.facts import is_lost
from maild.tickets.events import EventKind

_RACES = 5  # how often it is run again because the daemon changed one of the tickets meanwhile


class RetryUnit(Unit, Protocol):
    """A transaction that sees both tickets and letters."""

    def wait_again(self, letters: Sequence[int] | None, now: datetime, until: datetime) -> list[SentLetter]:
        """Make letters wait for being sent now, and be given up not before `until`; returns which, by number.

        None means every one that failed or is uncertain. Letters that are being sent or were taken stay as
        they are, but for those that came back.
        """


@dataclass(frozen=True, kw_only=True)
class Retry:
    """The use case."""

    unit: Callable[[], AbstractContextManager[RetryUnit]]
    desk: Desk
    clock: Clock
    salt: Callable[[], str]

    def run(self, letters: Sequence[int] | None) -> list[int]:
        """Try these again, or with None every one in trouble; returns which. Raises Conflict after five races."""
        for left in reversed(range(_RACES)):
            try:
                return self._transact(letters, self.desk.letter_expire)
            except Conflict:
                if not left:
                    raise
        raise AssertionError

    def _transact(self, letters: Sequence[int] | None, expire: timedelta) -> list[int]:
        now = self.clock()
        with self.unit() as unit:
            again = unit.wait_again(letters, now, now + expire)
            answers = [letter for letter in again if letter.template == "answer" and letter.ticket is not None]
            known = unit.load(Wanted(tickets={letter.ticket for letter in answers if letter.ticket is not None}), now)
            ledger = Ledger(unit=unit, known=known, now=now, salt=self.salt)
            for letter in answers:
                _count_again(letter, ledger)
            settle_clocks(ledger, self.desk)
            unit.save(ledger.changes, known, now)
        return [letter.id for letter in again]


def _count_again(letter: SentLetter, ledger: Ledger) -> None:
    """Record that an answer is on its way again, if it had been taken for lost."""
    number = letter.ticket
    if number in ledger.known.tickets and is_lost(facts_of(number, ledger), letter.cause):
        facts = {"letter": letter.id, "cause": letter.cause}
        ledger.record(number, EventKind.RETRIED, at=ledger.now, actor="admin", mail=None, facts=facts)
