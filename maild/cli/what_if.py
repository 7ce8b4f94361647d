"""The question of `maild sla due`, for one or as a line of JSON, and its answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from maild.config.faults import nearest
from maild.config.level_values import read_target
from maild.sla import spans
from maild.sla.calendar import Calendar
from maild.sla.spans import Span
from maild.sla.wall_time import instant

_OPTIONAL = ("holds", "now")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A target on a calendar, when it began to count, and the times on hold."""

    calendar: Calendar
    target: timedelta
    start: datetime
    holds: Sequence[Span]
    now: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """When it is due (None: nobody can tell while the hold is open), what was used by now, and where it stands."""

    due_at: datetime | None
    used: timedelta
    status: str  # running, paused, breached

    def as_json(self) -> dict[str, object]:
        """Times in UTC, and the time used in minutes, to the millionth."""
        minutes = self.used / timedelta(minutes=1)
        whole, rest = divmod(self.used, timedelta(minutes=1))
        return {
            "due_at": self.due_at.isoformat() if self.due_at else None,
            "used_minutes": round(minutes, 6) if rest else whole,
            "status": self.status,
        }


def answer(question: Question) -> Answer:
    """Where such a clock would stand."""
    start, now = question.start, question.now
    holds = [
        Span(max(hold.start, start), hold.end)
        for hold in spans.apart(question.holds)
        if hold.end is None or hold.end > start
    ]
    due_at = spans.due(question.calendar, start, question.target, holds)
    status = "running"
    if due_at is not None and now >= due_at:
        status = "breached"
    elif any(hold.start <= now and (hold.end is None or now < hold.end) for hold in holds):
        status = "paused"
    return Answer(due_at, spans.used(question.calendar, start, now, holds), status)


def read_question(line: bytes, calendars: Mapping[str, Calendar], now: datetime) -> tuple[object, Question]:
    """The id and the question of a line of JSON; `now` is for a line that has none.

    Raises ValueError: what is wrong; what would be right.
    """
    try:
        given: Any = json.loads(line)
        if isinstance(given, dict):
            return given.get("id"), _question(given, calendars, now)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        pass
    raise ValueError('is not a JSON object; write {"id": 1, "calendar": "24x7", "target_minutes": 240, ...}')


def _question(given: dict[str, Any], calendars: Mapping[str, Calendar], now: datetime) -> Question:
    for key in given.keys() - {"id", "calendar", "target_minutes", "opened_at", *_OPTIONAL}:
        near = nearest(key, [name for name in _OPTIONAL if name not in given])
        if near:
            raise ValueError(f"there is no key {key!r}; did you mean {near}?")
    calendar = find_calendar(_text(given, "calendar"), calendars)
    holds = given.get("holds")
    if not isinstance(holds, list | None) or not all(isinstance(hold, list) and len(hold) == 2 for hold in holds or ()):
        raise ValueError("holds is not a list of pairs; write [[START, END], [START, null]]")
    return Question(
        calendar=calendar,
        target=_target(given.get("target_minutes")),
        start=read_moment(_text(given, "opened_at"), calendar.zone),
        holds=[_hold(begin, end, calendar.zone) for begin, end in holds or ()],
        now=now if given.get("now") is None else read_moment(_text(given, "now"), calendar.zone),
    )


def find_calendar(name: str, calendars: Mapping[str, Calendar]) -> Calendar:
    """A calendar by its name. Raises ValueError with the nearest one."""
    if name not in calendars:
        near = nearest(name, calendars)
        hint = f"did you mean {near}?" if near else f"there are {', '.join(calendars)}"
        raise ValueError(f"there is no calendar {name!r}; {hint}")
    return calendars[name]


def read_hold(text: str, zone: tzinfo) -> Span:
    """A hold as START/END; without an END it is open. Raises ValueError."""
    begin, slash, end = text.partition("/")
    if not slash:
        raise ValueError(f"{text!r} is not a hold; write START/END, or START/ for one that is open")
    return _hold(begin, end or None, zone)


def read_moment(text: str, zone: tzinfo) -> datetime:
    """A moment in UTC from ISO 8601; without an offset it is what the zone's wall clock shows.

    A time that exists twice means the first one, one that does not exist the moment the clock jumped.
    Raises ValueError.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        minute = instant(moment.date(), moment.hour * 60 + moment.minute, zone)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is not a time; write 2026-03-02T09:00 or 2026-03-02T09:00+01:00") from None
    shown = minute.astimezone(zone)
    if (shown.hour, shown.minute) != (moment.hour, moment.minute):
        return minute  # the clock jumped over it
    return minute + timedelta(seconds=moment.second, microseconds=moment.microsecond)


def _hold(begin: object, end: object, zone: tzinfo) -> Span:
    if isinstance(begin, str) and isinstance(end, str | None):
        span = Span(read_moment(begin, zone), None if end is None else read_moment(end, zone))
        if span.end is None or span.start <= span.end:
            return span
        raise ValueError(f"the hold from {begin} to {end} ends before it begins; write START first")
    raise ValueError('a hold is not a pair of times; write ["2026-03-02T09:00", "2026-03-02T10:00"], or null')


def _text(given: Mapping[str, object], key: str) -> str:
    value = given.get(key)
    if isinstance(value, str):
        return value
    raise ValueError(f"{key} is {'not a text' if key in given else 'missing'}; write it in quotes")


def _target(value: object) -> timedelta:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e9:
        return read_target(timedelta(minutes=value))
    raise ValueError(f"target_minutes is {json.dumps(value)[:40]}; write a number of minutes above 0, such as 240")
