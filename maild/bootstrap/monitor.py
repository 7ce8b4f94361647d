"""One process's monitoring: says that it lives, looks at how everything stands, tells people, answers HTTP.

It has a thread of its own. Nothing that it does, or fails to do, holds up mail.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from maild.app.ports import Doorbell, Log
from maild.app.tell_troubles import TellTroubles, Told
from maild.app.trouble_facts import Facts, Outage
from maild.app.troubles import told_by, troubles
from maild.bootstrap.monitored import bounds_of, local_facts
from maild.bootstrap.owner import OWNER, PLACE, is_gone, machine_of
from maild.bootstrap.parts import Parts
from maild.clock import utc_now
from maild.config.listen import parse_listen
from maild.errors import Conflict, MaildError
from maild.monitoring.listener import Listener
from maild.monitoring.look import Look
from maild.monitoring.meters import Counted, CountedLines, Meters
from maild.monitoring.vitals import Vitals
from maild.store import leases
from maild.store.engine import Database
from maild.store.processes import Beat, beat, end, forget_processes, read_meters
from maild.store.standing_troubles import read_told, troubled_unit
from maild.store.vital_facts import read_facts
from maild.worker.bells import probe

BEAT = timedelta(seconds=10)  # how often a process says that it lives
_LEASE = "monitoring"  # one process tells for everybody
_LEASE_HERE = f"monitoring {machine_of(PLACE)}"  # and one on each machine of what that has of its own
_JUMP = 30.0  # seconds; a clock that was set, or a machine that slept
_DOORS = logging.getLogger("maild.intake")
_TOLD = timedelta(minutes=5)  # after which whoever leads has told of an outage


class Monitor:
    """Begins with `begin`, ends with `stop`; both belong to the daemon."""

    def __init__(
        self, database: Database, *, roles: frozenset[str], parts: Callable[[], Parts], doorbell: Doorbell, log: Log
    ) -> None:
        """`parts` are those of the moment: a reload replaces them."""
        self._database = database
        self._roles = roles
        self._parts = parts
        self._doorbell = doorbell
        self.meters = Meters()
        self.vitals = Vitals()
        self.log = Counted(log, self.meters, self.vitals.moved)
        self.shut: Callable[[], Sequence[str]] = tuple  # which doors should be open and are not
        self._begun, self._begun_at = time.monotonic(), utc_now()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="monitor", daemon=True)
        self._seen = Look(now=self._begun_at, written_at=None)
        self._away: datetime | None = None  # since when the database cannot be written to
        self._outage: Outage | None = None  # the last one, until it was told
        self._broker_away: datetime | None = None
        self._since = self._worker_seen = self._begun_at  # from when whatever is not heard of is late
        self._offset = self._begun_at.timestamp() - self._begun  # of the clock, to one that only grows
        self._leads_until: dict[str, datetime] = {}
        self._lines = CountedLines(self.meters)
        self._listener: Listener | None = None
        self._listening = ""  # the configuration's words for where

    def begin(self) -> None:
        """Say that this process lives, answer HTTP, and go on with it in a thread."""
        _DOORS.addHandler(self._lines)
        self._guarded(lambda: forget_processes(self._database, is_gone, self._roles))
        self._beat()
        self._look()
        self._thread.start()

    def stop(self) -> None:
        """Leave word that this process has ended; the database is still open."""
        self._stopping.set()
        _DOORS.removeHandler(self._lines)
        if self._thread.is_alive():
            self._thread.join()
        if self._listener is not None:
            self._listener.stop()
        if self._thread.ident is not None:
            self._beat()  # what was counted since
            self._guarded(lambda: end(self._database, OWNER))
            for lease in (_LEASE, _LEASE_HERE):
                self._guarded(lambda lease=lease: leases.drop(self._database, lease, OWNER))  # type: ignore[misc]

    @property
    def address(self) -> str:
        """Where HTTP is answered: HOST:PORT, or "" for nowhere."""
        return "{}:{}".format(*self._listener.address) if self._listener else ""

    def look(self) -> Look:
        """How everything stands, from memory."""
        parts, now = self._parts(), utc_now()
        return replace(
            self._seen,
            now=now,
            hanging=self.vitals.hanging(parts.config.monitoring.hung),
            shut=tuple(self.shut()),
            stopping=self._stopping.is_set(),
            least_disk=parts.config.limits.free_disk,
            silent=parts.config.monitoring.process_silent,
        )

    def _run(self) -> None:
        next_beat = next_look = time.monotonic()
        while not self._stopping.is_set():
            every, now = self._parts().config.monitoring.look.total_seconds(), time.monotonic()
            if now >= next_beat:
                next_beat = now + min(BEAT.total_seconds(), every)
                self._beat()
            if now >= next_look:
                next_look = now + every
                self._look()
            self._stopping.wait(max(0.0, min(next_beat, next_look) - time.monotonic()))

    def _beat(self) -> None:
        """Say that this process lives, and store what it has counted."""
        idle = self.log.idle
        says = Beat(
            owner=OWNER,
            place=PLACE,
            pid=os.getpid(),
            roles=self._roles,
            running=timedelta(seconds=time.monotonic() - self._begun),
            idle=None if idle is None else timedelta(seconds=idle),
        )
        counted = self.meters.take()
        try:
            beat(self._database, says, counted)
        except Exception as error:  # noqa: BLE001  # the database is away: that is what is noted here
            self.meters.give_back(counted)
            self._away = self._away or utc_now()
            self.log("heartbeat failed", trouble=f"{type(error).__name__}: {error}"[:300])
            return
        now = utc_now()
        if self._away is not None:
            self._outage, self._away = Outage(since=self._away, until=now), None
            self._since = now  # nobody could say that it lives, nor do its work
        self._seen = replace(self._seen, written_at=now)

    def _look(self) -> None:
        """Read the facts, and tell people of what has changed if this is the process that does."""
        self._guarded(self._see)
        self._listen()

    def _see(self) -> None:
        parts, now = self._parts(), utc_now()
        before, self._offset = self._offset, now.timestamp() - time.monotonic()
        if abs(self._offset - before) > _JUMP:
            self._since = self._worker_seen = now  # what seems to have been silent meanwhile was not
        names = [box.name for box in parts.config.mailbox]
        with self._database.read() as connection:
            stored = read_facts(connection, now, self._since, names)
            told = read_told(connection)
            counted = read_meters(connection) if self._listening else ()
        if any("worker" in each.roles for each in stored.processes):
            self._worker_seen = now - min(each.silent for each in stored.processes if "worker" in each.roles)
        # A worker that is started again, or not started yet, is waited for as long as one that is silent.
        stored = replace(stored, worker_seen=max(self._worker_seen, self._since), resumed=self._since)
        facts = self._with_broker(local_facts(stored, parts.config), parts, now)
        found = troubles(facts, bounds_of(parts.config), told)
        self._seen = replace(self._seen, facts=facts, troubles=found, counted=counted)
        leads = self._leads(_LEASE, now, parts.config.monitoring.look)
        if leads:
            self._tell(parts, replace(facts, outage=self._outage), now, told, shared=True)
            self._outage = None
        if self._leads(_LEASE_HERE, now, parts.config.monitoring.look):
            self._tell(parts, facts, now, told, shared=False)
        if leads:
            return
        if self._outage is not None and now - self._outage.until > _TOLD:
            self._outage = None  # whoever leads has told of it

    def _with_broker(self, facts: Facts, parts: Parts, now: datetime) -> Facts:
        url = parts.config.worker.broker.get_secret_value()
        if url == "memory":
            return facts
        up = not probe(url)
        self._broker_away = None if up else self._broker_away or now
        return replace(facts, broker_up=up, broker_away=self._broker_away)

    def _leads(self, lease: str, now: datetime, every: timedelta) -> bool:
        """Whether this process is the one that tells; its lease is renewed when half of it is over."""
        length = max(4 * every, timedelta(minutes=1))
        if self._leads_until.get(lease, now) - now < length / 2:
            leads = leases.take(self._database, lease, OWNER, now, length)
            self._leads_until[lease] = now + length if leads else now
        return self._leads_until[lease] > now

    def _tell(self, parts: Parts, facts: Facts, now: datetime, told: dict[str, Told], *, shared: bool) -> None:
        tell = TellTroubles(
            unit=lambda: troubled_unit(self._database),
            letters=parts.letters,
            log=self.log,
            salt=lambda: secrets.token_hex(16),
            remind=parts.config.monitoring.remind,
        )
        try:
            found = troubles(facts, bounds_of(parts.config), told)
            if tell.run(now, found, told, told_by(facts, shared=shared)):
                self._doorbell.ring("deliver")
        except Conflict:  # another process has just told it
            self._leads_until.clear()

    def _listen(self) -> None:
        """Answer where the configuration of this moment says; only processes with doors do."""
        config = self._parts().config.monitoring
        wanted = config.listen or "" if "doors" in self._roles else ""
        if wanted == self._listening:
            return
        if self._listener is not None:
            self._listener.stop()
        self._listener, self._listening = None, ""
        if wanted:
            address = parse_listen(wanted)
            listener = Listener(address.host, address.port, self.look, self.log)
            try:
                listener.start()
            except OSError as error:  # mail goes on without it; the next look tries again
                self.log("monitoring cannot listen", address=wanted, trouble=str(error))
                return
            self._listener, self._listening = listener, wanted
            self.log("monitoring listens", address=self.address)
            self._guarded(self._see)  # with the counters

    def _guarded(self, do: Callable[[], object]) -> None:
        try:
            do()
        except (MaildError, OSError) as error:
            self.log("look failed", trouble=f"{type(error).__name__}: {error}"[:300])
        except Exception as error:  # noqa: BLE001  # a fault of monitoring's must not end it
            self.log("look failed", error=error, trouble=type(error).__name__)
