"""Counts of letters by the minute, and letters held back: budgets cost the same at any number of tickets."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from maild.app.budgets import DAY, WINDOWS, Lately
from maild.app.changes import HeldBack
from maild.store.among import among
from maild.store.insert_rows import insert_rows
from maild.store.schema import held_back, lately

_MINUTE = timedelta(minutes=1)


def _within(column: Any) -> list[Any]:
    """The sums of a column over each of WINDOWS; a window of ten minutes has the minute that is not over beside it."""
    now: Any = bindparam("minute")
    return [func.sum(case((lately.c.minute >= now - window // _MINUTE, column), else_=0)) for window in WINDOWS]


# Statements are made once: SQLAlchemy takes longer to make and recognise one than SQLite to run it.
_LATELY = (
    select(lately.c.scope, *_within(lately.c.written), *_within(lately.c.held))
    .where(among(lately.c.scope), lately.c.minute >= bindparam("minute") - DAY // _MINUTE)
    .group_by(lately.c.scope)
)
_HELD = select(held_back).where(held_back.c.recipient == bindparam("recipient")).order_by(held_back.c.ticket)
_HELD_ALONE = _HELD.with_for_update(skip_locked=True)
_FORGET_HELD = delete(held_back).where(
    held_back.c.recipient == bindparam("b_recipient"),
    held_back.c.template == bindparam("b_template"),
    held_back.c.ticket == bindparam("b_ticket"),
)
# Not DISTINCT: SQLite would then read the whole table in the order of its key.
_DUE = (
    select(held_back.c.recipient)
    .where(held_back.c.since <= bindparam("before"))
    .order_by(held_back.c.since)
    .limit(1000)
)
_OLD = lately.c.minute < bindparam("oldest")


def _count_on(new: Any) -> Any:
    added = {column: lately.c[column] + new.excluded[column] for column in ("written", "held")}
    return new.on_conflict_do_update(index_elements=["scope", "minute"], set_=added)


def _hold_on(new: Any) -> Any:
    added = {"mails": held_back.c.mails + new.excluded.mails}
    return new.on_conflict_do_update(index_elements=["recipient", "template", "ticket"], set_=added)


# Row by row: a group may hold back several letters for the same ticket.
_HOLD = {"sqlite": _hold_on(sqlite.insert(held_back)), "postgresql": _hold_on(postgresql.insert(held_back))}


def _minute(moment: datetime) -> int:
    return int(moment.timestamp()) // 60


def load_lately(connection: Connection, scopes: Collection[str], now: datetime) -> dict[str, Lately]:
    """What was counted in these scopes up to now."""
    if not scopes:
        return {}
    found = {}
    for scope, *sums in connection.execute(_LATELY, {"keys": sorted(scopes), "minute": _minute(now)}).all():
        counts = [int(each) for each in sums]  # PostgreSQL sums integers to decimals
        written, held = counts[: len(WINDOWS)], counts[len(WINDOWS) :]
        found[scope] = Lately(dict(zip(WINDOWS, written, strict=True)), dict(zip(WINDOWS, held, strict=True)))
    return found


def save_counts(connection: Connection, counted: Mapping[str, tuple[int, int]], now: datetime) -> None:
    """Add to the counts of this minute, in order, so that two workers wait for each other and do not deadlock."""
    if counted:
        rows = [
            {"scope": scope, "minute": _minute(now), "written": written, "held": held}
            for scope, (written, held) in sorted(counted.items())
        ]
        insert_rows(connection, lately, rows, _count_on)


def save_held(connection: Connection, held: Sequence[HeldBack]) -> None:
    """Keep what a digest is to tell of; one row a recipient, template and ticket."""
    if held:
        rows = [
            {"recipient": h.recipient, "template": h.template, "ticket": h.ticket, "mails": h.mails, "since": h.since}
            for h in sorted(held, key=lambda h: (h.recipient, h.template, h.ticket))
        ]
        connection.execute(_HOLD[connection.dialect.name], rows)


def recipients_held(connection: Connection, before: datetime) -> list[str]:
    """For whom something has been held back since then."""
    return list(dict.fromkeys(connection.execute(_DUE, {"before": before}).scalars()))


def load_held(connection: Connection, recipient: str) -> list[HeldBack]:
    """What is held back for somebody; nothing while another worker tells of it."""
    return [HeldBack(**row._mapping) for row in connection.execute(_HELD_ALONE, {"recipient": recipient})]


def forget_held(connection: Connection, held: Sequence[HeldBack]) -> None:
    """These were told; what was held back for the same recipient meanwhile was not."""
    if held:
        rows = [{"b_recipient": h.recipient, "b_template": h.template, "b_ticket": h.ticket} for h in held]
        connection.execute(_FORGET_HELD, rows)


def old_counts(connection: Connection, now: datetime) -> bool:
    """Whether there are counts that no budget asks for any more."""
    oldest = {"oldest": _minute(now) - DAY // _MINUTE}
    return connection.execute(select(lately.c.minute).where(_OLD).limit(1), oldest).first() is not None


def forget_counts(connection: Connection, now: datetime) -> None:
    """Remove them."""
    connection.execute(delete(lately).where(_OLD), {"oldest": _minute(now) - DAY // _MINUTE})
