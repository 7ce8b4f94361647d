"""Makes calendars from their tables, with a country's public holidays year by year."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from maild.config import level_tables as tables
from maild.config.closed_days import ClosedDays
from maild.sla.calendar import ALWAYS, Calendar


def make_calendars(sections: Iterable[tables.Calendar]) -> dict[str, Calendar]:
    """Calendars by name, 24x7 among them, from tables that were checked."""
    return {ALWAYS.name: ALWAYS} | {section.name: make_calendar(section) for section in sections}


def make_calendar(section: tables.Calendar) -> Calendar:
    """One calendar. Its zone, country and subdivision exist."""
    holidays = section.holidays or tables.Holidays()
    closed = ClosedDays(frozenset(holidays.dates), frozenset(holidays.open), holidays.country, holidays.subdivision)
    return Calendar(section.name, ZoneInfo(section.timezone), section.hours.by_weekday(), closed)
