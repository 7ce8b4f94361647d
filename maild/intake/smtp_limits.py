"""How much a stranger may ask of the receiver, with who counts it."""

from __future__ import annotations

import ipaddress
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes in bytes, times in seconds; the answer to each excess is in brackets."""

    message_size: int = 25 * MIB  # announced as SIZE [552]; twice as much on the wire is cut [421]
    connections: int = 200  # at once, all clients [421 4.3.2]
    connections_per_ip: int = 20  # at once; an IPv6 /64 counts as one address [421 4.7.0]
    recipients: int = 100  # per mail; RFC 5321 §4.5.3.1.8 asks for 100 [452 4.5.3]
    messages: int = 100  # accepted per connection; more come on the next one [421]
    errors: int = 10  # 5xx answers to commands per connection [421]
    commands: int = 200  # that carry no mail (NOOP, RSET, EHLO ...) since the last mail [421]
    idle: float = 60  # until the next whole command, or the next bytes within DATA [421 4.4.2]
    data_time: float = 600  # for one whole DATA [421 4.4.2]
    data_grace: float = 30  # after that a DATA must have brought ...
    data_rate: int = 500  # ... so many bytes per second on average [421 4.4.2]
    session_time: float = 1800  # of one connection [421 4.4.2]
    tls_handshake: float = 10  # [closed]
    min_free_disk: int = 500 * MIB  # beyond the announced size of the mail [452 4.3.1]


class Connections:
    """Counts connections, all and per client; not thread-safe, lives on the event loop."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._by_client: Counter[str] = Counter()
        self.total = 0

    def enter(self, ip: str) -> str:
        """Count one in; "" or the answer that refuses it. `leave` must follow in either case."""
        client = _client(ip)
        self.total += 1
        self._by_client[client] += 1
        if self.total > self._limits.connections:
            return "421 4.3.2 too many connections at the moment, please try again later"
        if client and self._by_client[client] > self._limits.connections_per_ip:
            return "421 4.7.0 too many connections from your address at the moment"
        return ""

    def leave(self, ip: str) -> None:
        """Count it out."""
        client = _client(ip)
        self.total -= 1
        self._by_client[client] -= 1
        if not self._by_client[client]:
            del self._by_client[client]  # or every address of a flood stays in memory


def _client(ip: str) -> str:
    """The address that is counted: one customer of a provider has a whole IPv6 /64; "" for a Unix socket."""
    if ":" not in ip:
        return ip
    address = ipaddress.IPv6Address(ip.partition("%")[0])  # without the zone of a link-local one
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return address.exploded[:19]


class FreeDisk:
    """Asks the disk of a folder for its free space, at most once a second."""

    def __init__(self, folder: Path, monotonic: Callable[[], float], free: Callable[[Path], int] | None = None) -> None:
        self._folder = folder
        self._monotonic = monotonic
        self._ask = free or _free
        self._asked_at = float("-inf")
        self._free = 0

    def has(self, wanted: int) -> bool:
        """Whether `wanted` bytes were free within the last second. Raises OSError without the folder."""
        now = self._monotonic()
        if now >= self._asked_at + 1:
            self._free = self._ask(self._folder)
            self._asked_at = now
        return self._free >= wanted


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free
