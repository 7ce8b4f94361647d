"""A ticket as its events say, where its row says something else: events are the truth (HOUSE invariant 7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

from maild.tickets.events import ERASABLE, Event, apply, verify
from maild.tickets.model import Ticket


def mended(events: Sequence[Event], ticket: Ticket) -> Ticket | None:
    """The ticket that its events make; None when the chain itself is not whole, so that nothing can be told.

    What was erased from the events stays as it is in the row.
    """
    rebuilt = Ticket(number=ticket.number)
    try:
        for event in events:
            rebuilt = apply(rebuilt, event)
    except (KeyError, ValueError, TypeError):
        return None
    if any(event.digest and event.content is None for event in events):
        kept = {field.name: getattr(ticket, field.name) for field in fields(Ticket) if field.name in ERASABLE}
        rebuilt = replace(rebuilt, **kept)
    return rebuilt if events and not verify(events, rebuilt) else None
