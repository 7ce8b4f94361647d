"""A directory in a database of somebody else: one query, which only reads."""

from __future__ import annotations

import os
import re
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DataError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from maild.app.lookups import Entry
from maild.directories.source import LATE, Away, Reading, Row, Trouble, entry_about, entry_of
from maild.directories.watch import Watch

_AT_A_TIME = 500  # rows
_STEPS = 10_000  # of SQLite's machine between two looks at the clock
_GRACE = 0.5  # seconds: a server that lives ends it by itself, and in good order
_ROW = 32  # bytes that a row costs beside its values


class SqlSource:
    """The port `Source` on a query; with `:key` it is asked about one key, without it tells the whole list."""

    def __init__(self, url: str, query: str, reading: Reading) -> None:
        """Raises Trouble for a URL of no known kind, or whose driver is not installed."""
        self._reading = reading
        self._query = text(query)
        self._local = threading.local()  # the watch over what this thread asks
        self.by_key = asks_by_key(query)
        try:
            self._engine = create_engine(_read_only(url), **_options(url, reading.timeout))
        except (ArgumentError, ModuleNotFoundError) as error:
            raise Away(f"the database cannot be opened: {_first_line(error)}") from None
        except ValueError:  # a port that is no number; its words repeat it, and it may be a slipped password
            raise Away("the database cannot be opened: its URL is not one") from None
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", self._prepare_sqlite)
        if self._engine.dialect.name == "postgresql":
            event.listen(self._engine, "do_connect", self._connect_postgresql)

    def stamp(self) -> object:
        """See the port."""
        return None

    def look(self, key: str) -> Entry | None:
        """See the port."""
        return entry_about(key, self._rows({"key": key}), self._reading)

    def all(self) -> Sequence[Entry]:
        """See the port."""
        return [entry_of(row, self._reading) for row in self._rows({})]

    def _rows(self, values: dict[str, str]) -> list[Row]:
        until = time.monotonic() + self._reading.timeout
        rows: list[Row] = []
        room = self._reading.largest
        try:
            with self._connected(until) as connection:
                found = connection.execute(self._query, values)
                while some := found.fetchmany(_AT_A_TIME):
                    for row in some:
                        rows.append(dict(row._mapping))
                        room -= _ROW + sum(len(v) if isinstance(v, str | bytes) else 8 for v in row)
                        if room < 0:
                            raise Trouble(f"it answered more than {self._reading.largest} bytes")
                    if time.monotonic() > until:
                        raise Away(LATE % self._reading.timeout)
        except DataError as error:  # the key is no value of that column; others may be
            raise Trouble(f"the query failed: {_first_line(error)}") from None
        except SQLAlchemyError as error:
            if time.monotonic() > until:
                raise Away(LATE % self._reading.timeout) from None
            raise Away(f"the query failed: {_first_line(error)}") from None
        return rows

    @contextmanager
    def _connected(self, until: float) -> Iterator[Connection]:
        # Never committed: what a query changes is rolled back.
        with self._watched(until), self._engine.connect() as connection:
            if self._engine.dialect.name == "postgresql":
                connection.execution_options(postgresql_readonly=True)
            if self._engine.dialect.name == "sqlite":
                driver: Any = connection.connection.driver_connection
                driver.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
            yield connection.execution_options(stream_results=True)

    @contextmanager
    def _watched(self, until: float) -> Iterator[None]:
        self._local.watch = watch = Watch(until + _GRACE)
        try:
            yield
        finally:
            watch.end()

    def _connect_postgresql(self, dialect: Any, _record: object, args: Any, facts: Any) -> Any:
        """A connection that is cut in time: the limits of the server end nothing when it hangs or is gone."""
        connection = dialect.connect(*args, **facts)
        with socket.socket(fileno=os.dup(connection.fileno())) as line:
            self._local.watch.over(line)
        return connection

    def _prepare_sqlite(self, connection: Any, _record: object) -> None:
        connection.execute("PRAGMA query_only=ON").close()


def asks_by_key(query: str) -> bool:
    """Whether a query asks about one key (`:key`, which is no part of a cast such as `::key`)."""
    return re.search(r"(?<![:\w\\]):key\b", query) is not None


def _read_only(url: str) -> str:
    """The URL, for SQLite with a file that is neither made nor changed."""
    if url.startswith("postgres://"):
        return "postgresql://" + url.removeprefix("postgres://")
    if url.startswith("sqlite:///") and not url.startswith("sqlite:///file:"):
        return f"sqlite:///file:{url.removeprefix('sqlite:///')}?mode=ro&uri=true"
    return url


def _options(url: str, timeout: float) -> dict[str, Any]:
    # A connection for each question: it is asked seldom, and one that is kept may have died.
    options: dict[str, Any] = {"hide_parameters": True, "poolclass": NullPool}
    whole = max(1, round(timeout))
    name = make_url(_read_only(url)).get_backend_name()
    if name == "sqlite":
        options["connect_args"] = {"timeout": timeout}
    if name == "postgresql":
        limit = f"-c statement_timeout={round(timeout * 1000)} -c lock_timeout={round(timeout * 1000)}"
        options["connect_args"] = {"connect_timeout": whole, "options": limit}
    return options


def _first_line(error: Exception) -> str:
    """What the driver says, without the query and its values."""
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().partition("\n")[0][:200] or type(cause).__name__
