"""Watches a daemon from outside: what its database shows as done, what the sink has got.

The daemon's own `done_at` is taken before the transaction that it belongs to is saved, so it is not
the moment of the commit. All mails of a transaction share it, though: it names the transaction, and
the first look that sees it tells when the transaction was there, at most PAUSE too late.
"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass, field
from types import TracebackType

from sqlalchemy import Connection, create_engine, text

from bench.processes import BenchFailed

PAUSE = 0.05  # seconds between looks, which the database pays for
_STALL = 30.0  # seconds without any progress

_FLOOR = text("SELECT min(id) FROM inbox WHERE id > :floor AND state IN ('waiting', 'working')")
_LAST = text("SELECT max(id) FROM inbox")
_SEEN = text("SELECT DISTINCT done_at FROM inbox WHERE id > :floor AND done_at IS NOT NULL")
_COUNT = text("SELECT count(*) FROM inbox WHERE id > :floor AND id <= :undone")
_DONE = text("SELECT message_id, done_at, outcome FROM inbox WHERE id > :before")


@dataclass
class Watch:
    """What has been seen."""

    committed_at: dict[str, float] = field(default_factory=dict)  # Message-ID -> when the commit was there
    outcomes: dict[str, int] = field(default_factory=dict)
    last_letter: float = 0.0


class Sink:
    """Asks the sink what it has got."""

    def __init__(self, port: int) -> None:
        self._connection = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._file = self._connection.makefile("rb")
        self._file.readline()

    def __enter__(self) -> Sink:
        """Keep the connection."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self._file.close()
        self._connection.close()

    def count(self) -> tuple[int, float]:
        """Letters so far, and when the last one came."""
        self._connection.sendall(b"XCOUNT\r\n")
        _, letters, last = self._file.readline().split()
        return int(letters), float(last)


class Watcher:
    """Watches one run; make it before the first mail is sent, or let it look at all mails that there are."""

    def __init__(self, database: str, sink: Sink, *, from_the_start: bool = False) -> None:
        self._engine = create_engine(database.replace("postgresql://", "postgresql+psycopg://", 1))
        self._sink = sink
        self._letters_before = 0 if from_the_start else sink.count()[0]
        with self._engine.connect() as connection:
            self._before = self._floor = 0 if from_the_start else self._last(connection)
        self._done = 0  # up to the floor: what a look costs must not grow with the mails
        self._first_seen: dict[object, float] = {}

    def watch(self, mails: int, letters: int) -> Watch:
        """Look until all are done and all letters have arrived. Raises BenchFailed when nothing goes on."""
        watch = Watch()
        progress, moved = (-1, -1), time.monotonic()
        while True:
            done = self._look()
            arrived, watch.last_letter = self._sink.count()
            arrived -= self._letters_before
            if done >= mails and arrived >= letters:
                break
            if (done, arrived) != progress:
                progress, moved = (done, arrived), time.monotonic()
            elif time.monotonic() > moved + _STALL:
                raise BenchFailed(f"nothing goes on: {done} of {mails} mails done, {arrived} of {letters} letters")
            time.sleep(PAUSE)
        self._collect(watch)
        return watch

    def _look(self) -> int:
        """Note the transactions that are there now; how many mails are done."""
        with self._engine.connect() as connection:
            # In this order: whatever is committed between two of these is above the new floor or seen.
            last = self._last(connection)
            undone = connection.execute(_FLOOR, {"floor": self._floor}).scalar()
            for (done_at,) in connection.execute(_SEEN, {"floor": self._floor}):
                self._first_seen.setdefault(done_at, time.time())
            floor, self._floor = self._floor, undone - 1 if undone else max(last, self._floor)
            self._done += connection.execute(_COUNT, {"floor": floor, "undone": self._floor}).scalar_one()
            return self._done

    def _collect(self, watch: Watch) -> None:
        now = time.time()
        with self._engine.connect() as connection:
            for message_id, done_at, outcome in connection.execute(_DONE, {"before": self._before}):
                watch.committed_at[message_id] = self._first_seen.get(done_at, now)
                watch.outcomes[outcome] = watch.outcomes.get(outcome, 0) + 1
        self._engine.dispose()

    @staticmethod
    def _last(connection: Connection) -> int:
        return int(connection.execute(_LAST).scalar() or 0)
