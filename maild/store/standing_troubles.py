"""What people were told of troubles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, bindparam, delete, select, update

from maild.app.tell_troubles import Told
from maild.errors import Conflict
from maild.store.engine import Database
from maild.store.schema import trouble
from maild.store.unit import StoredUnit

_TOLD = select(trouble)
_CHANGE = update(trouble).where(trouble.c.name == bindparam("b_name"))
_FORGET = delete(trouble).where(trouble.c.name == bindparam("b_name"))


def read_told(connection: Connection) -> dict[str, Told]:
    """By name."""
    return {row.name: Told(**row._mapping) for row in connection.execute(_TOLD)}


class TroubledUnit(StoredUnit):
    """The port `Troubled`: a unit that knows what people were told of."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._open = connection

    def told_troubles(self) -> dict[str, Told]:
        """See the port; locked until the transaction ends."""
        return {row.name: Told(**row._mapping) for row in self._open.execute(_TOLD.with_for_update())}

    def keep_troubles(self, keep: Sequence[Told], forget: Sequence[str]) -> None:
        """See the port."""
        write_told(self._open, keep, forget)


@contextmanager
def troubled_unit(database: Database) -> Iterator[TroubledUnit]:
    """A transaction of one."""
    with database.write() as connection:
        yield TroubledUnit(connection)


def write_told(connection: Connection, keep: Sequence[Told], forget: Sequence[str]) -> None:
    """Write rows and remove others. Raises Conflict when another process removed one."""
    there = set(connection.execute(select(trouble.c.name)).scalars())
    for told in keep:
        values = {"says": told.says, "since": told.since, "told_at": told.told_at, "gone_at": told.gone_at}
        if told.name in there:
            connection.execute(_CHANGE.values(**values), {"b_name": told.name})
        else:  # its key refuses a second one
            connection.execute(trouble.insert().values(name=told.name, **values))
    for name in forget:
        if not connection.execute(_FORGET, {"b_name": name}).rowcount:
            raise Conflict(f"trouble {name} was cleared by another process")
