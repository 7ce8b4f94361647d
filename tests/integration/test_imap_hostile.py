"""The poller against a scripted server that lies, breaks off and answers nonsense for single mails."""

from __future__ import annotations

import imaplib
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest

from maild.clock import utc_now
from maild.intake.imap import MailboxSettings, Poller
from maild.intake.imap_lease import LeaseLost
from tests.integration.test_imap_fakes import PATIENCE, FakeStore, mail

Answer = Callable[[int], bytes]  # UID -> the untagged answer to a FETCH of its body; b"BREAK" hangs up


class ScriptedServer:
    """Knows just enough IMAP for the poller; `bodies` says what it answers for a mail's body."""

    def __init__(self) -> None:
        self.mails = {uid: mail(f"m{uid}") for uid in range(1, 6)}
        self.bodies: dict[int, Answer] = {}
        self.sizes: dict[int, Answer] = {}
        self.refused: set[int] = set()  # a FETCH with one of these is answered with NO
        self.uidnext: int | None = 6
        self.moved: list[str] = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True)  # a test that fails must end
        self._thread.start()

    def close(self) -> None:
        for sock in (self._listener, self._open):
            with suppress(OSError):
                if sock is not None:
                    sock.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(PATIENCE)

    def _serve(self) -> None:
        while True:
            try:
                self._open, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with suppress(OSError), self._open as client, client.makefile("rb") as lines:
                client.sendall(b"* OK ready\r\n")
                for line in lines:
                    tag, _, command = line.decode().strip().partition(" ")
                    answer = self._answer(command)
                    if b"BREAK" in answer:
                        client.sendall(answer.partition(b"BREAK")[0])
                        break
                    last = answer.rpartition(b"\r\n")[2]
                    done = last or b"OK done"
                    client.sendall(answer.removesuffix(last) + f"{tag} ".encode() + done + b"\r\n")

    def _answer(self, command: str) -> bytes:
        """Untagged lines, then the words after the tag ("" for OK)."""
        there = sorted(self.mails)
        if command == "CAPABILITY":
            return b"* CAPABILITY IMAP4rev1 MOVE UIDPLUS\r\n"
        if command.startswith("LIST"):
            return b'* LIST () "/" Processed\r\n'
        if command.startswith(("SELECT", "EXAMINE")):
            uidnext = "" if self.uidnext is None else f"* OK [UIDNEXT {self.uidnext}] ok\r\n"
            return (
                f"* {len(there)} EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen)\r\n* OK [UIDVALIDITY 7] ok\r\n{uidnext}"
            ).encode()
        if command.startswith("UID SEARCH"):
            asked = self._uids(command.split()[3])
            if "*" in command and there:
                asked.add(there[-1])  # as the standard says, whatever stands before the colon
            return f"* SEARCH {' '.join(str(uid) for uid in there if uid in asked)}\r\n".encode()
        if command.startswith("UID FETCH"):
            asked = self._uids(command.split()[2])
            if asked & self.refused:
                return b"NO [SERVERBUG] cannot render"
            script, plain = (self.bodies, self._body) if "BODY" in command else (self.sizes, self._size)
            return b"".join(script.get(uid, plain)(uid) for uid in there if uid in asked)
        if command.startswith("UID MOVE"):
            self.moved.append(command)
            for uid in self._uids(command.split()[2]):
                self.mails.pop(uid, None)
        return b""

    def _size(self, uid: int) -> bytes:
        size = len(self.mails[uid])
        return f'* {uid} FETCH (UID {uid} RFC822.SIZE {size} INTERNALDATE "01-Jan-2026 10:00:00 +0100")\r\n'.encode()

    def _body(self, uid: int) -> bytes:
        raw = self.mails[uid]
        return f"* {uid} FETCH (UID {uid} BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")\r\n"

    @staticmethod
    def _uids(words: str) -> set[int]:
        found: set[int] = set()
        for first, last in re.findall(r"(\d+)(?::(\d+|\*))?", words):
            found.update(range(int(first), (100 if last == "*" else int(last or first)) + 1))
        return found


