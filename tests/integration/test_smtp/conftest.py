"""A real receiver on loopback, an inbox that fails on order, and a client that speaks bytes."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from maild.app.arrival import Arrival, Cursor
from maild.intake.group_commit import GroupCommit
from maild.intake.smtp import Limits, Receiver, ReceiverSettings

T = TypeVar("T")

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
PATIENCE = 60.0  # seconds until a silent server is a failed test

# Nothing here runs into a limit by accident, nor waits for one.
WIDE = Limits(connections_per_ip=200, min_free_disk=0)


@dataclass
class FakeInbox:
    """Keeps mails in a list; fails and stands still when told to."""

    arrivals: list[Arrival] = field(default_factory=list)
    trouble: Exception | None = None  # raised for every call
    poison: bytes = b""  # raised for every call with a mail that contains it
    open: threading.Event = field(default_factory=threading.Event)  # closed: a disk that hangs
    entered: threading.Event = field(default_factory=threading.Event)  # somebody is committing

    def accept(self, arrivals: Sequence[Arrival], cursor: Cursor | None = None) -> int:
        self.entered.set()
        assert self.open.wait(PATIENCE)
        if self.trouble is not None:
            raise self.trouble
        if self.poison and any(self.poison in arrival.raw for arrival in arrivals):
            raise ValueError("a mail that cannot be stored")
        self.arrivals.extend(arrivals)
        return len(arrivals)

    @property
    def bodies(self) -> list[bytes]:
        """The mails as they were sent, without our Received line."""
        return [without_trace(arrival.raw) for arrival in self.arrivals]


def without_trace(raw: bytes) -> bytes:
    head, _, rest = raw.partition(b"+0000\r\n")
    assert head.startswith(b"Received: from ")
    return rest


class Client:
    """One raw connection; every answer is read whole."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE)
        self.socket = connection
        self._in = connection.makefile("rb")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self) -> str:
        """One answer, its lines joined by "\\n"; "" when the server has closed."""
        lines = []
        while line := self._in.readline():
            lines.append(line.decode("ascii").removesuffix("\r\n"))
            if line[3:4] != b"-":
                break
        return "\n".join(lines)

    def ask(self, line: bytes) -> str:
        self.send(line + b"\r\n")
        return self.answer()

    def script(self, *commands: bytes) -> list[str]:
        return [self.ask(command) for command in commands]

    def hello(self) -> Client:
        assert self.answer().startswith("220 ")
        assert self.ask(b"EHLO client.test").startswith("250-")
        return self

    def begin_mail(self) -> Client:
        """Up to 354."""
        assert [answer[:3] for answer in self.script(b"MAIL FROM:<a@b.test>", b"RCPT TO:<x@y.test>")] == ["250"] * 2
        assert self.ask(b"DATA").startswith("354 ")
        return self

    def mail(self, wire: bytes) -> str:
        """Send one whole mail, already dot-stuffed and ended; its answer."""
        self.begin_mail()
        self.send(wire)
        return self.answer()

    def closed(self) -> bool:
        """Wait for the server to close; whatever it still says is thrown away."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionError:
            pass
        return True

    def secure(self) -> Client:
        """TLS from here on, without checking the throw-away certificate."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return Client(context.wrap_socket(self.socket))

    def close(self) -> None:
        self._in.close()
        self.socket.close()


class House:
    """A running receiver with its event loop in a thread."""

    def __init__(self, settings: ReceiverSettings, accepts: Callable[[str], bool]) -> None:
        self.inbox = FakeInbox()
        self.inbox.open.set()
        self.rung: list[int] = []
        self.commit = GroupCommit(self.inbox, self.rung.append)
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)  # a test that fails must end
        self.thread.start()
        self.unhandled: list[dict[str, Any]] = []
        self.loop.set_exception_handler(lambda _, context: self.unhandled.append(context))
        self.receiver = Receiver(settings, accepts=accepts, clock=lambda: NOW, commit=self.commit)
        self.run(self.receiver.start())
        self.clients: list[Client] = []

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE)

    def call(self, function: Callable[[], T]) -> T:
        async def on_loop() -> T:
            return function()

        return self.run(on_loop())

    def dial(self) -> Client:
        address = self.receiver.address
        if isinstance(address, str):
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(address)
        else:
            connection = socket.create_connection(address)
        self.clients.append(Client(connection))
        return self.clients[-1]

    def session(self) -> Any:
        """The server's side of the only connection."""
        reception = self.receiver._reception
        assert reception is not None
        (connection,) = reception.present
        return connection

    def everybody_left(self) -> None:
        """Wait until the server has seen all connections end."""

        async def wait() -> None:
            reception = self.receiver._reception
            assert reception is not None
            await reception.empty.wait()

        self.run(wait())

    def settled(self) -> None:
        """Wait until everything that was handed over is committed."""
        self.commit.close()

    def close(self) -> None:
        self.inbox.open.set()
        self.run(self.receiver.stop(PATIENCE))
        for client in self.clients:
            client.close()
        self.commit.close()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
        assert self.unhandled == []  # nothing was left to the loop's own handler


class Serve:
    """Makes receivers; every keyword of Limits and ReceiverSettings can be given."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.houses: list[House] = []

    def __call__(
        self, *, limits: Limits = WIDE, accepts: Callable[[str], bool] = lambda _: True, **settings: Any
    ) -> House:
        names = {"limits": limits, "listen": "127.0.0.1:0", "hostname": "maild.test", "folder": self._folder}
        self.houses.append(House(ReceiverSettings(**{**names, **settings}), accepts))
        return self.houses[-1]

    def limited(self, **limits: Any) -> House:
        return self(limits=replace(WIDE, **limits))


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    serve = Serve(tmp_path)
    yield serve
    for house in serve.houses:
        house.close()


@pytest.fixture
def house(serve: Serve) -> House:
    return serve()


@pytest.fixture
def tls_context() -> ssl.SSLContext:
    """A throw-away certificate for localhost, made for these tests, good for a hundred years."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(Path(__file__).with_name("certificate.pem"))
    return context
