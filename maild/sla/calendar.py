"""Working time: which moments count, how much counted time lies between two, when a target runs out.

Hours are wall-clock times of a zone; amounts are real time inside them, in UTC. The open stretches of
some years stand in sorted lists with their sums beside them, so that a question is a binary search;
further years are added when somebody asks about them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from maild.sla.wall_time import instant

Window = tuple[int, int]  # minutes after midnight; (1320, 1800) is 22:00-06:00 and belongs to the day it starts on
WHOLE_DAY: Window = (0, 1440)
# Clocks of mail servers may say anything; beyond these years everything is closed.
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LATEST = datetime(2190, 1, 1, tzinfo=UTC)
_ZERO = timedelta()
_YEAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class _Table:
    """The open stretches from `begin` to `end`, and the counted time up to and with each."""

    begin: datetime
    end: datetime
    opens: list[datetime]
    closes: list[datetime]
    before: list[timedelta]  # counted up to its opening
    after: list[timedelta]  # counted up to its closing


def _never(_year: int) -> frozenset[date]:
    return frozenset()


class Calendar:
    """When somebody works. Thread-safe; immutable but for the years it has worked out so far."""

    def __init__(
        self,
        name: str,
        zone: tzinfo,
        hours: Mapping[int, Sequence[Window]],
        closed: Callable[[int], frozenset[date]] = _never,
    ) -> None:
        """`hours` by weekday, 0 is Monday, each day's windows in order and without overlap.

        `closed` gives the dates of a year on which no window starts.
        """
        self.name = name
        self.zone = zone
        self._hours = {day: tuple(windows) for day, windows in hours.items()}
        self._closed = closed
        self._table = _Table(EARLIEST, EARLIEST, [], [], [], [])

    def worked(self, start: datetime, end: datetime) -> timedelta:
        """The counted time from one moment to another; nothing when the second is not later."""
        if end <= start:
            return _ZERO
        table = self._covering(start, end)
        return _counted(table, end) - _counted(table, start)

    def due(self, start: datetime, target: timedelta) -> datetime | None:
        """The earliest moment, not before `start`, up to which `target` was worked since then.

        None when that is never, because too little of the calendar is open. A target that runs out at
        closing time is due at closing time.
        """
        if target <= _ZERO:
            return start
        table = self._covering(start, start)
        years = 1
        while (wanted := _counted(table, start) + target) > (table.after[-1] if table.after else _ZERO):
            if table.end > LATEST:
                return None
            table = self._covering(start, min(table.end + _YEAR * years, LATEST))
            years *= 2
        at = bisect_left(table.after, wanted)
        return table.opens[at] + (wanted - table.before[at])

    def stretches(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The open stretches between two moments, cut to them."""
        table = self._covering(start, end)
        for at in range(bisect_right(table.closes, start), len(table.opens)):
            if table.opens[at] >= end:
                return
            yield max(table.opens[at], start), min(table.closes[at], end)

    def is_open(self, moment: datetime) -> bool:
        """Whether this moment counts."""
        return next(self.stretches(moment, moment + timedelta.resolution), None) is not None

    def closing(self, moment: datetime) -> datetime:
        """When the stretch around this moment ends, a year later at most; the moment itself when it is in none."""
        latest = min(moment, LATEST) + _YEAR  # as far as the table must reach, or its last day would end the stretch
        table = self._covering(moment, latest)
        at = bisect_right(table.opens, moment) - 1
        return max(min(table.closes[at], latest), moment) if at >= 0 else moment

    def _covering(self, start: datetime, end: datetime) -> _Table:
        """A table that reaches from before `start` to after `end`."""
        table = self._table
        if table.begin <= start and end < table.end:
            return table
        start = min(max(start, EARLIEST), LATEST)
        end = min(max(start, end), LATEST)
        if table.begin <= start and end < table.end:
            return table
        first, last = start.year - 1, end.year + 2  # further than asked, so that the next questions cost nothing
        if table.begin < table.end:
            first, last = min(first, table.begin.year), max(last, table.end.year)
        self._table = table = self._made(max(first, EARLIEST.year), min(last, LATEST.year))
        return table

    def _made(self, first: int, last: int) -> _Table:
        opens: list[datetime] = []
        closes: list[datetime] = []
        for begin, end in self._windows(first, last):
            if closes and begin <= closes[-1]:  # it goes on where the last one ended: over midnight, say
                closes[-1] = max(end, closes[-1])
            elif begin < end:  # else a jump of the clock has swallowed it
                opens.append(begin)
                closes.append(end)
        before, after, total = [], [], _ZERO
        for begin, end in zip(opens, closes, strict=True):
            before.append(total)
            total += end - begin
            after.append(total)
        # In UTC, the windows of a year's first and last day may lie in the years beside it.
        begin_at = EARLIEST if first == EARLIEST.year else datetime(first, 1, 3, tzinfo=UTC)
        return _Table(begin_at, datetime(last, 12, 30, tzinfo=UTC), opens, closes, before, after)

    def _windows(self, first: int, last: int) -> Iterator[tuple[datetime, datetime]]:
        for year in range(first, last + 1):
            closed = self._closed(year)
            for ordinal in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()):
                day = date.fromordinal(ordinal)
                windows = self._hours.get(day.weekday(), ())
                if windows and day not in closed:
                    for begin, end in windows:
                        yield instant(day, begin, self.zone), instant(day, end, self.zone)


def _counted(table: _Table, moment: datetime) -> timedelta:
    """The counted time from the table's beginning to a moment."""
    at = bisect_right(table.opens, moment) - 1
    if at < 0:
        return _ZERO
    close = table.closes[at]
    return table.after[at] if moment >= close else table.before[at] + (moment - table.opens[at])


ALWAYS = Calendar("24x7", UTC, dict.fromkeys(range(7), (WHOLE_DAY,)))


def is_one_open(calendars: Mapping[str, Calendar], name: str, moment: datetime) -> bool:
    """Whether a moment counts in the calendar of this name."""
    return calendars[name].is_open(moment)
