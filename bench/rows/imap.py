"""IMAP: mails that wait in a private Dovecot, from the daemon's start until all are tickets and moved away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from bench.corpus import Posted, make_corpus, replies
from bench.figures import Figure, How, Target, median
from bench.processes import BenchFailed, first_line, helper, usage
from bench.setups import Running, Variant, sqlite
from bench.watching import Sink, Watcher
from maild.testing.servers import DovecotServer, dovecot

_MAILBOX = """
[[mailbox]]
name = "support"
host = "{host}"
port = {port}
security = "none"
username = "{user}"
password = "secret"
first_run = "all"
"""
_MOVED = ".Processed"  # the Maildir folder of `move_to`
_PATIENCE = 60.0


def measure(how: How) -> Iterator[Figure]:
    """Mails a second to their tickets, with their letters sent; and until the last one is moved."""
    corpus = make_corpus(how.mails or how.size(20, 10_000))
    users = [f"round{number}" for number in range(how.rounds)]
    done, moved, cpu = [], [], []
    with dovecot(users=dict.fromkeys(users, "secret")) as server:
        for user in users:
            how.say(f"  putting {len(corpus):,} mails into the mailbox")
            for mail in corpus:
                server.deliver(mail.raw, user)
            ticketed, away, spent = _round(server, user, corpus)
            done.append(len(corpus) / ticketed)
            moved.append(len(corpus) / away)
            cpu.append(spent / len(corpus))
            how.say(f"  to tickets {done[-1]:.0f} mails/s, moved {moved[-1]:.0f} mails/s")
    yield median(f"{len(corpus):,} mails in Dovecot: to tickets", done, "mails/s", Target(400))
    yield median(f"{len(corpus):,} mails in Dovecot: moved to their folder", moved, "mails/s")
    yield median(f"{len(corpus):,} mails in Dovecot: CPU of maild", cpu, "ms/mail")


def _round(server: DovecotServer, user: str, corpus: list[Posted]) -> tuple[float, float, float]:
    """Seconds from `ready` until all are tickets, and until all are moved; milliseconds of CPU."""
    news = len(corpus) - replies(corpus)
    settings = _MAILBOX.format(host=server.host, port=server.port, user=user)
    with (
        helper("bench.sink") as process,
        Sink(port := int(first_line(process))) as sink,
        sqlite(port, Variant(settings=settings)) as running,
    ):
        before = _cpu_ms(running)
        watch = Watcher(running.database, sink, from_the_start=True).watch(len(corpus), news)
        ended = max(*watch.committed_at.values(), watch.last_letter)
        if watch.outcomes != {"new_ticket": news, "reply": len(corpus) - news}:
            raise BenchFailed(f"outcomes are {watch.outcomes}, expected {news} new tickets, replies otherwise")
        away = _moved(server.maildir(user), len(corpus))
        return ended - running.ready_at, away - running.ready_at, _cpu_ms(running) - before


def _moved(maildir: Path, count: int) -> float:
    """When all are in the folder for what is done, by time.time."""
    deadline = time.monotonic() + _PATIENCE
    there = left = 0
    while time.monotonic() < deadline:
        there = sum(1 for part in ("cur", "new") for _ in (maildir / _MOVED / part).glob("*"))
        left = sum(1 for part in ("cur", "new") for _ in (maildir / part).glob("*"))
        if there == count and not left:
            return time.time()
        time.sleep(0.05)
    raise BenchFailed(f"{there} of {count} mails were moved, {left} are left in the mailbox")


def _cpu_ms(running: Running) -> float:
    return sum(usage(pid).cpu_ms for pid in running.processes().values())
