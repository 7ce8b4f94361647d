"""An HTTP endpoint of a directory: answers in JSON, and can be slow, hostile, wrong or away."""

from __future__ import annotations

import contextlib
import json
import socketserver
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from maild.testing.servers.daemon import HOST, free_port


class FakeEndpoint:
    """Answers `/KEY` with the JSON of `entries[KEY]`, 404 without one, and `/` with all of them.

    `mode`: "hang" never answers, "drip" sends the head a byte at a time, "drip body" the body, "endless" never
    ends, "close" hangs up in the middle; anything else is sent as it is, byte for byte.
    """

    def __init__(self, entries: Mapping[str, Any]) -> None:
        self.entries = dict(entries)
        self.mode = ""
        self.pause = 0.05  # seconds between two bytes that drip
        self.asked: list[str] = []
        self.heads: list[str] = []
        self.port = free_port()
        self.over = threading.Event()
        self._server: _Server | None = None

    @property
    def url(self) -> str:
        """Without a path."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Listen."""
        if self._server is None:
            self.over.clear()
            self._server = _Server((HOST, self.port), _Conversation)
            self._server.endpoint = self
            threading.Thread(target=self._server.serve_forever, args=(0.02,), name="endpoint", daemon=True).start()

    def stop(self) -> None:
        """Be away."""
        server, self._server = self._server, None
        if server is not None:
            self.over.set()
            server.shutdown()
            server.server_close()

    def answer(self, path: str) -> bytes:
        """A good answer."""
        key = unquote(path.strip("/"))
        found = list(self.entries.values()) if not key else self.entries.get(key)
        return whole(b"" if found is None else json.dumps(found).encode(), 404 if found is None else 200)


def whole(body: bytes, status: int = 200, kind: str = "application/json", more: str = "") -> bytes:
    """An answer with its head."""
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    endpoint: FakeEndpoint


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        """One question, one answer."""
        endpoint = self.server.endpoint  # type: ignore[attr-defined]
        with contextlib.suppress(OSError):
            first = self.rfile.readline().decode("latin-1")
            head = ""
            while (line := self.rfile.readline()).strip():
                head += line.decode("latin-1")
            path = first.split(" ")[1] if " " in first else ""
            endpoint.asked.append(path)
            endpoint.heads.append(head)
            self._answer(endpoint, endpoint.answer(path))

    def _answer(self, endpoint: FakeEndpoint, good: bytes) -> None:
        head, _, body = good.partition(b"\r\n\r\n")
        match endpoint.mode:
            case "":
                self.wfile.write(good)
            case "hang":
                endpoint.over.wait(60)
            case "drip":
                self._drip(endpoint, good)
            case "drip body":
                self.wfile.write(head + b"\r\n\r\n")
                self._drip(endpoint, body)
            case "endless":
                self.wfile.write(b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\n\r\n[")
                while not endpoint.over.is_set():
                    self.wfile.write(b'"x",' * 4096)
            case "close":
                self.wfile.write(good[:-1])
            case other:
                self.wfile.write(other.encode("latin-1"))

    def _drip(self, endpoint: FakeEndpoint, data: bytes) -> None:
        for at in range(len(data)):
            self.wfile.write(data[at : at + 1])
            if endpoint.over.wait(endpoint.pause):
                return
