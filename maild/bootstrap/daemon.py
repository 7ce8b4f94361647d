"""Runs the joined parts until told to stop: doors, workers, sweeper.

Stopping goes from the outside in, so that nothing is lost and nothing waits for a timeout: the doors
close, what they accepted is committed, the work in hand is finished, the relay is said goodbye to.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from maild.bootstrap.directories import OF_DESK, open_directories
from maild.bootstrap.doors import Doors
from maild.bootstrap.former import FormerParts
from maild.bootstrap.memory import LargeMails, give_back_large_blocks, spare_the_collector
from maild.bootstrap.monitor import Monitor
from maild.bootstrap.owner import PLACE
from maild.bootstrap.parts import Parts, open_database, write_log
from maild.bootstrap.reading import make_reader
from maild.bootstrap.running import Notice
from maild.bootstrap.systemd import notify
from maild.bootstrap.turning import LOOP_HANGS, keep_turning
from maild.clock import utc_now
from maild.config.changes import what_changed
from maild.config.model import Config
from maild.directories.directories import Directories
from maild.errors import ConfigError, MaildError
from maild.monitoring.meters import MeteredInbox
from maild.templates.builtin import compile_early
from maild.worker.bells import Bells, Worker, make_broker

GRACE = timedelta(seconds=30)
# Seconds after which a thread that computes lets another one have the interpreter. Python's own 5 ms would be
# added to every answer at the door and to every row that it writes, while ingest computes.
_SWITCH = 0.0005
# What nearly every first mail causes. They take 0.3 s to compile, in which its transaction would keep the door waiting.
_FIRST_LETTERS = ("acknowledgement", "notification")
_TICK = timedelta(seconds=1)  # how often due work is looked for: one indexed look-up


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """What this process does."""

    doors: bool = True  # receivers and pollers
    worker: bool = True


class Daemon:
    """One process of maild; `run` belongs to the main thread."""

    def __init__(self, config: Config, roles: Roles, load: Callable[[], Config]) -> None:
        """`load` reads the configuration again, for a reload; raises ConfigError."""
        self._load = load
        self._roles = roles
        self._stopping = threading.Event()
        self._database = open_database(config)
        self._large_mails = LargeMails()
        self._broker = make_broker(config.worker.broker.get_secret_value())
        self._bells = Bells(self._broker, self._log)
        roled = [name for name, has in (("doors", roles.doors), ("worker", roles.worker)) if has]
        self._monitor = Monitor(
            self._database,
            roles=frozenset(roled),
            parts=lambda: self.parts,
            doorbell=self._bells,
            log=write_log,
        )
        self._reader = make_reader(self._log) if roles.doors and roles.worker else None
        self.parts = self._make_parts(config)
        self._former = FormerParts()
        self.doors = Doors(self.parts, self._bells)
        self._worker: Worker | None = None
        self._notice = Notice(config.desk.data, PLACE, utc_now())
        self._sweeper = threading.Thread(target=self._sweep, name="sweeper", daemon=True)

    def _log(self, event: str, **facts: object) -> None:
        self._monitor.log(event, **facts)

    def _stand_back(self, most: timedelta) -> bool:
        return self.doors.stand_back(most)

    def _make_parts(self, config: Config, directories: Directories | None = None) -> Parts:
        directories = directories or open_directories(config, utc_now, self._log)
        parts = Parts(
            config,
            self._database,
            self._bells,
            log=self._log,
            stopping=self._stopping.is_set,
            directories=directories,
            stand_back=self._stand_back,
            large_mails=self._large_mails,
            reader=self._reader,
        )
        parts.inbox = MeteredInbox(parts.inbox, self._monitor.meters)
        return parts

    def run(self) -> None:
        """Work until SIGTERM or SIGINT. Raises OSError when an address cannot be listened on."""
        sys.setswitchinterval(_SWITCH)
        asyncio.run(self._run())

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        reload = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        loop.add_signal_handler(signal.SIGHUP, reload.set)
        spare_the_collector()
        give_back_large_blocks()
        try:
            if self._roles.doors:
                await asyncio.to_thread(self._sweep_once)  # a dead daemon's mailboxes are free before we ask for them
                await self.doors.open()
            await asyncio.to_thread(self._start_work)
            self._posted(self._notice.post)
            await asyncio.to_thread(self._begin_monitor)
            write_log("ready", doors=self.doors.addresses, worker=self._roles.worker, monitoring=self._monitor.address)
            notify("READY=1")
            turning = asyncio.create_task(keep_turning(self._monitor.vitals, lambda: self.parts.config.monitoring.hung))
            while not stop.is_set():
                await _first(stop, reload)
                if reload.is_set():
                    reload.clear()
                    await self._reload()
            turning.cancel()
        finally:
            notify("STOPPING=1")
            write_log("stopping")
            await self.doors.close(GRACE)
            await asyncio.to_thread(self._stop_work)
            self._notice.remove()
            write_log("stopped")

    def _start_work(self) -> None:
        if self._roles.worker:
            compile_early(_FIRST_LETTERS)
            desk = self.parts.desk
            if not self._roles.doors and desk.tells_languages:
                desk.load_language()  # its first mail would wait for it; a process with doors has to open them first
            jobs = {"ingest": self._ingest, "deliver": self._deliver, "watch": self._watch}
            self._bells.attach({name: partial(self._at_work, name, job) for name, job in jobs.items()})
            self._worker = Worker(self._broker)
            self._worker.start()
            self._guarded(self._ring_if_changed)  # while nobody ran
        self._sweeper.start()

    def _begin_monitor(self) -> None:
        if self._roles.doors:
            self._monitor.shut = self.doors.shut
        self._monitor.begin()

    def _at_work(self, name: str, job: Callable[[], None]) -> None:
        with self._monitor.vitals.at_work(f"the job {name}"):
            job()

    def _ingest(self) -> None:
        self.parts.ingest.run()  # of the parts of the moment: a reload replaces them

    def _ring_if_changed(self) -> None:
        """Have open clocks derived, and next steps planned, again if a changed configuration calls for it."""
        if self.parts.rederive.is_due() or self.parts.reconsider.run():
            self._bells.ring("watch")

    def _watch(self) -> None:
        self.parts.watch_clocks()

    def _deliver(self) -> None:
        self._former.settle()
        self.parts.send_all()

    def _replace_parts(self, parts: Parts) -> None:
        parts.take_over(self.parts)
        former, self.parts = self.parts, parts
        self._former.add(former)

    def _settle(self) -> None:
        """Have what is in hand seen to although nobody rings: the database was away, or other parts took over."""
        if self.parts.ingest.holds:
            self._bells.ring_here("ingest")
        if self._former.busy or self.parts.deliver.hand.busy:
            self._bells.ring_here("deliver")

    def _stop_work(self) -> None:
        self._stopping.set()
        if self._worker is not None:
            self._worker.stop(GRACE)
        if self._sweeper.is_alive():
            self._sweeper.join()
        self._monitor.stop()
        if self._reader is not None:
            self._reader.close()
        self.parts.lanes.close()
        self._database.close()

    def _sweep(self) -> None:
        """Sweep at start and every minute; look for due work every second."""
        waited = timedelta.max
        while not self._stopping.is_set():
            self._monitor.vitals.turned("the sweeper", self.parts.config.monitoring.hung + LOOP_HANGS)
            if waited >= self.parts.config.worker.sweep:
                waited = timedelta()
                self._sweep_once()
                if self._roles.worker:
                    self._guarded(self._refresh_directories)
                    self._guarded(self.parts.rescan.run)
                    self._guarded(self.parts.recheck.run)
                    self._guarded(self.parts.indexing.run)
                    self._guarded(self.parts.packing.run)
                    self._guarded(self.parts.retention.run)
            elif self._roles.worker:
                self._guarded(self.parts.sweep.ring_if_due)
            if self._roles.worker:
                self._settle()
            if self._reader is not None:
                self._reader.rest()
            self._stopping.wait(_TICK.total_seconds())
            waited = min(waited, timedelta.max - _TICK) + _TICK

    def _refresh_directories(self) -> None:
        """Read the lists of customers, agents, teams and branches that are due; new ones make new parts."""
        parts = self.parts
        if parts.directories.load(OF_DESK):
            changed = self._make_parts(parts.config, parts.directories)
            if self.parts is parts:  # no reload came between
                self._replace_parts(changed)
                self._ring_if_changed()
                write_log("directories have changed", customers=len(changed.desk.organisations))

    def _sweep_once(self) -> None:
        self._guarded(self.parts.sweep.run)

    def _guarded(self, look: Callable[[], object]) -> None:
        try:
            look()
        except Exception as error:  # noqa: BLE001  # the database is away: the next tick tries again
            self._log("sweep failed", trouble=f"{type(error).__name__}: {error}"[:300])

    async def _reload(self) -> None:
        """Take a changed configuration if it is valid; else keep the old one and say why."""
        notify("RELOADING=1")
        self._notice.begin()
        try:
            config = await asyncio.to_thread(self._load)
            changed = what_changed(self.parts.config, config)
            for key in ("store", "worker"):
                if getattr(config, key) != getattr(self.parts.config, key):
                    write_log("reload: takes effect at the next start", table=key)
            parts = await asyncio.to_thread(self._make_parts, config)
            if parts.own_letters != self.parts.own_letters:
                changed.append("letters or sentences of your own have changed")
            if self._roles.doors:
                await self._change_doors(parts)
            self._replace_parts(parts)
            if self._roles.worker:
                await asyncio.to_thread(self._guarded, self._ring_if_changed)
            write_log("reloaded", changed=changed)
            self._posted(lambda: self._notice.took(changed, utc_now()))
        except ConfigError as error:
            write_log("reload refused, the old configuration stays", problems=error.problems)
            self._posted(partial(self._notice.refused, error.problems))
        except (MaildError, OSError) as error:
            write_log("reload failed, the old configuration stays", trouble=str(error))
            self._posted(partial(self._notice.refused, [str(error)]))
        notify("READY=1")

    def _posted(self, post: Callable[[], None]) -> None:
        """Say it in the file that `maild reload` reads; without that file everything else goes on."""
        try:
            post()
        except OSError as error:
            write_log("cannot write the file of running processes", trouble=str(error))

    async def _change_doors(self, parts: Parts) -> None:
        """Open the doors of new parts, or those of the old ones again when that cannot be done."""
        try:
            await self.doors.change(parts)
        except OSError:
            await self.doors.change(self.parts)
            raise


async def _first(*events: asyncio.Event) -> None:
    """Wait until one of the events is set."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await wait
