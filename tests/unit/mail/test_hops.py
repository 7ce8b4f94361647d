"""The way a mail took, read by mail-parser."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from maild.mail import received_hops

RAW = (
    b"Received: from mx.example.org (mx.example.org [192.0.2.7])\r\n\tby in.example.com (Postfix) with ESMTPS id 4B\r\n"
    b"\tfor <support@example.com>; Tue, 7 May 2024 10:00:05 +0200\r\n"
    b"Received: from laptop ([198.51.100.3]) by mx.example.org with ESMTPA; Tue, 7 May 2024 08:00:00 +0000\r\n"
    b"From: ann@example.org\r\n\r\nhello"
)


def test_the_oldest_hop_comes_first() -> None:
    first, second = received_hops(RAW)
    assert (first.number, first.by_host, first.protocol) == (1, "mx.example.org", "ESMTPA")
    assert first.at == datetime(2024, 5, 7, 8, tzinfo=UTC)
    assert second.by_host == "in.example.com (Postfix)"
    assert second.delay == 5.0


@pytest.mark.parametrize("raw", [b"", b"From: a@b.example\n\nx", b"Received: nonsense\n\nx", b"Received: \xff\n\nx"])
def test_no_hop_is_no_error(raw: bytes) -> None:
    assert isinstance(received_hops(raw), tuple)


@pytest.mark.processor(5)
@pytest.mark.timeout(60)
@pytest.mark.parametrize("junk", ["from ", "by x ", "; ", "( ", "with ", "from x by y ", " id", "a"])
def test_hostile_headers_end_in_time(junk: str) -> None:
    line = f"Received: {junk * 5000}"[:4000]
    received_hops("\n".join([line] * 100).encode() + b"\n\nx")
