"""Asks the virus scanner again about files that it has not looked at: it was away, or there was no time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from maild.app.alerts import virus_alert
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.opening import file_bytes
from maild.app.ports import Doorbell, Log, PackageOpener, Scanned, Scanner
from maild.app.work import Unit
from maild.clock import Clock
from maild.errors import Permanent
from maild.mail.model import Scan

GROUP = 100  # files looked up at a time
TIME = timedelta(seconds=20)  # of one run; the rest waits for the next one
MOST_TRIES = 5  # of a file at which the scanner fails although it answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Unscanned:
    """A stored file that the scanner has not looked at."""

    inbox: int
    part: str
    name: str
    sha256: str
    tries: int  # at which the scanner answered PING, and failed on this file


class ScanUnit(Unit, Protocol):
    """A transaction that may also record a scan."""

    def note_scan(self, file: Unscanned, said: Scanned) -> bool:
        """Record it, and count a try; False: somebody else was faster."""


class Unscanneds(Protocol):
    """The store, as far as files without a scan are concerned."""

    def waiting(self, limit: int) -> list[Unscanned]:
        """Those to be asked about, the least tried first; one look-up in a small index."""

    def raw(self, inbox: int) -> tuple[bytes, datetime]:
        """The raw mail that holds a file, and when it arrived."""

    def unit(self) -> AbstractContextManager[ScanUnit]:
        """Begin a transaction; it commits at its end."""


@dataclass(frozen=True, kw_only=True)
class Rescan:
    """The use case; runs with the sweep, in as many processes as like to."""

    scanner: Scanner | None
    files: Unscanneds
    letters: Letters
    doorbell: Doorbell
    log: Log
    clock: Clock
    salt: Callable[[], str]
    open_package: PackageOpener
    stopping: Callable[[], bool] = lambda: False

    def run(self) -> int:
        """Ask about some files, if the scanner is there; returns how many it has looked at."""
        if self.scanner is None:
            return 0
        files = self.files.waiting(GROUP)
        if not files or self.scanner.ping():
            return 0
        return self._ask(self.scanner, files)

    def _ask(self, scanner: Scanner, files: Sequence[Unscanned]) -> int:
        until, done = self.clock() + TIME, 0
        for file in files:
            if self.stopping() or self.clock() >= until:
                break
            raw, arrived = self.files.raw(file.inbox)
            said = _scan(scanner, raw, file, self.open_package)
            self._record(file, _final(file, said), arrived)
            if said.away:
                break
            done += 1
        return done

    def _record(self, file: Unscanned, said: Scanned, arrived: datetime) -> None:
        now = self.clock()
        with self.files.unit() as unit:
            if unit.note_scan(file, said) and said.scan is Scan.INFECTED:
                known = unit.load(self.letters.wanted(), now)
                ledger = Ledger(unit=unit, known=known, now=now, salt=self.salt)
                found = [(file.name, said.says)]
                virus_alert(ledger, self.letters, inbox=file.inbox, arrived=arrived, at=now, found=found)
                unit.save(ledger.changes, ledger.known, now)
        self.log("file scanned again", inbox=file.inbox, part=file.part, scan=said.scan.value)
        if said.scan is Scan.INFECTED:
            self.doorbell.ring("deliver")


def _scan(scanner: Scanner, raw: bytes, file: Unscanned, open_package: PackageOpener) -> Scanned:
    """Ask about the very bytes that were listed."""
    with suppress(KeyError, Permanent):
        content = file_bytes(raw, file.part, open_package)
        if hashlib.sha256(content).hexdigest() == file.sha256:
            return scanner.scan(content)
    return Scanned(scan=Scan.UNSCANNABLE, says="it is not found in its mail any more")


def _final(file: Unscanned, said: Scanned) -> Scanned:
    """The scanner answers, and fails on this file again and again: it will not scan it."""
    if said.scan is not Scan.UNSCANNED or file.tries + 1 < MOST_TRIES:
        return said
    return Scanned(scan=Scan.UNSCANNABLE, says=f"tried {MOST_TRIES} times; {said.says}", away=said.away)
