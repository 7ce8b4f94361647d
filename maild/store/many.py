"""Runs one statement for many rows: on SQLite without most of what SQLAlchemy does for each row.

A mail writes about twenty rows. SQLAlchemy puts the values of each together by name, through some calls a value, which
took a third of the time of the whole statement. What it knows of the statement, its text and how each value is written,
is asked once; then the driver gets plain tuples.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import ColumnDefault, Connection
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.sql.compiler import SQLCompiler

_SQLITE = SQLiteDialect_pysqlite()


def execute_many(connection: Connection, statement: Any, rows: Sequence[dict[str, Any]]) -> int:
    """Run a statement, one that is made once, for each row; returns how many rows it met.

    All rows have the same keys. Raises KeyError when they have not, and what the driver raises.
    """
    if not rows:
        return 0
    if connection.dialect.name != "sqlite":
        return connection.execute(statement, rows).rowcount
    written = _written(statement, tuple(rows[0]))
    return connection.exec_driver_sql(written.text, [written.values(row) for row in rows]).rowcount


@dataclass(frozen=True, slots=True)
class _Written:
    """A statement as the driver takes it."""

    text: str
    names: tuple[str, ...]  # of its parameters, in their order
    own: dict[str, Any]  # values that the statement or the table itself gives
    ways: tuple[tuple[int, Callable[[Any], Any]], ...]  # which values are written otherwise than Python has them

    def values(self, row: dict[str, Any]) -> tuple[Any, ...]:
        """The parameters for a row. Raises KeyError when it has not all the keys of the first one."""
        given = {**self.own, **row} if self.own else row
        values = [given[name] for name in self.names]
        for at, way in self.ways:
            values[at] = way(values[at])
        return tuple(values)


@lru_cache(maxsize=200)
def _written(statement: Any, keys: tuple[str, ...]) -> _Written:
    made = cast("SQLCompiler", statement.compile(dialect=_SQLITE, column_keys=list(keys)))
    names = tuple(made.positiontup or ())
    types = {name: bind.type.dialect_impl(_SQLITE) for bind, name in made.bind_names.items()}
    own = dict(made.construct_params(dict.fromkeys(keys)))
    own |= {column.key: cast("ColumnDefault", column.default).arg for column in made.insert_prefetch}
    ways = ((at, types[name].bind_processor(_SQLITE)) for at, name in enumerate(names))
    return _Written(
        text=str(made),
        names=names,
        own={name: own[name] for name in names if name not in keys},
        ways=tuple((at, way) for at, way in ways if way is not None),
    )
