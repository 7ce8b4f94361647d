"""What a ticket's clocks and next steps follow from: its stored events, and those of this transaction."""

from __future__ import annotations

from maild.app.ledger import Ledger
from maild.sla.facts import Fact
from maild.tickets.events import Event


def facts_of(number: int, ledger: Ledger) -> list[Fact]:
    """Everything that follows from a ticket's events, with what was recorded a moment ago."""
    return [*ledger.known.facts.get(number, ()), *map(fact_of, ledger.new_events.get(number, ()))]


def fact_of(event: Event) -> Fact:
    """What of an event clocks follow from."""
    return Fact(event.seq, event.at, event.kind, event.mail, event.data)
