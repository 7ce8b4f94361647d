"""Reads the words of changed tickets for the search, in quiet moments."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from maild.clock import Clock
from maild.store.engine import Database
from maild.store.search_index import BATCH, read_words

TIME = timedelta(seconds=5)  # of one run; the rest waits for the next one


class Indexing:
    """Runs in as many processes as like to; one of them works at a time."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Clock,
        busy: Callable[[], bool] = lambda: False,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        """`busy` says whether there is anything better to do: mails and letters come first."""
        self._database = database
        self._clock = clock
        self._busy = busy
        self._stopping = stopping

    def run(self) -> int:
        """Read some of what has changed, the latest first; returns how many tickets."""
        until, done = self._clock() + TIME, 0
        while not self._stopping() and self._clock() < until and not self._busy():
            with self._database.write() as connection:
                read = read_words(connection, BATCH)
            done += read
            if not read:
                break
        return done
