"""The quick look at a raw header."""

from __future__ import annotations

import pytest

from maild.threading.glance import glance


@pytest.mark.parametrize(
    ("raw", "own", "hint"),
    [
        (b"Message-ID: <a@x>\r\n\r\n", "a@x", "a@x"),
        (b"message-id:<a@x>\nIn-Reply-To: <b@x>\n\n", "a@x", "b@x"),
        (b"References: <r@x>\r\n <s@x>\r\nIn-Reply-To: <s@x>\r\nMessage-ID: <a@x>\r\n\r\n", "a@x", "r@x"),
        (b"Message-ID:\r\n <a@x>\r\n\r\n", "a@x", "a@x"),  # folded after the name
        (b"Subject: x\r\n\r\nMessage-ID: <body@x>\r\n", "", ""),  # in the body, not in the header
        (b"Message-ID: none\r\n\r\n", "", ""),
        (b"", "", ""),
        (b"\xff\x00Message-ID <a@x>", "", ""),
    ],
)
def test_glance(raw: bytes, own: str, hint: str) -> None:
    assert glance(raw) == (own, hint)


def test_a_header_of_any_size_is_looked_at_in_bounded_time() -> None:
    assert glance(b"References: " + b"<" * 10_000_000) == ("", "")
