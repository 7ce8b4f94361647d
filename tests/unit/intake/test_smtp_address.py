"""Envelope paths and parameters, case by case."""

from __future__ import annotations

import time

import pytest

from maild.intake.smtp_address import BadPath, read_forward_path, read_parameters, read_reverse_path


@pytest.mark.parametrize(
    ("text", "address", "rest"),
    [
        ("FROM:<a@b.test>", "a@b.test", ""),
        ("from:<a@b.test>", "a@b.test", ""),
        ("FROM: <a@b.test>", "a@b.test", ""),
        ("FROM:<>", "", ""),
        ("FROM:<> SIZE=1", "", " SIZE=1"),
        ("FROM:<a@b.test> SIZE=1 BODY=7BIT", "a@b.test", " SIZE=1 BODY=7BIT"),
        ("FROM:<@r1.test,@r2.test:a@b.test>", "a@b.test", ""),
        ('FROM:<"a b@c>"@b.test>', '"a b@c>"@b.test', ""),
        (r'FROM:<"a\"b"@b.test>', r'"a\"b"@b.test', ""),
        ("FROM:<a@[127.0.0.1]>", "a@[127.0.0.1]", ""),
        ("FROM:<a@[IPv6:::1]>", "a@[IPv6:::1]", ""),
        ("FROM:<Root@my_host>", "Root@my_host", ""),
        ("FROM:<o'neil+tag=x/y@b.test>", "o'neil+tag=x/y@b.test", ""),
        (f"FROM:<{'v' * 200}@b.test>", f"{'v' * 200}@b.test", ""),  # return addresses of bulk senders
        ("FROM:<=?utf-8?q?a?=@b.test>", "=?utf-8?q?a?=@b.test", ""),  # legal, and never decoded
    ],
)
def test_a_good_path(text: str, address: str, rest: str) -> None:
    assert read_reverse_path(text) == (address, rest)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "FROM:",
        "TO:<a@b.test>",
        "FROM:a@b.test",
        "FROM:<a>",
        "FROM:<@b.test>",
        "FROM:<a@>",
        "FROM:<a@b.test",
        "FROM:<a@b.test>x",
        "FROM:<>x",
        "FROM:< a@b.test>",
        "FROM:<a@b.test >",
        "FROM:<a@b@c.test>",
        "FROM:<a..b@b.test>",
        "FROM:<.a@b.test>",
        "FROM:<a.@b.test>",
        "FROM:<a b@b.test>",
        "FROM:<a(comment)@b.test>",
        "FROM:<Name <a@b.test>>",
        "FROM:<a@b..test>",
        "FROM:<a@-b.test>",
        "FROM:<a@b.test.>",
        "FROM:<a@b.test,c@d.test>",
        "FROM:<a\r@b.test>",
        "FROM:<a\0@b.test>",
        "FROM:<a@b.test\n>",
        'FROM:<"a\nb"@b.test>',
        "FROM:<ä@b.test>",
        "FROM:<a@bücher.test>",
        "FROM:<=?utf-8?q?a=0d=0aRCPT=20TO:<v@y.test>?=@b.test>",
        "FROM:<a@=?utf-8?q?corp.test?=>",
        f"FROM:<{'a' * 300}@b.test>",
        f"FROM:<a@{'b' * 60}.{'c.' * 120}test>",
    ],
)
def test_a_bad_path(text: str) -> None:
    with pytest.raises(BadPath):
        read_reverse_path(text)


def test_only_a_recipient_may_be_postmaster_without_a_domain() -> None:
    assert read_forward_path("TO:<PostMaster>") == ("postmaster", "")
    assert read_forward_path("TO:<x@y.test>") == ("x@y.test", "")
    for text in ("TO:<>", "TO:<Postmaster>x", "TO:<hostmaster>"):
        with pytest.raises(BadPath):
            read_forward_path(text)
    with pytest.raises(BadPath):
        read_reverse_path("FROM:<Postmaster>")


def test_parameters() -> None:
    assert read_parameters("  size=1  FOO ") == {"SIZE": "1", "FOO": None}
    for text in ("=1", "SIZE=", "SIZE=1 size=2", "A=b=c", "-A", "SIZE:1"):
        with pytest.raises(BadPath):
            read_parameters(text)


@pytest.mark.parametrize("piece", ["a.", '"\\', "@a,", "a-", "_", "<"])
def test_hostile_text_is_read_in_linear_time(piece: str) -> None:
    begin = time.process_time()
    for prefix in ("FROM:<", 'FROM:<"', "FROM:<@"):
        with pytest.raises(BadPath):
            read_reverse_path(prefix + piece * 1000)  # a command has 2,048 bytes at most
    assert time.process_time() - begin < 1
