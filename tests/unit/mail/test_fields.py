"""Header blocks, tidy and not."""

from __future__ import annotations

import pytest

from maild.mail.fields import split_fields
from maild.mail.findings import Findings


def split(raw: bytes) -> tuple[list[tuple[str, str]], bytes, Findings]:
    findings = Findings()
    fields, body = split_fields(raw, 0, len(raw), findings)
    return fields, raw[body:], findings


CASES: list[tuple[bytes, list[tuple[str, str]], bytes, str]] = [
    (b"A: b\nC: d\n\nbody", [("a", "b"), ("c", "d")], b"body", "LF"),
    (b"A: b\r\nC: d\r\n\r\nbody\r\n\r\n", [("a", "b"), ("c", "d")], b"body\r\n\r\n", "CRLF"),
    (b"A: b\rC: d\r\rbody", [("a", "b"), ("c", "d")], b"body", "CR, as old Macintosh mail has"),
    (b"A: b\r\r\nC: d\r\r\n\r\r\nbody", [("a", "b"), ("c", "d")], b"body", "CR CR LF, as broken gateways make"),
    (b"A: b\n c\n\td\n\nx", [("a", "b c d")], b"x", "folded lines"),
    (b"A : b\n\nx", [("a", "b")], b"x", "a blank before the colon, RFC 5322 §4.5"),
    (b"\nbody", [], b"body", "no header"),
    (b"A: b", [("a", "b")], b"", "no body"),
    (b"", [], b"", "nothing"),
    (b"From x@y Mon Jan 1\nA: b\n\nx", [("a", "b")], b"x", "an mbox line on top"),
    (
        b"Subject: a\nbroken fold\nTo: b\n\nx",
        [("subject", "a broken fold"), ("to", "b")],
        b"x",
        "a fold without its blank",
    ),
    (
        b"Subject: a\nHello,\nhow are you?\n\nx",
        [("subject", "a")],
        b"Hello,\nhow are you?\n\nx",
        "no blank line before the body",
    ),
    (b"Hello there\n\nx", [], b"Hello there\n\nx", "no header, and the body begins at once"),
]


@pytest.mark.parametrize(("raw", "fields", "body", "why"), CASES)
def test_split_fields(raw: bytes, fields: list[tuple[str, str]], body: bytes, why: str) -> None:
    found, rest, _ = split(raw)
    assert (found, rest) == (fields, body), why


@pytest.mark.parametrize(
    ("raw", "limit"),
    [
        (b"A: b\n" * 1001 + b"\nx", "more than 1,000 header fields"),
        (b"A: " + b"b" * 65537 + b"\n\nx", "longer than 64 KiB"),
        (b"A: b\n" + b" c\n" * 90_000 + b"\nx", "longer than 256 KiB"),
    ],
)
def test_over_a_limit_the_rest_is_read_and_it_says_so(raw: bytes, limit: str) -> None:
    fields, body, findings = split(raw)
    assert fields[0][0] == "a"
    assert body == b"x"
    assert limit in findings.over_limit
    assert findings.over_limit in findings.defects


@pytest.mark.parametrize("raw", [b"A: b\n" * 1000 + b"\nx", b"A: " + b"b" * 65536 + b"\n\nx"])
def test_at_a_limit_nothing_is_said(raw: bytes) -> None:
    assert split(raw)[2] == Findings()
