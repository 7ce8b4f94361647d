"""The Received line of our receiver: who talked to us can be read from it, and from no other line."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from maild.intake.smtp_trace import read_received_line, received_line

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def line(helo: str = "mail.example.com", ip: str = "192.0.2.1") -> bytes:
    return received_line(
        helo=helo, ip=ip, hostname="desk.example", protocol="ESMTP", recipients=("a@desk.example",), now=NOW
    )


@pytest.mark.parametrize(
    ("helo", "ip", "client"),
    [
        ("mail.example.com", "192.0.2.1", ("192.0.2.1", "mail.example.com")),
        ("[192.0.2.9]", "2001:db8::1", ("2001:db8::1", "[192.0.2.9]")),
        (
            "x ([192.0.2.9])\r\n\tby a (maild) with ",
            "192.0.2.1",
            ("192.0.2.1", "x??[192.0.2.9]????by?a??maild??with?"),
        ),
        ("mail.example.com", "", None),
    ],
)
def test_the_client_is_read_as_it_was_written(helo: str, ip: str, client: tuple[str, str] | None) -> None:
    assert read_received_line(line(helo, ip) + b"From: a@example.com\r\n\r\n") == client


@pytest.mark.parametrize("before", [b"X: y\r\n", b"\r\n", b" "])
def test_only_the_line_on_top_is_ours(before: bytes) -> None:
    assert read_received_line(before + line()) is None
