"""Keeps what is done next by itself about tickets in step with their events, as their clocks are."""

from __future__ import annotations

from datetime import datetime

from maild.app.desk import Desk
from maild.app.ledger import Ledger
from maild.app.ticket_facts import facts_of
from maild.sla.aftercare import Aftercare, Step, next_step
from maild.sla.calendar import ALWAYS, Calendar
from maild.sla.facts import Fact
from maild.sla.terms import read_terms
from maild.tickets.events import EventKind


def settle_steps(ledger: Ledger, desk: Desk) -> None:
    """Plan the next step of every ticket that was changed or looked at; a part of settling the clocks.

    A mail that is imported silently plans nothing; what was planned is looked at when it is due.
    """
    for number in sorted({*ledger.changes.tickets, *ledger.looked_at} - ledger.silent):
        before = _planned(ledger.known.facts.get(number, []), number, ledger, desk)
        after = planned(number, ledger, desk)
        if before or after or number in ledger.looked_at:
            ledger.changes.steps[number] = _put_off(after, number, ledger)


def planned(number: int, ledger: Ledger, desk: Desk) -> Step | None:
    """What is to be done next about a ticket as it stands now."""
    return _planned(facts_of(number, ledger), number, ledger, desk)


def policy_of(number: int, ledger: Ledger, desk: Desk) -> Aftercare:
    """The policy that holds for a ticket."""
    return desk.aftercare.of(ledger.ticket(number).queue)


def _planned(facts: list[Fact], number: int, ledger: Ledger, desk: Desk) -> Step | None:
    if not facts:
        return None
    return next_step(facts, policy_of(number, ledger, desk), _calendar(facts, desk), ledger.now)


def _calendar(facts: list[Fact], desk: Desk) -> Calendar:
    """By which the ticket's promises are counted; every hour counts for one that has none."""
    terms = (read_terms(f.data) for f in reversed(facts) if f.kind in (EventKind.OPENED, EventKind.TARGET))
    name = next((each.calendar for each in terms if each), ALWAYS.name)
    return desk.levels.rules.calendar(name)


def _put_off(step: Step | None, number: int, ledger: Ledger) -> Step | None:
    if step is None or number not in ledger.put_off:
        return step
    until: datetime | None = ledger.put_off[number]
    return Step(step.kind, max(step.due_at, until)) if until else None
