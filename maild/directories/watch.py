"""Cuts a connection when its time is over: no server, dead or slow on purpose, keeps a thread for ever."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress


class Watch:
    """Shuts a connection when its time is over, whatever it is doing: TLS, headers or body."""

    def __init__(self, until: float) -> None:
        """`until`: as `time.monotonic` counts."""
        self._line: socket.socket | None = None
        self._has_shut = False
        self._timer = threading.Timer(max(0.0, until - time.monotonic()), self._shut)
        self._timer.daemon = True
        self._timer.start()

    def over(self, line: socket.socket) -> None:
        """Watch this connection: a second handle on it, which stays when TLS takes the first one over."""
        self._line = line.dup()
        if self._has_shut:
            self._shut()

    def check(self) -> None:
        """Raises TimeoutError if it was cut: a head or a body may end there without looking broken."""
        if self._has_shut:
            raise TimeoutError

    def _shut(self) -> None:
        self._has_shut = True
        if self._line is not None:
            with suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """The work is done."""
        self._timer.cancel()
        if self._line is not None:
            self._line.close()
