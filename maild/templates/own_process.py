"""The process in which a site's own letters are filled: started for the first, ended when one takes too long."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
import weakref
from collections.abc import Mapping
from contextlib import suppress
from threading import Lock
from typing import Any, Protocol, cast

SECONDS = 3.0  # for one letter; a common one takes milliseconds
START = 20.0  # for the process to begin
ANSWER = 32 << 20  # bytes of one answer

_COMMAND = [sys.executable, "-I", "-X", "utf8", "-m", "maild.templates.filling"]


Begin = Mapping[str, Any]  # what a new process is told first: see `filling.py`


class Asks(Protocol):
    """Whoever fills letters."""

    def ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The answer. Raises Overrun without one, OSError when nobody can be asked."""


class Overrun(Exception):
    """The process had to be ended, or it ended by itself; the words say why."""


class OwnProcess:
    """Asks the process; thread-safe, one letter at a time."""

    def __init__(self, begin: Begin, *, seconds: float = SECONDS) -> None:
        """`seconds`: what one letter may take."""
        self._begin, self._seconds = json.dumps(begin), seconds
        self._lock = Lock()
        self._running: subprocess.Popen[bytes] | None = None

    def ask(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The answer. Raises Overrun without one, OSError when no process can be started."""
        with self._lock:
            if self._running is None or self._running.poll() is not None:
                self._running = self._start()
            try:
                return _answer(self._running, json.dumps(asked), self._seconds)
            except (Overrun, OSError, ValueError) as error:
                _end(self._running)
                self._running = None
                if isinstance(error, Overrun):
                    raise
                raise Overrun("the process that fills it has ended") from error

    def _start(self) -> subprocess.Popen[bytes]:
        running = subprocess.Popen(  # noqa: S603  # ourselves
            _COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},  # no secrets
            cwd="/",
        )
        weakref.finalize(self, _end, running)  # a reload makes a new one
        try:
            _answer(running, self._begin, START)
        except (Overrun, OSError, ValueError) as error:
            _end(running)
            raise OSError(None, "it does not begin") from error
        return running


def _answer(running: subprocess.Popen[bytes], line: str, seconds: float) -> dict[str, Any]:
    """Ask one line and read the line that comes back."""
    if running.stdin is None or running.stdout is None:
        raise Overrun("it has no pipes")
    running.stdin.write(line.encode() + b"\n")
    running.stdin.flush()
    until = time.monotonic() + seconds
    found = bytearray()
    with selectors.DefaultSelector() as ready:
        ready.register(running.stdout, selectors.EVENT_READ)
        while not found.endswith(b"\n"):
            if not ready.select(max(until - time.monotonic(), 0)):
                raise Overrun(f"it takes longer than {seconds:g} s; does it loop without end?")
            piece = os.read(running.stdout.fileno(), 1 << 16)
            if not piece or len(found) > ANSWER:
                raise Overrun("it needs too much memory, or the process that fills it was ended")
            found += piece
    return cast("dict[str, Any]", json.loads(found))


def _end(running: subprocess.Popen[bytes]) -> None:
    running.kill()
    for pipe in (running.stdin, running.stdout):
        if pipe is not None:
            with suppress(OSError):  # what was still to be written goes nowhere
                pipe.close()
    running.wait()
