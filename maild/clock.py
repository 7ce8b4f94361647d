"""Times are aware and in UTC; a naive one is refused at the door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The current moment; only edges and `bootstrap` call it, everything else gets `now`."""
    return datetime.now(UTC)


def to_utc(moment: datetime) -> datetime:
    """The same moment in UTC.

    Raises ValueError for a naive datetime, whose moment nobody can know.
    """
    if moment.tzinfo is None:
        raise ValueError(f"naive datetime {moment!r}: give it a time zone")
    return moment.astimezone(UTC)
