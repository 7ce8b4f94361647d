"""In-memory inbox and mailboxes for the poller's tests, a wire tap for IMAP, and what they promise."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from maild.app.arrival import Arrival, Cursor, Door
from maild.app.look_back import LookBack

PATIENCE = 60.0  # seconds until a test has failed that waits for something


class Killed(BaseException):
    """What a test raises where a SIGKILL would come: no `except Exception` may catch it."""


class FakeStore:
    """Inbox and Mailboxes in one, as the docstrings of maild.app.ports promise. Thread-safe."""

    def __init__(self) -> None:
        self.changed = threading.Condition(threading.RLock())
        self.arrivals: dict[str, Arrival] = {}  # in the order of their commits
        self.batches: list[int] = []
        self.cursors: dict[str, Cursor] = {}
        self.leases: dict[str, tuple[str, datetime]] = {}
        self.failed: dict[tuple[str, int, int], int] = {}
        self.troubles: list[str] = []
        self.successes = 0
        self.back: LookBack | None = None
        self.before_commit: Callable[[], None] = lambda: None
        self.after_commit: Callable[[], None] = lambda: None

    def accept(self, arrivals: Sequence[Arrival], cursor: Cursor | None = None) -> int:
        self.before_commit()
        with self.changed:
            fresh = {key: a for a in arrivals if (key := a.transport_key or "") not in self.arrivals}
            self.arrivals |= fresh
            self.batches.append(len(arrivals))
            if cursor is not None:
                self.cursors[cursor.mailbox] = cursor
            self.changed.notify_all()
        self.after_commit()
        return len(fresh)

    def take_lease(self, name: str, owner: str, now: datetime, length: timedelta) -> bool:
        with self.changed:
            holder, until = self.leases.get(name, (owner, now))
            if holder != owner and until > now:
                return False
            self.leases[name] = (owner, now + length)
            return True

    def drop_lease(self, name: str, owner: str) -> None:
        with self.changed:
            if self.leases.get(name, ("", None))[0] == owner:
                del self.leases[name]

    def cursor(self, name: str) -> Cursor | None:
        return self.cursors.get(name)

    def set_cursor(self, cursor: Cursor) -> None:
        self.cursors[cursor.mailbox] = cursor

    def stored_uids(self, name: str, uidvalidity: int) -> set[int]:
        with self.changed:
            prefix = f"imap:{name}:{uidvalidity}:"
            return {int(key.removeprefix(prefix)) for key in self.arrivals if key.startswith(prefix)}

    def look_back(self, name: str) -> LookBack | None:
        return self.back

    def looked_back(self, name: str) -> None:
        self.back = None

    def note_success(self, name: str, now: datetime) -> None:
        with self.changed:
            self.successes += 1
            self.changed.notify_all()

    def note_trouble(self, name: str, now: datetime, trouble: str) -> None:
        with self.changed:
            self.troubles.append(trouble)
            self.changed.notify_all()

    def failed_uids(self, name: str, uidvalidity: int) -> dict[int, int]:
        with self.changed:
            return {uid: n for (box, valid, uid), n in self.failed.items() if (box, valid) == (name, uidvalidity)}

    def note_failed_uid(self, name: str, uidvalidity: int, uid: int, trouble: str) -> int:
        with self.changed:
            key = (name, uidvalidity, uid)
            self.failed[key] = self.failed.get(key, 0) + 1
            return self.failed[key]

    def forget_failed_uid(self, name: str, uidvalidity: int, uid: int) -> None:
        with self.changed:
            self.failed.pop((name, uidvalidity, uid), None)

    # ---- for the tests

    @property
    def subjects(self) -> list[str]:
        """The mails in the order in which they were stored."""
        return [subject(arrival.raw) for arrival in self.arrivals.values()]

    def wait_until(self, true: Callable[[FakeStore], object]) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: true(self), PATIENCE), (self.subjects, self.troubles)


def mail(name: str, size: int = 0) -> bytes:
    head = f"From: ann@example.com\r\nSubject: {name}\r\n\r\n".encode()
    line = b"It is broken, and here is a long story about it.\r\n"
    return head + line * max(1, (size - len(head)) // len(line))


def subject(raw: bytes) -> str:
    return raw.partition(b"Subject: ")[2].partition(b"\r\n")[0].decode()


class Tap:
    """A TCP proxy that writes down the commands and can cut, silence or change what comes back."""

    def __init__(self, host: str, port: int) -> None:
        self._there = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host, self.port = self._listener.getsockname()[:2]
        self._seen = threading.Condition()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self.commands: list[bytes] = []
        self.connections = 0
        self.hide: tuple[bytes, ...] = ()  # words that are cut out of the answers
        self.cut_after: int | None = None  # bytes of one connection's answers
        self.silent = threading.Event()  # nothing comes back any more, and nothing is closed
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def count(self, word: bytes) -> int:
        with self._seen:
            return sum(word in command for command in self.commands)

    def wait_for(self, word: bytes, times: int = 1) -> None:
        with self._seen:
            assert self._seen.wait_for(lambda: sum(word in c for c in self.commands) >= times, PATIENCE), self.commands

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop()
        for thread in self._threads:
            thread.join(PATIENCE)

    def drop(self) -> None:
        """Cut every connection."""
        for pair in self._pairs:
            for sock in pair:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._listener.accept()
                self.connections += 1
                try:
                    there = socket.create_connection(self._there, timeout=PATIENCE)
                except OSError:
                    here.close()
                    continue
                self._pairs.append((here, there))
                for pump in (self._up, self._down):
                    thread = threading.Thread(target=pump, args=(here, there))
                    self._threads.append(thread)
                    thread.start()

    def _up(self, here: socket.socket, there: socket.socket) -> None:
        with suppress(OSError):
            while data := here.recv(65536):
                with self._seen:
                    self.commands += data.splitlines()
                    self._seen.notify_all()
                there.sendall(data)
        with suppress(OSError):
            there.shutdown(socket.SHUT_RDWR)

    def _down(self, here: socket.socket, there: socket.socket) -> None:
        sent = 0
        with suppress(OSError):
            while data := there.recv(65536):
                for word in self.hide:
                    data = data.replace(word, b"")
                if self.cut_after is not None and sent + len(data) >= self.cut_after:
                    here.sendall(data[: self.cut_after - sent])
                    break
                sent += len(data)
                if not self.silent.is_set():
                    here.sendall(data)
                if b"+ idling" in data:
                    with self._seen:
                        self.commands.append(b"(idling)")
                        self._seen.notify_all()
        for sock in (here, there):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()


# ---- what the fakes promise

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _arrival(key: str) -> Arrival:
    return Arrival(door=Door.IMAP, raw=mail(key), received_at=NOW, transport_key=key)


def test_the_same_key_is_stored_once() -> None:
    store = FakeStore()
    assert store.accept([_arrival("imap:m:1:1")]) == 1
    assert store.accept([_arrival("imap:m:1:1"), _arrival("imap:m:1:2")], Cursor("m", 1, 2)) == 1
    assert store.stored_uids("m", 1) == {1, 2}
    assert store.cursor("m") == Cursor("m", 1, 2)


def test_a_kill_before_the_commit_stores_neither_mail_nor_cursor() -> None:
    def kill() -> None:
        raise Killed

    store = FakeStore()
    store.before_commit = kill
    with pytest.raises(Killed):
        store.accept([_arrival("imap:m:1:1")], Cursor("m", 1, 1))
    assert store.stored_uids("m", 1) == set()
    assert store.cursor("m") is None


def test_a_lease_has_one_owner_until_its_end() -> None:
    store = FakeStore()
    minute = timedelta(minutes=1)
    assert store.take_lease("m", "a", NOW, minute)
    assert store.take_lease("m", "a", NOW, minute)
    assert not store.take_lease("m", "b", NOW, minute)
    assert store.take_lease("m", "b", NOW + minute, minute)
