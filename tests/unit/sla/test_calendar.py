"""Working time, by example."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from maild.sla.calendar import ALWAYS, Calendar

BERLIN = ZoneInfo("Europe/Berlin")
WEEKDAYS, DAILY = range(5), range(7)
OFFICE = Calendar(
    "office",
    BERLIN,
    dict.fromkeys(WEEKDAYS, ((540, 750), (810, 1050))),  # 09:00-12:30, 13:30-17:30
    lambda year: frozenset({date(year, 5, 1), date(year, 12, 25)}),
)
NIGHTS = Calendar("nights", BERLIN, dict.fromkeys(DAILY, ((1320, 1800),)))  # 22:00-06:00
MORNINGS = Calendar("mornings", BERLIN, dict.fromkeys(DAILY, ((0, 360),)))  # 00:00-06:00


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        pytest.param("2026-05-04 09:00", "2026-05-04 17:30", 7.5, id="a day with a lunch break"),
        pytest.param("2026-05-04 12:30", "2026-05-04 13:30", 0, id="the lunch break"),
        pytest.param("2026-05-08 17:00", "2026-05-11 09:30", 1, id="over the weekend"),
        pytest.param("2026-04-30 17:00", "2026-05-04 09:30", 1, id="over a holiday and the weekend"),
        pytest.param("2026-05-04 12:00", "2026-05-04 11:00", 0, id="the second is earlier"),
    ],
)
def test_time_counts_within_the_windows_only(start: str, end: str, hours: float) -> None:
    assert OFFICE.worked(berlin(start), berlin(end)) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        pytest.param("2026-05-04 10:00", 1, "2026-05-04 11:00", id="in one window"),
        pytest.param("2026-05-04 12:00", 1, "2026-05-04 14:00", id="over the lunch break"),
        pytest.param("2026-05-04 16:30", 1, "2026-05-04 17:30", id="out at closing time is due at closing time"),
        pytest.param("2026-05-04 09:00", 3.5, "2026-05-04 12:30", id="the same at lunch"),
        pytest.param("2026-05-04 19:00", 1, "2026-05-05 10:00", id="from outside it begins at the next opening"),
        pytest.param("2026-05-08 17:00", 1, "2026-05-11 09:30", id="over the weekend"),
        pytest.param("2026-04-30 17:00", 1, "2026-05-04 09:30", id="over a holiday"),
        pytest.param("2026-05-04 19:00", 0, "2026-05-04 19:00", id="nothing is worked already"),
    ],
)
def test_due_is_the_earliest_moment_by_which_the_target_was_worked(start: str, hours: float, due: str) -> None:
    assert OFFICE.due(berlin(start), timedelta(hours=hours)) == berlin(due)


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-28", 6), ("2026-03-29", 5), ("2026-10-24", 6), ("2026-10-25", 7)],
)
def test_the_hours_of_a_night_are_those_that_pass(day: str, hours: int) -> None:
    assert MORNINGS.worked(berlin(f"{day} 00:00"), berlin(f"{day} 12:00")) == timedelta(hours=hours)
    assert MORNINGS.due(berlin(f"{day} 00:00"), timedelta(hours=hours)) == berlin(f"{day} 06:00")


@pytest.mark.parametrize(("evening", "hours"), [("2026-03-27", 8), ("2026-03-28", 7), ("2026-10-24", 9)])
def test_a_window_over_midnight_is_one_stretch(evening: str, hours: int) -> None:
    noon = berlin(f"{evening} 12:00")
    assert [end - begin for begin, end in NIGHTS.stretches(noon, noon + timedelta(days=1))] == [timedelta(hours=hours)]


def test_a_window_over_midnight_belongs_to_the_day_it_starts_on() -> None:
    nights = Calendar("", BERLIN, dict.fromkeys(WEEKDAYS, ((1320, 1800),)), lambda _: frozenset({date(2026, 5, 5)}))
    assert nights.is_open(berlin("2026-05-09 05:00"))  # Saturday morning is Friday's
    assert not nights.is_open(berlin("2026-05-04 05:00"))  # Monday morning would be Sunday's
    assert nights.is_open(berlin("2026-05-05 05:00"))  # a holiday closes what starts on it
    assert not nights.is_open(berlin("2026-05-06 05:00"))


def test_new_years_night_belongs_to_the_old_year() -> None:
    fresh = Calendar("", BERLIN, dict.fromkeys(DAILY, ((1320, 1800),)))
    assert fresh.worked(berlin("2026-01-01 01:00"), berlin("2026-01-01 05:00")) == timedelta(hours=4)


def test_whole_days_join() -> None:
    weekend = Calendar("", BERLIN, {5: ((0, 1440),), 6: ((0, 1440),)})
    saturday, monday = berlin("2026-05-09 00:00"), berlin("2026-05-11 00:00")
    assert list(weekend.stretches(berlin("2026-05-06 00:00"), berlin("2026-05-13 00:00"))) == [(saturday, monday)]
    assert weekend.due(saturday, timedelta(days=2)) == monday


def test_an_opening_is_open_and_a_closing_is_not() -> None:
    assert OFFICE.is_open(berlin("2026-05-04 09:00"))
    assert not OFFICE.is_open(berlin("2026-05-04 17:30"))


def test_closing_is_the_end_of_the_stretch_or_the_moment_itself() -> None:
    assert OFFICE.closing(berlin("2026-05-04 10:00")) == berlin("2026-05-04 12:30")
    assert OFFICE.closing(berlin("2026-05-04 13:00")) == berlin("2026-05-04 13:00")


def test_a_stretch_over_new_year_ends_where_it_does_whichever_years_were_asked_before() -> None:
    quiet = Calendar("", BERLIN, {4: ((1080, 1440),), 5: ((0, 1440),), 6: ((0, 1440),), 0: ((0, 480),)})
    quiet.is_open(berlin("2026-01-01 12:00"))  # the table goes to the end of 2028, which is a Sunday
    assert quiet.closing(berlin("2028-12-29 19:00")) == berlin("2029-01-01 08:00")


def test_what_is_always_open_closes_in_a_year_at_most() -> None:
    assert ALWAYS.closing(berlin("2026-05-04 10:00")) == berlin("2026-05-04 10:00") + timedelta(days=366)


def test_the_years_extend_themselves() -> None:
    start = berlin("2026-05-04 09:00")
    due = OFFICE.due(start, timedelta(hours=20_000))  # 2,666 days of 7.5 hours, and 5 hours
    assert due == berlin("2036-08-11 15:00")
    assert OFFICE.worked(start, due) == timedelta(hours=20_000)
    assert ALWAYS.due(start, timedelta(days=365 * 100)) == start + timedelta(days=365 * 100)


def test_what_is_hardly_ever_open_is_due_never() -> None:
    closed = Calendar("", UTC, {})
    assert closed.due(berlin("2026-05-04 09:00"), timedelta(seconds=1)) is None
    assert closed.worked(berlin("2026-05-04 09:00"), berlin("2027-05-04 09:00")) == timedelta()


@pytest.mark.parametrize("year", [1, 1970, 2500, 9999])
def test_a_year_that_a_broken_clock_gives_breaks_nothing(year: int) -> None:
    moment = datetime(year, 12, 31, 23, tzinfo=UTC)
    assert OFFICE.worked(moment, moment + timedelta(minutes=30)) == timedelta()
    assert OFFICE.closing(moment) == moment
    due = OFFICE.due(moment, timedelta(hours=1))
    assert due is None if year > 2190 else due is not None
