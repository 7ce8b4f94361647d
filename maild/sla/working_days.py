"""Counts in working days: "three working days later", by the calendar that a ticket's promises are counted by."""

from __future__ import annotations

from datetime import datetime, timedelta

from maild.sla.calendar import Calendar
from maild.sla.wall_time import instant

_LONGEST = 366  # days without work that are looked over
_DAY = 1440  # minutes


def working_days_later(calendar: Calendar, start: datetime, days: int) -> datetime | None:
    """The same time of the clock, so many days on which the calendar is open at all later; in its open hours.

    Friday 16:00 and two days is Tuesday 16:00; a Saturday counts from then, so the second day is Tuesday as
    well. A time at which it is closed on that day moves on to the next opening. A 24x7 calendar counts days of
    24 hours. None when the calendar is never open again.
    """
    local = start.astimezone(calendar.zone)
    minute = local.hour * 60 + local.minute
    day, counted, idle = local.date(), 0, 0
    while counted < days:
        day += timedelta(days=1)
        begin, end = instant(day, 0, calendar.zone), instant(day, _DAY, calendar.zone)
        if next(calendar.stretches(begin, end), None) is None:
            idle += 1
            if idle > _LONGEST:
                return None
        else:
            counted, idle = counted + 1, 0
    rest = timedelta(seconds=local.second, microseconds=local.microsecond)
    moment = max(instant(day, minute, calendar.zone) + rest, start)
    opening = next(calendar.stretches(moment, moment + timedelta(days=_LONGEST)), None)
    return opening[0] if opening else None
