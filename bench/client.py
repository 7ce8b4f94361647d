"""Sends the corpus over real SMTP, on kept connections, as fast as it is taken.

    python -m bench.client PORT CONNECTIONS CORPUS RESULT

Prints `ready` when all connections have said EHLO, begins at a line on its standard input, and writes
the moments of the 250s and how long each took to RESULT. Commands are not pipelined: that is how most
senders are, and bare aiosmtpd would not understand it. A reply is sent only after the 250 of the mail that it answers.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import deque
from pathlib import Path

from bench.corpus import SUPPORT, Posted, load


class Refused(Exception):
    """The server said something else than yes."""


class Run:
    """What the connections share."""

    def __init__(self, corpus: list[Posted]) -> None:
        self.corpus = corpus
        self.left = deque(range(len(corpus)))
        self.bodies = [mail.raw.replace(b"\r\n.", b"\r\n..") + b".\r\n" for mail in corpus]
        self.accepted_at: list[float] = [0.0] * len(corpus)
        self.answered_ms: list[float] = [0.0] * len(corpus)
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.idle: deque[Sender] = deque()

    def next_mail(self) -> int | None:
        """The next mail that may be sent; None when all are under way, or the parent of the next one is."""
        if not self.left:
            return None
        parent = self.corpus[self.left[0]].parent
        if parent is not None and not self.accepted_at[parent]:
            return None
        return self.left.popleft()

    def accepted(self, place: int) -> None:
        """A mail has its 250."""
        self.accepted_at[place] = time.time()
        if not self.left and all(self.accepted_at) and not self.ended.done():
            self.ended.set_result(None)
        while self.idle and self.left:
            waiting = self.idle.popleft()
            if not waiting.begin():
                return


class Sender(asyncio.Protocol):
    """One connection: a small machine over the server's answers, without a coroutine per mail."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._held = b""
        self._step = 0  # of the mail under way: 0 none, 1 MAIL, 2 RCPT, 3 DATA, 4 the final dot
        self._mail = 0
        self._sent_at = 0.0  # by time.perf_counter, when the whole mail was handed over
        self._transport: asyncio.Transport | None = None
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._greeted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the greeting."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """The server may not leave before the end."""
        self._fail(f"connection lost: {exc}")

    def data_received(self, data: bytes) -> None:
        """One answer at a time, since nothing is pipelined."""
        self._held += data
        while b"\r\n" in self._held:
            line, self._held = self._held.split(b"\r\n", 1)
            if line[3:4] != b"-":
                self._answered(line)

    def begin(self) -> bool:
        """Send the next mail; False when there is none now."""
        place = self._run.next_mail()
        if place is None:
            self._run.idle.append(self)
            return False
        self._mail = place
        self._step = 1
        self._write(f"MAIL FROM:<{self._run.corpus[place].sender}> BODY=8BITMIME\r\n".encode())
        return True

    def _answered(self, line: bytes) -> None:
        expected = {1: b"250", 2: b"250", 3: b"354", 4: b"250"}.get(self._step, b"2")
        if not line.startswith(expected):
            self._fail(line.decode("ascii", "replace"))
        elif self._step == 0:
            if self._greeted:
                if not self.ready.done():
                    self.ready.set_result(None)
            else:
                self._greeted = True
                self._write(b"EHLO bench.example\r\n")
        elif self._step == 1:
            self._step = 2
            self._write(f"RCPT TO:<{SUPPORT}>\r\n".encode())
        elif self._step == 2:
            self._step = 3
            self._write(b"DATA\r\n")
        elif self._step == 3:
            self._step = 4
            self._write(self._run.bodies[self._mail])
            self._sent_at = time.perf_counter()
        else:
            self._step = 0
            place = self._mail
            self._run.answered_ms[place] = (time.perf_counter() - self._sent_at) * 1000
            self.begin()
            self._run.accepted(place)

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def _fail(self, why: str) -> None:
        for future in (self.ready, self._run.ended):
            if not future.done():
                future.set_exception(Refused(why))


async def send(port: int, connections: int, corpus: list[Posted]) -> dict[str, object]:
    """Send everything; the moment of the first byte, of each 250, and how long each was waited for."""
    loop = asyncio.get_running_loop()
    run = Run(corpus)
    made = [await loop.create_connection(lambda: Sender(run), "127.0.0.1", port) for _ in range(connections)]
    for _, sender in made:
        await sender.ready
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)
    began = time.time()
    for _, sender in made:
        sender.begin()
    await run.ended
    return {"began": began, "accepted_at": run.accepted_at, "answered_ms": run.answered_ms}


def main(port: str, connections: str, corpus: str, result: str) -> None:
    """Run the client."""
    sent = asyncio.run(send(int(port), int(connections), load(Path(corpus))))
    Path(result).write_text(json.dumps(sent))


if __name__ == "__main__":
    main(*sys.argv[1:])
