"""The instant that a wall clock means, on the days when clocks are changed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from maild.sla.wall_time import instant

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


@pytest.mark.parametrize(
    ("zone", "day", "minute", "utc"),
    [
        pytest.param("Europe/Berlin", date(2026, 5, 4), 540, "2026-05-04 07:00", id="summer"),
        pytest.param("Europe/Berlin", date(2026, 12, 4), 540, "2026-12-04 08:00", id="winter"),
        pytest.param("Europe/Berlin", date(2026, 12, 4), 1800, "2026-12-05 05:00", id="the next morning"),
        pytest.param("Europe/Berlin", SPRING, 119, "2026-03-29 00:59", id="before the jump"),
        pytest.param("Europe/Berlin", SPRING, 120, "2026-03-29 01:00", id="does not exist: the jump"),
        pytest.param("Europe/Berlin", SPRING, 179, "2026-03-29 01:00", id="does not exist either"),
        pytest.param("Europe/Berlin", SPRING, 181, "2026-03-29 01:01", id="after the jump"),
        pytest.param("Europe/Berlin", AUTUMN, 150, "2026-10-25 00:30", id="exists twice: the first"),
        pytest.param("Europe/Berlin", AUTUMN, 180, "2026-10-25 02:00", id="after both"),
        pytest.param("Australia/Lord_Howe", date(2026, 10, 4), 135, "2026-10-03 15:30", id="a jump of half an hour"),
        pytest.param("Asia/Beirut", date(2026, 3, 29), 0, "2026-03-28 22:00", id="a jump at midnight"),
        pytest.param("Pacific/Apia", date(2011, 12, 30), 720, "2011-12-30 10:00", id="a day that does not exist"),
        pytest.param("Asia/Kolkata", date(2026, 5, 4), 540, "2026-05-04 03:30", id="half an hour"),
    ],
)
def test_a_wall_time_is_one_instant(zone: str, day: date, minute: int, utc: str) -> None:
    assert instant(day, minute, ZoneInfo(zone)) == datetime.fromisoformat(utc).replace(tzinfo=UTC)
