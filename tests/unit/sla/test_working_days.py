"""Working days: the same time of the clock, so many open days later."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from maild.sla.calendar import ALWAYS, Calendar
from maild.sla.working_days import working_days_later

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = Calendar("office", BERLIN, dict.fromkeys(range(5), ((540, 1020),)))  # 09:00-17:00
SHUT = Calendar("shut", UTC, {})


def berlin(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of March 2026; the 2nd is a Monday, on the 29th the clocks go forward."""
    return datetime(2026, 3, day, hour, minute, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        (berlin(2, 10), 1, berlin(3, 10)),
        (berlin(6, 16), 2, berlin(10, 16)),  # from Friday to Tuesday
        (berlin(7, 12), 2, berlin(10, 12)),  # Saturday: Monday is the first
        (berlin(6, 20), 1, berlin(10, 9)),  # after hours on Monday evening: Tuesday morning
        (berlin(6, 3), 1, berlin(9, 9)),  # before hours
        (berlin(27, 12), 1, berlin(30, 12)),  # the clock shows the same time, whatever was done to it
    ],
)
def test_a_working_day_is_one_on_which_somebody_works(start: datetime, days: int, due: datetime) -> None:
    assert working_days_later(OFFICE, start, days) == due


def test_around_the_clock_a_day_has_24_hours() -> None:
    assert working_days_later(ALWAYS, berlin(28, 12, 30), 3) == datetime(2026, 3, 31, 11, 30, tzinfo=UTC)


def test_a_calendar_that_never_opens_has_no_days() -> None:
    assert working_days_later(SHUT, berlin(2, 10), 1) is None
