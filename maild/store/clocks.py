"""The clocks of tickets: what they follow from, the rows that are derived, and those that are due."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, literal_column, select, update

from maild.app.changes import Changes, ClockRow
from maild.sla.facts import CLOCK_EVENTS, Fact
from maild.store.among import among
from maild.store.insert_rows import Upsert, insert_rows
from maild.store.reading import is_one_of
from maild.store.schema import built_on, clock, event, ticket
from maild.tickets.events import EventKind
from maild.tickets.lifecycle import UNENDED

_MOST_SECONDS = 2**31 - 1  # of an Integer on PostgreSQL; 68 years
_KINDS = ", ".join(f"'{kind.value}'" for kind in sorted(CLOCK_EVENTS))
# Statements are made once: SQLAlchemy takes longer to make and recognise one than SQLite to run it.
_FACTS = (
    select(event.c.ticket, event.c.seq, event.c.at, event.c.kind, event.c.mail, event.c.data)
    .where(among(event.c.ticket), literal_column(f"event.kind IN ({_KINDS})"))
    .order_by(event.c.ticket, event.c.seq)
)
_DUE = (
    select(clock.c.ticket)
    .where(clock.c.next_at.is_not(None), clock.c.next_at <= bindparam("now"))
    .order_by(clock.c.next_at)
    .limit(bindparam("limit"))
)
# Tickets are locked, as by whoever takes a mail in, and in that order: two who lock the clocks of one ticket and
# the ticket itself the other way round wait for each other, and who did not lock would save what is no more.
_DUE_ALONE = _DUE.join(ticket, ticket.c.number == clock.c.ticket).with_for_update(of=ticket, skip_locked=True)
_ALONE = select(ticket.c.number).where(among(ticket.c.number)).order_by(ticket.c.number).with_for_update()
_POSTPONE = (
    update(clock)
    .where(clock.c.ticket == bindparam("b_ticket"), clock.c.next_at <= bindparam("b_until"))
    .values(next_at=bindparam("b_until"))
)
_DUE_TIMES = select(clock.c.ticket, clock.c.kind, clock.c.cycle, clock.c.due_at).where(
    among(clock.c.ticket), clock.c.ended_at.is_(None)
)
_OPEN = (
    select(ticket.c.number)
    .where(ticket.c.number > bindparam("after"), is_one_of(ticket.c.status, *UNENDED))
    .order_by(ticket.c.number)
    .limit(bindparam("limit"))
)
_GONE = delete(clock).where(
    clock.c.ticket == bindparam("b_ticket"), clock.c.kind == bindparam("b_kind"), clock.c.cycle == bindparam("b_cycle")
)
_RUNNING_GONE = delete(clock).where(clock.c.ticket == bindparam("b_ticket"), clock.c.ended_at.is_(None))


def _overwrite(table: Table, keys: Sequence[str]) -> Upsert:
    def upsert(new: Any) -> Any:
        values = {c.name: new.excluded[c.name] for c in table.columns if c.name not in keys}
        return new.on_conflict_do_update(index_elements=keys, set_=values)

    return upsert


_SAVE = _overwrite(clock, ["ticket", "kind", "cycle"])
_BUILT = _overwrite(built_on, ["name"])


def load_facts(connection: Connection, tickets: Collection[int]) -> dict[int, list[Fact]]:
    """What the clocks of these tickets follow from."""
    facts: dict[int, list[Fact]] = {}
    for row in connection.execute(_FACTS, {"keys": list(tickets)}):
        fact = Fact(row.seq, row.at, EventKind(row.kind), row.mail, row.data)
        facts.setdefault(row.ticket, []).append(fact)
    return facts


def save_clocks(connection: Connection, changes: Changes, now: datetime) -> None:
    """Keep clocks as they were derived."""
    if changes.clocks_gone:
        gone = [{"b_ticket": t, "b_kind": kind, "b_cycle": cycle} for t, kind, cycle in changes.clocks_gone]
        connection.execute(_GONE, gone)
    if changes.clocks_anew:
        connection.execute(_RUNNING_GONE, [{"b_ticket": number} for number in sorted(changes.clocks_anew)])
    if changes.clocks:
        ordered = sorted(changes.clocks, key=lambda row: (row.ticket, row.clock.kind, row.clock.cycle))  # no deadlocks
        insert_rows(connection, clock, [_values(row, now) for row in ordered], _SAVE)


def _values(row: ClockRow, now: datetime) -> dict[str, Any]:
    each = row.clock
    ended = each.ended_at is not None
    held, counted = each.held(now)
    return {
        "ticket": row.ticket,
        "kind": each.kind,
        "cycle": each.cycle,
        "policy": each.policy,
        "calendar": each.calendar.name,
        "target": _seconds(each.target),
        "started_at": each.started_at,
        "due_at": each.due_at,
        "paused_at": each.paused_at,
        "ended_at": each.ended_at,
        "why_ended": each.why_ended,
        "used": _seconds(each.used(now)) if ended else None,
        "held": _seconds(held),
        "held_counted": _seconds(counted),
        "failed": each.failed(now) if ended else None,
        "next_at": row.next_at,
    }


def _seconds(length: timedelta) -> int:
    """Whole seconds; a server that dates its mails in the year 1 makes holds longer than the column takes."""
    return min(int(length.total_seconds()), _MOST_SECONDS)


def due_tickets(connection: Connection, now: datetime, limit: int, *, alone: bool = False) -> list[int]:
    """The tickets whose clocks somebody has to look at, the longest due first.

    `alone`: locked until the transaction ends, without those that another watcher looks at.
    """
    rows = connection.execute(_DUE_ALONE if alone else _DUE, {"now": now, "limit": limit}).scalars()
    return list(dict.fromkeys(rows))


def lock_tickets(connection: Connection, tickets: Collection[int]) -> None:
    """Let nobody else change these tickets until the transaction ends."""
    connection.execute(_ALONE, {"keys": list(tickets)}).all()


def postpone(connection: Connection, ticket: int, until: datetime) -> None:
    """Look at a ticket's clocks not before then."""
    connection.execute(_POSTPONE, {"b_ticket": ticket, "b_until": until})


def due_times(connection: Connection, tickets: Collection[int]) -> dict[tuple[int, str, int], datetime | None]:
    """When the running clocks of these tickets are due, by ticket, kind and cycle."""
    rows = connection.execute(_DUE_TIMES, {"keys": list(tickets)})
    return {(row.ticket, row.kind, row.cycle): row.due_at for row in rows}


def open_tickets(connection: Connection, after: int, limit: int) -> list[int]:
    """The next tickets behind this number that have not ended."""
    return list(connection.execute(_OPEN, {"after": after, "limit": limit}).scalars())


def read_built_on(connection: Connection, name: str) -> str:
    """The fingerprint of the configuration that rows of this sort were derived with; "" when none were."""
    return connection.execute(select(built_on.c.fingerprint).where(built_on.c.name == name)).scalar() or ""


def write_built_on(connection: Connection, name: str, fingerprint: str) -> None:
    """They are derived with this one now."""
    insert_rows(connection, built_on, [{"name": name, "fingerprint": fingerprint}], _BUILT)
