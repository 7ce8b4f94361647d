"""Watches the clocks: tells people before a promise is broken and when it is, and carries out escalations.

What is next by itself about a ticket that waits for its customer, or has ended, is done here as well
(`maild.app.aftercare`). A look finds the tickets whose next moment has come, in two small indexes, so its cost
follows what is due and not what is open. What is done is recorded as events in the transaction that writes the
letters: a ticket that two watchers look at, or one that a crash interrupts, is looked at again, and then nothing is
left to do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from maild.app.aftercare import take_step
from maild.app.alerts import tell_of_budgets
from maild.app.clock_letters import AT_RISK, BREACH, ClockLetter, write_clock_letter
from maild.app.clocks import clocks_of, plan_for, settle_clocks
from maild.app.escalate import escalate
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.ports import Doorbell, Log
from maild.app.recipients import recipients_of
from maild.app.work import Unit
from maild.clock import Clock
from maild.errors import Conflict
from maild.sla import policies
from maild.sla.escalations import Due, due_now
from maild.tickets.events import EventKind

GROUP = 50  # tickets a transaction
_RACES = 5  # how often a look is repeated because another worker changed one of the tickets
_LOOKS = 10  # at one ticket in one run: a raised priority has it due again at once, a few times
_PATIENCE = timedelta(minutes=5)  # how long a ticket that cannot be looked at is left alone


class WatchUnit(Unit, Protocol):
    """A transaction that sees which clocks are due."""

    def due(self, now: datetime, limit: int) -> list[int]:
        """Tickets with a clock or a step that is due, locked; without those that another watcher looks at."""

    def mails_wait(self) -> bool:
        """Whether a mail that came is not worked off yet: what is done by itself about any customer waits for it."""

    def postpone(self, ticket: int, until: datetime) -> None:
        """Look at a ticket not before then."""


@dataclass(frozen=True, kw_only=True)
class Watch:
    """The use case; runs in as many processes as like to."""

    unit: Callable[[], AbstractContextManager[WatchUnit]]
    letters: Letters
    doorbell: Doorbell
    log: Log
    clock: Clock
    salt: Callable[[], str]
    begun: datetime  # when this process began, or took its configuration
    after_start: timedelta = timedelta()  # how long steps from before that wait for the mails of that time
    stopping: Callable[[], bool] = lambda: False

    def run(self) -> int:
        """Look at every ticket that is due; returns how many looks that took."""
        done, races = 0, _RACES
        times: Counter[int] = Counter()
        while not self.stopping():
            try:
                looked = self._look(GROUP, times)
            except Conflict:
                races -= 1
                if not races:
                    return done  # the next tick looks again
                continue
            except Exception as error:  # noqa: BLE001  # one ticket's trouble must not keep the others waiting
                self.log("look at clocks failed", error=error)
                looked = self._look_one_by_one(times)
            if not looked:
                return done
            done += looked
        return done

    def _look(self, limit: int, times: Counter[int]) -> int:
        """Look at some tickets in one transaction; returns at how many."""
        now = self.clock()
        with self.unit() as unit:
            numbers = unit.due(now, limit)
            if not numbers:
                return 0
            ledger = self._look_at(numbers, unit, now)
            unit.save(ledger.changes, ledger.known, now)
            times.update(numbers)
            for number in numbers:
                if times[number] > _LOOKS:  # whatever it is, it must not keep us busy for ever
                    unit.postpone(number, now + _PATIENCE)
                    self.log("clocks of a ticket stay due", ticket=number)
        for event in ledger.changes.events:
            if event.kind in (EventKind.ALERT, EventKind.ESCALATED):
                self.log("clock", ticket=event.ticket, what=event.kind.value, **event.data)
            if event.kind in (EventKind.FOLLOWED_UP, EventKind.ASKED):
                self.log("aftercare", ticket=event.ticket, what=event.kind.value, **event.data)
        if ledger.changes.letters:
            self.doorbell.ring("deliver")
        return len(numbers)

    def _look_at(self, numbers: Sequence[int], unit: WatchUnit, now: datetime) -> Ledger:
        """Do what is due about the clocks of these tickets, and by itself; returns what has to be saved."""
        wanted = self.letters.wanted()
        wanted.tickets |= set(numbers)
        ledger = Ledger(unit=unit, known=unit.load(wanted, now), now=now, salt=self.salt)
        mails_wait = unit.mails_wait()
        for number in numbers:
            ledger.looked_at.add(number)
            _look_at_ticket(number, ledger, self.letters)
            if not mails_wait:
                take_step(number, ledger, self.letters, begun=self.begun, after_start=self.after_start)
        tell_of_budgets(ledger, self.letters)
        settle_clocks(ledger, self.letters.desk)
        return ledger

    def _look_one_by_one(self, times: Counter[int]) -> int:
        """The same with a ticket at a time; the one that fails is left alone for a while, with a line in the log."""
        looked = 0
        for _ in range(GROUP):
            try:
                if not self._look(1, times):
                    break
            except Conflict:
                continue
            except Exception as error:  # noqa: BLE001  # written down with its ticket
                self._leave(error)
            looked += 1
        return looked

    def _leave(self, error: Exception) -> None:
        now = self.clock()
        with self.unit() as unit:
            for number in unit.due(now, 1):
                self.log("look at clocks of a ticket failed", ticket=number, error=error)
                unit.postpone(number, now + _PATIENCE)


def _look_at_ticket(number: int, ledger: Ledger, letters: Letters) -> None:
    clocks = clocks_of(number, ledger, letters.desk)
    plan = plan_for(ledger.ticket(number), clocks, letters.desk)
    due = [due_now(clock, plan, clocks.reopened, ledger.now) for clock in clocks.running]
    _tell([each for each in due if each.level], number, ledger, letters)
    escalate([each for each in due if each.escalations], number, ledger, letters)


def _tell(due: Sequence[Due], number: int, ledger: Ledger, letters: Letters) -> None:
    """One letter about the clock that stands worst; the others are named in it."""
    if not due:
        return
    levels, ticket = letters.desk.levels, ledger.ticket(number)
    worst = max(due, key=lambda each: (each.level, each.clock.used(ledger.now) / each.clock.target))
    is_breach = worst.level >= policies.BREACH
    told = levels.told(worst.clock.policy)
    recipients = recipients_of(told.breach if is_breach else told.at_risk, ticket, letters.desk)
    if levels.grouped and not is_breach:
        for recipient in recipients:
            ledger.hold(recipient, AT_RISK, number)
        said = [f"{recipient}, in a digest" for recipient in recipients]
    else:
        letter = ClockLetter(
            template=BREACH if is_breach else AT_RISK,
            number=number,
            clock=worst.clock,
            others=[c for c in clocks_of(number, ledger, letters.desk).running if c != worst.clock],
            occasion=f"{worst.clock.revision} {worst.level}",
        )
        said = write_clock_letter(letter, recipients, ledger, letters)
    for each in due:
        ledger.record(
            number,
            EventKind.ALERT,
            at=ledger.now,
            actor="system",
            mail=None,
            facts={
                "clock": each.clock.kind,
                "cycle": each.clock.cycle,
                "revision": each.clock.revision,
                "level": each.level,
                "told": "; ".join(said),
            },
        )
