"""Derives open clocks again when the configuration that they follow from has changed (issue 4.7).

Targets stand in the tickets' events, so a ticket whose policy promises something else now gets new terms,
with the configuration as the reason: those repeat no alert. A changed calendar needs no event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from maild.app.clocks import settle_clocks
from maild.app.desk import Desk
from maild.app.known import Wanted
from maild.app.ledger import Ledger
from maild.app.ports import Log
from maild.app.work import Unit
from maild.clock import Clock
from maild.sla.terms import CONFIGURATION

CLOCKS = "clocks"  # what the fingerprint in the store is of
GROUP = 100  # tickets a transaction
_PROGRESS = 5000  # tickets a line of the log

DueTimes = Mapping[tuple[int, str, int], datetime | None]  # ticket, kind and cycle of a clock -> when it is due


class ClockUnit(Unit, Protocol):
    """A transaction that sees which tickets are open and when their clocks are due."""

    def open_tickets(self, after: int, limit: int) -> list[int]:
        """The next tickets that have not ended, by number."""

    def alone(self, tickets: Sequence[int]) -> None:
        """Let nobody else change these tickets until the transaction ends."""

    def due_times(self, tickets: Sequence[int]) -> DueTimes:
        """When their running clocks are due, as they are stored."""

    def fingerprint(self, name: str) -> str:
        """Of the configuration that rows were derived with last; "" when none were."""

    def keep_fingerprint(self, name: str, fingerprint: str) -> None:
        """They are derived with this one now."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a changed configuration does to open clocks."""

    tickets: int  # that are open
    clocks: int  # whose due time is another one, that begin or that end


@dataclass(frozen=True, kw_only=True)
class Rederive:
    """The use case: at the start and after a reload, in as many processes as like to."""

    unit: Callable[[], AbstractContextManager[ClockUnit]]
    desk: Desk
    log: Log
    clock: Clock
    salt: Callable[[], str]
    stopping: Callable[[], bool] = lambda: False

    def is_due(self) -> bool:
        """Whether the configuration has changed since clocks were derived, and there are any tickets to look at."""
        with self.unit() as unit:
            if unit.fingerprint(CLOCKS) == self.desk.levels.fingerprint:
                return False
            if unit.open_tickets(0, 1):
                return True
            unit.keep_fingerprint(CLOCKS, self.desk.levels.fingerprint)
            return False

    def run(self) -> Moved | None:
        """Derive every open clock again; None when nothing that they follow from has changed."""
        if not self.is_due():
            return None
        tickets = clocks = last = 0
        while numbers := self._group(last):
            if self.stopping():
                return Moved(tickets, clocks)  # the fingerprint stays: the next start goes on with it
            clocks += self._derive(numbers)
            tickets += len(numbers)
            last = numbers[-1]
            if tickets % _PROGRESS < GROUP:
                self.log("deriving clocks again", tickets=tickets, moved=clocks)
        self.log("clocks derived again", tickets=tickets, moved=clocks)
        with self.unit() as unit:
            unit.keep_fingerprint(CLOCKS, self.desk.levels.fingerprint)
        return Moved(tickets, clocks)

    def _group(self, last: int) -> list[int]:
        with self.unit() as unit:
            return unit.open_tickets(last, GROUP)

    def _derive(self, numbers: Sequence[int]) -> int:
        """Derive the clocks of these; returns how many have moved. A ticket that fails keeps its old ones."""
        try:
            return self._transact(numbers)
        except Exception as error:  # noqa: BLE001  # one ticket's trouble must not keep every alert waiting
            if len(numbers) == 1:
                self.log("clocks of a ticket not derived again", ticket=numbers[0], error=error)
                return 0
        return sum(self._derive([number]) for number in numbers)

    def _transact(self, numbers: Sequence[int]) -> int:
        with self.unit() as unit:
            unit.alone(numbers)
            before = unit.due_times(numbers)
            ledger = derived_again(numbers, unit, self.desk, self.clock(), self.salt)
            unit.save(ledger.changes, ledger.known, ledger.now)
            return count_moved(before, ledger)


def derived_again(numbers: Sequence[int], unit: Unit, desk: Desk, now: datetime, salt: Callable[[], str]) -> Ledger:
    """The clocks of these tickets as the configuration wants them now."""
    ledger = _looked_at(numbers, unit, now, salt)
    settle_clocks(ledger, desk, reason=CONFIGURATION)
    return ledger


def from_events(numbers: Sequence[int], unit: Unit, desk: Desk, now: datetime) -> Ledger:
    """The clocks of these tickets as they follow from their events; nothing is promised anew."""
    ledger = _looked_at(numbers, unit, now, lambda: "")
    settle_clocks(ledger, desk)
    return ledger


def _looked_at(numbers: Sequence[int], unit: Unit, now: datetime, salt: Callable[[], str]) -> Ledger:
    ledger = Ledger(unit=unit, known=unit.load(Wanted(tickets=set(numbers)), now), now=now, salt=salt)
    ledger.looked_at.update(numbers)
    return ledger


def count_moved(before: DueTimes, ledger: Ledger) -> int:
    """How many running clocks are due at another time than before, have begun, or are no more."""
    return len(_moved(before, ledger))


def moved_tickets(before: DueTimes, ledger: Ledger) -> set[int]:
    """The tickets of those clocks."""
    return {ticket for ticket, _, _ in _moved(before, ledger)}


def _moved(before: DueTimes, ledger: Ledger) -> list[tuple[int, str, int]]:
    rows = [row for row in ledger.changes.clocks if row.clock.ended_at is None]
    after = {(row.ticket, str(row.clock.kind), row.clock.cycle): row.clock.due_at for row in rows}
    return [key for key in before.keys() | after.keys() if before.get(key, key) != after.get(key, key)]
