"""Who does what alone: one row per lease, taken and given back in short transactions."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_, update

from maild.errors import Conflict
from maild.store.engine import Database
from maild.store.schema import lease
from maild.store.wrong_clock import ABSURD


def take(database: Database, name: str, owner: str, now: datetime, length: timedelta) -> bool:
    """Become, or stay, the holder of a lease until now + length; False: somebody else holds it."""
    try:
        with database.write() as connection:
            return _take(connection, name, owner, now, length)
    except Conflict:
        return False  # two inserted at once; the other one has it


def _take(connection: Connection, name: str, owner: str, now: datetime, length: timedelta) -> bool:
    values = {"owner": owner, "until": now + length}
    free = or_(lease.c.owner == owner, lease.c.until < now, lease.c.until > now + ABSURD)
    if connection.execute(update(lease).where(lease.c.name == name, free).values(values)).rowcount:
        return True
    held = connection.execute(lease.select().where(lease.c.name == name)).first()
    if held is not None:
        return False
    connection.execute(lease.insert().values(name=name, **values))
    return True


def drop(database: Database, name: str, owner: str) -> None:
    """Give a lease back."""
    with database.write() as connection:
        connection.execute(delete(lease).where(lease.c.name == name, lease.c.owner == owner))
