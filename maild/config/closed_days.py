"""On which days of a year a calendar opens no window.

Apart from the tables, for it goes with the rules to the reader, a process that loads as little as it can.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache


@dataclass(frozen=True, slots=True)
class ClosedDays:
    """The days of a year."""

    dates: frozenset[date] = frozenset()
    open: frozenset[date] = frozenset()  # whatever else is said of them
    country: str | None = None  # whose public holidays they are as well
    subdivision: str | None = None

    def __call__(self, year: int) -> frozenset[date]:
        """Those of one year."""
        return (public(self.country, self.subdivision, year) | self.dates) - self.open


@cache
def public(country: str | None, subdivision: str | None, year: int) -> frozenset[date]:
    """The public holidays of a year; none without a country."""
    if country is None:
        return frozenset()
    from maild.config.public_holidays import public_holidays  # takes half a second to load

    return public_holidays(country, subdivision, year)
