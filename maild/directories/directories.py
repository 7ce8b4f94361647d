"""All directories together: a group of mails asks about everything at once, and waits for nobody longer than agreed."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from maild.app.lookups import Asked, Looked
from maild.directories.cached import Directory, Standing

THREADS = 4  # of one directory: one that hangs holds up no other
_GRACE = 0.1  # seconds: its own words about the time limit are better than ours


@dataclass(frozen=True, slots=True)
class Line:
    """A directory with the threads in which it is asked."""

    directory: Directory
    timeout: float  # seconds
    pool: ThreadPoolExecutor


class Directories:
    """The port `Lookups`."""

    def __init__(self, directories: Sequence[tuple[Directory, float]]) -> None:
        """Directories with their time limits in seconds."""
        self._lines = {
            each.name: Line(each, timeout, ThreadPoolExecutor(THREADS, thread_name_prefix=f"directory-{each.name}"))
            for each, timeout in directories
        }
        self._told = {each.name: each.version for each, _ in directories}

    def __iter__(self) -> Iterator[Directory]:
        return (line.directory for line in self._lines.values())

    def __getitem__(self, name: str) -> Directory:
        return self._lines[name].directory

    def look_up(self, wanted: Collection[Asked]) -> Mapping[Asked, Looked]:
        """See the port."""
        answers: dict[Asked, Looked] = {}
        running: dict[Future[Any], Line] = {}
        lists: set[str] = set()
        for asked in dict.fromkeys(wanted):
            line = self._lines.get(asked.directory)
            if line is None:
                answers[asked] = Looked(trouble=f"there is no directory {asked.directory} any more")
            elif (known := line.directory.known(asked.key)) is not None:
                answers[asked] = known
            elif line.directory.by_key or asked.directory not in lists:
                lists.add(asked.directory)
                running[line.pool.submit(line.directory.ask, asked.key)] = line
        self._wait(running)
        for asked in wanted:
            if asked not in answers:
                directory = self._lines[asked.directory].directory
                answers[asked] = directory.known(asked.key) or directory.last(asked.key, "there was no time to ask")
        return answers

    def load(self, of: Collection[str], *, force: bool = False) -> bool:
        """Read the lists of these sorts that are due, all at once and for a limited time.

        Returns whether any has changed since it was asked for last: one that comes late counts the next time.
        """
        lines = [each for each in self._lines.values() if each.directory.of in of and not each.directory.by_key]
        running: dict[Future[Any], Line] = {line.pool.submit(line.directory.load, force=force): line for line in lines}
        self._wait(running)
        told, self._told = self._told, {**self._told, **{each.directory.name: each.directory.version for each in lines}}
        return told != self._told

    def standings(self) -> list[Standing]:
        """How each of them stands."""
        return [line.directory.standing() for line in self._lines.values()]

    def close(self) -> None:
        """Wait for nothing more."""
        for line in self._lines.values():
            line.pool.shutdown(wait=False, cancel_futures=True)

    def _wait(self, running: Mapping[Future[Any], Line]) -> None:
        """Until all have answered, or the longest time limit is over; who gave no answer is left alone for a while.

        Whoever gave some was only asked for too much at once. And a thread that never comes back must not make
        every later group wait for it: where nothing could even begin, nothing was answered either.
        """
        begun = time.monotonic()
        for line in sorted(set(running.values()), key=lambda line: line.timeout):
            futures = [future for future, its in running.items() if its is line]
            done, late = wait(futures, max(0.0, begun + line.timeout + _GRACE - time.monotonic()))
            for future in late:
                future.cancel()
            if late and not done:
                line.directory.give_up(f"it did not answer within {line.timeout:g} s")
