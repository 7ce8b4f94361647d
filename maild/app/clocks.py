"""Keeps the clocks of tickets in step with their events: new terms where they changed, and the rows that are saved.

Nothing here counts time: `maild.sla.clocks.derive` does, from all of a ticket's events, each time anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from maild.app.changes import ClockRow
from maild.app.desk import Desk
from maild.app.ledger import Ledger
from maild.app.steps import settle_steps
from maild.app.ticket_facts import facts_of
from maild.sla.clock import Clock
from maild.sla.clocks import Clocks, derive
from maild.sla.escalations import Plan, next_moment
from maild.sla.policies import Subject, choose
from maild.sla.terms import ClockKind, Terms
from maild.tickets.events import Event, EventKind, Facts
from maild.tickets.lifecycle import ENDED
from maild.tickets.model import Ticket

# Events after which a ticket may fit another policy, or a raised priority another target of it.
_CHOOSING = frozenset({EventKind.SET, EventKind.CUSTOMER, EventKind.STATUS})
_NO_TERMS = Terms("", "", {})


def subject_of(ticket: Ticket, desk: Desk) -> Subject:
    """What policies and escalations ask of a ticket and its customer."""
    queue = desk.queue_named(ticket.queue)
    organisation = desk.organisation_named(ticket.customer)
    tags = frozenset(ticket.tags.lower().split())
    return Subject(
        queue=queue.name,
        internal=queue.internal,
        priority=ticket.priority,
        type=ticket.type.lower(),
        case_type=ticket.case_type.lower(),
        customer=ticket.customer,
        groups=organisation.groups if organisation else frozenset(),
        tags=tags | organisation.tags if organisation else tags,
        wished=ticket.sla_policy,
    )


def terms_for(ticket: Ticket, desk: Desk) -> Terms:
    """What a ticket is promised as it stands; without a policy, nothing, and no answer while nobody waits for one."""
    policy = choose(subject_of(ticket, desk), desk.levels.policies).policy
    if policy is None:
        return _NO_TERMS
    terms = policy.terms(ticket.priority)
    if ticket.contact:
        return terms
    return replace(terms, targets={kind: t for kind, t in terms.targets.items() if kind is ClockKind.RESOLUTION})


def plan_for(ticket: Ticket, clocks: Clocks, desk: Desk) -> Plan:
    """What is done by itself about the clocks of a ticket."""
    return desk.levels.plan(subject_of(ticket, desk), clocks.terms.policy if clocks.terms else "")


def clocks_of(number: int, ledger: Ledger, desk: Desk) -> Clocks:
    """A ticket's clocks as they stand now; derived once for each new event, however many letters ask."""
    version = ledger.ticket(number).version
    known = ledger.derived.get(number)
    if known is None or known[0] != version:
        known = ledger.derived[number] = version, derive(facts_of(number, ledger), desk.levels.rules)
    return known[1]


def settle_clocks(ledger: Ledger, desk: Desk, *, reason: str = "") -> None:
    """Bring clocks and next steps of every ticket that was changed or looked at up to date; the last before saving.

    `reason` is why terms change when no event of the ticket says so. History that is imported gets no
    clocks, what was promised then is not ours to judge; but it may tell something to clocks that run.
    """
    for number in sorted({*ledger.changes.tickets, *ledger.looked_at}):
        clocks = clocks_of(number, ledger, desk)
        if _choose_terms(number, clocks, ledger, desk, reason):
            clocks = clocks_of(number, ledger, desk)
        known = ledger.known.facts.get(number)
        before = {_key(clock): clock for clock in derive(known, desk.levels.rules).each} if known else {}
        after = {_key(clock): clock for clock in clocks.each}
        # A clock that has ended and did not change now stays as it was counted then.
        changed = [c for key, c in after.items() if c.ended_at is None or before.get(key) != c]
        plan = plan_for(ledger.ticket(number), clocks, desk)
        ledger.changes.clocks += [
            ClockRow(number, c, next_moment(c, plan, clocks.reopened, ledger.now)) for c in changed
        ]
        if number in ledger.looked_at:  # whatever an older configuration had running ends here, or it is due for ever
            ledger.changes.clocks_anew.add(number)
        ledger.changes.clocks_gone += [(number, *key) for key in before.keys() - after.keys()]
    settle_steps(ledger, desk)


def _choose_terms(number: int, clocks: Clocks, ledger: Ledger, desk: Desk, reason: str) -> bool:
    """Record new terms, if what the ticket is promised is something else now; whether that was so."""
    ticket, events = ledger.ticket(number), ledger.new_events.get(number, [])
    if ticket.status in ENDED:
        return False
    causes = [event for event in events if event.kind in _CHOOSING]
    is_history = reason or number in ledger.silent  # or from before there were clocks: promised when somebody writes
    if clocks.terms is None and is_history:
        return False
    if clocks.terms is not None and not causes and not reason:
        return False
    terms = terms_for(ticket, desk)
    if terms == (clocks.terms or _NO_TERMS):
        return False
    latest = max(causes or events, key=lambda event: event.at, default=None)
    ledger.record(
        number,
        EventKind.TARGET,
        at=latest.at if latest else ledger.now,
        actor="system",
        mail=latest.mail if latest else None,
        facts={**terms.facts(), "reason": reason or _what(causes)},
    )
    return True


def _what(causes: Sequence[Event]) -> str:
    """Which change brought the terms, in one word or two."""
    fields = {name for e in causes if e.kind is EventKind.SET for name in {**e.data, **(e.content or {})}}
    known: list[str] = [
        name for name in ("priority", "type", "case_type", "queue", "tags", "sla_policy") if name in fields
    ]
    if any(event.kind is EventKind.CUSTOMER for event in causes):
        known.append("customer")
    return ", ".join(known) or "no terms before"


def _key(clock: Clock) -> tuple[str, int]:
    return clock.kind, clock.cycle


def opening_facts(ticket: Ticket, desk: Desk) -> Facts:
    """The terms of a ticket that is being opened, for its first event."""
    return terms_for(ticket, desk).facts()
