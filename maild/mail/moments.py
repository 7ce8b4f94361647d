"""Turns the dates, durations and zones of iCalendar into moments (RFC 5545 §3.3.4, §3.3.5, §3.3.6, §3.6.5)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from maild.mail.ical import Component, Property
from maild.mail.zones import zone_named

_MOMENT = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d)(?::?(\d\d))?)?(Z?)")
_DURATION = re.compile(r"([+-]?)P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?")
_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)")
_NTH_DAY = re.compile(r"([+-]?\d)?(MO|TU|WE|TH|FR|SA|SU)")
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def read_moment(found: Property | None, calendar: Component) -> tuple[datetime | None, bool]:
    """The moment that a DTSTART or DTEND names, and whether it is a whole day.

    In UTC when its zone is known; without a zone, and for whole days, naive: as written.
    """
    match = _MOMENT.match(found.value.strip()) if found else None
    if found is None or match is None:
        return None, False
    year, month, day, hour, minute, second = (int(group or 0) for group in match.groups()[:6])
    try:
        moment = datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001 - its zone comes below
        if match[4] is None:
            return moment, True
        if match[7]:
            return moment.replace(tzinfo=UTC), False
        name = found.parameters.get("TZID", "")
        zone = zone_named(name) if name else None
        if zone is not None:
            return moment.replace(tzinfo=zone).astimezone(UTC), False
        offset = _offset_of(name, moment, calendar) if name else None
        return (moment if offset is None else (moment - offset).replace(tzinfo=UTC)), False
    except (ValueError, OverflowError):
        return None, False


def read_duration(value: str) -> timedelta | None:
    """A DURATION such as PT1H30M; None when it is none."""
    match = _DURATION.fullmatch(value.strip())
    if match is None or not any(match.groups()[1:]):
        return None
    weeks, days, hours, minutes, seconds = (int(group or 0) for group in match.groups()[1:])
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -length if match[1] == "-" else length


def _offset_of(name: str, moment: datetime, calendar: Component) -> timedelta | None:
    """The offset from UTC by the VTIMEZONE that came along, for a zone that only the sender knows."""
    for zone in calendar.named("VTIMEZONE"):
        if zone.text("TZID").strip('"') == name.strip('"'):
            begun = [
                (onset, offset)
                for rule in zone.children[:50]
                for year in (moment.year - 1, moment.year)
                if (onset := _onset(rule, year)) is not None and (offset := _to(rule)) is not None
            ]
            before = [each for each in begun if each[0] <= moment]
            return max(before)[1] if before else min(begun)[1] if begun else None
    return None


def _to(rule: Component) -> timedelta | None:
    match = _OFFSET.match(rule.text("TZOFFSETTO"))
    if match is None:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return -offset if match[1] == "-" else offset


def _onset(rule: Component, year: int) -> datetime | None:
    """When a STANDARD or DAYLIGHT begins in a year, as far as it recurs in the usual way: `BYMONTH=3;BYDAY=-1SU`."""
    started, _ = read_moment(rule.first("DTSTART"), Component("VCALENDAR"))
    if started is None:
        return None
    started = started.replace(tzinfo=None)
    parts = dict(pair.split("=", 1) for pair in rule.text("RRULE").upper().split(";") if "=" in pair)
    if not parts:
        return started
    month, nth = parts.get("BYMONTH", ""), _NTH_DAY.fullmatch(parts.get("BYDAY", ""))
    first = started.replace(year=year, month=int(month) if month.isdecimal() else started.month, day=1)
    if nth is None:
        return first.replace(day=min(started.day, 28))
    if nth[1] and nth[1].startswith("-"):
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - _DAYS.index(nth[2])) % 7)
    return first + timedelta(days=(_DAYS.index(nth[2]) - first.weekday()) % 7 + 7 * (int(nth[1] or 1) - 1))
