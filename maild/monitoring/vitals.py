"""Whether the parts of this process still move: what the watchdog and /health go by.

A loop says so at each turn. A job (working off mails, sending letters) moves when it begins, and with
every line of the log that its thread writes; one that does neither for long hangs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta


class Vitals:
    """Who moved last when; thread-safe, since each part writes only its own entry."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds that only grow."""
        self._clock = clock
        self._loops: dict[str, tuple[float, float]] = {}  # name -> when it turned last, after how long it hangs
        self._jobs: dict[int, tuple[str, float]] = {}  # thread -> its job, when it moved last

    def turned(self, loop: str, hangs_after: timedelta) -> None:
        """A loop begins another turn, and must do so again before it counts as hanging."""
        self._loops[loop] = (self._clock(), hangs_after.total_seconds())

    def ended(self, loop: str) -> None:
        """A loop has ended as it should."""
        self._loops.pop(loop, None)

    @contextmanager
    def at_work(self, job: str) -> Iterator[None]:
        """This thread has a job until the end of the block."""
        thread = threading.get_ident()
        before = self._jobs.get(thread)
        self._jobs[thread] = (job, self._clock())
        try:
            yield
        finally:
            if before is None:
                del self._jobs[thread]
            else:
                self._jobs[thread] = (before[0], self._clock())

    def moved(self) -> None:
        """This thread has just done something."""
        thread = threading.get_ident()
        if (job := self._jobs.get(thread)) is not None:
            self._jobs[thread] = (job[0], self._clock())

    def hanging(self, limit: timedelta) -> list[str]:
        """A sentence for every part that does not move; `limit` is for jobs."""
        now = self._clock()
        loops = [(name, now - last, longest) for name, (last, longest) in list(self._loops.items())]
        jobs = [(name, now - last, limit.total_seconds()) for name, last in list(self._jobs.values())]
        return [
            f"{name} has not moved for {int(still)} s"
            for name, still, longest in sorted(loops + jobs)
            if still > longest
        ]
