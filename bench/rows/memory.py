"""Memory of the daemon on SQLite: idle, after many mails, and while one mail of 25 MiB goes through it."""

from __future__ import annotations

import smtplib
import statistics
import time
from collections.abc import Iterator
from random import Random

from sqlalchemy import create_engine, text

from bench.corpus import SUPPORT, again, make_corpus, replies
from bench.figures import Figure, How, at_most, median
from bench.measure import Bench
from bench.processes import BenchFailed, family, first_line, helper, together, usage
from bench.setups import Running, Variant, sqlite
from bench.watching import Sink, Watcher
from maild.testing.mails import new_mail

_PATIENCE = 120.0
_BLOCK = 2_500  # mails of a corpus that is sent again and again, by other people


def measure(how: How) -> Iterator[Figure]:
    """MiB of memory of the daemon and of its reader: VmRSS and the reader's Pss, and VmHWM of both for peaks."""
    many = how.mails or how.size(60, 20_000, 100_000)
    with helper("bench.sink") as process, Sink(port := int(first_line(process))) as sink:
        idle, large, after, peak, packed = [], [], 0.0, 0.0, 0.0
        for number in range(how.rounds):
            with sqlite(port, Variant()) as running:
                time.sleep(how.size(0, 3))
                idle.append(_now(running))
                if how.quick:
                    after, peak = _many_mails(running, sink, many, how)
                large.append(_large_mail(running, sink, how.size(1 << 20, 25 << 20)))
                if number == how.rounds - 1 and not how.quick:  # a sweep comes every minute
                    packed = _packed(running) - idle[-1]
        how.say(f"  idle {statistics.median(idle):.0f} MiB, one large mail + {statistics.median(large):.0f} MiB")
        yield median("idle", idle, "MiB", at_most(120))
        yield median("one mail of 25 MiB, the peak above idle", large, "MiB", at_most(200))
        if not how.quick:
            yield Figure(
                name="the same, its file packed in the next sweep", value=packed, unit="MiB", target=at_most(200)
            )
            with sqlite(port, Variant()) as running:
                after, peak = _many_mails(running, sink, many, how)
    yield Figure(name=f"after {many:,} mails", value=after, unit="MiB", target=at_most(200))
    yield Figure(name=f"peak within {many:,} mails", value=peak, unit="MiB")


def _now(running: Running) -> float:
    return together(running.processes()["maild run"])


def _peak(running: Running) -> float:
    return sum(usage(pid).peak_mib for pid in family(running.processes()["maild run"]))


def _large_mail(running: Running, sink: Sink, size: int) -> float:
    """How far the peak is above what it was before, once the mail is a ticket and its letter is sent."""
    before = _peak(running)
    content = Random(25).randbytes((size - 4096) * 56 // 78)  # lines of base64 hold 57 bytes in 78
    raw = new_mail("See the file.", files=[("log.bin", "application/octet-stream", content)])
    watcher = Watcher(running.database, sink)
    with smtplib.SMTP("127.0.0.1", running.port, timeout=60) as client:
        client.sendmail("kim@customer.example", [SUPPORT], raw)
    watcher.watch(1, 1)
    return max(0.0, _peak(running) - before)


def _packed(running: Running) -> float:
    """The peak once the large mail's file is kept apart from it, in a quiet moment."""
    engine = create_engine(running.database)
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        with engine.connect() as connection:
            if not connection.execute(
                text("SELECT count(*) FROM raw WHERE pieces IS NULL AND size > 1000000")
            ).scalar():
                engine.dispose()
                return _peak(running)
        time.sleep(0.2)
    raise BenchFailed("the large mail was not packed in two minutes")


def _many_mails(running: Running, sink: Sink, many: int, how: How) -> tuple[float, float]:
    corpus = make_corpus(min(many, _BLOCK))
    news, done = len(corpus) - replies(corpus), 0
    for block in range(-(-many // len(corpus))):
        watcher = Watcher(running.database, sink)
        with Bench(again(corpus, block), 10) as bench:
            bench.send_to(running.port)
        watcher.watch(len(corpus), news)
        done += len(corpus)
        how.say(f"  {done:,} of {many:,} mails: {_now(running):.0f} MiB, peak {_peak(running):.0f} MiB")
    return _now(running), _peak(running)
