"""Starts the child, and talks with it without waiting longer than is wanted."""

from __future__ import annotations

import fcntl
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress

from maild.reader.framing import HEAD

_PIPE = 1 << 20  # bytes: a group and what is said of it; more is not for every user to have
_AT_ONCE = 1 << 18


class GoneError(Exception):
    """The child has ended or hangs."""


class Child:
    """One child process, and what is under way to it and back. Every message has one answer, in their order."""

    def __init__(self) -> None:
        """Start it. Raises OSError."""
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", "-m", "maild.reader"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env={"OPENBLAS_NUM_THREADS": "1"},  # no secrets; and numpy's threads would be of no use
            cwd="/",
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise GoneError("it has no pipes")
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()
        for end in (self._to, self._from):
            os.set_blocking(end, False)
            with suppress(OSError, AttributeError):  # slower, for both wait for each other more often
                fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, _PIPE)
        self._unsent = bytearray()
        self._got = bytearray()
        self._sent = self._answered = 0

    @property
    def sending(self) -> bool:
        """Whether something has not been sent as a whole."""
        return bool(self._unsent)

    def send(self, messages: Iterable[bytes]) -> int:
        """The number of the first; what cannot be sent now goes while an answer is waited for. Raises GoneError."""
        first = self._sent
        for message in messages:
            self._unsent += message
            self._sent += 1
        self._move(0.0)
        return first

    def answer(self, number: int, wait: float) -> bytes | None:
        """The answer to a message; those before it are passed over. Raises GoneError.

        None: it took more than `wait` seconds, from now or from the answer before.
        """
        if number < self._answered:
            raise GoneError(f"answer {number} was passed over")
        while (body := self._next(wait)) is not None:
            if self._answered > number:
                return body
        return None

    def end(self) -> None:
        """Kill it."""
        with self._process:  # closes what is open, and waits
            self._process.kill()

    def _next(self, wait: float) -> bytes | None:
        until = time.monotonic() + wait
        while not (end := self._first_ends()):
            left = until - time.monotonic()
            self._move(max(0.0, left))
            if left <= 0 and not self._first_ends():
                return None
        body = bytes(self._got[HEAD:end])
        del self._got[:end]
        self._answered += 1
        return body

    def _first_ends(self) -> int:
        """Where the first answer ends of what has come; 0 before it has come as a whole."""
        end = HEAD + int.from_bytes(self._got[:HEAD], "big")
        return end if HEAD < end <= len(self._got) else 0

    def _move(self, wait: float) -> None:
        """Write and read what can be, as soon as anything can be."""
        poll = select.poll()
        poll.register(self._from, select.POLLIN)
        if self._unsent:
            poll.register(self._to, select.POLLOUT)
        for end, _ in poll.poll(wait * 1000):
            try:
                if end == self._to:
                    del self._unsent[: os.write(end, self._unsent)]
                elif piece := os.read(end, _AT_ONCE):
                    self._got += piece
                else:
                    raise GoneError("it has ended")
            except BlockingIOError:
                continue
            except OSError as error:
                raise GoneError(f"it has ended: {error}") from None
