"""Gives tickets that wait for an agent to whoever has come free: the highest priority first, then the oldest."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from maild.app.alerts import tell_of_budgets
from maild.app.assign import Asked, choose, count_gift, record_gift, staff_of, strategy_of
from maild.app.assignment_letter import tell_of_ticket
from maild.app.clocks import settle_clocks
from maild.app.desk import Desk
from maild.app.known import Known
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.ports import Doorbell, Log
from maild.app.staff import Awaiting
from maild.app.work import Unit
from maild.clock import Clock
from maild.errors import Conflict
from maild.routing.assignment import NONE, Choice
from maild.tickets.events import Event, EventKind
from maild.tickets.lifecycle import ENDED, Status
from maild.tickets.model import Ticket

_FREE = frozenset({*ENDED, Status.ON_HOLD})  # statuses in which a ticket takes no room

GROUP = 50  # tickets a transaction
_RACES = 5  # how often a look is repeated because another worker changed one of the tickets


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A ticket that waits for an agent."""

    waits: Awaiting
    ticket: Ticket  # only what choosing asks for


class WaitingUnit(Unit, Protocol):
    """A transaction that sees which tickets wait for an agent."""

    def waiting(self) -> Sequence[Waiting]:
        """All of them, the highest priority first, then the oldest."""


@dataclass(frozen=True, kw_only=True)
class AssignWaiting:
    """The use case; runs when a ticket has ended, an agent is back, and every minute."""

    anybody: Callable[[], bool]  # whether any ticket waits at all: one look at a small table
    unit: Callable[[], AbstractContextManager[WaitingUnit]]
    letters: Letters
    doorbell: Doorbell
    log: Log
    clock: Clock
    salt: Callable[[], str]
    stopping: Callable[[], bool] = lambda: False

    def run(self) -> int:
        """Give away what can be given; returns how many tickets that were."""
        if not self.anybody():
            return 0
        given, races, limit = 0, _RACES, GROUP
        failed: set[int] = set()
        while not self.stopping() and races:
            chosen: list[tuple[Waiting, Choice]] = []
            try:
                self._look(limit, failed, chosen)
            except Conflict:
                races -= 1  # the next sweep looks again
                continue
            except Exception as error:  # noqa: BLE001  # one ticket's trouble must not keep the others waiting
                if len(chosen) > 1:
                    limit = 1  # one by one, to find it
                    continue
                self.log("assignment failed", ticket=chosen[0][0].ticket.number if chosen else None, error=error)
                if not chosen:
                    break
                failed.add(chosen[0][0].ticket.number)
                continue
            given += len(chosen)
            if len(chosen) < limit:
                break
        return given

    def _look(self, limit: int, failed: Collection[int], chosen: list[tuple[Waiting, Choice]]) -> None:
        """Give some tickets in one transaction, not those in `failed`; `chosen` tells which, even if it fails."""
        now = self.clock()
        with self.unit() as unit:
            ledger = Ledger(unit=unit, known=Known(), now=now, salt=self.salt)
            chosen.extend(self._choose(unit, ledger, limit, failed))
            if not chosen and not ledger.changes.awaiting:
                return
            wanted = self.letters.wanted()
            wanted.tickets |= {waiting.ticket.number for waiting, _ in chosen}
            ledger.known = unit.load(wanted, now)
            for waiting, choice in chosen:
                number = waiting.ticket.number
                if is_over(ledger.ticket(number)):  # somebody took it while we chose
                    ledger.changes.awaiting[number] = None
                    continue
                record_gift(number, choice, ledger, at=now, mail=None)
                tell_assignee(number, ledger, self.letters)
            tell_of_budgets(ledger, self.letters)
            settle_clocks(ledger, self.letters.desk)
            unit.save(ledger.changes, ledger.known, now)
        for waiting, choice in chosen:
            if ledger.ticket(waiting.ticket.number).assignee == choice.agent:
                self.log("assigned", ticket=waiting.ticket.number, waited=str(now - waiting.waits.since))
        if ledger.changes.letters:
            self.doorbell.ring("deliver")

    def _choose(
        self, unit: WaitingUnit, ledger: Ledger, limit: int, failed: Collection[int]
    ) -> Iterator[tuple[Waiting, Choice]]:
        """Who gets what. What one ticket could not have, no later one with the same wishes can have in this look."""
        desk, found = self.letters.desk, 0
        in_vain: set[tuple[object, ...]] = set()
        staff_of(ledger, desk)  # nobody else assigns from here on
        for each in unit.waiting():
            ticket = each.ticket
            if is_over(ticket):
                ledger.changes.awaiting[ticket.number] = None
                continue
            asked = _asked(each, desk)
            if asked.strategy == NONE:
                ledger.changes.awaiting[ticket.number] = None
                continue
            wishes = (
                *(asked, ticket.queue, ticket.team),  # from which follows who could have it; that costs too much here
                *(ticket.type, ticket.case_type, ticket.customer, ticket.priority, ticket.language),
            )
            if wishes in in_vain or ticket.number in failed:
                continue
            choice = choose(ticket, asked, ledger, desk)
            if not choice.agent:
                in_vain.add(wishes)
                continue
            count_gift(ticket, choice.agent, ledger)
            yield each, choice
            found += 1
            if found == limit:
                return


def _asked(waiting: Waiting, desk: Desk) -> Asked:
    """What a ticket waits for; for what its team does, where it was to go to somebody who is no agent any more."""
    waits = waiting.waits
    if waits.fixed and waits.fixed not in desk.agents:
        return Asked(strategy=strategy_of(waiting.ticket, desk), skill=waits.skill)
    return Asked(fixed=waits.fixed, strategy=waits.strategy, skill=waits.skill)


def is_over(ticket: Ticket) -> bool:
    """Whether a ticket needs to wait no more, because somebody has it or it has ended."""
    return bool(ticket.assignee) or ticket.status in ENDED


def frees_somebody(ledger: Ledger, desk: Desk) -> bool:
    """Whether what was recorded may let a ticket that waits find its agent: one has ended, or somebody is back."""
    if not desk.assigns:
        return False
    returned = any(begins is None for begins in ledger.changes.absences.values())
    return returned or any(_frees(event) for event in ledger.changes.events)


def _frees(event: Event) -> bool:
    if event.kind is EventKind.STATUS:
        return event.data.get("to") in _FREE
    return event.kind is EventKind.SET and event.actor != "system" and "assignee" in (event.content or {})


def tell_assignee(number: int, ledger: Ledger, letters: Letters) -> str:
    """Tell an agent of a ticket that he has got without a mail; returns why he is not told now, or ""."""
    ticket = ledger.ticket(number)
    if ticket.assignee not in letters.desk.agents:
        return ""
    held = tell_of_ticket(
        number,
        (ticket.assignee,),
        ledger,
        letters,
        what="assigned to you",
        about=f"assigned {number} {ticket.version}",
        at=ledger.now,
    )
    return "; ".join(held)
