"""A disk below SQLite that fails on command: forgets what was not synced, is full, answers EIO, or is where we die.

Nothing in the product knows of this, and neither root, FUSE nor a compiler is needed: SQLite's own file
functions are wrapped inside the daemon (a "VFS shim", as SQLite's own crash tests do it). A test names
what it wants in the environment of the daemon that it starts:

    disk = Disk(journal=str(tmp_path / "undo"), at=12, how="kill")
    desk.start(nursery, environment=disk.environment())
    ...
    desk.kill()
    power_cut(Path(disk.journal), random.Random(7))  # what no fsync stood behind is gone

Each write is noted with what it replaced, each sync is noted; after the daemon's end `power_cut` takes
back what came after a file's last sync: all of it, or by a seed some pages of it, as real disks do. The
shared-memory file (-shm) is not durable by design and not wrapped; a removed file counts as removed.
"""

from __future__ import annotations

import ctypes
import json
import os
import random
import signal
import struct
import threading
from collections.abc import Iterator
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

VARIABLE = "MAILD_DISK"

_OK, _FULL, _IOERR_WRITE, _IOERR_FSYNC = 0, 13, 778, 1034  # SQLite's result codes
_WRITE, _SYNC, _TRUNCATE = 0, 1, 2
_FILES = 0x100 | 0x800 | 0x80000  # what must survive: SQLITE_OPEN_MAIN_DB, _MAIN_JOURNAL, _WAL
# Kind, length of the path, offset, length written, size of the file before, length of what was there.
_HEAD = struct.Struct("<BHqqqQ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """What goes wrong: at the `at`-th write, truncate or sync (0: never), counted over all files from the start.

    `kill` dies there. `full` and `eio` make the file `ill` there, and refuse as long as it is there, whoever made it.
    """

    journal: str
    at: int = 0
    how: Literal["kill", "full", "eio"] = "kill"

    def environment(self) -> dict[str, str]:
        """What the daemon has to be started with."""
        return {VARIABLE: json.dumps(asdict(self))}

    @property
    def ill(self) -> Path:
        """There while the disk refuses; who removes it heals the disk."""
        return Path(self.journal + ".ill")


class _Methods(Structure):
    """sqlite3_io_methods, version 3 [sqlite3.h]."""

    _fields_ = (
        ("iVersion", c_int),
        ("xClose", c_void_p),
        ("xRead", c_void_p),
        ("xWrite", c_void_p),
        ("xTruncate", c_void_p),
        ("xSync", c_void_p),
        ("rest", c_void_p * 13),
    )


class _File(Structure):
    _fields_ = (("pMethods", POINTER(_Methods)),)


class _Vfs(Structure):
    """sqlite3_vfs, version 3 [sqlite3.h]."""

    _fields_ = (
        ("iVersion", c_int),
        ("szOsFile", c_int),
        ("mxPathname", c_int),
        ("pNext", c_void_p),
        ("zName", c_char_p),
        ("pAppData", c_void_p),
        ("xOpen", c_void_p),
        ("rest", c_void_p * 14),
    )


_Open = CFUNCTYPE(c_int, POINTER(_Vfs), c_char_p, POINTER(_File), c_int, POINTER(c_int))
_Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
_Sync = CFUNCTYPE(c_int, c_void_p, c_int)


class _Shim:
    """The wrapped file functions; one for each process, made before the first connection."""

    def __init__(self, disk: Disk, library: ctypes.CDLL) -> None:
        self._disk = disk
        self._journal = os.open(disk.journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._lock = threading.Lock()
        self._calls = 0
        self._names: dict[int, bytes] = {}  # address of an open file -> its path
        self._wrapped: dict[int, _Methods] = {}  # address of SQLite's own methods -> ours
        find = library.sqlite3_vfs_find
        find.restype, find.argtypes = POINTER(_Vfs), [c_char_p]
        own = find(None).contents
        self._open = _Open(own.xOpen)
        self._kept: list[Any] = [_Open(self._on_open)]  # or the collector takes what SQLite still calls
        self._vfs = _Vfs.from_buffer_copy(own)
        self._vfs.zName = b"failing"
        self._vfs.pNext = None
        self._vfs.xOpen = ctypes.cast(self._kept[0], c_void_p)
        register = library.sqlite3_vfs_register
        register.restype, register.argtypes = c_int, [POINTER(_Vfs), c_int]
        register(ctypes.byref(self._vfs), 1)

    def _on_open(self, vfs: Any, name: bytes | None, file: Any, flags: int, out: Any) -> int:
        result = int(self._open(vfs, name, file, flags, out))
        if result == _OK and name and flags & _FILES:
            address = ctypes.addressof(file.contents)
            self._names[address] = name
            file.contents.pMethods = ctypes.pointer(self._methods(file.contents.pMethods.contents))
        return result

    def _methods(self, own: _Methods) -> _Methods:
        found = self._wrapped.get(ctypes.addressof(own))
        if found is None:
            found = _Methods.from_buffer_copy(own)
            write, truncate, sync = _Write(own.xWrite), _Truncate(own.xTruncate), _Sync(own.xSync)

            def on_write(file: int, data: int, length: int, offset: int) -> int:
                return self._guard(file, _WRITE, offset, length) or int(write(file, data, length, offset))

            def on_truncate(file: int, size: int) -> int:
                return self._guard(file, _TRUNCATE, size, 1 << 62) or int(truncate(file, size))

            def on_sync(file: int, flags: int) -> int:
                refused = self._refusal(_IOERR_FSYNC)
                result = refused or int(sync(file, flags))
                if result == _OK:
                    self._note(_SYNC, self._names[file], (0, 0, 0), b"")
                return result

            ours = [_Write(on_write), _Truncate(on_truncate), _Sync(on_sync)]
            self._kept += ours
            found.xWrite, found.xTruncate, found.xSync = (ctypes.cast(one, c_void_p) for one in ours)
            self._wrapped[ctypes.addressof(own)] = found
        return found

    def _guard(self, file: int, kind: int, offset: int, length: int) -> int:
        """Note what is about to be replaced; SQLite's code for a refusal, or 0."""
        refused = self._refusal(_FULL if self._disk.how == "full" else _IOERR_WRITE)
        if refused:
            return refused
        name = self._names[file]
        with Path(os.fsdecode(name)).open("rb") as now:
            size = os.fstat(now.fileno()).st_size
            now.seek(offset)
            before = now.read(min(length, max(0, size - offset)))
        self._note(kind, name, (offset, length, size), before)
        return _OK

    def _refusal(self, code: int) -> int:
        """Count; die, or refuse while the disk is ill."""
        with self._lock:
            self._calls += 1
            here = self._calls == self._disk.at
        if here and self._disk.how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if here:
            self._disk.ill.touch()
        return code if self._disk.ill.exists() else _OK

    def _note(self, kind: int, name: bytes, place: tuple[int, int, int], before: bytes) -> None:
        # One write: whole or not at all, in the order of the calls, and it survives our SIGKILL.
        os.write(self._journal, _HEAD.pack(kind, len(name), *place, len(before)) + name + before)


_shim: _Shim | None = None


def install(disk: Disk) -> None:
    """Put the disk below every SQLite connection that this process makes from now on.

    Raises OSError where SQLite is no library of its own (a Python that has it built in).
    """
    global _shim  # noqa: PLW0603  # SQLite calls it until the process ends
    _shim = _Shim(disk, _library())


def _library() -> ctypes.CDLL:
    """The SQLite that Python's own module uses."""
    import sqlite3  # loads it

    del sqlite3
    maps = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
    paths = {line.split()[-1] for line in maps if "libsqlite3" in line}
    if not paths:
        raise OSError("no libsqlite3 is loaded: this Python has SQLite built in, and its disk cannot be wrapped")
    return ctypes.CDLL(paths.pop())


def from_environment() -> None:
    """Do what the environment asks for."""
    if VARIABLE in os.environ:
        install(Disk(**json.loads(os.environ[VARIABLE])))


# ---------------------------------------------------------------------------- after the power cut


@dataclass(frozen=True, slots=True)
class _Noted:
    kind: int
    path: Path
    offset: int
    length: int  # of what was written
    size: int  # of the file before
    before: bytes


def power_cut(journal: Path, dice: random.Random | None = None) -> int:
    """Take back what was written after a file's last sync; how many writes that were.

    The daemon must have ended. With `dice` half of these writes reach the disk after all, in any
    combination. Then the journal is empty: the next start begins with what the disk holds.
    """
    notes = list(_read(journal))
    synced = {note.path: place for place, note in enumerate(notes) if note.kind == _SYNC}
    unsynced = [
        note
        for place, note in enumerate(notes)
        if note.kind != _SYNC and place > synced.get(note.path, -1) and note.path.exists()
    ]
    written = [_take_back(note) for note in reversed(unsynced)][::-1]
    for note, data in zip(unsynced, written, strict=True):
        if dice is not None and note.kind == _WRITE and dice.random() < 0.5:
            _put(note.path, note.offset, data)
    journal.write_bytes(b"")
    return len(unsynced)


def _take_back(note: _Noted) -> bytes:
    """What the write had put there."""
    with note.path.open("rb") as file:
        file.seek(note.offset)
        written = file.read(note.length) if note.kind == _WRITE else b""
    _put(note.path, note.offset, note.before)
    os.truncate(note.path, note.size)
    return written


def _put(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def _read(journal: Path) -> Iterator[_Noted]:
    data, at = journal.read_bytes(), 0
    while at + _HEAD.size <= len(data):
        kind, name, offset, length, size, kept = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        path = Path(os.fsdecode(data[at : at + name]))
        at += name
        yield _Noted(kind, path, offset, length, size, data[at : at + kept])
        at += kept
