"""What each running process says of itself in a file, so that `maild reload` finds it and hears its answer.

`DATA/run/PID.json` is there from start to stop. The process holds a lock on it: a number of a dead
process may belong to another program by now, but the lock ended with the process.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from maild.store.copying import belong

FOLDER = "run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """One process, and what came of its last reload."""

    pid: int
    place: str  # the machine, and the process namespace on it: a number means something only there
    started: datetime
    loaded: datetime  # when it took its configuration
    asked: int = 0  # how many reloads it has answered
    began: float = 0.0  # when it began with the last one, in seconds by the machine's clock that only grows
    changed: tuple[str, ...] = ()  # by the last reload
    problems: tuple[str, ...] = ()  # why the last reload was refused


@contextmanager
def run_folder(data: Path) -> Iterator[int]:
    """The handle of the folder of what processes tell each other, made for the owner of the data. Raises OSError.

    It must not be a link, and root opens what is in it by the handle and without following links: the user that
    maild runs as may put there what he likes.
    """
    folder = data / FOLDER
    try:
        folder.mkdir(mode=0o750, parents=True)
        new = True
    except FileExistsError:
        new = False
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if new:
            belong(opened, data)
        yield opened
    finally:
        os.close(opened)


class Notice:
    """This process's file."""

    def __init__(self, data: Path, place: str, now: datetime) -> None:
        """Nothing is written before `post`."""
        self._file = data / FOLDER / f"{os.getpid()}.json"
        self._lock: int | None = None
        self.running = Running(pid=os.getpid(), place=place, started=now, loaded=now)

    def post(self) -> None:
        """Write the file, as a whole or not at all, and hold its lock. Raises OSError."""
        with run_folder(self._file.parent.parent):
            pass  # only made
        new = self._file.with_suffix(".new")
        with suppress(FileNotFoundError):
            new.unlink()  # of a dead process with this number
        lock = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.write(lock, json.dumps(asdict(self.running), default=str).encode())
            new.replace(self._file)
        except BaseException:
            os.close(lock)
            raise
        if self._lock is not None:
            os.close(self._lock)
        self._lock = lock

    def begin(self) -> None:
        """A reload begins: the configuration is read after this moment."""
        self.running = replace(self.running, began=time.monotonic())

    def took(self, changed: list[str], now: datetime) -> None:
        """The reload was taken. Raises OSError."""
        more = self.running.asked + 1
        self.running = replace(self.running, asked=more, loaded=now, changed=tuple(changed), problems=())
        self.post()

    def refused(self, problems: list[str]) -> None:
        """The reload was refused. Raises OSError."""
        self.running = replace(self.running, asked=self.running.asked + 1, changed=(), problems=tuple(problems))
        self.post()

    def remove(self) -> None:
        """The process ends."""
        if self._lock is not None:
            with suppress(OSError):
                self._file.unlink()
            os.close(self._lock)
            self._lock = None


def running_in(data: Path) -> list[Running]:
    """The processes that run on this data folder, by their numbers; files of dead ones are removed.

    Raises OSError when the folder may not be read.
    """
    files = sorted((data / FOLDER).glob("[0-9]*.json")) if (data / FOLDER).is_dir() else []
    found = [running for file in files if (running := _read(file))]
    return sorted(found, key=lambda running: running.pid)


def _read(file: Path) -> Running | None:
    """One process; None when it has ended."""
    try:
        opened = os.open(file, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        if _is_free(opened):
            if not os.fstat(opened).st_nlink:  # its process has just written a new one
                return _read(file)
            with suppress(OSError):
                file.unlink()
            return None
        text = os.read(opened, os.fstat(opened).st_size)
    finally:
        os.close(opened)
    try:
        known = json.loads(text)
        moments = {key: datetime.fromisoformat(known[key]) for key in ("started", "loaded")}
        return Running(**known | moments | {key: tuple(known[key]) for key in ("changed", "problems")})
    except (ValueError, KeyError, TypeError):  # of another version of maild
        return None


def _is_free(opened: int) -> bool:
    """Whether nobody holds the lock."""
    try:
        fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
