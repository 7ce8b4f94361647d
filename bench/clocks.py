"""Measures service levels: due times, clocks that are due among a million, and how late an alert is.

make bench ARGS='--row clocks'
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, insert

from maild.sla.calendar import Calendar
from maild.store.clocks import due_tickets
from maild.store.engine import Database
from maild.store.migrate import upgrade
from maild.store.schema import clock, outbox
from maild.testing.conversation import SETTINGS
from maild.testing.desk import SetUp, running_desk
from maild.testing.mails import new_mail
from maild.testing.servers import MissingServer, ServerFailed, postgres
from maild.testing.waiting import wait_until

CLOCKS, DUE = 1_000_000, 1_000
_BATCH = 20_000
_NOW = datetime(2026, 6, 1, tzinfo=UTC)
_LOOKS = 21
_MAILS = 40
_PROMISE = """
[[policy]]
name = "quick"
[policy.first_response]
low = "4s"
medium = "4s"
high = "4s"
critical = "4s"
"""


def measure(say: Callable[[str], None]) -> dict[str, float | None]:
    """All figures; a database that is not installed has none."""
    figures: dict[str, float | None] = {"million_due_times_s": _due_times()}
    say(f"1,000,000 due times: {figures['million_due_times_s']:.2f} s")
    for name, store in (("sqlite", _sqlite), ("postgresql", _postgresql)):
        key = f"find_{DUE}_of_{CLOCKS}_ms_{name}"
        try:
            with store() as url:
                say(f"{name}: storing {CLOCKS:,} open clocks")
                figures[key] = _find(url)
        except (MissingServer, ServerFailed, ModuleNotFoundError) as missing:
            say(f"{name}: not measured: {missing}")
            figures[key] = None
            continue
        say(f"{name}: finding {DUE:,} due among {CLOCKS:,}: {figures[key]:.1f} ms")
    figures |= _latency()
    say(f"alert latency: median {figures['alert_p50_ms']:.0f} ms, worst {figures['alert_worst_ms']:.0f} ms")
    return figures


def _due_times() -> float:
    """Seconds for a million due times in office hours of a zone with daylight saving; the median of three."""
    hours = dict.fromkeys(range(5), ((540, 750), (810, 1050)))
    calendar = Calendar("office", ZoneInfo("Europe/Berlin"), hours)
    starts = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=7 * i) for i in range(10_000)]
    targets = [timedelta(minutes=17 * i + 1) for i in range(100)]
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        for target in targets:
            for start in starts:
                calendar.due(start, target)
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def _find(url: str) -> float:
    """Milliseconds to find what is due; the median."""
    database = Database(url)
    upgrade(database)
    for first in range(0, CLOCKS, _BATCH):
        with database.write() as connection:
            connection.execute(insert(clock), [_clock(number) for number in range(first, first + _BATCH)])
    with database.read() as connection:
        times = [_timed(connection) for _ in range(_LOOKS)]
    database.close()
    return statistics.median(times)


def _timed(connection: Connection) -> float:
    begun = time.perf_counter()
    found = due_tickets(connection, _NOW, DUE)
    taken = (time.perf_counter() - begun) * 1000
    if len(found) != DUE:
        raise AssertionError(f"{len(found)} tickets are due, not {DUE}")
    return taken


def _clock(number: int) -> dict[str, object]:
    is_due = number % (CLOCKS // DUE) == 0
    moment = _NOW - timedelta(seconds=number % 977) if is_due else _NOW + timedelta(seconds=1 + number)
    return {
        "ticket": number + 1,
        "kind": "resolution",
        "cycle": 1,
        "policy": "standard",
        "calendar": "24x7",
        "target": 259_200,
        "started_at": _NOW - timedelta(days=2),
        "due_at": moment,
        "paused_at": None,
        "ended_at": None,
        "why_ended": "",
        "used": None,
        "held": 0,
        "held_counted": 0,
        "failed": None,
        "next_at": moment,
    }


def _latency() -> dict[str, float | None]:
    """How long after its moment a breach is written down as a letter, in a running daemon on SQLite."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_desk(Path(folder), SetUp(store="sqlite"), settings=SETTINGS + _PROMISE) as desk,
    ):
        for number in range(_MAILS):
            desk.send(new_mail(subject=f"Mail {number}", sender=f"Kim <kim{number}@c{number}.example>"))
            time.sleep(0.1)
        wait_until(lambda: _breaches(desk.rows(outbox)) >= _MAILS, "the breaches to be told")
        due = {row.ticket: row.due_at for row in desk.rows(clock)}
        late = [
            (row.created_at - due[row.ticket]).total_seconds() * 1000
            for row in desk.rows(outbox)
            if row.template == "breach"
        ]
    return {"alert_p50_ms": statistics.median(late), "alert_worst_ms": max(late)}


def _breaches(letters: Sequence[Row[Any]]) -> int:
    return len({row.ticket for row in letters if row.template == "breach"})


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/clocks.db"


@contextmanager
def _postgresql() -> Iterator[str]:
    with postgres() as server:
        yield server.url
