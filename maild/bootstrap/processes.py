"""Several worker processes: started, watched, stopped together."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from maild.bootstrap.parts import write_log

_TICK = 0.2  # seconds between looks at workers and signals
_PAUSE = 2.0  # seconds before a worker that died is started again, so that a broken one does not spin


def run_workers(command: Sequence[str], count: int) -> int:
    """Keep `count` processes of this command running until SIGTERM or SIGINT; returns the exit status.

    SIGHUP goes to every one of them. A process that dies is replaced: a mail that kills its worker
    is tried only so often (HOUSE crash table), so this ends.
    """
    received: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, _frame: received.append(number))
    workers: list[subprocess.Popen[bytes]] = []
    stopping = False
    while not stopping:
        for dead in [w for w in workers if w.poll() is not None]:
            write_log("worker died", status=dead.returncode)
            workers.remove(dead)
            time.sleep(_PAUSE)
        while len(workers) < count:
            workers.append(subprocess.Popen(command))  # noqa: S603  # it is this program
        time.sleep(_TICK)
        # Passed on here and not in the handler: it might run between the start of a worker and its listing.
        while received and not stopping:
            stopping = received.pop(0) != signal.SIGHUP
            for worker in workers:
                worker.send_signal(signal.SIGTERM if stopping else signal.SIGHUP)
    return max((abs(worker.wait()) for worker in workers), default=0)


def this_program(*arguments: str) -> list[str]:
    """The command that starts this same maild with other arguments."""
    return [sys.executable, "-P", "-m", "maild", *arguments]
