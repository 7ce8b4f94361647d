"""Where a receiver listens, taken apart: HOST:PORT, [IPV6]:PORT or unix:PATH."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """Either a host and port, or the path of a Unix socket (then the host is "" and the port 0)."""

    host: str
    port: int
    path: Path | None = None


def parse_listen(text: str) -> ListenAddress:
    """Take an address apart; ValueError says what would be right. Port 0 lets the system choose."""
    wrong = ValueError(f"{text!r} is no place to listen; write 127.0.0.1:2525, [::1]:2525 or unix:lmtp.sock")
    if text.startswith("unix:"):
        if not text.removeprefix("unix:").strip():
            raise wrong
        return ListenAddress("", 0, Path(text.removeprefix("unix:")))
    host, colon, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
        if ":" not in host:
            raise wrong
    elif ":" in host:  # an IPv6 address without brackets: its last group would be read as the port
        raise wrong
    # isascii: int() would take digits of every script
    number = int(port) if port.isascii() and port.isdigit() and len(port) <= 5 else -1
    if not colon or not host or "/" in host or any(c.isspace() for c in host) or not 0 <= number <= 65535:
        raise wrong
    return ListenAddress(host, number)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself, by its name alone: nothing is looked up."""
    name = host.strip("[]").lower().rstrip(".")
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
