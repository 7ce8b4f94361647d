"""Opens the database and its transactions, on SQLite and PostgreSQL alike.

On SQLite a writing transaction begins with BEGIN IMMEDIATE: with the driver's own mode two threads that
read and then write lose updates without an error (LIBRARIES §2.10). One lock in this process stands
before it, because SQLite's own waiting sleeps in steps of up to 100 ms and is not fair. A disk takes as long
for the commit of three writers as for that of one, so who has little to write, the door and the sender,
joins whoever writes at that moment.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from maild.app.arrival import LARGE
from maild.errors import Conflict, Temporary
from maild.store.connections import keep_connections
from maild.store.fair_lock import FairLock, Turn

T = TypeVar("T")

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    # NORMAL loses the last commits at a power cut, and with them mails that we answered 250 for.
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=30000",
    "PRAGMA cache_size=-16384",  # KiB of each connection; emptied whenever another one has written
    "PRAGMA wal_autocheckpoint=4000",
    # What is erased must not remain in the file; Debian's SQLite does so anyway, others leave the bytes.
    "PRAGMA secure_delete=ON",
)
_PATIENCE = 20.0  # seconds in line for SQLite's only writer, before the 30 that it waits itself
_RACES = {"40001", "40P01"}  # serialization failure, deadlock (PostgreSQL appendix A)


class _Joined(Turn):
    """What is to be written together with whatever somebody else writes."""

    guest = True

    def __init__(self, work: Callable[[Connection], Any]) -> None:
        super().__init__()
        self.work = work
        self.result: Any = None
        self.error: Exception | None = None
        self.committed = False

    def outcome(self) -> Any:
        """What `work` returned. Raises what it raised, and Temporary when the commit failed."""
        if self.error is not None:
            raise self.error
        if not self.committed:
            raise Temporary("database: the transaction that it was part of could not be committed")
        return self.result


class Database:
    """One database; thread-safe."""

    def __init__(self, url: str) -> None:
        self.sqlite = url.startswith("sqlite")
        self._line = FairLock(_PATIENCE)  # before SQLite's only writer
        # The connection that was used last: a server plans, and knows tables, for each connection anew. Not on SQLite:
        # one that writes again and again keeps its pages in memory, 34 MiB more in all, and is no quicker for it.
        lifo = not self.sqlite
        self.engine = create_engine(url, pool_size=10, max_overflow=20, hide_parameters=True, pool_use_lifo=lifo)
        if self.sqlite:
            event.listen(self.engine, "do_connect", _make_closed)
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            keep_connections(self.engine)

    @property
    def waiting(self) -> int:
        """How many threads of this process wait to write."""
        return self._line.waiting

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that changes something; commits at its end, rolls back on any exception.

        Raises Conflict when somebody else was faster, Temporary when the database cannot be reached.
        """
        with self._line if self.sqlite else nullcontext(), self._transaction() as connection:
            yield connection

    def join(self, work: Callable[[Connection], T]) -> T:
        """Do something short as `write` would; on SQLite in the transaction of whoever writes now, before its commit.

        Returns what `work` returns, after the commit. Raises what it raises, and what `write` does; then nothing of
        it is stored. It fails and succeeds by itself, but for the one commit.
        """
        if not self.sqlite:
            with self.write() as connection:
                return work(connection)
        joined = _Joined(work)
        if not self._line.wait(joined):
            outcome: T = joined.outcome()
            return outcome
        try:
            with self._transaction() as connection:
                return work(connection)
        finally:
            self._line.leave()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        guests: list[_Joined] = []
        try:
            with self.engine.connect() as connection:
                with connection.begin():
                    yield connection
                    self._line.invite(guests)
                    _serve(connection, guests)
                for joined in guests:
                    joined.committed = True
        except DBAPIError as error:
            raise _translate(error) from error
        finally:
            for joined in guests:
                joined.go_on()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads; on SQLite it never waits for a writer."""
        try:
            with self.engine.connect() as connection:
                reading = connection.execution_options(maild_reading=True)
                with reading.begin():
                    yield reading
        except DBAPIError as error:
            raise _translate(error) from error

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def forget_large(connection: Connection, size: int) -> None:
    """Close the connection after its transaction, and do not keep it, if a large mail (bytes) passes through it.

    SQLite keeps what was bound to each of its prepared statements last, and its pages: 50 MiB of each connection.
    libpq keeps buffers as large as were ever needed.
    """
    if size > LARGE:
        connection.detach()


def _serve(connection: Connection, guests: Sequence[_Joined]) -> None:
    """Do for others what they want to have written, each as a whole or not at all.

    Raises what ended the transaction of all: on a full disk SQLite itself rolls it back.
    """
    for joined in guests:
        try:
            with connection.begin_nested():
                joined.result = joined.work(connection)
        except Exception as error:
            joined.error = _translate(error) if isinstance(error, DBAPIError) else error
            if not getattr(connection.connection.dbapi_connection, "in_transaction", False):
                raise Temporary("database: it ended the transaction for what another wanted to write") from error


def _make_closed(_dialect: object, _record: object, arguments: Sequence[str], _options: object) -> None:
    """SQLite would make a new file readable by all, and what it writes beside it gets the mode of the file."""
    if arguments[0] != ":memory:":
        with suppress(OSError):  # it is there, or SQLite says better why it cannot be
            os.close(os.open(arguments[0], os.O_CREAT | os.O_EXCL, 0o600))


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    for pragma in _PRAGMAS:
        connection.execute(pragma).close()


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("maild_reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _translate(error: DBAPIError) -> Exception:
    """A driver's error as ours: races are Conflict, everything else is Temporary, text without values."""
    text = str(error.orig).split("\n", 1)[0]
    if isinstance(error, IntegrityError) or getattr(error.orig, "sqlstate", None) in _RACES:
        return Conflict(f"database: {text}")
    if isinstance(error, OperationalError):
        return Temporary(f"database: {text}")
    return Temporary(f"database: {type(error.orig).__name__}: {text}")
