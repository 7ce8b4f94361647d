"""A relay that throws letters away and counts them, cheap enough not to be what is measured.

    python -m bench.sink     prints its port, runs until it is ended

XCOUNT is a command of our own: it answers `250 LETTERS SECONDS`, how many letters came and when the last
one did (the clock of time.time).
"""

from __future__ import annotations

import asyncio
import time

_END = b"\r\n.\r\n"


class Count:
    """What all connections have taken together."""

    letters = 0
    last = 0.0


class Sink(asyncio.Protocol):
    """One connection; knows just enough SMTP for a client that means well."""

    def __init__(self, count: Count) -> None:
        self._count = count
        self._held = b""
        self._in_data = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink.example\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer every whole command and every whole letter in what has come."""
        self._held += data
        answers = b""
        while (end := self._held.find(_END if self._in_data else b"\r\n")) >= 0:
            if self._in_data:
                self._held = self._held[end + len(_END) :]
                self._in_data = False
                self._count.letters += 1
                self._count.last = time.time()
                answers += b"250 taken\r\n"
            else:
                command, self._held = self._held[:end], self._held[end + 2 :]
                answers += self._answer(command[:6].upper())
        if answers and self._transport is not None:
            self._transport.write(answers)

    def _answer(self, command: bytes) -> bytes:
        if command == b"XCOUNT":
            return f"250 {self._count.letters} {self._count.last:.6f}\r\n".encode()
        verb = command[:4]
        if verb == b"EHLO":
            return b"250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 0\r\n"
        if verb == b"DATA":
            self._in_data = True
            return b"354 go on\r\n"
        if verb == b"QUIT" and self._transport is not None:
            self._transport.write(b"221 bye\r\n")
            self._transport.close()
            return b""
        return b"250 ok\r\n"


async def serve() -> None:
    """Listen until the process is ended."""
    count = Count()
    server = await asyncio.get_running_loop().create_server(lambda: Sink(count), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
