"""Reading for people and exports: one unchanging view of the store, and rows in batches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, literal_column, text

from maild.store.engine import Database

_BATCH = 500  # rows that are in memory at a time


def exists(database: Database) -> bool:
    """Whether there is a database; asking SQLite itself would make the file."""
    name = database.engine.url.database
    return not database.sqlite or not name or name == ":memory:" or Path(name).is_file()


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """A reading transaction in which several queries see the same moment. Raises Temporary."""
    with database.read() as connection:
        if not database.sqlite:  # on SQLite every transaction is one
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        yield connection


def stream(connection: Connection, statement: Any) -> Iterator[Any]:
    """Rows of a query that may have any number of them, fetched in batches from a server-side cursor."""
    yield from connection.execute(statement, execution_options={"yield_per": _BATCH})


def still(column: Any, word: Any) -> ColumnElement[bool]:
    """The column still holds this word: a condition on a row that is found by its key, and not by this.

    A bare comparison lets PostgreSQL take a partial index in place of the key: when it counted last, hardly anything
    waited. It then walks all letters that wait, or are claimed, for each one that is sent.
    """
    held: ColumnElement[bool] = func.coalesce(column, literal_column("''")) == word
    return held


def is_one_of(column: Any, *words: str) -> ColumnElement[bool]:
    """The column holds one of these words, written into the statement so that partial indexes are found.

    Only for words of our own.
    """
    if len(words) == 1:
        found: ColumnElement[bool] = column == literal_column(f"'{words[0]}'")
        return found
    chosen: ColumnElement[bool] = column.in_([literal_column(f"'{word}'") for word in words])
    return chosen
