"""Ids, dates, parameters, names of files, flowed text: each by a table."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from maild.mail.dates import read_date
from maild.mail.filenames import name_for, safe_name
from maild.mail.flowed import unflow
from maild.mail.ids import message_id, message_ids
from maild.mail.parameters import read_parameters


@pytest.mark.parametrize(
    ("header", "ids", "why"),
    [
        ("<a@b>", ("a@b",), "one"),
        ("<a@b> <c@d>", ("a@b", "c@d"), "two"),
        ("<a@b><c@d>", ("a@b", "c@d"), "without a blank between"),
        ("<a b@c>", ("ab@c",), "an id that a mailer has folded"),
        ("Your message of Monday <a@b>", ("a@b",), "RFC 822 allowed words"),
        ("a@b", ("a@b",), "no brackets"),
        ("hello", (), "no id"),
        ("<>", (), "an empty one"),
        ("<" + "x" * 999 + ">", (), "too long to be sent back"),
    ],
)
def test_message_ids(header: str, ids: tuple[str, ...], why: str) -> None:
    assert message_ids(header) == ids, why


def test_of_many_references_the_first_and_the_last_count() -> None:
    ids = message_ids(" ".join(f"<{n}@x>" for n in range(300)))
    assert len(ids) == 100
    assert (ids[0], ids[1], ids[-1]) == ("0@x", "201@x", "299@x")


def test_an_id_that_is_none_is_kept_as_written() -> None:
    assert message_id("no at sign") == "noatsign"


@pytest.mark.parametrize(
    ("header", "moment", "why"),
    [
        ("Tue, 7 May 2024 10:00:00 +0200", datetime(2024, 5, 7, 8, tzinfo=UTC), "ordinary"),
        ("7 May 24 10:00 EST", datetime(2024, 5, 7, 15, tzinfo=UTC), "obsolete, RFC 5322 §4.3"),
        ("Tue, 7 May 2024 10:00:00 -0000", datetime(2024, 5, 7, 10, tzinfo=UTC), "a zone that nobody knows"),
        ("Sat, 31 Dec 2016 23:59:60 +0000", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC), "a leap second"),
        ("2024-05-07T10:00:00Z", datetime(2024, 5, 7, 10, tzinfo=UTC), "ISO 8601"),
        ("Tue, 7 May 2024 10:00:00 +" + "9" * 150, None, "an offset that overflows"),
        ("Tue, 7 May 99999 10:00:00 +0000", None, "a year that overflows"),
        ("Fri, 31 Dec 9999 23:00:00 -2300", None, "after the last year, once in UTC"),
        ("Tue, 45 May 2024 10:00:00 +0000", None, "no such day"),
        ("yesterday", None, "no date"),
        ("", None, "nothing"),
    ],
)
def test_read_date(header: str, moment: datetime | None, why: str) -> None:
    assert read_date(header) == moment, why


@pytest.mark.parametrize(
    ("header", "main", "parameters", "why"),
    [
        ("text/plain", "text/plain", {}, "none"),
        ("Text/Plain; Charset=UTF-8", "text/plain", {"charset": "UTF-8"}, "names in lower case, values as written"),
        ('a/b; x="1;2"; y=3', "a/b", {"x": "1;2", "y": "3"}, "a quoted semicolon"),
        ('a/b; x="a\\"b"', "a/b", {"x": 'a"b'}, "a quoted quote"),
        ("a/b; filename=two words.pdf", "a/b", {"filename": "two words.pdf"}, "blanks without quotes"),
        ('a/b; x="open', "a/b", {"x": "open"}, "an open quote"),
        ("a/b;; ;x=1", "a/b", {"x": "1"}, "empty parameters"),
        ("a/b; junk; x=1", "a/b", {"x": "1"}, "a name without a value"),
        ("a/b; f*=utf-8'de'%C3%BC.pdf", "a/b", {"f": "ü.pdf"}, "RFC 2231"),
        ("a/b; f=plain; f*=utf-8''%C3%BC", "a/b", {"f": "ü"}, "RFC 2231 before the plain form"),
        ("a/b; f*1*=%BC.pdf; f*0*=utf-8''%C3", "a/b", {"f": "ü.pdf"}, "sections out of order, cut inside a character"),
        ("a/b; f*0=ab; f*1=cd", "a/b", {"f": "abcd"}, "sections without a charset"),
        ("a/b; f==?utf-8?q?=C3=BC?=.pdf", "a/b", {"f": "ü.pdf"}, "an encoded word, where none may be"),
        ("a/b (comment)", "a/b", {}, "a comment"),
    ],
)
def test_read_parameters(header: str, main: str, parameters: dict[str, str], why: str) -> None:
    assert read_parameters(header) == (main, parameters), why


@pytest.mark.parametrize(
    ("written", "safe", "why"),
    [
        ("photo.jpg", "photo.jpg", "ordinary"),
        ("../../etc/passwd", "passwd", "a path"),
        ("C:\\Users\\ann\\a.doc", "a.doc", "Windows' path"),
        ("a\0.exe", "a.exe", "NUL"),
        ("a\r\nb.txt", "ab.txt", "line ends"),
        ("inv\u202efdp.exe", "invfdp.exe", "text turned around to hide .exe"),
        (".htaccess", "htaccess", "hidden"),
        ("a.exe. . ", "a.exe", "dots that Windows drops"),
        ("CON.txt", "_CON.txt", "a device of Windows"),
        ("u\u0308.txt", "ü.txt", "one form for the same letters"),
        ("/", "", "nothing left"),
        ("x" * 300 + ".tar.gz", "x" * 113 + ".tar.gz", "too long: the extension stays"),
    ],
)
def test_safe_name(written: str, safe: str, why: str) -> None:
    assert safe_name(written) == safe, why


def test_a_name_for_a_part_without_one() -> None:
    assert name_for("image/png", "2.1") == "part-2.1.png"
    assert name_for("message/rfc822", "2", "Re: 1/2 of it") == "Re_ 1_2 of it.eml"
    assert name_for("application/x-odd", "3") == "part-3.bin"


@pytest.mark.parametrize(
    ("text", "delete", "joined", "why"),
    [
        ("a \nb\nc", False, "a b\nc", "a soft break"),
        ("a \nb", True, "ab", "delsp"),
        ("> a \n> b\nc", False, "> a b\nc", "inside a quote"),
        ("> a \n>> b", False, "> a \n>> b", "depth changes: no join, RFC 3676 §4.5"),
        (" From a", False, "From a", "stuffed, §4.4"),
        ("a \n-- \nb", False, "a \n-- \nb", "a signature is no soft break, §4.3"),
    ],
)
def test_unflow(text: str, delete: bool, joined: str, why: str) -> None:
    assert unflow(text, delete_space=delete) == joined, why


def test_a_name_that_is_very_long_keeps_its_extension_and_takes_no_time() -> None:
    marks = "\u0301\u0323" * 20_000
    begun = time.process_time()
    assert all(safe_name(f"invoice{marks}.exe").endswith(".exe") for _ in range(100))
    assert time.process_time() - begun < 1  # a twentieth in truth; to sort 4096 marks a hundred times takes longer
