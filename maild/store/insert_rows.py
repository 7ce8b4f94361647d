"""Inserts of many rows: one statement on PostgreSQL, which gets an array for each column.

With a statement for each row, which is how its driver inserts many, client and server do twice the work for a row
of two to four short values. Ten values cost the same either way, and long texts more: within an array each is searched
for quotes and backslashes. Such rows are inserted one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, Column, Connection, String, Table, Text, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from maild.store.many import execute_many

Upsert = Callable[[Any], Any]  # an insert of either dialect -> the same with its ON CONFLICT


def _as_it_is(insert: Any) -> Any:
    return insert


def insert_rows(
    connection: Connection, table: Table, rows: Sequence[dict[str, Any]], upsert: Upsert = _as_it_is
) -> None:
    """Insert rows with the same columns, in order; with an `upsert`, no two may have the same key.

    `upsert` is a function of a module: the statement is made once for each.
    """
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        execute_many(connection, _of_each(table, upsert), rows)
    else:
        names = tuple(rows[0])
        arrays = {_bound(name): [row[name] for row in rows] for name in names}
        connection.execute(_of_arrays(table, names, upsert), arrays)


@cache
def _of_each(table: Table, upsert: Upsert) -> Any:
    return upsert(sqlite.insert(table))


@cache
def _of_arrays(table: Table, names: tuple[str, ...], upsert: Upsert) -> Any:
    arrays = [bindparam(_bound(name), type_=_array(table.c[name])) for name in names]
    rows = func.unnest(*arrays).table_valued(*names).render_derived()
    return upsert(postgresql.insert(table).from_select(names, select(*(rows.c[name] for name in names))))


def _array(column: Column[Any]) -> ARRAY[Any]:
    """Of one dimension: a JSON value may be a list itself."""
    return ARRAY(Text() if isinstance(column.type, String) else column.type, dimensions=1)


def _bound(name: str) -> str:
    return f"a_{name}"  # the plain name is taken by the column
