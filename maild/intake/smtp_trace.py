"""The Received line that we add, and counting those of others: so a mail that runs in a circle ends."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import format_datetime

# RFC 5321 §6.3 names 100 as a large threshold; Postfix takes 50 (hopcount_limit).
MOST_HOPS = 50

_OURS = re.compile(
    rb"Received: from (\S{1,255}) \(\[(?:IPv6:)?([0-9A-Fa-f.:]{2,45})\]\)\r\n\tby \S{1,255} \(maild\) with "
)
_NOT_A_NAME = re.compile(r"[^A-Za-z0-9.:\[\]_-]")


def received_line(
    *, helo: str, ip: str, hostname: str, protocol: str, recipients: tuple[str, ...], now: datetime
) -> bytes:
    """One folded Received field with its line end (RFC 5321 §4.4).

    `ip` is "" for a Unix socket; `protocol` is a word of RFC 3848. Only a single recipient is named:
    several would show a blind copy to everybody who reads the mail.
    """
    name = _NOT_A_NAME.sub("?", helo)[:255]  # the client's own words: no comment, no line end of theirs
    literal = f" ([IPv6:{ip}])" if ":" in ip else f" ([{ip}])" if ip else ""
    to = f"\r\n\tfor <{recipients[0]}>" if len(recipients) == 1 else ""
    return (
        f"Received: from {name}{literal}\r\n\tby {hostname} (maild) with {protocol}{to};\r\n"
        f"\t{format_datetime(now)}\r\n"
    ).encode("ascii", "replace")


def read_received_line(raw: bytes) -> tuple[str, str] | None:
    """The client's address and name from the line that we added on top; None without one, or for a Unix socket."""
    found = _OURS.match(raw)
    return (found[2].decode("ascii"), found[1].decode("ascii")) if found else None


def count_hops(head: bytes) -> int:
    """How many Received fields the header in `head`, the first bytes of a mail, has."""
    end = head.find(b"\r\n\r\n")
    if end < 0:
        end = head.find(b"\n\n")
    header = head[:end].lower() if end >= 0 else head.lower()
    return header.count(b"\nreceived:") + header.startswith(b"received:")