def nil(uid: int) -> bytes:
    return f"* {uid} FETCH (UID {uid} BODY[] NIL)\r\n".encode()


def nothing(uid: int) -> bytes:
    return f"* {uid} FETCH (UID {uid} FLAGS ())\r\n".encode()


def huge_literal(uid: int) -> bytes:
    return f"* {uid} FETCH (UID {uid} BODY[] {{100000000000}}\r\n".encode()


def endless_line(uid: int) -> bytes:
    return b"* " + b"9" * 2_000_000 + b"\r\n"


def deep(uid: int) -> bytes:
    return f"* {uid} FETCH (UID {uid} BODY ".encode() + b"(" * 5000 + b")" * 5000 + b")\r\n"


def garbage(uid: int) -> bytes:
    return b"ceci n'est pas IMAP\r\n"


def broken(uid: int) -> bytes:
    return b"* 3 FETCH (UID 3 BODY[] {500}\r\nFromBREAK"


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    made = ScriptedServer()
    yield made
    made.close()


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


def poller(server: ScriptedServer, store: FakeStore, **changes: Any) -> Poller:
    facts: dict[str, Any] = {"first_run": "all"} | changes
    settings = MailboxSettings(
        name="desk",
        host="127.0.0.1",
        port=server.port,
        security="none",
        username="support",
        password=lambda: "secret",
        address="help@example.org",
        read_seconds=60.0,
        **facts,
    )
    return Poller(settings, store, store, utc_now, lambda _: None, owner="one")


def poll_until_quiet(poller: Poller) -> None:
    """As `run` does: connect again after an error, with the memory of before."""
    for _ in range(12):
        poller._memory.retry_at = 0.0
        with suppress(Exception):
            poller.poll_once()


BAD = [nil, nothing, huge_literal, endless_line, deep, garbage, broken]


@pytest.mark.parametrize("answer", BAD, ids=[answer.__name__ for answer in BAD])
def test_one_bad_mail_stops_no_other(server: ScriptedServer, store: FakeStore, answer: Answer) -> None:
    server.bodies[3] = answer
    poll_until_quiet(poller(server, store))
    assert sorted(store.subjects) == ["m1", "m2", "m4", "m5"]
    assert list(server.mails) == [3], "what is not stored stays on the server"
    assert list(store.failed) == [("desk", 7, 3)]
    assert any("UID 3" in trouble and "3 attempts" in trouble for trouble in store.troubles)
    server.mails[6], server.uidnext = mail("m6"), 7
    poll_until_quiet(poller(server, store))
    assert "m6" in store.subjects, "mail that comes later is not blocked either"


@pytest.mark.parametrize("answer", BAD, ids=[answer.__name__ for answer in BAD])
def test_a_mail_whose_size_cannot_be_told_stops_no_other(
    server: ScriptedServer, store: FakeStore, answer: Answer
) -> None:
    server.sizes[3] = answer
    poll_until_quiet(poller(server, store))
    assert sorted(store.subjects) == ["m1", "m2", "m4", "m5"]
    assert list(store.failed) == [("desk", 7, 3)]


def test_a_refused_fetch_is_narrowed_down_over_one_connection(server: ScriptedServer, store: FakeStore) -> None:
    server.refused = {2, 4}
    assert poller(server, store).poll_once() == 3
    assert server.connections == 1
    assert store.subjects == ["m1", "m3", "m5"]
    assert store.failed == {("desk", 7, 2): 1, ("desk", 7, 4): 1}


