"""clamd over TCP and over a Unix socket, in good days and bad ones."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from maild.app.ports import Scanned
from maild.mail.model import Scan
from maild.scanning.clamd import Clamd, ClamdSettings, read_answer
from maild.testing.clamd import EICAR, FakeClamd


@pytest.fixture(params=["tcp", "unix"])
def clamd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FakeClamd]:
    server = FakeClamd(tmp_path / "clamd" if request.param == "unix" else None)
    server.start()
    yield server
    server.stop()


def scanner(server: FakeClamd, **facts: object) -> Clamd:
    place: dict[str, object] = {"host": "127.0.0.1", "port": server.port, "path": server.path, "timeout": 60.0}
    return Clamd(ClamdSettings(**{**place, **facts}))  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537, 1_000_000])
def test_a_clean_file_arrives_whole(clamd: FakeClamd, size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    assert scanner(clamd).scan(content[:size]) == Scanned(scan=Scan.CLEAN)
    assert clamd.scanned == [content[:size]]


def test_a_virus_is_named(clamd: FakeClamd) -> None:
    assert scanner(clamd).scan(EICAR) == Scanned(scan=Scan.INFECTED, says="Eicar-Signature")


def test_it_answers_ping(clamd: FakeClamd) -> None:
    assert scanner(clamd).ping() == ""


def test_nobody_there(clamd: FakeClamd) -> None:
    clamd.stop()
    said = scanner(clamd).scan(b"x")
    assert (said.scan, said.away) == (Scan.UNSCANNED, True)
    assert "cannot be reached" in said.says
    assert "cannot be reached" in scanner(clamd).ping()


def test_it_hangs(clamd: FakeClamd) -> None:
    clamd.mode = "hang"
    begun = time.monotonic()
    said = scanner(clamd, timeout=0.2).scan(b"x" * 5_000_000)  # more than the socket's buffers take
    assert (said.scan, said.away) == (Scan.UNSCANNED, True)
    assert "in time" in said.says
    assert "in time" in scanner(clamd, timeout=0.2).ping()
    assert time.monotonic() - begun < 60


def test_it_hangs_up(clamd: FakeClamd) -> None:
    clamd.mode = "close"
    for content in (b"x", b"x" * 5_000_000):  # once it is all sent, and in the middle of it
        said = scanner(clamd).scan(content)
        assert (said.scan, said.away) == (Scan.UNSCANNED, False)
    assert scanner(clamd).ping() != ""


def test_it_answers_a_drop_at_a_time() -> None:
    """The time limit is for the whole answer, so a scanner that never ends one holds nobody up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        client = Clamd(ClamdSettings(host="127.0.0.1", port=port, timeout=0.3))
        import threading

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                try:
                    while connection.send(b"s"):
                        time.sleep(0.05)
                except OSError:
                    pass

        threading.Thread(target=drip, daemon=True).start()
        assert "in time" in client.ping()


def test_a_file_over_its_limit_is_not_scanned_and_not_sent_again(clamd: FakeClamd) -> None:
    clamd.limit = 100_000
    said = scanner(clamd).scan(bytes(100_001))
    assert said.scan is Scan.UNSCANNABLE
    assert "larger" in said.says


def test_a_file_over_our_limit_is_not_even_begun(clamd: FakeClamd) -> None:
    assert scanner(clamd, largest=10).scan(b"x" * 11).scan is Scan.UNSCANNABLE
    assert clamd.scanned == []


@pytest.mark.parametrize(
    ("answer", "scan"),
    [
        ("stream: OK", Scan.CLEAN),
        ("stream: Win.Test FOUND", Scan.INFECTED),
        ("stream: A FOUND B FOUND", Scan.INFECTED),
        ("stream: " + "A" * 4000 + " FOUND", Scan.INFECTED),
        ("stream: Heuristics.Limits.Exceeded.MaxScanSize FOUND", Scan.UNSCANNABLE),
        ("stream: Heuristics.Encrypted.Zip FOUND", Scan.UNSCANNABLE),
        ("stream: Heuristics.OLE2.ContainsMacros FOUND", Scan.INFECTED),
        ("INSTREAM size limit exceeded. ERROR", Scan.UNSCANNABLE),
        ("stream: Can't allocate memory ERROR", Scan.UNSCANNED),
        ("UNKNOWN COMMAND", Scan.UNSCANNED),
        ("OK", Scan.UNSCANNED),
        ("stream: OK FOUND OK", Scan.UNSCANNED),
        ("", Scan.UNSCANNED),
    ],
)
def test_nothing_but_a_plain_ok_is_clean(answer: str, scan: Scan) -> None:
    assert read_answer(answer).scan is scan
