"""Reads the Date header into UTC; a date that cannot be one is no date, never an error."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz

LENGTH_LIMIT = 200
_HOUR, _QUARTER = timedelta(hours=1), timedelta(minutes=15)


def read_date(value: str) -> datetime | None:
    """The moment a Date header names (RFC 5322 §3.3, the obsolete forms, ISO 8601), None when there is none."""
    if not value or len(value) > LENGTH_LIMIT:
        return None
    try:
        parsed = parsedate_tz(value)
        if parsed is not None:
            year, month, day, hour, minute, second = parsed[:6]
            # 60 is a leap second; datetime has none.
            moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
            return moment - timedelta(seconds=parsed[9] or 0)
        iso = datetime.fromisoformat(value.strip())
        return iso.astimezone(UTC) if iso.tzinfo else iso.replace(tzinfo=UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        # An offset of 400 digits overflows (RELIABILITY §6.2), a month of 13 is no date, and so on.
        return None


def read_offset(value: str) -> timedelta | None:
    """How far the zone of a Date header is from UTC; None when it names none that a place on earth has."""
    parsed = parsedate_tz(value) if value and len(value) <= LENGTH_LIMIT else None
    if parsed is None or parsed[9] is None:
        return None
    offset = timedelta(seconds=parsed[9])
    return offset if -12 * _HOUR <= offset <= 14 * _HOUR and not offset % _QUARTER else None
