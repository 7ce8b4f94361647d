"""Fills a store with tickets in bulk: copies of two patterns, made on all cores, as true as if all had come by mail.

The newest `OPEN` tickets are open, at any size of the store: a desk that has a million behind it has no more on
its table than another. One begins every `APART`, the last one now; each is about its own pump.
"""

from __future__ import annotations

import io
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, insert, select, text

from bench.old_tickets import AGENT, make_patterns
from bench.pattern import LETTERS, MAILS, Copy, Pattern, Rows, counted_lately, later_than_pattern, vector
from maild.clock import utc_now
from maild.store.engine import Database
from maild.store.migrate import upgrade
from maild.store.schema import contact, inbox, lately, metadata, outbox, raw

OPEN = 500  # tickets, or half of them
APART = timedelta(seconds=100)
_CONTACTS = 20_000
_BATCH = 1_000  # tickets that are made and written at a time
Tables = list[tuple[str, list[str], list[tuple[Any, ...]]]]  # name, columns, rows
_BOOLEANS = {
    table.name: [c.name for c in table.columns if c.type.python_type is bool] for table in metadata.sorted_tables
}


def fill_database(url: str, count: int, say: Callable[[str], None] = lambda _text: None) -> None:
    """Put `count` tickets into an empty database; `say` hears how far it is."""
    database = Database(url)
    upgrade(database)
    people, begun = min(count, _CONTACTS), utc_now()
    last = later_than_pattern(begun - timedelta(minutes=15))
    copies = [
        Copy(
            number=number,
            who=number % people,
            contact=number % people + 1,
            agent=people + 1,
            later=last - (count - number) * APART,
        )
        for number in range(1, count + 1)
    ]
    with database.write() as connection:
        _save_people(connection, people, begun)
        day = copies[-(timedelta(days=1) // APART) :]
        columns = ("scope", "minute", "written", "held")
        connection.execute(insert(lately), [dict(zip(columns, row, strict=True)) for row in counted_lately(day)])
        later = _drop_indexes(connection)
    batches = [copies[first : first + _BATCH] for first in range(0, count, _BATCH)]
    closed = count - min(OPEN, count // 2)
    for done in _write_all(database, batches, closed):
        if done % 50_000 == 0:
            say(f"  {done:,} of {count:,} tickets stored ({(utc_now() - begun).seconds} s)")
    with database.write() as connection:
        for statement in later:
            connection.execute(text(statement))
        if not database.sqlite:
            _set_sequences(connection, count)
    if not database.sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    database.close()


def _write_all(database: Database, batches: Sequence[Sequence[Copy]], closed: int) -> Iterator[int]:
    """Write the batches; yields how many tickets are written so far."""
    url = database.engine.url.render_as_string(hide_password=False)
    cores = os.cpu_count() or 1
    done = 0
    with ExitStack() as stack:
        results: Iterator[Tables]
        if len(batches) <= cores:  # processes would take longer to start
            results = (_write(url, batch, closed) for batch in batches)
        else:
            results = _ahead(stack.enter_context(ProcessPoolExecutor(cores)), url, batches, closed, 2 * cores)
        for tables, batch in zip(results, batches, strict=True):
            _insert_all(database, tables)
            done += len(batch)
            yield done


def _ahead(
    pool: ProcessPoolExecutor, url: str, batches: Sequence[Sequence[Copy]], closed: int, most: int
) -> Iterator[Tables]:
    """What processes make, in order, with at most so many batches in memory."""
    rest = iter(batches)
    waiting = deque(pool.submit(_write, url, batch, closed) for batch in islice(rest, most))
    while waiting:
        yield waiting.popleft().result()
        waiting.extend(pool.submit(_write, url, batch, closed) for batch in islice(rest, 1))


def _write(url: str, copies: Sequence[Copy], closed: int) -> Tables:
    """Make some tickets; on PostgreSQL also store them. Returns what is left to be stored."""
    tables = _made(copies, closed)
    if url.startswith("sqlite"):
        return tables
    _copy_in(url, tables)
    return []  # the connection stays open for the next batch, and ends with this process


@cache
def _patterns() -> tuple[Pattern, Pattern]:
    """Once in each process."""
    return make_patterns()


def _made(copies: Sequence[Copy], closed: int) -> Tables:
    """The rows of some tickets, by table and columns."""
    tables: dict[str, tuple[list[str], list[tuple[Any, ...]]]] = {}
    is_open, is_closed = _patterns()
    for copy in copies:
        pattern = is_closed if copy.number <= closed else is_open
        rows: Rows = pattern.copy(copy)
        for name, many in rows.items():
            tables.setdefault(name, (pattern.columns[name], []))[1].extend(many)
    return [(name, columns, rows) for name, (columns, rows) in tables.items()]


def _insert_all(database: Database, tables: Tables) -> None:
    """On SQLite, as quickly as it goes: nothing is lost with a store that is only filled yet."""
    if not tables:
        return
    connection = database.engine.raw_connection()
    driver = connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.execute("PRAGMA synchronous=OFF")
    driver.execute("PRAGMA cache_size=-1000000")
    driver.execute("BEGIN IMMEDIATE")
    for name, columns, rows in tables:
        named = ["rowid" if (name, c) == ("search_words", "ticket") else c for c in columns]
        places = ", ".join("?" * len(columns))
        driver.executemany(f"INSERT INTO {name} ({', '.join(named)}) VALUES ({places})", rows)  # noqa: S608
    driver.execute("COMMIT")
    connection.close()


def _copy_in(url: str, tables: Tables) -> None:
    """On PostgreSQL, where each process writes what it makes."""
    import psycopg

    address = url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address) as connection, connection.cursor() as cursor:  # commits, and closes whatever happens
        cursor.execute("SET synchronous_commit = off; SET timezone = 'UTC'")
        for name, columns, rows in tables:
            file = io.BytesIO()
            flags = {columns.index(c) for c in _BOOLEANS.get(name, ()) if c in columns}
            for row in rows:
                file.write(b"\t".join(_field(name, place, value, flags) for place, value in enumerate(row)) + b"\n")
            with cursor.copy(f"COPY {name} ({', '.join(columns)}) FROM STDIN") as copy:
                copy.write(file.getvalue())


def _field(table: str, place: int, value: Any, flags: set[int]) -> bytes:
    """A value as COPY takes it [PostgreSQL manual, COPY, text format]."""
    if value is None:
        return rb"\N"
    if isinstance(value, bytes):
        return b"\\\\x" + value.hex().encode()
    if place in flags:
        return b"t" if value else b"f"
    if isinstance(value, int):
        return str(value).encode()
    if table == "search_words":
        value = vector(value)
    escaped = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return bytes(escaped, "utf-8")


def _save_people(connection: Connection, people: int, begun: Any) -> None:
    rows = [
        {"id": who + 1, "address": f"old{who:07}@past.example", "name": f"Old {who:07}", "created_at": begun}
        for who in range(people)
    ]
    rows.append({"id": people + 1, "address": AGENT, "name": "Anna Agent", "created_at": begun})
    connection.execute(insert(contact), rows)


def _drop_indexes(connection: Connection) -> list[str]:
    """Drop the indexes that are no constraints: made at the end, they are made quickly. Returns how."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql <> ''"))
    else:
        found = connection.execute(
            text(
                "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND indexname NOT IN"
                " (SELECT conname FROM pg_constraint)"
            )
        )
    indexes = found.all()
    for name, _ in indexes:
        connection.execute(text(f"DROP INDEX {name}"))
    return [made for _, made in indexes]


def _set_sequences(connection: Connection, count: int) -> None:
    """The rows came with ids of their own."""
    connection.execute(text("SELECT setval('ticket_number_seq', :last)"), {"last": count})
    tables: tuple[tuple[Table, int], ...] = (
        (raw, count * (MAILS + LETTERS)),
        (inbox, count * MAILS),
        (outbox, count * LETTERS),
        (contact, _CONTACTS + 1),
    )
    for table, last in tables:
        sequence = text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :last)")
        connection.execute(sequence, {"table": table.name, "last": last})


def count_of(connection: Connection, table: Table) -> int:
    """The largest id of a table."""
    return int(connection.execute(select(table.c.id).order_by(table.c.id.desc()).limit(1)).scalar() or 0)
