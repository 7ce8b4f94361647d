"""A web server on loopback that answers as it is told: well, badly, or never.

with receiver(hangs, OK) as there:
    sender.send(webhook(there.url))
[(line, headers, body)] = there.requests
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Answer = Callable[[socket.socket], None]


def says(text: str) -> Answer:
    """Answers so, and closes."""
    return lambda peer: peer.sendall(text.replace("\n", "\r\n").encode())


OK = says("HTTP/1.1 200 OK\nContent-Length: 2\n\nhi")


def hangs(peer: socket.socket) -> None:
    """Takes everything and says nothing, until we go."""
    while peer.recv(4096):
        pass


def drips(piece: bytes) -> Answer:
    """Never ends, and is never silent for long."""

    def drip(peer: socket.socket) -> None:
        for _ in range(100_000):
            peer.sendall(piece)
            time.sleep(0.01)

    return drip


def begins(words: bytes, goes_on: Answer) -> Answer:
    """Says this, and then behaves so."""

    def answer(peer: socket.socket) -> None:
        peer.sendall(words)
        goes_on(peer)

    return answer


@dataclass
class Receiver:
    """A web server on loopback that answers each connection with the next of its answers, the last one for ever."""

    answers: list[Answer]
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""
    context: ssl.SSLContext | None = None

    def serve(self, door: socket.socket) -> None:
        """Answer until the door is closed, each connection in a thread of its own."""
        with suppress(OSError):
            while True:
                peer, _ = door.accept()
                threading.Thread(target=self._answer, args=(peer,), daemon=True).start()

    def _wrapped(self, peer: socket.socket) -> socket.socket:
        return self.context.wrap_socket(peer, server_side=True) if self.context else peer

    def _answer(self, peer: socket.socket) -> None:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        with suppress(OSError), self._wrapped(peer) as wrapped, wrapped.makefile("rb") as stream:
            line = stream.readline().decode("latin-1").strip()
            headers: dict[str, str] = {}
            while head := stream.readline().decode("latin-1").strip():
                name, _, value = head.partition(": ")
                headers[name.lower()] = value
            self.requests.append((line, headers, stream.read(int(headers.get("content-length", 0)))))
            answer(wrapped)


@contextmanager
def receiver(*answers: Answer) -> Iterator[Receiver]:
    """Such a server, as long as the context lasts."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        found = Receiver(list(answers), url=f"http://127.0.0.1:{door.getsockname()[1]}/tickets?team=a%20b")
        threading.Thread(target=found.serve, args=(door,), daemon=True).start()
        yield found
        door.shutdown(socket.SHUT_RDWR)
