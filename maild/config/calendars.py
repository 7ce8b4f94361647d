"""Makes calendars from their tables, with a country's public holidays year by year."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from zoneinfo import ZoneInfo

from maild.config import level_tables as tables
from maild.sla.calendar import ALWAYS, Calendar


def make_calendars(sections: Iterable[tables.Calendar]) -> dict[str, Calendar]:
    """Calendars by name, 24x7 among them, from tables that were checked."""
    return {ALWAYS.name: ALWAYS} | {section.name: make_calendar(section) for section in sections}


def make_calendar(section: tables.Calendar) -> Calendar:
    """One calendar. Its zone, country and subdivision exist."""
    holidays = section.holidays or tables.Holidays()

    @cache
    def closed(year: int) -> frozenset[date]:
        return (public(holidays, year) | frozenset(holidays.dates)) - frozenset(holidays.open)

    return Calendar(section.name, ZoneInfo(section.timezone), section.hours.by_weekday(), closed)


def public(holidays: tables.Holidays, year: int) -> frozenset[date]:
    """The public holidays of a year; none without a country."""
    if holidays.country is None:
        return frozenset()
    from maild.config.public_holidays import public_holidays  # takes half a second to load

    return public_holidays(holidays.country, holidays.subdivision, year)
