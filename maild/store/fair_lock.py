"""A lock that goes to whoever has waited longest.

Python's own goes to whoever is quickest: a thread that gives it back and asks again at once, as delivery does with each
letter, takes it before a thread that has to be woken first. So the door waited for many letters, and an SMTP client for
its 250.

Who wants no more than a little thing done, a guest, is spared the lock when whoever holds it does that along the way.

It can have an end to waiting: while another program holds the database, each of those in line waits for it as long as
SQLite does, one after the other, and the door at the end of the line would answer after minutes.
"""

from __future__ import annotations

import threading
from collections import deque
from types import TracebackType
from typing import Any

from maild.errors import Temporary


class Turn:
    """Somebody's place in line."""

    guest = False  # whether he wants no more than a thing done, in place of the lock

    def __init__(self) -> None:
        self.served = False
        self._bar = threading.Lock()  # held until he may go on
        self._bar.acquire()

    def go_on(self) -> None:
        """Wake him."""
        self._bar.release()

    def wait(self, seconds: float = -1) -> bool:
        """Block until he may go on; whether he may after so long."""
        return self._bar.acquire(timeout=seconds)


class FairLock:
    """A context manager, not reentrant; it is handed over in the order in which it was asked for."""

    def __init__(self, patience: float = -1) -> None:
        """Who has waited `patience` seconds gets Temporary instead; nobody does by default."""
        self._patience = patience
        self._guard = threading.Lock()
        self._held = False
        self._line: deque[Turn] = deque()

    @property
    def waiting(self) -> int:
        """How many threads wait for it."""
        return len(self._line)

    def __enter__(self) -> None:
        """Wait in line."""
        self.wait()

    def wait(self, turn: Turn | None = None) -> bool:
        """Wait in line; False when the lock is not ours, because whoever held it has served this guest."""
        with self._guard:
            if not self._held:
                self._held = True
                return True
            turn = turn or Turn()
            self._line.append(turn)
        if not turn.wait(self._patience):
            self._step_out(turn)
        return not turn.served

    def invite(self, guests: list[Any]) -> None:
        """Move all guests out of the line to `guests`; whoever holds the lock has to let each of those go on."""
        with self._guard:
            guests += [turn for turn in self._line if turn.guest]
            for turn in guests:
                turn.served = True
                self._line.remove(turn)

    def _step_out(self, turn: Turn) -> None:
        with self._guard:
            patient = turn not in self._line  # he is being served, or it was handed over at this very moment
            if not patient:
                self._line.remove(turn)
        if patient:
            turn.wait()
            return
        raise Temporary(f"database: others have held it for {self._patience:g} seconds")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give it back."""
        self.leave()

    def leave(self) -> None:
        """Let the next one go on: it holds the lock from this moment, before it has woken up."""
        with self._guard:
            if self._line:
                self._line.popleft().go_on()
            else:
                self._held = False
