"""A whole maild for tests: real processes, mail in by SMTP, letters out to a sink, on either set-up.

    with running_desk(folder) as desk:
        desk.send(new_mail("It is broken"))
        [letter] = wait_until(lambda: desk.sink.to("kim@customer.example"))

It can be stopped, killed and started again; its data, its port and its sink stay.
"""

from __future__ import annotations

import contextlib
import json
import signal
import smtplib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Row, Table, func, select

from maild.store import schema
from maild.store.engine import Database
from maild.testing.clocks import VARIABLE as CLOCK
from maild.testing.conversation import SETTINGS
from maild.testing.disk import Disk
from maild.testing.invariants import check
from maild.testing.mails import envelope_of
from maild.testing.nursery import Nursery
from maild.testing.process import Process
from maild.testing.quick_settings import quick_settings
from maild.testing.servers.daemon import HOST, free_port
from maild.testing.sink import Posted, Sink
from maild.testing.stops import PLANT, Stop
from maild.testing.waiting import PATIENCE, wait_until


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """Where a desk keeps its things."""

    store: str  # "sqlite", or a URL
    broker: str = "memory"  # or a Redis URL: then the work is done in processes of its own

    @property
    def shared(self) -> bool:
        """Does the work happen in other processes than the doors'?"""
        return self.broker != "memory"


