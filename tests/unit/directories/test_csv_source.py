"""A directory in a CSV file, as spreadsheets of several countries write it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from maild.app.lookups import Entry
from maild.directories.csv_source import CsvSource
from maild.directories.source import Reading, Trouble

COLUMNS = {"key": "number", "customer": "mail"}


def written(folder: Path, text: str | bytes, columns: dict[str, str] = COLUMNS, largest: int = 1 << 20) -> CsvSource:
    file = folder / "orders.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return CsvSource(file, Reading(columns=columns, largest=largest))


@pytest.mark.parametrize(
    "text",
    [
        "number,mail\nSO-1,kim@acme.example\n",
        "number;mail\r\nSO-1;kim@acme.example\r\n",
        "number\tmail\nSO-1\tkim@acme.example",
        "\ufeffnumber;mail\nSO-1;kim@acme.example\n",
        'other,"number", mail\nx,"SO-1"," kim@acme.example "\n',
        "number,mail\n,nobody\n\nSO-1,kim@acme.example\n , \n",
        "number,mail,more\nSO-1,kim@acme.example\n",
    ],
    ids=["commas", "semicolons", "tabs", "BOM", "quotes and blanks", "empty lines", "short lines"],
)
def test_files_that_say_the_same(tmp_path: Path, text: str) -> None:
    source = written(tmp_path, text)
    assert list(source.all()) == [Entry("SO-1", {"customer": "kim@acme.example"})]
    assert source.look("so-1 ") == Entry("SO-1", {"customer": "kim@acme.example"})
    assert source.look("SO-2") is None


def test_without_a_mapping_the_columns_have_our_names(tmp_path: Path) -> None:
    [entry] = written(tmp_path, "key,customer,shipped\nSO-1,ACME,\n", {}).all()
    assert entry == Entry("SO-1", {"customer": "ACME"})


def test_a_fact_is_one_short_line_without_controls(tmp_path: Path) -> None:
    [entry] = written(tmp_path, f'number,mail\nSO-1,"a\nb \x1b[2J{"x" * 90_000}"\n').all()
    assert entry.facts["customer"].startswith("a b [2Jxxx")
    assert len(entry.facts["customer"]) <= 10_000


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"number,mail\nSO-1,M\xfcller\n", "orders.csv, line 2: is not UTF-8"),
        (b"nummer,mail\nSO-1,x\n", "orders.csv, line 1: has no column number; it has nummer, mail"),
        (b"", "has no column number, mail"),
        (b"number,mail\n" + b"SO-1,x\n" * 20_000, "is larger than 100000 bytes"),
        (b"number,mail\nSO-1," + b"x" * 90_000 + b"," + b"y" * 5, ""),
    ],
    ids=["latin-1", "misspelt", "empty", "large", "one long field"],
)
def test_what_is_wrong_with_a_file_is_said_with_its_place(tmp_path: Path, text: bytes, says: str) -> None:
    source = written(tmp_path, text, largest=100_000)
    if not says:
        assert len(source.all()) == 1
        return
    with pytest.raises(Trouble) as refused:
        source.all()
    assert says in str(refused.value)


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    source = written(tmp_path, "number,mail\n")
    (tmp_path / "orders.csv").unlink()
    assert source.stamp() is None
    with pytest.raises(Trouble, match="there is no file"):
        source.all()


def test_a_file_that_has_changed_is_seen_without_reading_it(tmp_path: Path) -> None:
    source = written(tmp_path, "number,mail\nSO-1,x\n")
    before = source.stamp()
    assert source.stamp() == before
    os.utime(tmp_path / "orders.csv", (1, 1))
    assert source.stamp() != before
