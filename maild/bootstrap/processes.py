"""Several worker processes: started, watched, stopped together."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from maild.bootstrap.parts import write_log
from maild.bootstrap.systemd import notify, watchdog

_TICK = 0.2  # seconds between looks at workers and signals
_PAUSE = 2.0  # seconds before a worker that died is started again, so that a broken one does not spin
_PATIENCE = timedelta(seconds=60)  # between a worker's signs of life
_START = timedelta(minutes=15)  # until the first one: it may have to migrate the database


class _Worker:
    """A process that has to show signs of life, in the way in which systemd asks for them (sd_notify(3))."""

    def __init__(self, command: Sequence[str], patience: timedelta) -> None:
        self._patience = patience.total_seconds()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(0)
        environment = {name: value for name, value in os.environ.items() if name != "WATCHDOG_PID"}
        if sys.platform == "linux":  # elsewhere there are no names without files, and nobody is watched
            name = f"maild-{os.getpid()}-{secrets.token_hex(8)}"
            self._socket.bind(f"\0{name}")
            environment |= {"NOTIFY_SOCKET": f"@{name}", "WATCHDOG_USEC": str(int(patience.total_seconds() * 1e6))}
        self.process = subprocess.Popen(command, env=environment)  # noqa: S603  # it is this program
        self.ready = sys.platform != "linux"
        self._last = time.monotonic()

    @property
    def hangs(self) -> bool:
        """Whether its last sign of life is too long ago."""
        with suppress(BlockingIOError):
            while said := self._socket.recv(1024):
                self._last = time.monotonic()
                self.ready = self.ready or b"READY=1" in said
        longest = self._patience if self.ready else _START.total_seconds()
        return sys.platform == "linux" and time.monotonic() - self._last > longest

    @property
    def ended(self) -> bool:
        """Whether it has ended; then nothing more is heard of it."""
        if self.process.poll() is None:
            return False
        self._socket.close()
        return True


def run_workers(command: Sequence[str], count: int, *, patience: timedelta = _PATIENCE) -> int:
    """Keep `count` processes of this command running until SIGTERM or SIGINT; returns the exit status.

    SIGHUP goes to every one of them. A process that dies is replaced: a mail that kills its worker
    is tried only so often (HOUSE crash table), so this ends. One that shows no sign of life is killed first.
    """
    received: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, _frame: received.append(number))
    workers: list[_Worker] = []
    starts = [0.0] * count  # when those that do not run may be started
    stopping = told = False
    every = watchdog()
    fed = 0.0
    while not stopping:
        for worker in [w for w in workers if w.ended]:
            write_log("worker died", status=worker.process.returncode)
            workers.remove(worker)
            starts.append(time.monotonic() + _PAUSE)
        for worker in [w for w in workers if w.hangs and w.process.poll() is None]:
            write_log("worker hangs", pid=worker.process.pid)
            worker.process.kill()
        for due in [at for at in starts if at <= time.monotonic()]:
            starts.remove(due)
            workers.append(_Worker(command, patience))
        if not told and not starts and all(worker.ready for worker in workers):
            notify("READY=1")
            told = True
        if every and time.monotonic() - fed > every.total_seconds() / 3:
            notify("WATCHDOG=1")  # this loop turns; the workers are watched here
            fed = time.monotonic()
        time.sleep(_TICK)
        # Passed on here and not in the handler: it might run between the start of a worker and its listing.
        while received and not stopping:
            stopping = received.pop(0) != signal.SIGHUP
            for worker in workers:
                worker.process.send_signal(signal.SIGTERM if stopping else signal.SIGHUP)
    notify("STOPPING=1")
    return max((abs(worker.process.wait()) for worker in workers), default=0)


def this_program(*arguments: str) -> list[str]:
    """The command that starts this same maild with other arguments."""
    return [sys.executable, "-P", "-m", "maild", *arguments]
