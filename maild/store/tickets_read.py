"""Lists of tickets for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select

from maild.sla.standing import Standing, Stands
from maild.store.reading import is_one_of
from maild.store.schema import contact, ticket
from maild.store.searching import search_tickets
from maild.store.standings import standings, stands_as
from maild.tickets.lifecycle import UNENDED, Status

MOST_SEARCHED = 1000


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
    stands: Stands  # with what was promised


def list_tickets(
    connection: Connection,
    which: Which,
    now: datetime,
    *,
    agent: str = "",
    queue: str = "",
    stand: Standing | None = None,
    words: str = "",
    limit: int = 50,
) -> list[TicketLine]:
    """The newest tickets of a list first.

    `agent` is asked for by MINE, "" for `queue` means every queue, None for `stand` however they stand. With
    `words`, those of the newest MOST_SEARCHED tickets that `search_tickets` finds.
    """
    names = [name for name in TicketLine.__slots__ if name not in ("status", "contact_name", "stands")]
    columns = [ticket.c[name] for name in names]
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
    if stand is not None:
        query = query.where(stands_as(stand, now))
    if words:
        query = query.where(ticket.c.number.in_(search_tickets(connection, words, limit=MOST_SEARCHED)))
    rows = connection.execute(query).all()
    standing = standings(connection, [row.number for row in rows], now)
    return [
        TicketLine(
            **{name: getattr(row, name) for name in names},
            status=Status(row.status),
            contact_name=row.contact_name or "",
            stands=standing[row.number],
        )
        for row in rows
    ]
