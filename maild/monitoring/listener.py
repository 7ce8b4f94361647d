"""Answers /metrics, /health and /ready over HTTP, in a thread of its own, far from where mail is worked on.

It speaks as much of HTTP/1.1 [RFC 9112] as a GET needs and closes after each answer. Few connections
at once, little time and few bytes for each: whoever is slow or hostile only keeps others like him away,
and the oldest one makes room.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from maild.app.ports import Log
from maild.monitoring.exposition import CONTENT_TYPE, write_metrics
from maild.monitoring.look import Look, unhealthy, unready

CONNECTIONS = 32  # at once; beyond it the oldest one is cut
PATIENCE = 2.0  # seconds for one connection, all in all
LONGEST = 4096  # bytes of a request
_START = 5.0  # seconds that binding an address may take


@dataclass(eq=False)
class Listener:
    """One address; `look` is called in this listener's thread and must not block."""

    host: str
    port: int  # 0 lets the system choose; see `address`
    look: Callable[[], Look]
    log: Log
    address: tuple[str, int] = ("", 0)
    _loop: asyncio.AbstractEventLoop | None = None
    _thread: threading.Thread | None = None
    _open: dict[asyncio.Task[None], None] = field(default_factory=dict)  # connections, the oldest first

    def start(self) -> None:
        """Listen. Raises OSError when the address cannot be had."""
        bound = threading.Event()
        failed: list[OSError] = []
        self._thread = threading.Thread(target=self._run, args=(bound, failed), name="monitoring", daemon=True)
        self._thread.start()
        bound.wait(_START)
        if failed:
            raise failed[0]

    def stop(self) -> None:
        """Close the address and every connection."""
        loop, thread = self._loop, self._thread
        if loop is not None and thread is not None:
            with contextlib.suppress(RuntimeError):  # it has ended already
                loop.call_soon_threadsafe(self._cancel_all)
            thread.join(_START)

    def _cancel_all(self) -> None:
        for task in asyncio.all_tasks(self._loop):
            task.cancel()

    def _run(self, bound: threading.Event, failed: list[OSError]) -> None:
        try:
            with contextlib.suppress(asyncio.CancelledError):
                asyncio.run(self._serve(bound))
        except OSError as error:
            failed.append(error)
        finally:
            bound.set()

    async def _serve(self, bound: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._connected, self.host, self.port, limit=LONGEST)
        self.address = server.sockets[0].getsockname()[:2]
        bound.set()
        async with server:
            await server.serve_forever()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:  # cannot be: this is one
            return
        if len(self._open) >= CONNECTIONS:
            next(iter(self._open)).cancel()
        self._open[task] = None
        writer.transport.set_write_buffer_limits(0)  # `drain` waits for the last byte, so that nothing is left behind
        try:
            # Cut off, however it drips: reading, answering and taking leave together have this time.
            with contextlib.suppress(TimeoutError, OSError, asyncio.CancelledError):
                async with asyncio.timeout(PATIENCE):
                    writer.write(await self._answer(reader))
                    await writer.drain()
        finally:
            del self._open[task]
            if writer.transport.get_write_buffer_size():
                writer.transport.abort()
            else:
                writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> bytes:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            return _response(431, "text/plain", "the request is too long\n")
        except asyncio.IncompleteReadError:
            return b""
        words = head.split(b"\r\n", 1)[0].split()
        if len(words) != 3 or not words[2].startswith(b"HTTP/1."):
            return _response(400, "text/plain", "this is no HTTP request\n")
        method, path, _ = words
        if method not in (b"GET", b"HEAD"):
            return _response(405, "text/plain", "only GET and HEAD\n", allow=True)
        status, sort, body = self._page(path.partition(b"?")[0])
        return _response(status, sort, body, head_only=method == b"HEAD")

    def _page(self, path: bytes) -> tuple[int, str, str]:
        try:
            look = self.look()
            if path == b"/metrics":
                return 200, CONTENT_TYPE, write_metrics(look)
            if path in (b"/health", b"/ready"):
                reasons = unhealthy(look) if path == b"/health" else unready(look)
                body = json.dumps({"ok": not reasons, "reasons": reasons}) + "\n"
                return (503 if reasons else 200), "application/json", body
        except Exception as error:  # noqa: BLE001  # what it was is for the log, not for whoever asks
            self.log("monitoring failed", error=error)
            return 500, "text/plain", "an error, see the log\n"
        return 404, "text/plain", "there are /metrics, /health and /ready\n"


_REASONS = {
    200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 431: "Request Header Fields Too Large",
    500: "Internal Server Error", 503: "Service Unavailable",
}  # fmt: skip


def _response(status: int, sort: str, body: str, *, head_only: bool = False, allow: bool = False) -> bytes:
    content = body.encode()
    lines = [
        f"HTTP/1.1 {status} {_REASONS[status]}",
        f"Content-Type: {sort}",
        f"Content-Length: {len(content)}",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        "Connection: close",
        *(["Allow: GET, HEAD"] if allow else []),
    ]
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    return head if head_only else head + content
