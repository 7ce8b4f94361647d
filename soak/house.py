"""The house that is shaken: real processes of maild, the servers they need, and somebody who starts what ended.

Everything runs on this machine and belongs to the soak alone. A process of maild that ends is started
again at once, as systemd does (`Restart=always`); a killed PostgreSQL or Redis stays away until the
fault that killed it is over.
"""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from maild.store.engine import Database
from maild.testing import clocks
from maild.testing.conversation import SETTINGS
from maild.testing.desk import Desk, SetUp
from maild.testing.disk import Disk, power_cut
from maild.testing.nursery import Nursery
from maild.testing.process import Process
from maild.testing.proxy import Proxy, running_proxy
from maild.testing.servers import DovecotServer, PostgresServer, RedisServer, dovecot, postgres, redis
from maild.testing.servers.daemon import HOST, free_port
from maild.testing.waiting import wait_until

SETUPS = ("sqlite", "postgresql")
_MAILBOX = """
[[mailbox]]
name = "box"
host = "{host}"
port = {port}
security = "none"
username = "support"
password = "secret"
first_run = "all"
poll = "2s"
"""
_LOOK = 0.1  # seconds between two looks for ended processes
_TMPFS = "512m"


@dataclass
class _Role:
    """What one process is for."""

    desk: Desk
    words: tuple[str, ...]
    clock: Path
    process: Process | None = None
    started: float = 0.0
    killed: bool = False  # by us
    environment: dict[str, str] = field(default_factory=dict)


