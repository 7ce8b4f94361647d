"""Rows of load at the door: many sessions, slow ones, large mails, endless lines. Steady load is the bench's."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from base64 import b64encode, encodebytes
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from maild.store.rows import load_raw
from maild.testing.desk import Desk, SetUp
from maild.testing.mails import new_mail
from maild.testing.nursery import Nursery
from maild.testing.servers.daemon import HOST, find_program
from maild.testing.waiting import wait_until
from soak.row import Row, Shown, Way

_MIB = 1 << 20
_CLIENT_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"  # how one of 512 bytes begins (RFC 8446 §5.1)


@contextmanager
def _desk(way: Way, limits: str = "", receiver: str = "") -> Iterator[Desk]:
    """A desk with these further lines in its tables."""
    desk, nursery = Desk(way.folder, SetUp(store="sqlite")), Nursery()
    try:
        config = desk.config.read_text().replace("connections_per_ip = 100\n", f"connections_per_ip = 1000\n{limits}")
        desk.config.write_text(config.replace("[[receiver]]\n", f"[[receiver]]\n{receiver}"))
        desk.start(nursery)
        yield desk
    finally:
        desk.close()
        nursery.close()


def memory(desk: Desk, key: str) -> float:
    """MiB of the daemon: VmRSS now, VmHWM at most."""
    pid = desk._processes[0].pid
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(key)).split()[1]) / 1024


def limit(name: str, value: float, most: float) -> list[str]:
    """What to say of a figure that is more than it may be."""
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
        peak = memory(desk, "VmHWM")
        for client in clients:
            client.close()
        faults = limit("MiB", peak, 200) + ([] if set(said) <= {"220", "421"} else [f"greetings {dict(said)}"])
        wait_until(lambda: not _good(desk, 1)[0] > 10)
        return Shown(f"greetings {dict(said)}, peak {peak:.0f} MiB", faults + desk.faults())


def _certificate(folder: Path) -> Path:
    """A throw-away certificate, with its key in the same file."""
    path = folder / "certificate.pem"
    order = [str(find_program("openssl", "openssl")), "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    order += ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-out", str(path), "-keyout", str(path)]
    subprocess.run(order, check=True, capture_output=True, timeout=60)
    path.chmod(0o600)
    return path


def _stalled(desk: Desk, number: int) -> socket.socket:
    """A session that begins TLS and says no more: nothing at all, or after the first bytes of its greeting."""
    client, _ = _dial(desk)
    client.sendall(b"EHLO x\r\nSTARTTLS\r\n")
    while (said := client.recv(512)) and not said.endswith(b"start TLS\r\n"):
        pass
    if number % 2:
        client.sendall(_CLIENT_HELLO)
    return client


def _until_cut(clients: Sequence[socket.socket]) -> float:
    """Seconds until the last of them is cut off."""
    begun = time.monotonic()
    with suppress(OSError):
        for client in clients:
            client.settimeout(90)
            while client.recv(512):
                pass
    return time.monotonic() - begun


def _slow(way: Way) -> Shown:
    """`count` clients dribble in DATA, a quarter of that are silent, a tenth stalled in TLS; one is honest."""
    pem = _certificate(way.folder)
    tls = f'security = "starttls"\ncertificate = "{pem}"\nkey = "{pem}"\n'
    with _desk(way, "connections = 1000\n", receiver=tls) as desk:
        silent = [_dial(desk)[0] for _ in range(way.count // 4)]
        slow = [_data(desk) for _ in range(way.count)]
        stalled = [_stalled(desk, number) for number in range(way.count // 10)]
        begun, over = time.monotonic(), threading.Event()

        def dribble() -> None:
            while not over.wait(1):
                for client in slow:
                    with suppress(OSError):
                        client.sendall(b"x")

        thread = threading.Thread(target=dribble)
        thread.start()
        took = _good(desk, 100)
        rss = memory(desk, "VmRSS")
        _until_cut(stalled)
        hung = time.monotonic() - begun
        _until_cut(slow)
        cut = time.monotonic() - begun
        over.set()
        thread.join()
        for client in [*slow, *silent, *stalled]:
            client.close()
        faults = limit("p99 of the honest client, s", took[98], 1) + limit("MiB", rss, 150)
        faults += limit("seconds until the slow ones are cut", cut, 60)
        faults += limit("seconds until those that stall in TLS are cut", hung, 30)
        return Shown(
            f"honest p99 {took[98]:.2f} s, RSS {rss:.0f} MiB, slow ones cut after {cut:.0f} s, {len(stalled)} stalled "
            f"in TLS after {hung:.0f} s",
            faults + desk.faults(),
        )


def _film(number: int, body: bytes) -> bytes:
    """A mail with a file that is nobody else's: it begins with a line of its own."""
    own = b"%057d" % number
    raw = new_mail("large", subject=f"Film {number}", files=[("film.bin", "application/octet-stream", own)])
    head, line, tail = raw.partition(b64encode(own))
    return head + line + b"\r\n" + body + tail.lstrip()


