"""Where tickets stand with their promises, from the rows of their clocks: for lists of them and for filters.

The rule itself is `maild.sla.standing.standing`. What it looks at is read for the listed tickets only; a
filter asks the database the same question, and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select, text

from maild.sla.standing import DUE, Standing, Stands, standing
from maild.sla.terms import ClockKind
from maild.store.among import among
from maild.store.reading import is_one_of
from maild.store.schema import clock, ticket

_COLUMNS = [column for column in clock.columns if column.name != "next_at"]
# Statements are made once: SQLAlchemy takes longer to make and recognise one than SQLite to run it.
_ROWS = select(*_COLUMNS).where(among(clock.c.ticket)).order_by(clock.c.ticket, clock.c.started_at, clock.c.kind)
EVERY_CLOCK = select(*_COLUMNS).order_by(clock.c.ticket)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptClock:
    """A clock as its row has it; lengths that only an ended one has are None."""

    ticket: int
    kind: ClockKind
    cycle: int
    policy: str
    calendar: str
    target: timedelta
    started_at: datetime
    due_at: datetime | None
    paused_at: datetime | None
    ended_at: datetime | None
    why_ended: str
    used: timedelta | None
    held: timedelta
    held_counted: timedelta
    was_late: bool | None  # once it has ended

    def failed(self, now: datetime) -> bool:
        """Whether the target ran out before its end, or has by now."""
        if self.ended_at is not None:
            return bool(self.was_late)
        return self.due_at is not None and self.due_at <= now


def kept_clocks(connection: Connection, tickets: Collection[int]) -> dict[int, list[KeptClock]]:
    """The clocks of these tickets as they were derived last, each ticket's in the order in which they started."""
    found: dict[int, list[KeptClock]] = {}
    for row in connection.execute(_ROWS, {"keys": tickets}):
        found.setdefault(row.ticket, []).append(as_kept(row))
    return found


def as_kept(row: Any) -> KeptClock:
    """A row of the clock table."""
    lengths = {name: _length(getattr(row, name)) for name in ("target", "used", "held", "held_counted")}
    names = ("ticket", "cycle", "policy", "calendar", "started_at", "due_at", "paused_at", "ended_at", "why_ended")
    facts = {name: getattr(row, name) for name in names}
    return KeptClock(**facts, **lengths, kind=ClockKind(row.kind), was_late=row.failed)  # type: ignore[arg-type]


def _length(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def standings(connection: Connection, tickets: Collection[int], now: datetime) -> dict[int, Stands]:
    """The standing of each of these tickets."""
    clocks = kept_clocks(connection, tickets)
    return {number: standing(clocks.get(number, ()), now) for number in tickets}


_OWN = clock.c.ticket == ticket.c.number
_RUNS = clock.c.ended_at.is_(None)
_PAUSED = clock.c.paused_at.is_not(None)  # one that has ended is not
_LATE = text("clock.failed")  # spelt as in the index on them; only of those that have ended
_FIRST_DUE = (
    select(clock.c.kind)
    .where(_OWN, _RUNS)
    .order_by(clock.c.due_at.is_(None), clock.c.due_at, clock.c.kind)
    .limit(1)
    .correlate(ticket)
    .scalar_subquery()
)


def stands_as(wanted: Standing, now: datetime) -> ColumnElement[bool]:
    """The condition on a ticket to stand as wanted.

    Failed and paused tickets are found in small indexes; the others are asked one after the other, each by
    its key, and are plenty.
    """
    late = select(clock.c.ticket).where(_LATE)
    overdue = select(clock.c.ticket).where(_RUNS, clock.c.due_at.is_not(None), clock.c.due_at <= now)
    if wanted is Standing.FAILED:
        return or_(ticket.c.number.in_(late), ticket.c.number.in_(overdue))
    kept = ~exists().where(_OWN, or_(_LATE, and_(_RUNS, clock.c.due_at <= now))).correlate(ticket)
    if wanted is Standing.PAUSED:
        return and_(ticket.c.number.in_(select(clock.c.ticket).where(_PAUSED)), kept)
    runs = exists().where(_OWN, _RUNS).correlate(ticket)
    some = exists().where(_OWN).correlate(ticket)
    if wanted is Standing.NONE:
        return ~some
    if wanted is Standing.FULFILLED:
        return and_(some, ~runs, kept)
    kind = next(kind for kind, due in DUE.items() if due is wanted)
    paused = exists().where(_OWN, _PAUSED).correlate(ticket)
    return and_(kept, ~paused, is_one_of(_FIRST_DUE, kind))
