"""Speaks with systemd, or with whoever else started this process, by sd_notify(3)."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from datetime import timedelta

_MICROSECOND = timedelta(microseconds=1)


def notify(state: str) -> None:
    """Say something, such as READY=1; nothing happens when nobody listens."""
    path = os.environ.get("NOTIFY_SOCKET")
    if path:
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.settimeout(0.1)  # whoever does not listen must not hold up the event loop
            out.connect("\0" + path[1:] if path.startswith("@") else path)
            out.sendall(state.encode())


def watchdog() -> timedelta | None:
    """How often WATCHDOG=1 is expected of this process; None: never."""
    text, pid = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", "")
    if not text.isdigit() or (pid and pid != str(os.getpid())):
        return None
    return int(text) * _MICROSECOND or None