def _pour(desk: Desk, raw: bytes) -> bool:
    """Send a mail without taking it apart, as a C program would; did it get 250?"""
    with suppress(OSError), _data(desk) as client:
        client.settimeout(600)
        client.sendall(raw)
        client.sendall(b".\r\n")
        return client.recv(512).startswith(b"250")
    return False


def _unlike(desk: Desk, sent: Mapping[str, int]) -> list[str]:
    """What is not stored byte for byte (`sent`: digest and size), looked at one by one: together they would not fit."""
    faults, missing = [], dict(sent)
    for row in desk.mails():
        with desk.database.read() as connection:
            raw = load_raw(connection, [row.raw])[row.raw]
        own = {sha256(raw[-size:]).hexdigest() for size in set(sent.values())}  # the door's Received stands before it
        faults += [] if own & set(missing) else [f"inbox {row.id}: is no mail that was sent, or came twice"]
        faults += [] if row.outcome == "new_ticket" else [f"inbox {row.id}: {row.outcome}, {row.trouble}"]
        missing = {digest: size for digest, size in missing.items() if digest not in own}
    return faults + [f"{len(missing)} mails got 250 and are not stored"] * bool(missing)


def _large(way: Way) -> Shown:
    """Mails of 24 MiB, all at once."""
    body = encodebytes(way.dice().randbytes(17 * _MIB)).replace(b"\n", b"\r\n")
    with _desk(way) as desk:
        lag: list[float] = []
        sent: dict[str, int] = {}
        over = threading.Event()

        def look() -> None:  # the loop's lag: how long a greeting takes
            while not over.wait(0.1):
                begun = time.monotonic()
                with suppress(OSError):
                    _dial(desk)[0].close()
                lag.append(time.monotonic() - begun)

        watcher = threading.Thread(target=look)
        watcher.start()
        begun = time.monotonic()

        def one(number: int) -> None:
            raw = _film(number, body)
            while not _pour(desk, raw):
                time.sleep(0.5)
            sent[sha256(raw).hexdigest()] = len(raw)

        _at_once(way.count, one)
        took = time.monotonic() - begun
        over.set()
        watcher.join()
        desk.settle(600)
        peak, late = memory(desk, "VmHWM"), sorted(lag)[int(len(lag) * 0.99)]
        faults = limit("MiB", peak, 300) + limit("lag, s", late, 0.5) + _unlike(desk, sent)
        return Shown(
            f"{len(desk.mails())} stored in {took:.0f} s, {len(body) / _MIB:.0f} MiB each, peak {peak:.0f} MiB, "
            f"lag p99 {late:.2f} s, max {max(lag):.2f} s",
            faults,
        )


def _endless(way: Way) -> Shown:
    """Endless lines, empty lines, short lines, recipients and NOOPs without end."""
    with _desk(way) as desk:
        _good(desk, 3)
        desk.settle()
        before, taken = memory(desk, "VmRSS"), []

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
        grown = memory(desk, "VmHWM") - before
        _good(desk, 3)
        figure = " / ".join(f"{one:.0f}" for one in taken)
        return Shown(
            f"{figure} MiB taken before the cut, memory grew by {grown:.0f} MiB",
            limit("MiB grown", grown, 30) + desk.faults(),
        )


ROWS = (
    Row("L2", "sessions at once", 500, _sessions),
    Row("L3", "slow clients in DATA, a quarter of that silent at the banner, a tenth stalled in TLS", 200, _slow),
    Row("L4", "mails of 24 MiB at once", 200, _large),
    Row("L5", "MiB of an endless line; a tenth of that of CRLF, of short lines, of RCPT and of NOOP", 1024, _endless),
)
