"""A lock that goes to whoever has waited longest.

Python's own goes to whoever is quickest: a thread that gives it back and asks again at once, as delivery does with each
letter, takes it before a thread that has to be woken first. So the door waited for many letters, and an SMTP client for
its 250.

It can have an end to waiting: while another program holds the database, each of those in line waits for it as long as
SQLite does, one after the other, and the door at the end of the line would answer after minutes.
"""

from __future__ import annotations

import threading
from collections import deque
from types import TracebackType

from maild.errors import Temporary


class FairLock:
    """A context manager, not reentrant; it is handed over in the order in which it was asked for."""

    def __init__(self, patience: float = -1) -> None:
        """Who has waited `patience` seconds gets Temporary instead; nobody does by default."""
        self._patience = patience
        self._guard = threading.Lock()
        self._held = False
        self._line: deque[threading.Lock] = deque()  # each held until its owner may go on

    @property
    def waiting(self) -> int:
        """How many threads wait for it."""
        return len(self._line)

    def __enter__(self) -> None:
        """Wait in line."""
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._line.append(turn)
        if not turn.acquire(timeout=self._patience):
            self._step_out(turn)

    def _step_out(self, turn: threading.Lock) -> None:
        with self._guard:
            if turn not in self._line:  # it was handed over at this very moment
                return
            self._line.remove(turn)
        raise Temporary(f"database: others have held it for {self._patience:g} seconds")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the next one go on: it holds the lock from this moment, before it has woken up."""
        with self._guard:
            if self._line:
                self._line.popleft().release()
            else:
                self._held = False