class Desk:
    """One desk. `accepted` are the mails that got 250, as they were sent."""

    def __init__(
        self,
        folder: Path,
        setup: SetUp,
        *,
        settings: str = SETTINGS,
        budget: int = 100_000,
        workers: int = 2,
        attempts: int = 5,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Write its configuration; `start` starts it, with more in its environment if that is given."""
        self.folder = folder
        self.setup = setup
        self.port = free_port()
        self.sink = Sink()
        self.accepted: list[bytes] = []
        self.config = folder / "maild.toml"
        self._settings = settings
        self._budget = budget
        self._workers = workers
        self._attempts = attempts
        self._environment = dict(environment or {})
        self._processes: list[Process] = []
        self._orders: list[list[str]] = []  # what each of them was told to do
        self._lasting: dict[str, str] = {}  # what those that are started again find in their environment
        self._lock = threading.Lock()
        self.write_config()
        url = f"sqlite:///{folder / 'data' / 'maild.db'}" if setup.store == "sqlite" else setup.store
        self.database = Database(url)

    def write_config(self, more: str = "") -> None:
        """Write the configuration, with further lines."""
        quick = quick_settings(
            self._settings + more,
            port=self.port,
            relay=self.sink.port,
            broker=self.setup.broker,
            store=self.setup.store,
            budget=self._budget,
            attempts=self._attempts,
        )
        self.config.write_text(f"{self._settings}{quick}{more}", encoding="utf-8")
        self.config.chmod(0o600)

    # ------------------------------------------------------------------------ processes

    def start(
        self,
        nursery: Nursery | None = None,
        *,
        stop: Stop | None = None,
        plant: str = "",
        disk: Disk | None = None,
        clock: Path | None = None,
    ) -> None:
        """Start every process and wait until it is ready; with a stop, a bug or a bad disk some may die before that.

        These need the nursery. `clock` is the file that `maild.testing.clocks` reads.
        """
        self.sink.start()
        self._lasting = {
            **self._environment,
            **({PLANT: plant} if plant else {}),
            **({CLOCK: str(clock)} if clock else {}),
        }
        environment = {
            **self._lasting,
            **(stop.environment() if stop else {}),
            **(disk.environment() if disk else {}),
        }
        if not self.setup.shared:
            self._orders = [["run"]]
        elif nursery is None:
            self._orders = [["run", "--without", "worker"], ["worker", "--processes", str(self._workers)]]
        else:
            self._orders = [["run", "--without", "worker"], *[["worker", "--processes", "1"]] * self._workers]
        self._processes = [self._process(number, environment, nursery) for number in range(len(self._orders))]
        for number, process in enumerate(self._processes):
            self._await_start(number, lambda: bool(stop and stop.reached))
            if process.ended and not stop and not plant and not (disk and disk.at):
                raise AssertionError(f"the daemon did not start:\n{process.log.read_text()[-3000:]}")

    def revive(self, nursery: Nursery) -> None:
        """Start those again that have ended, as systemd does; the others never notice.

        Where one died at a point this is better than `kill`, which may meet the others at any point.
        """
        ended = [number for number, process in enumerate(self._processes) if process.ended]
        for number in ended:
            self._processes[number] = self._process(number, self._lasting, nursery)
        for number in ended:
            self._await_start(number)

    def _process(self, number: int, environment: Mapping[str, str], nursery: Nursery | None) -> Process:
        order = self._orders[number]
        log = self.folder / f"{order[0]}-{number}.log"
        return Process(["--config", str(self.config), *order], log, environment, nursery)

    def _await_start(self, number: int, died: Callable[[], bool] = lambda: False) -> None:
        process, order = self._processes[number], self._orders[number]
        count = self._workers if order[-1] == str(self._workers) else 1
        wait_until(
            lambda: process.ready() >= count or process.ended or died(),
            f"the daemon's start: {process.log}",
        )

    def stop(self) -> list[int | None]:
        """Stop as an admin does (SIGTERM) and wait; the exit statuses."""
        processes, self._processes = self._processes, []
        for process in processes:
            process.signal(signal.SIGTERM)
        for process in processes:
            wait_until(lambda p=process: p.ended, f"the daemon's end: {process.log}")  # type: ignore[misc]
        return [process.status for process in processes]

    def kill(self) -> None:
        """Kill every process at once."""
        processes, self._processes = self._processes, []
        for process in processes:
            process.kill()
        for process in processes:
            wait_until(lambda p=process: p.ended)  # type: ignore[misc]

    def any_ended(self) -> bool:
        """Has any process ended by itself?"""
        return any(process.ended for process in self._processes)

    def reload(self) -> None:
        """Have every process read its configuration again."""
        for process in self._processes:
            process.signal(signal.SIGHUP)

    def close(self) -> None:
        """End everything."""
        self.kill()
        self.sink.stop()
        self.database.close()

    def logged(self, event: str = "") -> list[dict[str, Any]]:
        """The log's lines of all processes; only those of one event when given."""
        lines: list[dict[str, Any]] = []
        for path in sorted(self.folder.glob("*.log")):
            for line in path.read_text(encoding="utf-8").splitlines():
                with contextlib.suppress(json.JSONDecodeError):
                    lines.append(json.loads(line))
        return [line for line in lines if not event or line.get("event") == event]

    # ------------------------------------------------------------------------ mail

    def connect(self) -> smtplib.SMTP:
        """A connection to the door."""
        return smtplib.SMTP(HOST, self.port, local_hostname="client.example", timeout=PATIENCE)

    def send(
        self, raw: bytes, *, sender: str | None = None, to: str | list[str] = "", over: smtplib.SMTP | None = None
    ) -> None:
        """Send a mail; the envelope is what its headers say unless given. Raises what smtplib raises."""
        written, recipient = envelope_of(raw)
        sender, recipients = written if sender is None else sender, to or recipient
        if over is not None:
            over.sendmail(sender, recipients, raw)
        else:
            with self.connect() as smtp:
                smtp.sendmail(sender, recipients, raw)
        with self._lock:
            self.accepted.append(raw)

    # ------------------------------------------------------------------------ what can be seen

    def rows(self, table: Table) -> list[Row[Any]]:
        """A whole table, by its key."""
        with self.database.read() as connection:
            return list(connection.execute(select(table).order_by(*table.primary_key.columns)))

    def mails(self) -> list[Row[Any]]:
        """The inbox."""
        return self.rows(schema.inbox)

    def tickets(self) -> list[Row[Any]]:
        """The tickets."""
        return self.rows(schema.ticket)

    def letters(self, recipient: str, count: int = 1) -> list[Posted]:
        """The letters to one address, once there are so many."""
        return wait_until(
            lambda: found if len(found := self.sink.to(recipient)) >= count else [], f"{count} letters to {recipient}"
        )

    def at_rest(self) -> bool:
        """Is nothing waiting, and nobody working?"""
        mails = select(func.count()).where(schema.inbox.c.state.in_(("waiting", "working")))
        letters = select(func.count()).where(schema.outbox.c.state.in_(("waiting", "sending")))
        with self.database.read() as connection:
            return not connection.execute(mails).scalar() and not connection.execute(letters).scalar()

    def settle(self, patience: float = PATIENCE) -> None:
        """Wait until everything that was accepted is done and sent."""
        wait_until(self.at_rest, "the work to be done", patience)

    def faults(self) -> list[str]:
        """Everything that is wrong, once the work is done; [] when every invariant holds."""
        self.settle()
        return check(self.database, accepted=self.accepted, posted=self.sink.posted)


@contextmanager
def running_desk(folder: Path, setup: SetUp, nursery: Nursery | None = None, **facts: Any) -> Iterator[Desk]:
    """A desk that runs from the beginning."""
    desk = Desk(folder, setup, **facts)
    try:
        desk.start(nursery)
        yield desk
    finally:
        desk.close()
