"""Which processes live, and what they have counted: each says so every few seconds, in one short transaction.

Moments are the database's: a process on a machine whose clock is wrong is neither dead nor alive by that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from maild.app.trouble_facts import ProcessFacts
from maild.clock import utc_now
from maild.store.engine import Database
from maild.store.schema import meter, process

FORGOTTEN = timedelta(days=1)  # who was silent for so much longer than the others is no longer shown

Count = tuple[str, str]  # a metric's name, and its labels as Prometheus writes them


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """What a process says of itself."""

    owner: str
    place: str
    pid: int
    roles: frozenset[str]
    running: timedelta  # since it was started
    idle: timedelta | None  # since it finished a mail or a letter; None: it has not yet


def database_now(connection: Connection) -> datetime:
    """The moment by the database's clock; on SQLite that is this machine's."""
    if connection.dialect.name == "sqlite":
        return utc_now()
    moment: datetime = connection.execute(_NOW).scalar_one()
    return moment.astimezone(UTC)


def _upserts() -> tuple[dict[str, Any], dict[str, Any]]:
    says, adds = {}, {}
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql)):
        insert = dialect.insert(process)
        changed = {column: insert.excluded[column] for column in ("beat_at", "worked_at")}
        says[name] = insert.on_conflict_do_update(index_elements=["owner"], set_=changed)
        insert = dialect.insert(meter)
        added = {"value": meter.c.value + insert.excluded.value}
        adds[name] = insert.on_conflict_do_update(index_elements=["name", "labels"], set_=added)
    return says, adds


# Statements are made once: SQLAlchemy takes longer to make and recognise one than SQLite to run it.
_NOW = select(func.clock_timestamp())
_SAY, _ADD = _upserts()
_END = delete(process).where(process.c.owner == bindparam("b_owner"))
_PROCESSES = select(process).order_by(process.c.place, process.c.pid)
_METERS = select(meter).order_by(meter.c.name, meter.c.labels)


def beat(database: Database, says: Beat, counted: Mapping[Count, float]) -> None:
    """Say that a process lives, and add what it has counted since the last time. Raises Temporary."""
    with database.write() as connection:
        now = database_now(connection)
        row = {
            "owner": says.owner,
            "place": says.place,
            "pid": says.pid,
            "roles": " ".join(sorted(says.roles)),
            "started_at": now - says.running,
            "beat_at": now,
            "worked_at": None if says.idle is None else now - says.idle,
        }
        connection.execute(_SAY[connection.dialect.name], row)
        if counted:
            # In order, so that two processes wait for each other instead of deadlocking.
            rows = [
                {"name": name, "labels": labels, "value": counted[name, labels]} for name, labels in sorted(counted)
            ]
            connection.execute(_ADD[connection.dialect.name], rows)


def end(database: Database, owner: str) -> None:
    """A process ends as it should."""
    with database.write() as connection:
        connection.execute(_END, {"b_owner": owner})


def read_processes(connection: Connection, now: datetime) -> list[ProcessFacts]:
    """Who lives, and who fell silent within a day of who was heard of last; `now` is the database's.

    Who died last is shown until somebody else begins: that nobody works is still so a week later.
    """
    rows = connection.execute(_PROCESSES).all()
    latest = max((row.beat_at for row in rows), default=now)
    from_when = now if now - latest < FORGOTTEN else latest
    return [
        ProcessFacts(
            place=row.place,
            pid=row.pid,
            roles=frozenset(row.roles.split()),
            started_at=row.started_at,
            silent=max(now - row.beat_at, timedelta()),
            worked_at=row.worked_at,
            owner=row.owner,
        )
        for row in rows
        if from_when - row.beat_at < FORGOTTEN
    ]


def forget_processes(database: Database, gone: Callable[[str], bool], roles: frozenset[str] | None = None) -> int:
    """Remove those that have certainly ended, or were silent for a day; returns how many.

    `roles`: only those that whoever has them takes the place of; that others died still has to be told.
    """
    with database.read() as connection:
        now = database_now(connection)
        dead = [
            row.owner
            for row in connection.execute(_PROCESSES)
            if (roles is None or roles.issuperset(row.roles.split()))
            and (gone(row.owner) or now - row.beat_at >= FORGOTTEN)
        ]
    if dead:
        with database.write() as connection:
            connection.execute(_END, [{"b_owner": owner} for owner in dead])
    return len(dead)


def read_meters(connection: Connection) -> Sequence[tuple[str, str, float]]:
    """Everything that was counted: (name, labels, value), by name."""
    return [(row.name, row.labels, row.value) for row in connection.execute(_METERS)]