class House:
    """One set-up at work. `unexpected` are the ends of processes that nobody asked for."""

    def __init__(self, setup: str, folder: Path, *, tell: Callable[[str], None]) -> None:
        """Start everything; `close` ends it. Raises MissingServer."""
        self.setup, self.folder, self._tell = setup, folder, tell
        self.unexpected: list[str] = []
        self.starts = 0
        self.stops: list[float] = []  # seconds from each SIGTERM to the end
        self._closing = threading.Event()
        self._hold = threading.RLock()
        self._stack = ExitStack()
        self.postgres: PostgresServer | None = None
        self.redis: RedisServer | None = None
        self.wires: dict[str, Proxy] = {}
        try:
            self._build()
        except BaseException:
            self._stack.close()
            raise
        self._keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)
        self._keeper.start()

    def _build(self) -> None:
        self.nursery = Nursery()
        self._stack.callback(self.nursery.close)
        self.dovecot: DovecotServer = self._stack.enter_context(dovecot())
        self.wires["imap"] = self._stack.enter_context(running_proxy(self.dovecot.port))
        folders = [self.folder / name for name in ("a", "b")]
        self.disk: Disk | None = None
        self.tmpfs: Path | None = None
        if self.setup == "sqlite":
            folders[0].mkdir()
            self.tmpfs = self._mount(folders[0] / "data")
            self.disk = Disk(journal=str(self.folder / "undo"), how="full")
            direct, setup = f"sqlite:///{folders[0] / 'data' / 'maild.db'}", SetUp(store="sqlite")
        else:
            self.postgres = self._stack.enter_context(postgres(durable=True))
            self.redis = self._stack.enter_context(redis())
            direct = self.postgres.create_database("soak")
            self.wires["postgresql"] = self._stack.enter_context(running_proxy(self.postgres.port))
            wired = direct.replace(f":{self.postgres.port}/", f":{self.wires['postgresql'].port}/")
            setup = SetUp(store=wired, broker=self.redis.url)
        self.desks = [self._desk(folder, setup) for folder in (folders if setup.shared else folders[:1])]
        self.desk = self.desks[0]
        for other in self.desks[1:]:
            other.sink = self.desk.sink
        for desk in self.desks:
            desk.write_config(_MAILBOX.format(host=HOST, port=self.wires["imap"].port))
        self.desk.database.close()
        self.desk.database = Database(direct)  # ours is not troubled
        self.desk.sink.start()
        self._stack.callback(self.desk.close)
        self.roles = self._make_roles(setup)
        for name in self.roles:
            self.start(name)
            wait_until(lambda n=name: self.ready(n), f"{name} to be ready")  # type: ignore[misc]

    def _desk(self, folder: Path, setup: SetUp) -> Desk:
        folder.mkdir(exist_ok=True)
        desk = Desk(folder, setup, settings=SETTINGS, attempts=100)  # kills may well meet one mail five times
        desk.port = free_port()
        return desk

    def _make_roles(self, setup: SetUp) -> dict[str, _Role]:
        def role(desk: Desk, name: str, *words: str) -> _Role:
            made = _Role(desk, words, self.folder / f"{name}.clock")
            made.environment = {clocks.VARIABLE: str(made.clock)}
            if self.disk is not None:
                made.environment |= self.disk.environment()
            return made

        if not setup.shared:
            return {"daemon": role(self.desk, "daemon", "run")}
        doors = {
            f"daemon {number}": role(desk, f"daemon-{number}", "run", "--without", "worker")
            for number, desk in enumerate(self.desks, 1)
        }
        return doors | {
            f"worker {number}": role(self.desk, f"worker-{number}", "worker", "--processes", "1") for number in (1, 2)
        }

    def _mount(self, data: Path) -> Path | None:
        """A small file system of its own for the data, if we may mount one."""
        data.mkdir()
        words = ["mount", "-t", "tmpfs", "-o", f"size={_TMPFS},mode=700", "none", str(data)]
        if shutil.which("mount") is None or subprocess.run(words, capture_output=True, check=False).returncode:
            self._tell("a tmpfs cannot be mounted (that takes root): the full disk is simulated below SQLite only")
            return None
        self._stack.callback(subprocess.run, ["umount", "--lazy", str(data)], check=False)
        return data

    # ------------------------------------------------------------------------ processes

    def start(self, name: str) -> None:
        """Start a process; it is ready a little later."""
        role = self.roles[name]
        log = role.desk.folder / f"{name.replace(' ', '-')}.log"
        config = ("--config", str(role.desk.config))
        role.process = Process([*config, *role.words], log, role.environment, self.nursery)
        role.started, role.killed = time.monotonic(), False
        self.starts += 1

    def ready(self, name: str) -> bool:
        """Has it said so since its last start?"""
        process = self.roles[name].process
        return process is not None and not process.ended and process.ready() > 0

    def pids(self) -> dict[str, int]:
        """The processes that run, by what they are."""
        return {n: r.process.pid for n, r in self.roles.items() if r.process is not None and not r.process.ended}

    def kill(self, name: str, dice: random.Random | None = None) -> None:
        """SIGKILL; with dice also the power: unsynced writes are gone before the next start."""
        with self._hold:
            role = self.roles[name]
            if role.process is not None:
                role.killed = True
                role.process.kill()
                wait_until(lambda: role.process is None or role.process.ended)
            if dice is not None and self.disk is not None:
                power_cut(Path(self.disk.journal), dice)

    def stop(self, name: str, grace: float = 40.0) -> float:
        """SIGTERM; the seconds until it ended. The keeper starts it again."""
        role, begun = self.roles[name], time.monotonic()
        process = role.process  # the keeper puts another in its place
        if process is not None:
            role.killed = True
            process.signal(signal.SIGTERM)
            wait_until(lambda: process.ended, f"{name} to stop", grace)
            self.stops.append(time.monotonic() - begun)
        return time.monotonic() - begun

    def reload(self) -> None:
        """SIGHUP to all."""
        for role in self.roles.values():
            if role.process is not None:
                role.process.signal(signal.SIGHUP)

    def _keep(self) -> None:
        """Start again whatever has ended."""
        while not self._closing.wait(_LOOK):
            with self._hold:
                for name, role in self.roles.items():
                    if role.process is not None and role.process.ended:
                        if not role.killed:
                            self._note_end(name, role)
                        self._forget_undo()
                        self.start(name)

    def _note_end(self, name: str, role: _Role) -> None:
        if role.process is not None:
            end = role.process.log.read_text(errors="replace")[-600:]
            without_database = "\ndatabase: connection failed" in end  # a start without one says so and ends
            if not without_database:
                self.unexpected.append(f"{name} ended by itself after {time.monotonic() - role.started:.0f} s: {end}")
        time.sleep(1)  # as RestartSec does

    def _forget_undo(self) -> None:
        """Only the writes of one life are of interest to a power cut."""
        if self.disk is not None:
            Path(self.disk.journal).unlink(missing_ok=True)

    # ------------------------------------------------------------------------ troubles that the house has itself

    def jump(self, name: str, by: timedelta) -> None:
        """Set one process's clock wrong."""
        clocks.jump(self.roles[name].clock, by)

    def heal(self) -> None:
        """End every trouble; what was killed is started."""
        self.desk.sink.trouble = lambda _stage: ""
        self.desk.sink.start()
        for wire in self.wires.values():
            wire.heal()
        if self.disk is not None:
            self.disk.ill.unlink(missing_ok=True)
        if self.tmpfs is not None:
            (self.tmpfs / "ballast").unlink(missing_ok=True)
        for role in self.roles.values():
            role.clock.unlink(missing_ok=True)
        for server in (self.postgres, self.redis, self.dovecot):
            if server is not None and not server.running:
                server.start()

    def close(self) -> None:
        """End everything."""
        self._closing.set()
        self._keeper.join()
        for role in self.roles.values():
            if role.process is not None:
                role.process.kill()
        self._stack.close()
