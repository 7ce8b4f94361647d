"""Events as they are stored, read back in the order of their chains."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, and_, select

from maild.store.schema import event, event_content
from maild.tickets.events import Event, EventKind


def events_in_order() -> Select[Any]:
    """The query for every event with its content, ticket by ticket, each from its first to its last."""
    beside = and_(event_content.c.ticket == event.c.ticket, event_content.c.seq == event.c.seq)
    return (
        select(event, event_content.c.salt, event_content.c.content)
        .outerjoin(event_content, beside)
        .order_by(event.c.ticket, event.c.seq)
    )


def as_event(row: Any) -> Event:
    """A row of `events_in_order` as an Event. Raises ValueError for a kind that does not exist."""
    return Event(
        ticket=row.ticket,
        seq=row.seq,
        at=row.at,
        kind=EventKind(row.kind),
        actor=row.actor,
        mail=row.mail,
        data=row.data,
        content=row.content,
        salt=row.salt or "",
        digest=row.digest,
        prev=row.prev,
        hash=row.hash,
    )


def events_of(connection: Connection, number: int) -> tuple[Event, ...]:
    """The events of a ticket, with their content; () when there is no such ticket."""
    return tuple(as_event(row) for row in connection.execute(events_in_order().where(event.c.ticket == number)))
