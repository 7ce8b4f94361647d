"""One mail from standard input, and the exit code that answers it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from maild.app.arrival import Arrival, Cursor, Door
from maild.errors import Permanent
from maild.intake.pipe import deliver

NOW = datetime(2026, 11, 22, tzinfo=UTC)
MAIL = b"Subject: x\n\ntext\n"


class Inbox:
    def __init__(self, trouble: Exception | None = None) -> None:
        self.arrivals: list[Arrival] = []
        self.trouble = trouble

    def accept(self, arrivals: Sequence[Arrival], cursor: Cursor | None = None) -> int:
        if self.trouble is not None:
            raise self.trouble
        self.arrivals.extend(arrivals)
        return len(arrivals)


def pipe(inbox: Inbox, data: bytes | io.RawIOBase, limit: int = 1000) -> tuple[int, str]:
    said: list[str] = []
    stdin = io.BytesIO(data) if isinstance(data, bytes) else io.BufferedReader(data)
    code = deliver(
        stdin, inbox, envelope_from="a@b.test", envelope_to=("x@y.test",), now=NOW, limit=limit, say=said.append
    )
    return code, "".join(said)


def test_zero_means_stored() -> None:
    inbox = Inbox()
    assert pipe(inbox, MAIL) == (0, "")
    assert inbox.arrivals == [
        Arrival(door=Door.PIPE, raw=MAIL, received_at=NOW, envelope_from="a@b.test", envelope_to=("x@y.test",))
    ]


def test_the_from_line_of_an_mbox_is_taken_off() -> None:
    inbox = Inbox()
    assert pipe(inbox, b"From a@b.test Sun Nov 22 09:30:00 2026\n" + MAIL) == (0, "")
    assert inbox.arrivals[0].raw == MAIL


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"x" * 1000, 0, ""),
        (b"x" * 1001, 65, "larger than 1000 bytes"),
        (b"", 65, "no mail"),
        (b"\n\n", 65, "no mail"),
        (b"From a@b.test Sun Nov 22 09:30:00 2026\n", 65, "no mail"),
        (b"Received: x\n" * 50 + b"\n", 65, "routing loop"),
    ],
)
def test_only_the_mail_itself_is_refused_for_good(data: bytes, code: int, words: str) -> None:
    inbox = Inbox()
    answer, said = pipe(inbox, data)
    assert answer == code
    assert words in said
    assert len(inbox.arrivals) == (code == 0)


@pytest.mark.parametrize("trouble", [RuntimeError("secret"), OSError("secret"), Permanent("secret"), MemoryError()])
def test_every_trouble_is_temporary_and_told_without_details(trouble: Exception) -> None:
    code, said = pipe(Inbox(trouble), MAIL)
    assert code == 75
    assert "secret" not in said


class Endless(io.RawIOBase):
    def __init__(self) -> None:
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self.given += len(buffer)
        buffer[:] = b"x" * len(buffer)
        return len(buffer)


def test_an_endless_input_is_read_to_the_limit_only() -> None:
    endless = Endless()
    assert pipe(Inbox(), endless, limit=100_000)[0] == 65
    assert endless.given < 300_000


def test_without_a_listener_the_reason_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    deliver(io.BytesIO(), Inbox(), envelope_from=None, envelope_to=(), now=NOW, limit=10)
    assert capsys.readouterr().err == "maild: there is no mail on standard input\n"
