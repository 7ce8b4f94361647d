"""One process of maild under test: started as an admin does it, or forked by the nursery; stopped or killed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from maild.bootstrap.processes import this_program
from maild.testing.nursery import Nursery


class Process:
    """One process of a desk, from the nursery or not."""

    def __init__(self, arguments: list[str], log: Path, environment: Mapping[str, str], nursery: Nursery | None):
        self.log = log
        log.touch()
        self._begin = log.stat().st_size
        self._child: subprocess.Popen[bytes] | None = None
        if nursery is not None:
            self.pid = nursery.start(arguments, log, environment)
            return
        with log.open("ab") as out:
            self._child = subprocess.Popen(  # noqa: S603  # ourselves
                [*_die_with_us(), *this_program(*arguments)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, **environment},
                start_new_session=True,  # one kill reaches its workers, too
            )
        self.pid = self._child.pid

    @property
    def ended(self) -> bool:
        """Has it ended?"""
        if self._child is not None:
            return self._child.poll() is not None
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        return False

    @property
    def status(self) -> int | None:
        """Its exit status, as far as we are its parent."""
        return self._child.returncode if self._child else None

    def ready(self) -> int:
        """How many processes in its log have said that they are ready since it was started."""
        with self.log.open("rb") as log:
            log.seek(self._begin)
            return log.read().count(b'"event": "ready"')

    def signal(self, number: int) -> None:
        """Tell it something."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it and its workers at once, as a power cut would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)


def _die_with_us() -> list[str]:
    """On Linux, the kernel ends the daemon when the tests are killed."""
    import shutil

    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig=TERM", "--"] if setpriv else []
