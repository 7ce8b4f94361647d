"""Lists of tickets for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select

from maild.store.reading import is_one_of
from maild.store.schema import contact, ticket
from maild.tickets.lifecycle import Status

ENDED = (Status.RESOLVED, Status.CLOSED, Status.DUPLICATE)
UNENDED = tuple(status for status in Status if status not in ENDED)


class Which(StrEnum):
    """The lists that people ask for."""

    OPEN = "open"  # not resolved, closed or a duplicate
    UNASSIGNED = "unassigned"  # open, and nobody has it
    MINE = "mine"  # open, and one agent has it
    RESOLVED = "resolved"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketLine:
    """One ticket of a list."""

    number: int
    status: Status
    priority: str
    queue: str
    opened_at: datetime | None
    contact: str
    contact_name: str
    assignee: str
    subject: str


def list_tickets(
    connection: Connection, which: Which, *, agent: str = "", queue: str = "", limit: int = 50
) -> list[TicketLine]:
    """The newest tickets of a list first; `agent` is asked for by MINE, "" for `queue` means every queue."""
    columns = [ticket.c[name] for name in TicketLine.__slots__ if name not in ("status", "contact_name")]
    query = (
        select(*columns, ticket.c.status, contact.c.name.label("contact_name"))
        .outerjoin(contact, contact.c.address == ticket.c.contact)
        .order_by(ticket.c.number.desc())
        .limit(limit)
    )
    if which is Which.RESOLVED:
        query = query.where(is_one_of(ticket.c.status, Status.RESOLVED))
    elif which is not Which.ALL:
        query = query.where(is_one_of(ticket.c.status, *UNENDED))
    if which is Which.UNASSIGNED:
        query = query.where(ticket.c.assignee == "")
    if which is Which.MINE:
        query = query.where(ticket.c.assignee == agent.lower())
    if queue:
        query = query.where(ticket.c.queue == queue)
    return [
        TicketLine(**{**row._mapping, "status": Status(row.status), "contact_name": row.contact_name or ""})
        for row in connection.execute(query)
    ]
