"""Counts what happens, in memory, at some microseconds a mail.

Most counters follow from the lines of the log, so that the two cannot disagree: `Counted` is a log that
counts what goes through it. The monitor adds what was counted to the database every few seconds: there
the counters of all processes come together, and survive them.
"""

from __future__ import annotations

import logging
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from maild.app.arrival import Arrival, Cursor
from maild.app.ports import Inbox, Log
from maild.monitoring.names import BUCKETS

Count = tuple[str, str]  # a metric's name, and its labels as Prometheus writes them
_LIMITS = (*(f'le="{bucket:g}"' for bucket in BUCKETS), 'le="+Inf"')


class Meters:
    """Counters and histograms of one process; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: dict[Count, float] = {}

    def count(self, name: str, labels: str = "", by: float = 1) -> None:
        """Add to a counter."""
        key = (name, labels)
        with self._lock:
            self._counted[key] = self._counted.get(key, 0) + by

    def observe(self, name: str, seconds: float, times: int = 1) -> None:
        """Add to a histogram; its buckets are kept apart and summed up only when they are shown."""
        bucket, total = (f"{name}_bucket", _LIMITS[bisect_left(BUCKETS, seconds)]), (f"{name}_sum", "")
        with self._lock:
            self._counted[bucket] = self._counted.get(bucket, 0) + times
            self._counted[total] = self._counted.get(total, 0) + seconds * times

    def take(self) -> dict[Count, float]:
        """What was counted since the last time; whoever cannot store it gives it back."""
        with self._lock:
            counted, self._counted = self._counted, {}
        return counted

    def give_back(self, counted: Mapping[Count, float]) -> None:
        """It could not be stored: keep it for the next time."""
        with self._lock:
            for key, value in counted.items():
                self._counted[key] = self._counted.get(key, 0) + value


def label(name: str, value: object) -> str:
    """One label as Prometheus writes it."""
    text = str(value).replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
    return f'{name}="{text}"'


class Counted:
    """The port `Log`: counts what is logged, says that its thread moves, and passes it on."""

    def __init__(self, log: Log, meters: Meters, moves: Callable[[], None]) -> None:
        self._log = log
        self._meters = meters
        self._moves = moves
        self._worked = 0.0

    def __call__(self, event: str, **facts: Any) -> None:
        """Write one line, and count it."""
        reader = _EVENTS.get(event)
        if reader is not None:
            reader(self._meters, facts)
            if event in _WORK:
                self._worked = time.monotonic()
        elif "error" in facts or "trouble" in facts:
            self._meters.count("maild_errors_total", label("event", event))
        self._moves()
        self._log(event, **facts)

    @property
    def idle(self) -> float | None:
        """Seconds since a mail or a letter was finished here; None: none was."""
        return time.monotonic() - self._worked if self._worked else None


_WORK = frozenset({"mail", "letter"})


def _mail(meters: Meters, facts: Mapping[str, Any]) -> None:
    meters.count("maild_mails_total", label("outcome", facts.get("outcome", "")))
    if "seconds" in facts:
        meters.observe("maild_mail_seconds", facts["seconds"])


def _letter(meters: Meters, facts: Mapping[str, Any]) -> None:
    meters.count("maild_letters_total", label("state", facts.get("state", "")))
    code = str(facts.get("code", ""))
    meters.count("maild_relay_answers_total", label("code", f"{code[0]}xx" if code else "none"))


def _quarantined(meters: Meters, _facts: Mapping[str, Any]) -> None:
    meters.count("maild_mails_total", label("outcome", "quarantined"))


def _budget(meters: Meters, facts: Mapping[str, Any]) -> None:
    meters.count("maild_budget_refusals_total", label("scope", facts.get("scope", "")))


_EVENTS: dict[str, Callable[[Meters, Mapping[str, Any]], None]] = {
    "mail": _mail,
    "letter": _letter,
    "mail quarantined": _quarantined,
    "budget used up": _budget,
}


class CountedLines(logging.Handler):
    """Counts what doors write to the log themselves, because they do so without the port `Log`: warnings and errors."""

    def __init__(self, meters: Meters) -> None:
        """Belongs to the logger of a room."""
        super().__init__(logging.WARNING)
        self._meters = meters

    def emit(self, record: logging.LogRecord) -> None:
        """Count one line; structlog hands its facts over as the message."""
        event = record.msg.get("event", "") if isinstance(record.msg, dict) else record.name
        self._meters.count("maild_errors_total", label("event", event))


class MeteredInbox:
    """The port `Inbox`: counts what another one accepts, and how long that takes."""

    def __init__(self, inbox: Inbox, meters: Meters) -> None:
        self._inbox = inbox
        self._meters = meters

    def accept(self, arrivals: Sequence[Arrival], cursor: Cursor | None = None) -> int:
        """See the port."""
        begun = time.monotonic()
        try:
            stored = self._inbox.accept(arrivals, cursor)
        except Exception:
            self._meters.count("maild_accept_failures_total", by=len(arrivals))
            raise
        if arrivals:
            self._meters.observe("maild_accept_seconds", time.monotonic() - begun, len(arrivals))
            for arrival in arrivals:
                self._meters.count("maild_mails_accepted_total", label("door", arrival.door.value))
        return stored
