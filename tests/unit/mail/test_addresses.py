"""Addresses as real senders and attackers write them."""

from __future__ import annotations

import pytest

from maild.mail.addresses import read_addresses

CASES: list[tuple[str, list[tuple[str, str]], str]] = [
    ("ann@example.com", [("", "ann@example.com")], "bare"),
    ("<ann@example.com>", [("", "ann@example.com")], "in brackets"),
    ("Ann Lee <ann@Example.COM>", [("Ann Lee", "ann@example.com")], "the domain in lower case"),
    ("Ann.Lee@Example.com", [("", "Ann.Lee@example.com")], "the local part as written"),
    ('"Lee, Ann" <ann@example.com>', [("Lee, Ann", "ann@example.com")], "a quoted comma"),
    ('"Ann \\"A\\" Lee" <ann@example.com>', [('Ann "A" Lee', "ann@example.com")], "quoted quotes"),
    ("'Ann' <ann@example.com>", [("Ann", "ann@example.com")], "Outlook's quotes"),
    ("ann@example.com (Ann Lee)", [("Ann Lee", "ann@example.com")], "the name as a comment"),
    ("Ann (a (deep) one) Lee <ann@example.com>", [("Ann Lee", "ann@example.com")], "nested comments"),
    ("a@x.example, b@y.example", [("", "a@x.example"), ("", "b@y.example")], "two"),
    ("a@x.example; b@y.example", [("", "a@x.example"), ("", "b@y.example")], "Outlook's separator"),
    (
        "Team: a@x.example, B <b@y.example>;, c@z.example",
        [("", "a@x.example"), ("B", "b@y.example"), ("", "c@z.example")],
        "a group",
    ),
    ("undisclosed-recipients:;", [], "an empty group"),
    ("=?utf-8?q?J=C3=BCrgen?= <j@example.com>", [("Jürgen", "j@example.com")], "encoded name"),
    ("=?utf-8?q?Lee,_Ann?= <a@example.com>", [("Lee, Ann", "a@example.com")], "a raw comma in an encoded word"),
    ('"=?utf-8?q?J=C3=BCrgen?=" <j@example.com>', [("Jürgen", "j@example.com")], "encoded inside quotes"),
    ("a@b.example <c@d.example>", [("a@b.example", "c@d.example")], "the name is not the address"),
    ('"a@b.example" <c@d.example>', [("a@b.example", "c@d.example")], "nor when quoted"),
    ("<a@b.example> <c@d.example>", [("", "a@b.example")], "the first of two"),
    ('"john doe"@example.com', [("", '"john doe"@example.com')], "a quoted local part"),
    ("<@relay.example,@other.example:ann@example.com>", [("", "ann@example.com")], "a route, RFC 5322 §4.4"),
    ("<mailto:ann@example.com>", [("", "ann@example.com")], "mailto"),
    ("ann@[192.0.2.1]", [("", "ann@[192.0.2.1]")], "a domain literal"),
    ("Ann Lee", [("Ann Lee", "")], "only a name"),
    ("<>", [], "the null address"),
    ("", [], "nothing"),
    ('"never closed <ann@example.com>', [("never closed", "ann@example.com")], "an open quote"),
    ("(never closed <ann@example.com>", [("never closed", "ann@example.com")], "an open comment"),
    ("Ann Lee ann@example.com", [("Ann Lee", "ann@example.com")], "no brackets"),
    (
        "=?q?a=40b?= <ann@example.com>, x@y.example",
        [("=?q?a=40b?=", "ann@example.com"), ("", "x@y.example")],
        "no word at all",
    ),
    (
        "<=?utf-8?q?evil=40x.example?=@example.com>",
        [("", "=?utf-8?q?evil=40x.example?=@example.com")],
        "an address is never decoded",
    ),
    ("\0ann@example.com", [("", "ann@example.com")], "no control characters, which PostgreSQL refuses"),
    ("Ann <an\0n\x7f@example.com>", [("Ann", "ann@example.com")], "nor in brackets"),
    ("jörg@example.com", [("", "jörg@example.com")], "raw UTF-8, RFC 6532"),
]


@pytest.mark.parametrize(("header", "expected", "why"), CASES)
def test_read_addresses(header: str, expected: list[tuple[str, str]], why: str) -> None:
    raw = header.encode().decode("ascii", "surrogateescape")
    assert [(each.name, each.address) for each in read_addresses(raw)] == expected, why


def test_at_most_five_hundred() -> None:
    assert len(read_addresses("a@b.example," * 5000)) == 500
