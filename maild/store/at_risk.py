"""Running clocks, most urgent first, and how many there are: found in indexes, at any number of clocks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from maild.store.reading import is_one_of
from maild.store.schema import clock, contact, ticket
from maild.store.standings import KeptClock, as_kept
from maild.tickets.lifecycle import UNENDED, Status

# Spelt as in the partial indexes. A clock that has ended is not paused, and has no ended_at without an end.
_DUE = and_(clock.c.ended_at.is_(None), clock.c.due_at.is_not(None))
_PAUSED = clock.c.paused_at.is_not(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Which tickets a board is about; "" and () ask for nothing."""

    queue: str = ""
    agent: str = ""
    team: str = ""
    team_queues: Collection[str] = ()  # whose tickets are the team's unless a ticket says otherwise

    @property
    def everybody(self) -> bool:
        """Whether it is about every ticket."""
        return not (self.queue or self.agent or self.team)

    def condition(self) -> ColumnElement[bool]:
        """The condition on a ticket."""
        asked: list[ColumnElement[bool]] = []
        if self.queue:
            asked.append(ticket.c.queue == self.queue)
        if self.agent:
            # Written so that an agent's few tickets are found first, by their index.
            asked += [ticket.c.assignee == self.agent.lower(), is_one_of(ticket.c.status, *UNENDED)]
        if self.team:
            by_queue = and_(ticket.c.team == "", ticket.c.queue.in_(list(self.team_queues)))
            asked.append(or_(ticket.c.team == self.team, by_queue))
        return and_(True, *asked)  # noqa: FBT003  # SQLAlchemy's "no condition"


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRisk:
    """A running clock, and the ticket that it is of."""

    clock: KeptClock
    status: Status
    priority: str
    queue: str
    assignee: str
    customer: str  # the organisation, or the person
    subject: str


def at_risk(connection: Connection, whose: Whose, limit: int) -> list[AtRisk]:
    """The clocks that run, the one that is due first, or has been due for longest, on top; paused ones are not."""
    query = _of(whose, select(*clock.columns, *_TICKET).where(_DUE, clock.c.paused_at.is_(None)))
    rows = connection.execute(query.order_by(clock.c.due_at, clock.c.ticket, clock.c.kind).limit(limit))
    return [
        AtRisk(
            clock=as_kept(row),
            status=Status(row.status),
            priority=row.priority,
            queue=row.queue,
            assignee=row.assignee,
            customer=row.organisation or row.contact_name or row.contact,
            subject=row.subject,
        )
        for row in rows
    ]


_TICKET = (
    *(ticket.c[name] for name in ("status", "priority", "queue", "assignee", "contact", "subject")),
    ticket.c.customer.label("organisation"),
    contact.c.name.label("contact_name"),
)


def _of(whose: Whose, query: Select[Any]) -> Select[Any]:
    joined = query.join(ticket, ticket.c.number == clock.c.ticket)
    return joined.outerjoin(contact, contact.c.address == ticket.c.contact).where(whose.condition())


def count_paused(connection: Connection, whose: Whose) -> int:
    """How many clocks are paused."""
    query = select(func.count()).select_from(clock).where(_PAUSED)
    if not whose.everybody:
        query = query.join(ticket, ticket.c.number == clock.c.ticket).where(whose.condition())
    return int(connection.execute(query).scalar_one())


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockCounts:
    """How the clocks stand."""

    running: int = 0  # and not paused
    paused: int = 0
    overdue: int = 0  # of the running ones
    next_look: datetime | None = None  # when the watcher has to look next; in the past while it is late


def count_clocks(connection: Connection, now: datetime) -> ClockCounts:
    """Count the clocks in their indexes."""
    paused = count_paused(connection, Whose())
    # Some paused clocks were due before they were paused: they are in both indexes.
    both = _count(connection, _PAUSED, clock.c.due_at.is_not(None))
    both_late = _count(connection, _PAUSED, clock.c.due_at <= now)
    return ClockCounts(
        running=_count(connection, _DUE) - both,
        paused=paused,
        overdue=_count(connection, _DUE, clock.c.due_at <= now) - both_late,
        next_look=connection.execute(select(func.min(clock.c.next_at)).where(clock.c.next_at.is_not(None))).scalar(),
    )


def _count(connection: Connection, *conditions: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count()).select_from(clock).where(*conditions)).scalar_one())
