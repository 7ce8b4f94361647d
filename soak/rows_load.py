"""Rows of load: many sessions, slow ones, large mails, endless lines, backlogs. Steady load is the bench's."""

from __future__ import annotations

import smtplib
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from maild.app.arrival import Arrival, Door
from maild.clock import utc_now
from maild.store.inbox import StoredInbox
from maild.testing.desk import Desk, SetUp
from maild.testing.mails import new_mail
from maild.testing.nursery import Nursery
from maild.testing.servers import dovecot
from maild.testing.servers.daemon import HOST
from maild.testing.waiting import wait_until
from soak.row import Row, Shown, Way

_MIB = 1 << 20


@contextmanager
def _desk(way: Way, limits: str = "") -> Iterator[Desk]:
    desk, nursery = Desk(way.folder, SetUp(store="sqlite")), Nursery()
    try:
        config = desk.config.read_text().replace("connections_per_ip = 100\n", f"connections_per_ip = 1000\n{limits}")
        desk.config.write_text(config)
        desk.start(nursery)
        yield desk
    finally:
        desk.close()
        nursery.close()


def _memory(desk: Desk, key: str) -> float:
    """MiB of the daemon: VmRSS now, VmHWM at most."""
    pid = desk._processes[0].pid
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(key)).split()[1]) / 1024


def _limit(name: str, value: float, most: float) -> list[str]:
    return [f"{name}: {value:.1f}, at most {most:.1f}"] if value > most else []


