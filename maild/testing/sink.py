"""A mail system at the other end: takes letters by SMTP, keeps them, and can be away or unfriendly."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import compat32, default
from functools import cached_property
from typing import cast

from maild.testing.servers.daemon import HOST, free_port


@dataclass(frozen=True)
class Posted:
    """One letter that was handed over: its envelope and its bytes."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes = field(repr=False)

    @cached_property
    def mail(self) -> EmailMessage:
        """The letter as a mail client reads it."""
        return message_from_bytes(self.raw, policy=default)

    @property
    def message_id(self) -> str:
        """Its Message-ID, without brackets; `mail` would keep 30 KB of each of a hundred thousand letters."""
        header = BytesHeaderParser(policy=compat32).parsebytes(self.raw)["Message-ID"]
        return "".join(str(header).split()).strip("<>")  # it may be folded

    @property
    def text(self) -> str:
        """Its words, as text."""
        body = self.mail.get_body(("plain",))
        return str(body.get_content()) if body else ""

    @property
    def everything(self) -> str:
        """Every header and every text part, decoded: what must not hold a word must not hold it here."""
        parts = [p.get_content() for p in self.mail.walk() if p.get_content_maintype() == "text"]
        headers = [f"{name}: {value}" for name, value in self.mail.items()]
        return "\n".join([self.sender, *self.recipients, *headers, *map(str, parts), self.raw.decode("latin-1")])


DROP, HANG = "DROP", "HANG"
_READER = threading.Event()  # never set: for waiting


class Sink:
    """An SMTP server that keeps what it takes. `stop` and `start` keep port and letters."""

    def __init__(self) -> None:
        """`refuse` says what RCPT of an address answers; `fall_silent` drops the line after the final dot.

        `trouble` is asked at each stage ("connect", "EHLO", "MAIL", "RCPT", "DATA", "body", "dot") what to say
        in place of the good answer: "" nothing, DROP hang up, HANG say nothing until it says something
        else, or a line. DROP and HANG at the dot come after the letter was taken.
        """
        self.trouble: Callable[[str], str] = lambda _stage: ""
        self.port = free_port()
        self.posted: list[Posted] = []
        self.refuse: dict[str, str] = {}
        self.fall_silent: set[str] = set()
        self._server: _Server | None = None

    def start(self) -> None:
        """Listen."""
        if self._server is None:
            self._server = _Server(self)
            threading.Thread(target=self._server.serve_forever, args=(0.02,), name="sink", daemon=True).start()

    def stop(self) -> None:
        """Be away: whoever connects is refused, whoever is connected is cut off."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()
            server.cut()

    @property
    def listening(self) -> bool:
        """Is it there?"""
        return self._server is not None

    def to(self, recipient: str) -> list[Posted]:
        """The letters to one address, in the order in which they came."""
        return [p for p in list(self.posted) if recipient in p.recipients]


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self._open: set[socket.socket] = set()
        super().__init__((HOST, sink.port), _Conversation)

    def cut(self) -> None:
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        if isinstance(request, socket.socket):
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        if isinstance(request, socket.socket):
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that vanish are what the tests are about."""


class _Conversation(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Speak SMTP [RFC 5321] with one client, as far as a sender needs it."""
        sink = cast("_Server", self.server).sink
        sender, recipients = "", list[str]()
        going = self._say("connect", "220 sink.example")
        while going and (line := self.rfile.readline(4096)):
            verb, _, rest = line.decode("latin-1").strip().partition(" ")
            match verb.upper():
                case "EHLO" | "HELO":
                    going = self._say("EHLO", "250 sink.example")
                case "MAIL":
                    sender, recipients = _address(rest), []
                    going = self._say("MAIL", "250 ok")
                case "RCPT":
                    refusal = sink.refuse.get(_address(rest))
                    if refusal is None:
                        recipients.append(_address(rest))
                    going = self._say("RCPT", refusal or "250 ok")
                case "DATA":
                    going = self._say("DATA", "354 go on")
                    going = going and (not self._went_on or self._take(sender, tuple(recipients)))
                case "QUIT":
                    self._say("", "221 bye")
                    going = False
                case _:
                    going = self._say("", "250 ok")

    def _take(self, sender: str, recipients: tuple[str, ...]) -> bool:
        """The letter after 354; whether the connection goes on."""
        sink = cast("_Server", self.server).sink
        if sink.trouble("body") == DROP:
            self.rfile.readline()
            return False
        raw = self._data()
        if raw is None:
            return False
        said = sink.trouble("dot")
        if said in {"", DROP, HANG} or said.startswith("2"):
            sink.posted.append(Posted(sender, recipients, raw))
        return not sink.fall_silent.intersection(recipients) and self._say("dot", "250 taken", said)

    def _say(self, stage: str, good: str, instead: str | None = None) -> bool:
        """Answer; whether the connection goes on."""
        sink = cast("_Server", self.server).sink
        said = sink.trouble(stage) if instead is None else instead
        while said == HANG:
            if _READER.wait(0.05) or not sink.listening:
                return False
            said = sink.trouble(stage)
        if said == DROP:
            return False
        self._went_on = (said or good).startswith(("2", "3"))
        self.wfile.write((said or good).encode() + b"\r\n")
        return True

    def _data(self) -> bytes | None:
        """The letter without the dots that only travelled with it; None when the client vanished."""
        lines: list[bytes] = []
        while line := self.rfile.readline():
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b".") else line)
        return None


def _address(argument: str) -> str:
    return argument.partition("<")[2].partition(">")[0]
