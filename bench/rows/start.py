"""Start: from the moment when `maild run` is started on a large store until the first mail has its 250."""

from __future__ import annotations

import shutil
import smtplib
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bench.corpus import SUPPORT
from bench.figures import Figure, How, at_most, median
from bench.processes import BenchFailed, first_line, helper
from bench.rows.growth import filled_sqlite
from bench.setups import Variant, sqlite
from maild.testing.mails import new_mail
from maild.testing.servers.daemon import free_port

_PATIENCE = 60.0


def measure(how: How) -> Iterator[Figure]:
    """Seconds to the first 250."""
    count = how.tickets or how.size(50, 100_000, 1_000_000)
    times = []
    with tempfile.TemporaryDirectory(prefix="maild-bench-") as folder, helper("bench.sink") as sink:
        sink_port = int(first_line(sink))
        kept = how.stores or Path(folder)
        kept.mkdir(parents=True, exist_ok=True)
        store = Path(filled_sqlite(kept, count, how).removeprefix("sqlite:///"))

        def put_there(url: str) -> None:
            place = Path(url.removeprefix("sqlite:///"))
            try:
                place.hardlink_to(store)  # the daemon may write into it: it starts, and takes one mail
            except OSError:
                shutil.copyfile(store, place)

        for number in range(1, how.rounds + 1):
            port = free_port()
            variant = Variant(fill=put_there, port=port, wait=False)
            with sqlite(sink_port, variant) as running:
                times.append(_first_250(port, f"start{number}.{time.time()}") - running.started_at)
            how.say(f"  round {number}: {times[-1]:.2f} s to the first 250 with {count:,} tickets")
    yield median(f"SQLite, {count:,} tickets: start to the first 250", times, "s", at_most(2))


def _first_250(port: int, name: str) -> float:
    """Connect as soon as it listens, and send one mail; when its 250 came, by time.time."""
    deadline = time.monotonic() + _PATIENCE
    mail = new_mail(message_id=f"{name}@past.example")
    while time.monotonic() < deadline:
        with suppress(OSError, smtplib.SMTPException), smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
            client.sendmail("kim@customer.example", [SUPPORT], mail)
            return time.time()
        time.sleep(0.01)
    raise BenchFailed("no 250 in a minute")