def _at_once(count: int, one: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=one, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _dial(desk: Desk) -> tuple[socket.socket, bytes]:
    client = socket.create_connection((HOST, desk.port), timeout=60)
    return client, client.recv(512)


def _data(desk: Desk) -> socket.socket:
    """A session that stands in DATA."""
    client, _ = _dial(desk)
    for line in (b"HELO x", b"MAIL FROM:<a@slow.example>", b"RCPT TO:<support@example.com>", b"DATA"):
        client.sendall(line + b"\r\n")
        client.recv(512)
    return client


def _good(desk: Desk, count: int) -> list[float]:
    """How long an honest client waits for each of its mails, connection and all, in seconds, sorted."""
    took = []
    for number in range(count):
        begun = time.monotonic()
        desk.send(new_mail(f"Honest mail {number}"))
        took.append(time.monotonic() - begun)
    return sorted(took)


def _sessions(way: Way) -> Shown:
    """More sessions than there may be: 200 are served, the others are told 421."""
    with _desk(way) as desk:
        said: Counter[str] = Counter()
        clients: list[socket.socket] = []
        for _ in range(way.count):
            client, greeting = _dial(desk)
            said[greeting[:3].decode() or "none"] += 1
            clients.append(client)
        peak = _memory(desk, "VmHWM")
        for client in clients:
            client.close()
        faults = _limit("MiB", peak, 200) + ([] if set(said) <= {"220", "421"} else [f"greetings {dict(said)}"])
        wait_until(lambda: not _good(desk, 1)[0] > 10)
        return Shown(f"greetings {dict(said)}, peak {peak:.0f} MiB", faults + desk.faults())


def _slow(way: Way) -> Shown:
    """`count` clients that dribble in DATA, a quarter of that silent at the banner; an honest one beside them."""
    with _desk(way, "connections = 1000\n") as desk:
        silent = [_dial(desk)[0] for _ in range(way.count // 4)]
        slow = [_data(desk) for _ in range(way.count)]
        begun, over = time.monotonic(), threading.Event()

        def dribble() -> None:
            while not over.wait(1):
                for client in slow:
                    with suppress(OSError):
                        client.sendall(b"x")

        thread = threading.Thread(target=dribble)
        thread.start()
        took = _good(desk, 100)
        rss = _memory(desk, "VmRSS")
        cut = 0.0
        with suppress(OSError):
            for client in slow:
                client.settimeout(90)
                while client.recv(512):
                    pass
        cut = time.monotonic() - begun
        over.set()
        thread.join()
        for client in [*slow, *silent]:
            client.close()
        faults = _limit("p99 of the honest client, s", took[98], 1) + _limit("MiB", rss, 150)
        return Shown(
            f"honest p99 {took[98]:.2f} s, RSS {rss:.0f} MiB, slow ones cut after {cut:.0f} s", faults + desk.faults()
        )


def _large(way: Way) -> Shown:
    """Mails of 24 MiB, all at once."""
    raw = new_mail("large", files=[("film.bin", "application/octet-stream", bytes(17 * _MIB))])
    with _desk(way) as desk:
        lag: list[float] = []
        over = threading.Event()

        def look() -> None:  # the loop's lag: how long a greeting takes
            while not over.wait(0.1):
                begun = time.monotonic()
                with suppress(OSError):
                    _dial(desk)[0].close()
                lag.append(time.monotonic() - begun)

        watcher = threading.Thread(target=look)
        watcher.start()

        def one(number: int) -> None:
            mail = raw.replace(b"Subject: Broken", f"Subject: Film {number}".encode())
            while True:
                try:
                    desk.send(mail)
                except (smtplib.SMTPException, OSError):
                    time.sleep(0.5)
                else:
                    return

        _at_once(way.count, one)
        over.set()
        watcher.join()
        desk.settle(600)
        peak = _memory(desk, "VmHWM")
        stored = len(desk.mails())
        faults = _limit("MiB", peak, 300) + _limit("lag, s", sorted(lag)[int(len(lag) * 0.99)], 0.5)
        faults += [f"{stored} of {way.count} stored"] if stored != way.count else []
        return Shown(
            f"{stored} stored, {len(raw) / _MIB:.0f} MiB each, peak {peak:.0f} MiB, lag max {max(lag):.2f} s", faults
        )


def _endless(way: Way) -> Shown:
    """Endless lines, empty lines, short lines, recipients and NOOPs without end."""
    with _desk(way) as desk:
        _good(desk, 3)
        desk.settle()
        before, taken = _memory(desk, "VmRSS"), []

        def pour(client: socket.socket, piece: bytes, most: int) -> int:
            sent = 0
            client.settimeout(20)
            with suppress(OSError):
                while sent < most:
                    sent += client.send(piece)
            client.close()
            return sent

        size = max(1, way.count) * _MIB
        for piece, most in ((b"x" * 65536, size), (b"\r\n" * 32768, size // 10), (b"a\r\n" * 20000, size // 10)):
            taken.append(pour(_data(desk), piece, most) / _MIB)
        for piece in (b"RCPT TO:<support@example.com>\r\n" * 500, b"NOOP\r\n" * 4000):
            client, _ = _dial(desk)
            client.sendall(b"HELO x\r\nMAIL FROM:<a@b.example>\r\n")
            taken.append(pour(client, piece, size // 10) / _MIB)
        grown = _memory(desk, "VmHWM") - before
        _good(desk, 3)
        figure = " / ".join(f"{one:.0f}" for one in taken)
        return Shown(
            f"{figure} MiB taken before the cut, memory grew by {grown:.0f} MiB",
            _limit("MiB grown", grown, 30) + desk.faults(),
        )


def _backlog(way: Way) -> Shown:
    """Mails that lie in the inbox when the daemon starts."""
    desk, nursery = Desk(way.folder, SetUp(store="sqlite")), Nursery()
    try:
        desk.start(nursery)
        desk.stop()
        store, number = StoredInbox(desk.database, utc_now), 0
        while number < way.count:
            some = [
                new_mail(f"Mail {n}", sender=f"Kim <kim{n % 5000}@customer.example>")
                for n in range(number, number + 500)
            ]
            store.accept([_arrival(raw) for raw in some])
            number += 500
        begun = time.monotonic()
        desk.start(nursery)
        wait_until(desk.at_rest, "the backlog to be drained", 3600)
        took = time.monotonic() - begun
        faults = desk.faults() + _limit("seconds for 50,000", took * 50_000 / number, 1800)
        return Shown(
            f"{number} mails drained to tickets and letters in {took:.0f} s, {number / took:.0f} a second", faults
        )
    finally:
        desk.close()
        nursery.close()


def _arrival(raw: bytes) -> Arrival:
    return Arrival(
        door=Door.SMTP, raw=raw, received_at=utc_now(), envelope_from="", envelope_to=("support@example.com",)
    )


def _mailbox(way: Way) -> Shown:
    """The first run on a full mailbox, killed in the middle."""
    with dovecot() as server:
        more = (
            f'\n[[mailbox]]\nname = "box"\nhost = "{server.host}"\nport = {server.port}\nsecurity = "none"\n'
            'username = "support"\npassword = "secret"\nfirst_run = "all"\n'
        )
        raws = [new_mail(f"Mail {n}", sender=f"Kim <kim{n % 5000}@customer.example>") for n in range(way.count)]
        for raw in raws:
            server.deliver(raw)
        desk, nursery = Desk(way.folder, SetUp(store="sqlite")), Nursery()
        try:
            desk.write_config(more)
            desk.accepted.extend(raws)
            begun = time.monotonic()
            desk.start(nursery)
            wait_until(lambda: len(desk.mails()) >= way.count // 3, "a third of it", 3600)
            desk.kill()
            desk.start(nursery)
            wait_until(lambda: len(desk.mails()) >= way.count, "all of it", 3600)
            took, peak = time.monotonic() - begun, _memory(desk, "VmHWM")
            desk.settle(3600)
            faults = desk.faults() + _limit("MiB", peak, 300) + _limit("s", took * 100_000 / way.count, 3600)
            return Shown(f"{way.count} mails in {took:.0f} s with a kill in the middle, peak {peak:.0f} MiB", faults)
        finally:
            desk.close()
            nursery.close()


ROWS = (
    Row("L2", "sessions at once", 500, _sessions),
    Row("L3", "slow clients in DATA, and a quarter of that silent at the banner", 200, _slow),
    Row("L4", "mails of 24 MiB at once", 200, _large),
    Row("L5", "MiB of an endless line; a tenth of that of CRLF, of short lines, of RCPT and of NOOP", 1024, _endless),
    Row("L6", "backlog in the inbox", 50_000, _backlog),
    Row("L7", "full IMAP mailbox, first run", 100_000, _mailbox),
)
