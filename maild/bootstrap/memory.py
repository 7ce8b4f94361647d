"""How a process that runs for months deals with memory: large mails, Python's collector, the C library's blocks."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

from maild.app.arrival import LARGE
from maild.store.fair_lock import FairLock

_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of <malloc.h> [mallopt(3)]


class LargeMails:
    """Lets one large mail at a time be in memory here: at the SMTP door, in ingest or while it is packed.

    Each of them holds it up to four times over, compressed, decoded or as SQLite's own copy: 25 MiB become 100.
    """

    def __init__(self) -> None:
        """None is there yet."""
        self._one = FairLock()

    @property
    def waiting(self) -> int:
        """How many large mails wait."""
        return self._one.waiting

    @contextmanager
    def room(self, size: int) -> Iterator[None]:
        """The port `Room`."""
        if size <= LARGE:
            yield
            return
        with self._one:
            yield


def spare_the_collector() -> None:
    """Keep Python's collector of cycles from looking through what stays until the end: modules, classes, parts.

    Looking through 200,000 objects stops every thread for 70 ms and more. What a group of mails leaves is found
    by looking at each 5,000th new object as well as at each 700th, at a tenth of the cost.
    """
    gc.freeze()
    gc.set_threshold(5000, 10, 10)
    gc.enable()


def give_back_large_blocks() -> None:
    """Have blocks of a MiB and more always given back to the system: one mail of 25 MiB is many of them.

    By itself glibc keeps blocks as large as the largest that was ever freed, up to 32 MiB, and its heap then holds what
    it had at its fullest: 40 MiB more after such a mail, and at the peak of the next. Other C libraries are left alone.
    """
    try:
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, 1 << 20)
    except (OSError, AttributeError):
        return
