"""Rows of a disk that is full or broken, and of a database that is locked."""

from __future__ import annotations

import smtplib
import sqlite3
import time
from typing import Literal

from maild.testing.desk import Desk, SetUp
from maild.testing.disk import Disk
from maild.testing.mails import new_mail
from maild.testing.nursery import Nursery
from soak.faults import SORTS
from soak.row import Row, Shown, Way
from soak.rows_servers import under

_LOCKED = 32.0  # seconds; the daemon waits 30 for a lock


def _code(desk: Desk, mail: bytes) -> int:
    try:
        desk.send(mail)
    except smtplib.SMTPRecipientsRefused as refused:
        return int(next(iter(refused.recipients.values()))[0])
    except smtplib.SMTPResponseException as refused:
        return refused.smtp_code
    except (smtplib.SMTPException, OSError):
        return 0
    return 250


def _ill_at_each_write(way: Way) -> Shown:
    desk, nursery = Desk(way.folder, SetUp(store="sqlite"), attempts=100), Nursery()
    faults: list[str] = []
    said: set[int] = set()
    slowest = 0.0
    try:
        desk.start(nursery)
        desk.stop()
        for number in range(way.count):
            how: Literal["full", "eio"] = "full" if number % 2 else "eio"
            disk = Disk(journal=str(way.folder / "undo"), at=1 + number // 2, how=how)
            desk.start(nursery, disk=disk)
            refused: list[bytes] = []
            for count in range(60):
                mail = new_mail(f"Mail {count} of {number}")
                said.add(code := _code(desk, mail))
                refused += [mail] if code != 250 else []
                if disk.ill.exists() and code != 250:
                    break
            if desk.any_ended():
                faults.append(f"{how} at write {disk.at}: the daemon ended")
            disk.ill.unlink(missing_ok=True)
            well = time.monotonic()
            for mail in refused:
                while _code(desk, mail) != 250 and time.monotonic() < well + 60:
                    time.sleep(0.05)
            slowest = max(slowest, time.monotonic() - well)
            faults += desk.faults() if number % 10 == 9 or number == way.count - 1 else []
            desk.kill()
            if faults:
                break
            way.say(f"{how} at write {disk.at}: well again")
        strange = said - {250, 451, 452}
        faults += [f"the door answered {sorted(strange)}"] if strange else []
        return Shown(
            f"{number + 1} disks, {len(desk.accepted)} mails with 250, slowest recovery {slowest:.1f} s", faults
        )
    finally:
        desk.close()
        nursery.close()


def _locked(way: Way) -> Shown:
    desk, nursery = Desk(way.folder, SetUp(store="sqlite")), Nursery()
    codes: list[int] = []
    slowest = 0.0
    try:
        desk.start(nursery)
        for number in range(way.count):
            other = sqlite3.connect(way.folder / "data" / "maild.db", isolation_level=None, timeout=60)
            other.execute("BEGIN IMMEDIATE")
            end = time.monotonic() + _LOCKED
            mail = new_mail(f"Mail {number}")
            codes.append(_code(desk, mail))
            while time.monotonic() < end:
                time.sleep(0.1)
            other.rollback()
            other.close()
            freed = time.monotonic()
            while _code(desk, mail) != 250 and time.monotonic() < freed + 60:
                time.sleep(0.1)
            slowest = max(slowest, time.monotonic() - freed)
        faults = desk.faults() + [f"the door answered {code}" for code in codes if code != 451]
        return Shown(
            f"{way.count} locks of {_LOCKED:.0f} s, answered {sorted(set(codes))}, recovery {slowest:.1f} s", faults
        )
    finally:
        desk.close()
        nursery.close()


_FULL = [sort for sort in SORTS if sort.name == "disk full"]

ROWS = (
    Row("F6L", "SQLite locked by another process for 32 s", 3, _locked),
    Row("F12", "disk full (ENOSPC) and broken (EIO) from the n-th write or sync on", 100, _ill_at_each_write),
    Row("F12T", "a tmpfs that is full, under load (root; else simulated)", 20, under(_FULL, "sqlite")),
)
