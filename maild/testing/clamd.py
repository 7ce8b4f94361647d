"""A clamd without signatures: speaks INSTREAM and PING, finds EICAR, and can be slow, unfriendly or away."""

from __future__ import annotations

import contextlib
import socketserver
import threading
from pathlib import Path
from typing import cast

from maild.testing.servers.daemon import HOST, free_port

# Taken apart, or every virus scanner would keep this file back; harmless by design [eicar.org].
EICAR = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}" + "$EICAR-STANDARD-" + "ANTIVIRUS-TEST-FILE!$H+H*").encode()


class FakeClamd:
    """Answers until `stop`; `start` comes back on the same port. `path`: on a Unix socket instead."""

    def __init__(self, path: Path | None = None) -> None:
        """`mode`: "" scans; "hang" never answers, "close" hangs up, anything else is its answer to a file."""
        self.path = path
        self.port = 0 if path else free_port()
        self.mode = ""
        self.limit = 1 << 30  # StreamMaxLength
        self.scanned: list[bytes] = []
        self.over = threading.Event()
        self._server: socketserver.BaseServer | None = None

    @property
    def address(self) -> str:
        """As the configuration names it."""
        return f"unix:{self.path}" if self.path else f"{HOST}:{self.port}"

    def start(self) -> None:
        """Listen."""
        if self._server is None:
            self.over.clear()
            server = (
                _UnixServer(str(self.path), _Conversation) if self.path else _Server((HOST, self.port), _Conversation)
            )
            server.clamd = self
            self._server = server
            threading.Thread(target=server.serve_forever, args=(0.02,), name="clamd", daemon=True).start()

    def stop(self) -> None:
        """Be away."""
        server, self._server = self._server, None
        if server is not None:
            self.over.set()
            server.shutdown()
            server.server_close()
            if self.path:
                self.path.unlink(missing_ok=True)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    clamd: FakeClamd


class _UnixServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False
    clamd: FakeClamd


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        """One command, as clamd(8) has it."""
        clamd = cast("_Server", self.server).clamd
        with contextlib.suppress(ConnectionError):
            command = self._command()
            if clamd.mode == "hang":
                clamd.over.wait(60)
            elif clamd.mode == "close":
                pass
            elif command == "PING":
                self.wfile.write(b"PONG\0")
            elif command == "INSTREAM":
                self._scan(clamd)
            else:
                self.wfile.write(b"UNKNOWN COMMAND\0")

    def _command(self) -> str:
        command = b""
        while not command.endswith(b"\0") and (more := self.rfile.read(1)):
            command += more
        return command.decode().strip("z\0")

    def _scan(self, clamd: FakeClamd) -> None:
        content = b""
        while length := int.from_bytes(self.rfile.read(4), "big"):
            if len(content) + length > clamd.limit:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                self.rfile.read()  # or the system would take the answer back with the connection
                return
            content += self.rfile.read(length)
        clamd.scanned.append(content)
        found = "stream: Eicar-Signature FOUND" if EICAR in content else "stream: OK"
        self.wfile.write((clamd.mode or found).encode() + b"\0")
