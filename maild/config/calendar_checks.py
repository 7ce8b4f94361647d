"""Checks of calendars: windows that do not go together, places that do not exist, a calendar that never opens."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from maild.config import level_tables
from maild.config.calendars import make_calendar
from maild.config.closed_days import public
from maild.config.faults import nearest
from maild.config.level_tables import WEEKDAYS, Holidays, Sla
from maild.config.level_values import DAY, write_window
from maild.config.lines import KeyPath
from maild.config.problems import Problems
from maild.config.section import Section
from maild.sla.calendar import ALWAYS, Calendar

_WEEK = 7 * DAY
# Beyond it, "17:00-09:00" is more likely 09:00-17:00 in the wrong order than a night.
_LONGEST_NIGHT = 14 * 60
_SOME_YEAR = 2026


def check_calendars(sections: Mapping[KeyPath, Section], problems: Problems) -> dict[str, Calendar]:
    """Note every fault of a calendar; give those that are sound by name, 24x7 among them."""
    sound = {ALWAYS.name: ALWAYS}
    for path, section in sections.items():
        if not isinstance(section, level_tables.Calendar):
            continue
        if section.name.casefold() == ALWAYS.name:
            problems.add((*path, "name"), f"{ALWAYS.name} is built in and counts every hour; choose another name")
        check_zone((*path, "timezone"), section.timezone, problems)
        _hours(path, section, problems)
        if section.holidays is not None:
            _holidays((*path, "holidays"), section.holidays, problems)
        if any(problems.has_in((*path, key)) for key in ("timezone", "hours", "holidays")):
            continue
        calendar = make_calendar(section)
        if not open_for(calendar, timedelta(microseconds=1)):
            text = 'the calendar never opens; give at least one window, such as mon = ["09:00-17:00"]'
            problems.add((*path, "hours"), text)
        else:
            sound.setdefault(section.name, calendar)
    return sound


def open_for(calendar: Calendar, target: timedelta) -> timedelta:
    """The counted time of a year if it suffices for a target, else of ten."""
    begin, *ends = (datetime(_SOME_YEAR + years, 1, 1, tzinfo=UTC) for years in (0, 1, 10))
    counted = calendar.worked(begin, ends[0])
    return counted if counted >= target else calendar.worked(begin, ends[1])


def check_zone(path: KeyPath, name: str, problems: Problems) -> None:
    """Note a time zone that does not exist."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):  # OSError: "Europe" is a folder
        near = nearest(name, zoneinfo.available_timezones()) or "Europe/Berlin"
        problems.add(path, f"there is no time zone {name!r}; did you mean {near}?")


def check_quiet(path: KeyPath, sla: Sla, problems: Problems) -> None:
    """Note windows of quiet hours that overlap, or that leave no hour of the day."""
    windows = sorted(sla.quiet)
    next_day = [(begin + DAY, end + DAY) for begin, end in windows[:1]]
    for before, after in pairwise([*windows, *next_day]):
        if before[1] > after[0]:
            text = f"{write_window(before)} overlaps with {write_window(after)}; let each end before the next"
            problems.add((*path, "quiet"), text)
            return
    if sum(end - begin for begin, end in windows) >= DAY:
        problems.add((*path, "quiet"), "no hour is left in which warnings could be told; write it like 22:00-07:00")


@dataclass(frozen=True, slots=True)
class _Placed:
    """A window in its week, in minutes after Monday's midnight."""

    begin: int
    end: int
    path: KeyPath
    window: tuple[int, int]

    @property
    def told(self) -> str:
        return f"{self.path[-2]} {write_window(self.window)}"


def _hours(path: KeyPath, calendar: level_tables.Calendar, problems: Problems) -> None:
    """Windows in the wrong order, and windows that overlap; the week is a ring."""
    week: list[_Placed] = []
    for at, day in enumerate(WEEKDAYS):
        for i, (begin, end) in enumerate(getattr(calendar.hours, day)):
            place: KeyPath = (*path, "hours", day, i)
            if end > DAY and end - begin > _LONGEST_NIGHT:
                problems.add(place, _reversed((begin, end)))
            else:
                week.append(_Placed(at * DAY + begin, at * DAY + end, place, (begin, end)))
    week.sort(key=lambda each: (each.begin, each.end))
    if not week:
        return
    latest, *others = week
    for each in others:
        if each.begin < latest.end:
            problems.add(each.path, _overlap(latest, each))
        latest = max(latest, each, key=lambda one: one.end)
    if latest.end - _WEEK > week[0].begin:
        problems.add(week[0].path, _overlap(replace(latest, end=latest.end - _WEEK), week[0]))


def _reversed(window: tuple[int, int]) -> str:
    begin, end = window
    turned = write_window((end - DAY, begin))
    hours = _LONGEST_NIGHT // 60
    return (
        f"{write_window(window)} ends before it begins, and for a night it is too long (over {hours} hours);"
        f" did you mean {turned}? If not, write it as two windows, cut at midnight"
    )


def _overlap(before: _Placed, after: _Placed) -> str:
    if before.end >= after.end:
        return f"{after.told} lies inside {before.told}; take one of them out"
    begin = after.window[0] + before.end - after.begin
    right = write_window((begin, after.window[1]))
    return f"{after.told} overlaps with {before.told}; did you mean {right}?"


def _holidays(path: KeyPath, holidays: Holidays, problems: Problems) -> None:
    country, part = holidays.country, holidays.subdivision
    if country is not None:
        from maild.config.public_holidays import wrong_country, wrong_subdivision  # takes half a second to load

        wrong = wrong_country(country)
        if wrong:
            problems.add((*path, "country"), wrong)
            return
        wrong = wrong_subdivision(country, part) if part is not None else ""
        if wrong:
            problems.add((*path, "subdivision"), wrong)
            return
    elif part is not None:
        problems.add((*path, "subdivision"), 'a part of which country? Add country = "DE", say')
        return
    for i, day in enumerate(holidays.open):
        if day in holidays.dates:
            problems.add((*path, "open", i), f"{day} is also in dates; keep it in one of them")
        elif day not in public(holidays.country, holidays.subdivision, day.year):
            problems.add((*path, "open", i), f"{day} is no holiday{_nearest_holiday(holidays, day)}")


def _nearest_holiday(holidays: Holidays, day: date) -> str:
    known = public(holidays.country, holidays.subdivision, day.year)
    if not known:
        return " here, so it is open anyway; take it out"
    near = min(known, key=lambda each: (abs(each - day), each))
    where = "-".join(filter(None, (holidays.country, holidays.subdivision)))
    return f" in {where}, so it is open anyway; did you mean {near}?"
