"""A wire between a daemon and a server that can be cut: at a byte, at a word, now; or that swallows everything.

with running_proxy(server.port) as proxy:
    proxy.cut_after = 1000  # each connection ends after so many bytes from the server
    proxy.on_words = {b"COMMIT": "lose"}  # it reaches the server, and its answer nobody
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from maild.testing.servers.daemon import HOST

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER of no time: close() sends RST [socket(7)]
_AT_ONCE = 1 << 16


class Proxy:
    """Carries bytes to `target`, a port of this machine. Its troubles can be changed at any time."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.cut_after: int | None = None
        self.swallow = False  # nothing comes through any more, and nobody is told
        self.on_words: dict[bytes, Literal["drop", "lose"]] = {}
        self.cuts = 0
        self._pairs: set[_Pair] = set()
        self._listener = socket.create_server((HOST, 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, name="proxy", daemon=True)
        self._thread.start()

    def heal(self) -> None:
        """No trouble any more; what hangs is cut, as a network does in the end."""
        self.cut_after, self.on_words = None, {}
        if self.swallow:
            self.swallow = False
            self.cut()

    def cut(self) -> None:
        """Reset every connection now."""
        for pair in list(self._pairs):
            pair.reset()

    def close(self) -> None:
        """End it."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection((HOST, self.target), timeout=5)
            except OSError:  # nobody there: what a client of the server itself would see
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                client.close()
                continue
            server.settimeout(None)
            pair = _Pair(self, client, server)
            self._pairs.add(pair)
            pair.start()


class _Pair:
    """One connection."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy, self._client, self._server = proxy, client, server
        self._passed = 0
        self._lose = False
        for one in (client, server):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def start(self) -> None:
        for carry in (self._up, self._down):
            threading.Thread(target=self._guarded, args=(carry,), daemon=True).start()

    def reset(self) -> None:
        self._proxy._pairs.discard(self)  # noqa: SLF001
        for one in (self._client, self._server):
            with contextlib.suppress(OSError):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                one.shutdown(socket.SHUT_RDWR)  # whoever reads from it wakes up
            one.close()

    def _guarded(self, carry: object) -> None:
        with contextlib.suppress(OSError):
            carry()  # type: ignore[operator]
        self.reset()

    def _up(self) -> None:
        while data := self._client.recv(_AT_ONCE):
            if self._proxy.swallow:
                continue
            what = next((do for word, do in list(self._proxy.on_words.items()) if word in data), None)
            if what is not None:
                self._proxy.cuts += 1
            if what == "drop":
                return
            self._lose = what == "lose"
            self._server.sendall(data)

    def _down(self) -> None:
        while data := self._server.recv(_AT_ONCE):
            if self._lose:
                return
            if self._proxy.swallow:
                continue
            limit = self._proxy.cut_after
            if limit is not None and self._passed + len(data) > limit:
                self._client.sendall(data[: max(0, limit - self._passed)])
                self._proxy.cuts += 1
                return
            self._client.sendall(data)
            self._passed += len(data)


@contextmanager
def running_proxy(target: int) -> Iterator[Proxy]:
    """A proxy until the end of the block."""
    proxy = Proxy(target)
    try:
        yield proxy
    finally:
        proxy.close()
