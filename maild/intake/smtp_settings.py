"""What the receiver is told when it is made: plain values, checked once."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from maild.intake.smtp_limits import Limits


class Protocol(StrEnum):
    """What is spoken."""

    SMTP = "smtp"  # RFC 5321
    LMTP = "lmtp"  # RFC 2033: one answer per recipient after DATA; for a mail system in front of us


class Tls(StrEnum):
    """How a connection is encrypted."""

    NONE = "none"
    STARTTLS = "starttls"  # RFC 3207
    TLS = "tls"  # from the first byte (RFC 8314)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverSettings:
    """One listening socket.

    Raises ValueError when the parts do not fit together.
    """

    listen: str  # "HOST:PORT", "[v6]:PORT", ":PORT" (every address) or "unix:PATH"; port 0: any free one
    hostname: str  # our name in the greeting and in Received
    folder: Path  # large mails wait here for their commit; its disk is watched, so: beside the database
    protocol: Protocol = Protocol.SMTP
    tls: Tls = Tls.NONE
    tls_context: ssl.SSLContext | None = None  # server side; needed unless tls is none
    require_tls: bool = False  # with starttls: no mail before it [530]
    unix_mode: int = 0o660  # of a Unix socket: who may write to it may send mail
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        """Refuse what would fail, or be less safe than it looks, only when the first client comes."""
        read_listen(self.listen)
        if (self.tls is Tls.NONE) != (self.tls_context is None):
            raise ValueError("tls_context goes with tls = starttls or tls")
        if self.require_tls and self.tls is Tls.NONE:
            raise ValueError("require_tls without tls would refuse every mail")


def read_listen(listen: str) -> tuple[str | None, int] | Path:
    """Host (None: every address) and port, or the path of a Unix socket. Raises ValueError."""
    if listen.startswith("unix:"):
        return Path(listen.removeprefix("unix:"))
    host, colon, port = listen.rpartition(":")
    if not colon or not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise ValueError(f"{listen!r}: write HOST:PORT, [v6]:PORT, :PORT or unix:PATH")
    if ":" in host and not (host.startswith("[") and host.endswith("]")):
        raise ValueError(f"{listen!r}: an IPv6 address goes in brackets, like [::1]:25")
    return host.strip("[]") or None, int(port)
