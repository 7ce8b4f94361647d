"""Old mail: mbox, Maildir, .eml."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from maild.app.arrival import Arrival, Cursor, Door
from maild.intake.history import count_hint, history, import_history, received_at

NOW = datetime(2026, 11, 22, tzinfo=UTC)
FROM = b"From a@b.test Sun Nov 22 09:30:00 2026\n"


class Inbox:
    """Skips what it has, as the port promises."""

    def __init__(self) -> None:
        self.arrivals: dict[str | None, Arrival] = {}
        self.groups: list[int] = []

    def accept(self, arrivals: Sequence[Arrival], cursor: Cursor | None = None) -> int:
        before = len(self.arrivals)
        self.groups.append(len(arrivals))
        for arrival in arrivals:
            self.arrivals.setdefault(arrival.transport_key, arrival)
        return len(self.arrivals) - before


@pytest.fixture
def mbox(tmp_path: Path) -> Path:
    path = tmp_path / "old.mbox"
    path.write_bytes(
        FROM + b"Subject: 1\n\nFrom the beginning\n>From here\n>>From there\n\n"
        + FROM + b"Subject: 2\n\nA paragraph.\n\nFrom then on it was broken.\n\n"
        + b"From 123@xxx Mon Jan 01 00:00:00 +0000 2024\r\nSubject: 3\r\n\r\nx\r\n\r\n"
        + FROM + b"Subject: 4\n\nno line end"
    )  # fmt: skip
    return path


def test_an_mbox(mbox: Path) -> None:
    assert list(history(mbox)) == [
        ("old.mbox:1", b"Subject: 1\n\nFrom the beginning\nFrom here\n>From there\n"),
        ("old.mbox:2", b"Subject: 2\n\nA paragraph.\n\nFrom then on it was broken.\n"),
        ("old.mbox:3", b"Subject: 3\r\n\r\nx\r\n"),
        ("old.mbox:4", b"Subject: 4\n\nno line end"),
    ]
    assert count_hint(mbox) == 6  # a hint: it does not look at dates


@pytest.mark.parametrize("chunk", range(1, 20))
def test_the_hint_does_not_depend_on_how_the_file_is_read(
    mbox: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr("maild.intake.history._CHUNK", chunk)
    assert count_hint(mbox) == 6


def test_a_maildir_is_read_in_the_order_of_time_without_the_trash(tmp_path: Path) -> None:
    for folder, name in [
        ("cur", "1700000003.M1P1.host:2,S"),
        ("new", "1700000002.M1P1.host"),
        ("cur", "1600000001.M1P1.host:2,RS"),
        ("cur", "1600000000.M1P1.HosT:2,ST"),
        ("new", ".hidden"),
    ]:
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / name).write_bytes(name.encode())
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp" / "1500000000.half").write_bytes(b"half a mail")
    assert [name[:10] for name, _ in history(tmp_path)] == ["1600000001", "1700000002", "1700000003"]
    assert count_hint(tmp_path) == 3


def test_eml_files(tmp_path: Path) -> None:
    (tmp_path / "b.eml").write_bytes(b"Subject: b\n\n")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "c.EML").write_bytes(b"Subject: c\n\n")
    (tmp_path / "readme.txt").write_bytes(b"no mail")
    assert [name for name, _ in history(tmp_path)] == ["c.EML", "b.eml"]
    assert list(history(tmp_path / "b.eml")) == [("b.eml", b"Subject: b\n\n")]
    assert (count_hint(tmp_path), count_hint(tmp_path / "b.eml")) == (2, 1)


def test_a_folder_without_mail_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"neither a Maildir nor a folder with \.eml files"):
        list(history(tmp_path))


@pytest.mark.parametrize(
    ("header", "moment"),
    [
        (b"Received: from a; Mon, 1 Jan 2024 10:00:00 +0100\nDate: Tue, 2 Jan 2024 10:00:00 +0100", "2024-01-01T09:00"),
        (
            b"received: from a\n\tby b;\n\t1 Jan 2024 10:00:00 +0000\nReceived: x; 3 Jan 2023 0:0:0 +0000",
            "2024-01-01T10:00",
        ),
        (b"Received: no date\r\nDate: 2 Jan 2024 10:00:00 -0000\r\n", "2024-01-02T10:00"),
        (b"DATE: 2 Jan 2024 10:00:00 EST", "2024-01-02T15:00"),
        (b"Date: 2 Jan 2044 10:00:00 +0000", "2026-11-22T00:00"),  # the future
        (b"Date: 1 Jan 1970 00:00:00 +0000", "2026-11-22T00:00"),  # a clock without a battery
        (b"Date: 99 Foo 2024 99:99:99 +9999", "2026-11-22T00:00"),
        (b"Date: " + b";" * 5000, "2026-11-22T00:00"),
        (b"Date: 1 Jan 2024 10:00:00 +99999999999", "2026-11-22T00:00"),
        (b"Subject: x\n\nDate: 2 Jan 2024 10:00:00 +0000", "2026-11-22T00:00"),  # in the body
        (b"", "2026-11-22T00:00"),
    ],
)
def test_when_an_old_mail_came(header: bytes, moment: str) -> None:
    assert received_at(header + b"\n\nbody", NOW).isoformat()[:16] == moment


def test_an_import_makes_silent_arrivals_in_batches_and_only_once(mbox: Path) -> None:
    inbox, steps = Inbox(), list[int]()
    assert import_history(mbox, inbox, NOW, batch=3, progress=steps.append) == 4
    assert (inbox.groups, steps) == ([3, 1], [3, 1])
    for key, arrival in inbox.arrivals.items():
        assert key is not None
        assert key.startswith("import:")
        assert (arrival.door, arrival.silent, arrival.envelope_from) == (Door.IMPORT, True, None)
    assert import_history(mbox, inbox, NOW) == 0
    assert len(inbox.arrivals) == 4


def test_large_mails_are_committed_before_their_number_is_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maild.intake.history._BATCH_BYTES", 10)
    for number in range(3):
        (tmp_path / f"{number}.eml").write_bytes(b"Subject: %d\n\n" % number)
    inbox = Inbox()
    assert import_history(tmp_path, inbox, NOW, silent=False) == 3
    assert inbox.groups == [1, 1, 1]
    assert not any(arrival.silent for arrival in inbox.arrivals.values())
