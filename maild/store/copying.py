"""Copies a SQLite database while it is used, and puts a copy in the place of another.

The copy is read inside one transaction: in WAL mode it sees one moment, and nobody who writes waits for
it; without that transaction SQLite would begin again after every change (sqlite.org/backup.html).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from maild.errors import Permanent, Temporary
from maild.store.engine import Database
from maild.store.fingerprint import Fingerprint, fingerprint

_STEP = 1_000  # pages: 4 MB, some milliseconds
_BESIDE = ("-wal", "-shm", "-journal")


def copy_sqlite(source: Path, target: Path, progress: Callable[[int, int], None]) -> None:
    """Copy a database to a file that does not exist yet, mode 0600, and sync it to the disk.

    `progress` is told the pages that are left, and all of them. Raises Temporary when it cannot be read.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(sqlite3.connect(source, timeout=30)) as live, closing(sqlite3.connect(target)) as copy:
            copy.execute("PRAGMA synchronous=OFF")  # synced as a whole below
            live.execute("BEGIN")
            live.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on it sees this moment
            live.backup(copy, pages=_STEP, progress=lambda _status, left, total: progress(left, total))
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, that can be read where nothing may be written
    except sqlite3.Error as error:
        raise Temporary(f"the database cannot be copied: {error}") from None
    sync(target)


def check_sqlite(file: Path) -> Fingerprint:
    """The figures of a copy. Raises Permanent when it is damaged."""
    database = Database(f"sqlite:///{file}")
    try:
        with database.read() as connection:
            said = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
            if said != "ok":
                raise Permanent(f"the database in it is damaged: {said}")
            return fingerprint(connection)
    finally:
        database.close()
        close_sqlite(file)


def close_sqlite(file: Path) -> None:
    """Bring everything into the one file, which then needs no others beside it.

    Raises Temporary when somebody has it open, Permanent when it cannot be read.
    """
    try:
        with closing(sqlite3.connect(file, timeout=0.1, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.OperationalError as error:  # locked, or no room
        raise Temporary(f"{file} is in use: stop what uses it ({error})") from None
    except sqlite3.DatabaseError as error:
        raise Permanent(f"{file}: {error}") from None
    if mode != ("delete",):
        raise Temporary(f"{file} is in use: stop what uses it")


def put_in_place(new: Path, place: Path, old: Path | None) -> None:
    """Let a closed database take the place of another, which stays as `old`; there is always one of them there."""
    sync(new)
    if old is not None:
        for end in _BESIDE:  # of one that could not be closed because it is damaged
            with suppress(FileNotFoundError):
                Path(f"{place}{end}").rename(f"{old}{end}")
        try:
            old.hardlink_to(place)
        except OSError:  # a file system without such links
            shutil.copy2(place, old)
            sync(old)
    opened = os.open(new, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        belong(opened, place if place.exists() else place.parent)
    finally:
        os.close(opened)
    new.replace(place)
    sync(place.parent)


def belong(opened: int, like: Path) -> None:
    """Give a file or folder to the owner of another one: root may do things for the user that maild runs as.

    By its handle: what a path leads to, that user may have changed meanwhile. Raises OSError.
    """
    owner = like.stat()
    if os.geteuid() == 0:
        os.fchown(opened, owner.st_uid, owner.st_gid)


def remove_sqlite(file: Path) -> None:
    """Remove a database and what stands beside it; fine when there is none."""
    for end in ("", *_BESIDE):
        Path(f"{file}{end}").unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk before going on."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