def test_a_mail_that_can_be_fetched_later_is_taken_later(server: ScriptedServer, store: FakeStore) -> None:
    server.refused = {2}
    mine = poller(server, store)
    mine.poll_once()
    assert mine.poll_once() == 0, "not again at once"
    assert store.failed == {("desk", 7, 2): 1}
    server.refused = set()
    mine._memory.retry_at = 0.0  # a minute later
    assert mine.poll_once() == 1
    assert store.subjects == ["m1", "m3", "m4", "m5", "m2"]
    assert store.failed == {}
    assert store.cursors["desk"].last_uid == 5
    assert server.mails == {}


def test_after_three_attempts_a_mail_is_left_alone_until_the_next_reconcile(
    server: ScriptedServer, store: FakeStore
) -> None:
    server.refused = {2}
    mine = poller(server, store)
    for _ in range(6):
        mine._memory.retry_at = 0.0
        mine.poll_once()
    assert store.failed == {("desk", 7, 2): 3}
    mine._memory.reconcile_at = 0.0  # an hour later
    mine.poll_once()
    assert store.failed == {("desk", 7, 2): 4}


def test_a_failed_mail_that_is_gone_is_forgotten(server: ScriptedServer, store: FakeStore) -> None:
    server.refused = {2}
    poller(server, store).poll_once()
    server.refused = set()
    del server.mails[2]
    assert poller(server, store).poll_once() == 0
    assert store.failed == {}


def test_a_mail_that_vanishes_before_its_fetch_is_no_failure(
    server: ScriptedServer, store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def vanish(uid: int) -> bytes:
        del server.mails[uid]
        return b""

    noted: list[int] = []

    def note(_name: str, _uidvalidity: int, uid: int, _trouble: str) -> int:
        noted.append(uid)
        return 1

    monkeypatch.setattr(store, "note_failed_uid", note)
    server.bodies[3] = vanish
    assert poller(server, store).poll_once() == 4
    assert noted == []


def test_a_server_without_uidnext_is_read_by_search(server: ScriptedServer, store: FakeStore) -> None:
    server.uidnext = None
    first = poller(server, store, first_run="new", after="leave")
    assert first.poll_once() == 0
    assert store.cursors["desk"].last_uid == 5
    assert first.poll_once() == 0, "n:* always gives the last mail"
    server.mails[6] = mail("m6")
    assert first.poll_once() == 1
    assert store.subjects == ["m6"]


def test_a_huge_literal_is_refused_before_it_is_read(server: ScriptedServer, store: FakeStore) -> None:
    server.bodies[3] = huge_literal
    with pytest.raises(imaplib.IMAP4.abort, match="announced 100000000000 bytes"):
        poller(server, store).poll_once()


def test_a_lease_that_runs_out_during_a_slow_fetch_stores_nothing(server: ScriptedServer, store: FakeStore) -> None:
    late: list[int] = []

    def slow(uid: int) -> bytes:
        late.append(uid)
        return server._body(uid)

    server.bodies[3] = slow

    def clock() -> datetime:
        return utc_now() + timedelta(minutes=len(late) * 6)

    mine = Poller(poller(server, store).settings, store, store, clock, print, owner="one")
    with pytest.raises(LeaseLost):
        mine.poll_once()
    assert store.subjects == []
    assert server.moved == []


def test_a_date_that_makes_no_sense_becomes_now(server: ScriptedServer, store: FakeStore) -> None:
    server.mails = {1: mail("m1")}
    server.sizes[1] = lambda _: b'* 1 FETCH (UID 1 RFC822.SIZE 9 INTERNALDATE "00-Foo-0000 99:99:99 +0000")\r\n'
    before = utc_now()
    assert poller(server, store).poll_once() == 1
    (arrival,) = store.arrivals.values()
    assert before <= arrival.received_at <= utc_now()


def test_a_kill_after_a_failure_was_noted_keeps_it(server: ScriptedServer, store: FakeStore) -> None:
    seen: list[dict[Any, int]] = []
    server.bodies[3] = nil
    store.before_commit = lambda: seen.append(dict(store.failed))
    poller(server, store).poll_once()
    assert seen == [{("desk", 7, 3): 1}], "written down before the cursor passes it"
