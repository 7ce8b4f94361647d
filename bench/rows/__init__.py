"""The rows of the bench: what is measured, in which file, and how long that takes.

A row is a module with `measure(how)`, which yields its figures one after another.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One row."""

    module: str  # in this package
    about: str
    minutes: tuple[float, float]  # about, on two cores: by default, and with --full


ROWS = {
    "sqlite": Row("sqlite", "end to end, one process on SQLite; and on a disk that is 2 ms slower", (3, 3)),
    "postgresql": Row("postgresql", "end to end, PostgreSQL and Redis, two worker processes", (2, 2)),
    "accepted": Row("accepted", "250 after the durable commit, 50 connections", (2, 2)),
    "imap": Row("imap", "10,000 mails waiting in Dovecot, to tickets", (4, 4)),
    "growth": Row("growth", "cost as the store grows, on SQLite and PostgreSQL", (4, 25)),
    "memory": Row("memory", "memory: idle, after many mails, one mail of 25 MiB", (3, 10)),
    "start": Row("start", "from the start with a large store to the first 250", (1, 6)),
    "workers": Row("workers", "1, 2 and 4 worker processes that wait for I/O", (3, 3)),
    "peers": Row("peers", "roundup and django-helpdesk on the same mails", (3, 3)),
    "clocks": Row("clocks", "service levels: due times, due clocks among a million, lateness", (2, 2)),
    "routing": Row("routing", "decisions by 1,000 rules, and a trial of them on 100,000 mails", (3, 3)),
}
# What `make bench` measures when nothing is chosen: the rows that have targets of their own.
USUAL = tuple(name for name in ROWS if name not in {"clocks", "routing"})
