"""The HTTP of monitoring, against clients that do as they should and others."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime

import pytest

from maild.monitoring import listener as listening
from maild.monitoring.listener import CONNECTIONS, Listener
from maild.monitoring.look import Look

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class Desk:
    """What the listener shows."""

    def __init__(self) -> None:
        self.look = Look(now=NOW, written_at=NOW)
        self.broken = False
        self.logged: list[str] = []

    def __call__(self) -> Look:
        if self.broken:
            raise RuntimeError("secret-canary")
        return self.look

    def log(self, event: str, **facts: object) -> None:
        self.logged.append(event)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def door(desk: Desk) -> Iterator[Listener]:
    made = Listener("127.0.0.1", 0, desk, desk.log)
    made.start()
    yield made
    made.stop()


def ask(door: Listener, path: str, method: str = "GET") -> tuple[int, str]:
    connection = http.client.HTTPConnection(*door.address, timeout=60)
    connection.request(method, path)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


def raw(door: Listener, sent: bytes) -> bytes:
    with socket.create_connection(door.address, timeout=60) as connection:
        connection.sendall(sent)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


def test_what_is_asked_for_is_answered(door: Listener, desk: Desk) -> None:
    assert ask(door, "/health") == (200, '{"ok": true, "reasons": []}\n')
    assert ask(door, "/metrics?x=1")[0] == 200
    assert ask(door, "/health", "HEAD") == (200, "")
    assert ask(door, "/else")[0] == 404
    assert ask(door, "/health", "POST")[0] == 405
    desk.look = Look(now=NOW, written_at=None, hanging=("the sweeper has not moved for 9 s",))
    assert ask(door, "/health") == (503, '{"ok": false, "reasons": ["the sweeper has not moved for 9 s"]}\n')
    status, body = ask(door, "/ready")
    assert status == 503
    assert "the database cannot be written to" in body


def test_a_fault_of_our_own_is_told_to_the_log_only(door: Listener, desk: Desk) -> None:
    desk.broken = True
    status, body = ask(door, "/metrics")
    assert status == 500
    assert "canary" not in body
    assert desk.logged == ["monitoring failed"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /health\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\r\n\r\n", b"400"),
        (b"GET /health SMTP/1.1\r\n\r\n", b"400"),
        (b"GET /" + b"x" * 6000 + b" HTTP/1.1\r\n\r\n", b"431"),
        (b"GET /../../etc/passwd HTTP/1.1\r\n\r\n", b"404"),
    ],
)
def test_what_is_no_request_is_refused(door: Listener, sent: bytes, status: bytes) -> None:
    assert raw(door, sent).startswith(b"HTTP/1.1 " + status)


def test_who_stops_talking_is_cut_off(door: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "PATIENCE", 0.05)
    assert raw(door, b"GET /health HTTP/1.1\r\nX: ") == b""


def test_slow_clients_keep_nobody_else_away(door: Listener) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(socket.create_connection(door.address, timeout=60)) for _ in range(2 * CONNECTIONS)]
        for connection in slow:
            connection.sendall(b"GET /hea")
        assert ask(door, "/health")[0] == 200
        with suppress(ConnectionResetError):
            assert slow[0].recv(1) == b""  # the oldest made room


def test_an_address_that_is_taken_is_said(door: Listener, desk: Desk) -> None:
    with pytest.raises(OSError, match="in use"):
        Listener("127.0.0.1", door.address[1], desk, desk.log).start()
