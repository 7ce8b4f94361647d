"""Runs the joined parts until told to stop: doors, workers, sweeper.

Stopping goes from the outside in, so that nothing is lost and nothing waits for a timeout: the doors
close, what they accepted is committed, the work in hand is finished, the relay is said goodbye to.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from maild.bootstrap.directories import OF_DESK, open_directories
from maild.bootstrap.doors import Doors
from maild.bootstrap.parts import PLACE, Parts, open_database, write_log
from maild.bootstrap.running import Notice
from maild.clock import utc_now
from maild.config.changes import what_changed
from maild.config.model import Config
from maild.errors import ConfigError, MaildError
from maild.worker.bells import Bells, Worker, make_broker

GRACE = timedelta(seconds=30)
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
        self._broker = make_broker(config.worker.broker.get_secret_value())
        self._bells = Bells(self._broker, write_log)
        self.parts = self._make_parts(config)
        self.doors = Doors(self.parts, self._bells)
        self._worker: Worker | None = None
        self._notice = Notice(config.desk.data, PLACE, utc_now())
        self._sweeper = threading.Thread(target=self._sweep, name="sweeper", daemon=True)

    def _make_parts(self, config: Config) -> Parts:
        directories = open_directories(config, utc_now, write_log)
        return Parts(config, self._database, self._bells, stopping=self._stopping.is_set, directories=directories)

    def run(self) -> None:
        """Work until SIGTERM or SIGINT. Raises OSError when an address cannot be listened on."""
        asyncio.run(self._run())

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        reload = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        loop.add_signal_handler(signal.SIGHUP, reload.set)
        try:
            if self._roles.doors:
                await asyncio.to_thread(self._sweep_once)  # a dead daemon's mailboxes are free before we ask for them
                await self.doors.open()
            await asyncio.to_thread(self._start_work)
            self._posted(self._notice.post)
            write_log("ready", doors=self.doors.addresses, worker=self._roles.worker)
            notify_systemd("READY=1")
            while not stop.is_set():
                await _first(stop, reload)
                if reload.is_set():
                    reload.clear()
                    await self._reload()
        finally:
            notify_systemd("STOPPING=1")
            write_log("stopping")
            await self.doors.close(GRACE)
            await asyncio.to_thread(self._stop_work)
            self._notice.remove()
            write_log("stopped")

    def _start_work(self) -> None:
        if self._roles.worker:
            self._bells.attach({"ingest": self._ingest, "deliver": self._deliver, "watch": self._watch})
            self._worker = Worker(self._broker)
            self._worker.start()
            self._guarded(self._ring_if_changed)  # while nobody ran
        self._sweeper.start()

    def _ingest(self) -> None:
        self.parts.ingest.run()  # of the parts of the moment: a reload replaces them

    def _ring_if_changed(self) -> None:
        """Have open clocks derived, and next steps planned, again if a changed configuration calls for it."""
        if self.parts.rederive.is_due() or self.parts.reconsider.run():
            self._bells.ring("watch")

    def _watch(self) -> None:
        self.parts.watch_clocks()

    def _deliver(self) -> None:
        self.parts.send_all()

    def _stop_work(self) -> None:
        self._stopping.set()
        if self._worker is not None:
            self._worker.stop(GRACE)
        if self._sweeper.is_alive():
            self._sweeper.join()
        self.parts.senders.close()
        self._database.close()

    def _sweep(self) -> None:
        """Sweep at start and every minute; look for due work every second."""
        waited = timedelta.max
        while not self._stopping.is_set():
            if waited >= self.parts.config.worker.sweep:
                waited = timedelta()
                self._sweep_once()
                if self._roles.worker:
                    self._guarded(self._refresh_directories)
                    self._guarded(self.parts.rescan.run)
                    self._guarded(self.parts.recheck.run)
                    self._guarded(self.parts.indexing.run)
                    self._guarded(self.parts.packing.run)
            elif self._roles.worker:
                self._guarded(self.parts.sweep.ring_if_due)
            self._stopping.wait(_TICK.total_seconds())
            waited = min(waited, timedelta.max - _TICK) + _TICK

    def _refresh_directories(self) -> None:
        """Read the lists of customers, agents, teams and branches that are due; new ones make new parts."""
        parts = self.parts
        if parts.directories.load(OF_DESK):
            changed = Parts(
                parts.config,
                self._database,
                self._bells,
                stopping=self._stopping.is_set,
                directories=parts.directories,
            )
            if self.parts is parts:  # no reload came between
                self.parts = changed
                self._ring_if_changed()
                write_log("directories have changed", customers=len(changed.desk.organisations))

    def _sweep_once(self) -> None:
        self._guarded(self.parts.sweep.run)

    def _guarded(self, look: Callable[[], object]) -> None:
        try:
            look()
        except Exception as error:  # noqa: BLE001  # the database is away: the next tick tries again
            write_log("sweep failed", trouble=f"{type(error).__name__}: {error}"[:300])

    async def _reload(self) -> None:
        """Take a changed configuration if it is valid; else keep the old one and say why."""
        notify_systemd("RELOADING=1")
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
            self.parts = parts  # the old one's senders close with the threads that use them
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
        notify_systemd("READY=1")

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


def notify_systemd(state: str) -> None:
    """Tell systemd, if it started us [sd_notify(3)]."""
    import os
    import socket

    path = os.environ.get("NOTIFY_SOCKET")
    if path:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.connect("\0" + path[1:] if path.startswith("@") else path)
            out.sendall(state.encode())
