"""Reads an invitation: who is asked to come, when and where (RFC 5545, RFC 6047)."""

from __future__ import annotations

from datetime import datetime, timedelta

from maild.mail.charsets import clean
from maild.mail.ical import Component, Property, read_ical
from maild.mail.model import Address, Invitation
from maild.mail.moments import read_duration, read_moment
from maild.mail.words import one_line

ATTENDEES_LIMIT = 200
TEXT_LIMIT = 20_000  # characters of a description
LINE_LIMIT = 500  # characters of a title or place

_EVERY = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year", "HOURLY": "hour"}
_DAYS = {
    "MO": "Monday", "TU": "Tuesday", "WE": "Wednesday", "TH": "Thursday", "FR": "Friday", "SA": "Saturday",
    "SU": "Sunday",
}  # fmt: skip
_WEEKDAYS = ["MO", "TU", "WE", "TH", "FR"]


def read_invitation(text: str, method: str = "") -> Invitation | None:
    """The first event or task of an iCalendar text; None when there is none. Never raises; linear.

    `method` is the parameter of the part's type; the calendar's own METHOD stands in for it.
    """
    calendar = read_ical(text)
    event = _event(calendar)
    if event is None:
        return None
    method = (method or calendar.text("METHOD")).lower()
    start, end, all_day = _times(event, calendar)
    attendees = event.properties.get("ATTENDEE", [])[:ATTENDEES_LIMIT]
    rule = event.text("RRULE").upper()
    return Invitation(
        method=_line(method or "publish"),
        uid=_line(event.text("UID")),
        summary=_line(event.text("SUMMARY")),
        description=clean(event.text("DESCRIPTION")[:TEXT_LIMIT]),
        location=_line(event.text("LOCATION")),
        organizer=_person(event.first("ORGANIZER")),
        attendees=tuple(person for each in attendees if (person := _person(each)) is not None),
        answer=_line(attendees[0].parameters.get("PARTSTAT", "").lower()) if method == "reply" and attendees else "",
        start=start,
        end=end,
        all_day=all_day,
        frequency=_parts(rule).get("FREQ", "").lower() if _parts(rule).get("FREQ") in _EVERY else "",
        recurrence=_line(_recurrence(rule)),
        cancelled=method == "cancel" or event.text("STATUS").upper() == "CANCELLED",
    )


def _event(calendar: Component) -> Component | None:
    """The event itself before changes of single occurrences (RFC 5545 §3.8.4.4)."""
    events = [*calendar.named("VEVENT"), *calendar.named("VTODO")]
    return next((event for event in events if event.first("RECURRENCE-ID") is None), next(iter(events), None))


def _times(event: Component, calendar: Component) -> tuple[datetime | None, datetime | None, bool]:
    """Start, end and whether these are days; the end of days is the last of them, as people say it."""
    start, all_day = read_moment(event.first("DTSTART"), calendar)
    end, _ = read_moment(event.first("DTEND") or event.first("DUE"), calendar)
    length = read_duration(event.text("DURATION"))
    try:
        if end is None and start is not None and length is not None:
            end = start + length
        if all_day and start is not None and end is not None:
            # DTEND is the day after (RFC 5545 §3.6.1); a moment, which is wrong there, lies in the last day.
            last = end.replace(tzinfo=None) - timedelta(microseconds=1)
            end = max(start, datetime(last.year, last.month, last.day))  # noqa: DTZ001 - a day, wherever you are
    except OverflowError:
        end = None
    if start is not None and end is not None and (start.tzinfo is None) != (end.tzinfo is None):
        end = None  # one with a zone, one without: they cannot be set side by side
    return start, end, all_day


def _person(found: Property | None) -> Address | None:
    """An ORGANIZER or ATTENDEE: `CN="Kim":mailto:kim@x.example` (RFC 5545 §3.3.3)."""
    if found is None:
        return None
    value = _line(found.value)
    address = value[7:] if value[:7].lower() == "mailto:" else _line(found.parameters.get("EMAIL", ""))
    name = _line(found.parameters.get("CN", ""))
    local, at, domain = address.strip("<> ").rpartition("@")
    return Address(name, f"{local}@{domain.lower()}" if at else "") if name or at else None


def _parts(rule: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in rule.split(";") if "=" in part)


def _recurrence(rule: str) -> str:
    """An RRULE in words (RFC 5545 §3.3.10): "every 2 weeks on Monday, Friday, until 2026-05-01"."""
    parts = _parts(rule)
    unit = _EVERY.get(parts.get("FREQ", ""), "")
    if not unit:
        return ""
    interval, count = parts.get("INTERVAL", "1"), parts.get("COUNT", "")
    words = f"every {interval} {unit}s" if interval.isdecimal() and interval != "1" else f"every {unit}"
    days = parts.get("BYDAY", "").split(",")
    if days == _WEEKDAYS:
        words += " on workdays"
    elif all(day in _DAYS for day in days):
        words += " on " + ", ".join(_DAYS[day] for day in days[:7])
    if count.isdecimal():
        words += f", {count} times"
    until = parts.get("UNTIL", "")
    if until[:8].isdecimal() and len(until) >= 8:
        words += f", until {until[:4]}-{until[4:6]}-{until[6:8]}"
    return words


def _line(text: str) -> str:
    return clean(one_line(text[:LINE_LIMIT]))
