"""The instant that a wall clock means, on days when clocks are changed as well (SLA.md, Calendar)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

_SECOND = timedelta(seconds=1)


def instant(day: date, minute: int, zone: tzinfo) -> datetime:
    """The moment, in UTC, when a zone's wall clock shows this many minutes after the midnight that begins `day`.

    A time that exists twice means the first one, one that does not exist the moment the clock jumped.
    """
    wall = datetime.combine(day, time(), zone) + timedelta(minutes=minute)  # wall-clock arithmetic: may be the next day
    first = wall.astimezone(UTC)
    second = wall.replace(fold=1).astimezone(UTC)
    return first if second >= first else _jump(second, first, zone)


def _jump(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """The instant between two others at which the zone's clock jumps forward."""
    new = after.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == new:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)
