"""The set-ups that are measured: real daemons, started by the command line with a config of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bench.corpus import SUPPORT
from bench.processes import ROOT, BenchFailed, family
from maild.testing.servers import PostgresServer, RedisServer, postgres, redis

PATIENCE = 120.0  # seconds for a daemon to start or to stop

# No agents: each new mail causes one letter, the acknowledgement. The limits that would end kept connections, and
# the budgets that would hold acknowledgements back, are out of the way; everything else is at its default.
_CONFIG = """\
[desk]
name = "Example Support"
address = "{support}"
secret = "0123456789abcdef0123456789abcdef"
[store]
url = "{store}"
[worker]
broker = "{broker}"
[[receiver]]
listen = "127.0.0.1:{port}"
[send]
kind = "smtp"
host = "127.0.0.1"
port = {sink}
security = "none"
[limits]
messages = 10000000
connections_per_ip = 200
[letters]
domain_per_hour = 10000000
total_per_10_minutes = 10000000
"""


@dataclass
class Running:
    """A set-up at work."""

    database: str  # its SQLAlchemy URL
    folder: Path
    port: int = 0
    started_at: float = 0  # by time.time, when the first process was started
    ready_at: float = 0  # when it had said that it is ready
    daemons: list[subprocess.Popen[bytes]] = field(default_factory=list)
    servers: dict[str, int] = field(default_factory=dict)  # name -> main process

    def processes(self) -> dict[str, int]:
        """Our own processes by what they do."""
        found: dict[str, int] = {}
        for daemon in self.daemons:
            main, *below = family(daemon.pid)
            first = daemon is self.daemons[0]  # which has no workers
            found["maild run" if first else "maild worker"] = main
            found |= {f"{'reader' if first else 'worker'} {number}": pid for number, pid in enumerate(below, 1)}
        return found

    def log(self) -> str:
        """The end of what the daemons wrote."""
        return "".join(file.read_text(errors="replace")[-2000:] for file in sorted(self.folder.glob("*.log")))


Fill = Callable[[str], None]  # puts tickets into the database at a URL before the daemon starts


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What a set-up has that others have not."""

    slower_ms: float = 0  # each commit takes so much longer; SQLite only
    worker: bool = True  # False: mails are only accepted
    processes: int = 2  # of the worker; PostgreSQL only
    settings: str = ""  # more of the configuration
    fill: Fill | None = None
    port: int = 0  # where it listens; 0: on any
    wait: bool = True  # until the daemon says that it is ready


PLAIN = Variant()
SetUp = Callable[[int, Variant], AbstractContextManager["Running"]]  # on the port of a sink


def _write_config(folder: Path, store: str, broker: str, sink: int, variant: Variant) -> Path:
    file = folder / "maild.toml"
    written = _CONFIG.format(support=SUPPORT, store=store, broker=broker, sink=sink, port=variant.port)
    file.write_text(written + variant.settings)
    file.chmod(0o600)
    return file


@contextmanager
def _daemon(
    running: Running, config: Path, *words: str, variant: Variant, ready: int = 1
) -> Iterator[list[dict[str, object]]]:
    """Start one command; yields what it said when it was ready, `ready` times."""
    log = running.folder / f"{words[0]}.log"
    program = ["-m", "bench.slow_disk", str(variant.slower_ms)] if variant.slower_ms else ["-P", "-m", "maild"]
    folder = ROOT if variant.slower_ms else running.folder
    with log.open("wb") as out:
        command = [sys.executable, *program, "--config", str(config), *words]
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    running.daemons.append(process)
    try:
        yield _wait_until_ready(process, log, ready) if variant.wait else []
    finally:
        _stop(process)


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path, times: int) -> list[dict[str, object]]:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        lines = [json.loads(line) for line in log.read_bytes().splitlines() if line.startswith(b"{")]
        said = [line for line in lines if line.get("event") == "ready"]
        if len(said) >= times:
            return said
        time.sleep(0.05)
    raise BenchFailed(f"the daemon did not start:\n{log.read_text(errors='replace')[-3000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    below = family(process.pid)[1:]
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        for pid in below:
            os.kill(pid, signal.SIGKILL)


def _port(said: list[dict[str, object]]) -> int:
    doors = said[0]["doors"]
    assert isinstance(doors, list)
    return int(str(doors[0]).rpartition(":")[2])


@contextmanager
def sqlite(sink: int, variant: Variant = PLAIN) -> Iterator[Running]:
    """One process, as `maild run` starts it without further words."""
    with tempfile.TemporaryDirectory(prefix="maild-bench-") as name:
        folder = Path(name)
        running = Running(f"sqlite:///{folder / 'data' / 'maild.db'}", folder)
        config = _write_config(folder, "sqlite", "memory", sink, variant)
        if variant.fill is not None:
            (folder / "data").mkdir()
            variant.fill(running.database)
        running.started_at = time.time()
        with _daemon(running, config, "run", *_without_worker(variant), variant=variant) as said:
            running.port = _port(said) if said else variant.port
            running.ready_at = time.time()
            yield running


def _without_worker(variant: Variant) -> list[str]:
    return [] if variant.worker else ["--without", "worker"]


class PostgresqlSetUp:
    """PostgreSQL that syncs as in production, Redis, one process at the door and two at work."""

    def __init__(self, database: PostgresServer, broker: RedisServer) -> None:
        self._database = database
        self._broker = broker
        self._names = (f"bench_{number}" for number in count(1))

    @contextmanager
    def __call__(self, sink: int, variant: Variant = PLAIN) -> Iterator[Running]:
        """Start on an empty database."""
        self._broker.flush()
        name = next(self._names)
        with tempfile.TemporaryDirectory(prefix="maild-bench-") as folder_name, ExitStack() as stack:
            url = self._database.create_database(name)
            stack.callback(self._database.drop_database, name)
            running = Running(url, Path(folder_name))
            running.servers = {"postgres": self._database.pid or 0, "redis": self._broker.pid or 0}
            config = _write_config(running.folder, url, self._broker.url, sink, variant)
            if variant.fill is not None:
                variant.fill(url)
            running.started_at = time.time()
            said = stack.enter_context(_daemon(running, config, "run", "--without", "worker", variant=variant))
            running.port = _port(said)
            if variant.worker:
                words = ("worker", "--processes", str(variant.processes))
                ready = max(1, variant.processes)
                stack.enter_context(_daemon(running, config, *words, variant=variant, ready=ready))
            yield running


@contextmanager
def postgresql() -> Iterator[PostgresqlSetUp]:
    """Private servers for all rounds. Raises MissingServer when one is not installed."""
    with postgres(durable=True) as database, redis() as broker:
        yield PostgresqlSetUp(database, broker)
