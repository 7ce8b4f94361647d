"""Speaks with clamd: one connection for each file, INSTREAM [clamd(8), COMMANDS].

clamd unpacks archives, we never do (RELIABILITY §5.2). It closes a stream beyond its StreamMaxLength in
the middle, and its parting words may be lost then; so a file beyond `largest` is not even begun.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from maild.app.ports import Scanned
from maild.mail.model import Scan

_CHUNK = 64 << 10
_LONGEST_ANSWER = 4096
_SHOWN = 200  # characters of an answer


@dataclass(frozen=True, slots=True, kw_only=True)
class ClamdSettings:
    """Where clamd listens, and how much it is asked."""

    host: str = ""
    port: int = 0
    path: Path | None = None  # a Unix socket, instead of host and port
    timeout: float = 20.0  # seconds for one file, from the first byte to the answer
    largest: int = 25 << 20  # bytes of one file; at most clamd's StreamMaxLength


class Clamd:
    """The port `Scanner`; thread-safe, since nothing is kept between two files."""

    def __init__(self, settings: ClamdSettings) -> None:
        self._settings = settings

    def scan(self, content: bytes) -> Scanned:
        """See the port."""
        if len(content) > self._settings.largest:
            return Scanned(scan=Scan.UNSCANNABLE, says="it is larger than the virus scanner takes")
        try:
            answer = self._ask(_instream(content))
        except OSError as error:
            return Scanned(scan=Scan.UNSCANNED, says=_why(error), away=True)
        return read_answer(answer)

    def ping(self) -> str:
        """See the port."""
        try:
            answer = self._ask(iter([b"zPING\0"]))
        except OSError as error:
            return _why(error)
        return "" if answer == "PONG" else f"it answered {answer[:_SHOWN]!r} to PING"

    def _ask(self, request: Iterator[bytes]) -> str:
        until = time.monotonic() + self._settings.timeout
        with self._connected() as connection:
            with suppress(ConnectionError):  # it has said why and closed: read that, if it is still there
                for piece in request:
                    connection.settimeout(_left(until))
                    connection.sendall(piece)
            with suppress(ConnectionError):
                return _answer(connection, until)
        return ""

    @contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        settings = self._settings
        if settings.path is None:
            with socket.create_connection((settings.host, settings.port), settings.timeout) as connection:
                yield connection
            return
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(settings.timeout)
            connection.connect(str(settings.path))
            yield connection


def read_answer(answer: str) -> Scanned:
    """What clamd's words mean; anything but a plain OK is no OK."""
    said = answer.removeprefix("stream: ")
    if answer == "stream: OK":
        return Scanned(scan=Scan.CLEAN)
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        found = said.removesuffix(" FOUND")
        # With AlertExceedsMax and AlertEncrypted clamd says so of what it could not look into: no virus was found.
        not_seen = found.startswith(("Heuristics.Limits.Exceeded", "Heuristics.Encrypted"))
        return Scanned(scan=Scan.UNSCANNABLE if not_seen else Scan.INFECTED, says=found[:_SHOWN])
    if not answer:
        return Scanned(scan=Scan.UNSCANNED, says="the virus scanner closed the connection without an answer")
    if "size limit exceeded" in answer:  # it would say so again
        return Scanned(scan=Scan.UNSCANNABLE, says="it is larger than the virus scanner takes")
    return Scanned(scan=Scan.UNSCANNED, says=f"the virus scanner said {said[:_SHOWN]!r}")


def _instream(content: bytes) -> Iterator[bytes]:
    """The command, the content in chunks that each begin with their length, and a chunk of nothing."""
    yield b"zINSTREAM\0"
    view = memoryview(content)
    for at in range(0, len(content), _CHUNK):
        chunk = view[at : at + _CHUNK]
        yield len(chunk).to_bytes(4, "big")
        yield bytes(chunk)
    yield b"\0\0\0\0"


def _answer(connection: socket.socket, until: float) -> str:
    """The words up to NUL, or to the end."""
    answer = b""
    while b"\0" not in answer and len(answer) < _LONGEST_ANSWER:
        connection.settimeout(_left(until))
        more = connection.recv(_LONGEST_ANSWER)
        if not more:
            break
        answer += more
    return answer.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _why(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "the virus scanner did not answer in time"
    return f"the virus scanner cannot be reached: {error.strerror or type(error).__name__}"
