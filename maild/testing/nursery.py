"""Starts daemons quickly: forks them from a process that has read maild's libraries and taken a mail in already.

Both take three seconds, starting a daemon then a fifth. A crash test starts hundreds.

The nursery reads one order a line (JSON) and answers with the child's process id. A child leads a
process group of its own. When the nursery's input ends, it kills what is left and goes.
"""

from __future__ import annotations

import contextlib
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

_LIBRARIES = (
    "maild.bootstrap.daemon",
    "maild.bootstrap.monitor",
    "maild.bootstrap.processes",
    "maild.cli.run",
    "maild.cli.worker",
    "maild.testing.clocks",
    "maild.testing.disk",
    "maild.testing.stops",
    "maild.app.ingest",
    "maild.app.sweep",
    "maild.app.tell_troubles",
    "maild.app.undelivered",
    "maild.cli.main",
    "maild.config.load",
    "maild.intake.imap",
    "maild.intake.smtp",
    "maild.monitoring.listener",
    "maild.outbound.compose",
    "maild.outbound.maildir",
    "maild.outbound.smtp",
    "maild.store.inbox",
    "maild.store.mailboxes",
    "maild.store.migrate",
    "maild.store.outbox",
    "maild.store.standing_troubles",
    "maild.store.vital_facts",
    "maild.templates.builtin",
    "maild.worker.bells",
    "psycopg",
    "redis",
    "alembic.command",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
)


class Nursery:
    """The parent's end."""

    def __init__(self) -> None:
        """Start it; the libraries are read meanwhile."""
        self._process = subprocess.Popen(  # ourselves
            [sys.executable, "-P", "-m", "maild.testing.nursery"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def start(self, arguments: Sequence[str], log: Path, environment: Mapping[str, str]) -> int:
        """Run `maild ARGUMENTS` with its output appended to `log`; the process id."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("a nursery speaks through pipes")
        order = {"arguments": list(arguments), "log": str(log), "environment": dict(environment)}
        stdin.write(json.dumps(order).encode() + b"\n")
        stdin.flush()
        return int(stdout.readline())

    def close(self) -> None:
        """End it, and every daemon that is left."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()


def _main() -> None:
    import importlib

    for name in _LIBRARIES:
        importlib.import_module(name)
    _warm_up()
    # It gives each process its name when it is imported: every child imports it for itself.
    for name in [name for name in sys.modules if name.startswith("maild.bootstrap")]:
        del sys.modules[name]
    children: set[int] = set()

    def reap(_number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(ChildProcessError):
            while pid := os.waitpid(-1, os.WNOHANG)[0]:
                children.discard(pid)

    signal.signal(signal.SIGCHLD, reap)
    for line in sys.stdin.buffer:
        order = json.loads(line)
        sys.stdout.flush()
        pid = os.fork()
        if not pid:
            _be_maild(order["arguments"], order["log"], order["environment"])
        os.setpgid(pid, pid)  # here, so that it leads its group before anybody knows of it
        children.add(pid)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
    for pid in list(children):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def _warm_up() -> None:
    """Have a desk on SQLite take a mail in: its templates, keywords and statements are then ready in every child."""
    from maild.testing.conversation import Conversation
    from maild.testing.databases import SqliteCopies
    from maild.testing.mails import new_mail

    with tempfile.TemporaryDirectory() as folder:
        talk = Conversation(SqliteCopies(Path(folder)).make(Path(folder)), Path(folder))
        talk.receive(new_mail("It is broken"))
        talk.close()  # a child must inherit no connection


def _be_maild(arguments: list[str], log: str, environment: dict[str, str]) -> None:
    """Become the daemon; never returns."""
    status = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for here, there in ((nothing, 0), (out, 1), (out, 2)):
            os.dup2(here, there)
        os.environ.update(environment)
        sys.argv = ["maild", *arguments]

        from maild.testing import clocks, disk, stops

        for planted in (clocks, disk, stops):
            planted.from_environment()
        runpy.run_module("maild", run_name="__main__")  # as `python -m maild` does
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001  # whatever it is, it belongs into the log of the daemon
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _main()
