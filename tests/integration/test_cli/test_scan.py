"""Files that are kept back, on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from maild.bootstrap import Parts
from maild.cli.no_bell import NoBell
from maild.config.load import load
from maild.testing.clamd import FakeClamd

PROGRAM = (
    "From: Kim <kim@customer.example>\nTo: support@example.com\nMessage-ID: <9@customer.example>\n"
    'Content-Type: application/octet-stream; name="run.exe"\nContent-Disposition: attachment\n\nMZ\n'
)


@pytest.fixture
def clamd(empty: Any) -> Iterator[FakeClamd]:
    """A scanner, and an installation that knows of it."""
    server = FakeClamd()
    server.start()
    with empty.file.open("a") as file:
        file.write(f'[virus_scan]\nclamd = "{server.address}"\n')
    empty.parts = Parts(load(empty.file, {}), empty.database, NoBell())
    yield server
    server.stop()


def doctor(house: Any) -> dict[str, str]:
    """What is to be done, by what it is about."""
    return {f["what"]: f["advice"] for line in house.lines("doctor") for f in line if f["advice"]}


def test_a_file_that_can_be_run_is_shown_with_the_reason(house: Any) -> None:
    house.accept(PROGRAM)
    house.work()
    assert (
        "run.exe (application/octet-stream, 4 B, part 1); not handed out: .exe files can be run"
        in house.maild("show", 3).stdout
    )
    assert "drawing.pdf (application/pdf, 3 B, part 2)\n" in house.maild("show", 1).stdout


def test_files_that_could_not_be_scanned_are_listed_and_told_of(clamd: FakeClamd, house: Any) -> None:
    assert house.lines("scan", "list") == []
    clamd.stop()
    house.accept(PROGRAM)
    house.work()
    [one] = house.lines("scan", "list")
    assert (one["inbox"], one["name"], one["scan"]) == (6, "run.exe", "unscanned")
    assert "run.exe" in house.maild("scan", "list").stdout
    assert {"virus scanner", "files not scanned"} <= doctor(house).keys()
    clamd.start()
    house.parts.rescan.run()
    assert {"virus scanner", "files not scanned"} & doctor(house).keys() == set()
    assert house.lines("scan", "list") == []


def test_files_that_were_too_large_are_scanned_again_on_demand(clamd: FakeClamd, house: Any) -> None:
    clamd.limit = 1
    house.accept(PROGRAM)
    house.work()
    assert [one["scan"] for one in house.lines("scan", "list")] == ["unscannable"]
    assert house.parts.rescan.run() == 0  # it would only say so again
    clamd.limit = 1000
    assert "again: 1" in house.maild("scan", "again").stdout
    house.parts.rescan.run()
    assert house.lines("scan", "list") == []


def test_files_from_before_the_scanner_are_scanned_on_demand(clamd: FakeClamd, empty: Any) -> None:
    with_scanner = empty.parts.ingest
    empty.parts.ingest = replace(with_scanner, scanner=None)
    empty.accept(PROGRAM)
    empty.work()
    assert empty.maild("scan", "again").stdout.endswith("again: 0\n")
    assert empty.maild("scan", "again", "--all").stdout.endswith("again: 1\n")
    assert empty.parts.rescan.run() == 1
    assert clamd.scanned == [b"MZ\r\n"]


def test_check_tries_the_scanner(clamd: FakeClamd, empty: Any) -> None:
    assert "clamd" not in empty.maild("check").stderr
    clamd.stop()
    assert "clamd" in empty.maild("check").stderr
