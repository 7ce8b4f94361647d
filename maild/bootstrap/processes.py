"""Several worker processes: started, watched, stopped together."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from maild.bootstrap.parts import write_log

_PAUSE = 2.0  # seconds before a worker that died is started again, so that a broken one does not spin


def run_workers(command: Sequence[str], count: int) -> int:
    """Keep `count` processes of this command running until SIGTERM or SIGINT; returns the exit status.

    SIGHUP goes to every one of them. A process that dies is replaced: a mail that kills its worker
    is tried only so often (HOUSE crash table), so this ends.
    """
    stopping = False
    workers: list[subprocess.Popen[bytes]] = []

    def pass_on(number: int, _frame: object) -> None:
        nonlocal stopping
        stopping = stopping or number != signal.SIGHUP
        for worker in workers:
            if worker.poll() is None:
                worker.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, pass_on)
    while not stopping:
        for dead in [w for w in workers if w.poll() is not None]:
            write_log("worker died", status=dead.returncode)
            workers.remove(dead)
            time.sleep(_PAUSE)
        while len(workers) < count and not stopping:
            workers.append(subprocess.Popen(command))  # noqa: S603  # it is this program
        time.sleep(0.2)
    for worker in workers:  # one that was started while the signal came did not get it
        worker.terminate()
    return max((abs(worker.wait()) for worker in workers), default=0)


def this_program(*arguments: str) -> list[str]:
    """The command that starts this same maild with other arguments."""
    return [sys.executable, "-P", "-m", "maild", *arguments]
