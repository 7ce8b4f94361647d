"""Laws of working time, against an oracle that walks minute by minute and asks what the wall clock shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from maild.sla import spans
from maild.sla.calendar import Calendar, Window
from maild.sla.spans import Span, apart

MINUTE = timedelta(minutes=1)
ZERO = timedelta()
FEW = settings(max_examples=40)  # every example works out the days of four years

#: Zones with days on which the clocks do something: an hour, half an hour, at midnight, a whole day that is missing.
DAYS = (
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("America/St_Johns", date(2026, 3, 8)),
    ("America/St_Johns", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Asia/Beirut", date(2026, 3, 29)),
    ("Asia/Beirut", date(2026, 10, 24)),
    ("America/Sao_Paulo", date(2018, 2, 17)),
    ("America/Sao_Paulo", date(2018, 11, 4)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Asia/Kolkata", date(2026, 6, 10)),
    ("UTC", date(2026, 12, 31)),
)

#: The windows of a day, in minutes after midnight: a lunch break, the night, the whole day, windows that touch.
WINDOWS: tuple[tuple[Window, ...], ...] = (
    (),
    ((540, 750), (810, 1050)),
    ((1320, 1800),),
    ((0, 1440),),
    ((0, 360),),
    ((0, 150), (150, 200)),
    ((1380, 1440),),
    ((1410, 1470),),
    ((90, 135), (140, 165)),
    ((60, 1430),),
)


@dataclass(frozen=True)
class Case:
    """A calendar, and a moment near a day that is out of the ordinary."""

    zone: ZoneInfo
    hours: Mapping[int, Sequence[Window]]
    closed: frozenset[date]
    start: datetime

    def calendar(self) -> Calendar:
        return Calendar(
            "office", self.zone, self.hours, lambda year: frozenset(d for d in self.closed if d.year == year)
        )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    name, day = draw(st.sampled_from(DAYS))
    one = draw(st.sampled_from(WINDOWS[1:]))
    # Most weeks have the same hours every day, so that most moments near the change are inside them or close.
    hours = draw(
        st.just(dict.fromkeys(range(7), one)) | st.fixed_dictionaries({d: st.sampled_from(WINDOWS) for d in range(7)})
    )
    closed = draw(st.frozensets(st.integers(-1, 2).map(lambda days: day + timedelta(days=days)), max_size=1))
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) + draw(st.integers(-36 * 60, 30 * 60)) * MINUTE
    return Case(ZoneInfo(name), hours, closed, start)


def is_open(case: Case, minute: datetime) -> bool:
    """Whether this minute counts, from nothing but the wall clock: the oracle.

    In the hour that comes twice the clock stands at the end of the first one.
    """
    wall = minute.astimezone(case.zone)
    while wall.fold:
        minute -= MINUTE
        wall = minute.astimezone(case.zone)
    shown = wall.hour * 60 + wall.minute
    for day, at in ((wall.date(), shown), (wall.date() - timedelta(days=1), shown + 1440)):
        if day not in case.closed and any(a <= at < b for a, b in case.hours.get(day.weekday(), ())):
            return True
    return False


def counted_minutes(case: Case, start: datetime, minutes: int) -> list[bool]:
    """For each minute from `start` whether it counts."""
    return [is_open(case, start + at * MINUTE) for at in range(minutes)]


@given(case=cases(), minutes=st.integers(0, 2 * 1440), target=st.integers(1, 700))
def test_every_figure_is_the_one_that_counting_minutes_gives(case: Case, minutes: int, target: int) -> None:
    calendar, counts = case.calendar(), counted_minutes(case, case.start, minutes)
    end = case.start + minutes * MINUTE
    assert calendar.worked(case.start, end) == sum(counts) * MINUTE
    assert sum((b - a for a, b in calendar.stretches(case.start, end)), ZERO) == sum(counts) * MINUTE
    assert [calendar.is_open(case.start + at * MINUTE) for at in range(0, minutes, 7)] == counts[::7]
    due = calendar.due(case.start, target * MINUTE)
    if sum(counts) >= target:
        reached = [at for at, counted in enumerate(counts) if counted][target - 1]
        assert due == case.start + (reached + 1) * MINUTE
    else:
        assert due is None or due > end


HOLDS = st.lists(st.tuples(st.integers(-200, 2800), st.integers(1, 900)), max_size=3)


@FEW
@given(case=cases(), holds=HOLDS, is_over=st.booleans(), target=st.integers(1, 700))
def test_holds_in_and_out_of_hours_are_what_leaving_their_minutes_out_gives(
    case: Case, holds: list[tuple[int, int]], is_over: bool, target: int
) -> None:
    kept = apart(Span(case.start + a * MINUTE, case.start + (a + b) * MINUTE) for a, b in holds)
    if kept and not is_over:
        kept = (*kept[:-1], Span(kept[-1].start, None))
    counts = counted_minutes(case, case.start, 2 * 1440)
    held = [any(a <= at < a + b for a, b in holds) for at in range(len(counts))]
    if kept and not is_over:
        last = (kept[-1].start - case.start) // MINUTE
        held = [was or at >= last for at, was in enumerate(held)]
    left = [counted and not was for counted, was in zip(counts, held, strict=True)]

    calendar = case.calendar()
    for until in range(0, len(counts), 311):
        assert spans.used(calendar, case.start, case.start + until * MINUTE, kept) == sum(left[:until]) * MINUTE
    due = spans.due(calendar, case.start, target * MINUTE, kept)
    if sum(left) >= target:
        reached = [at for at, counted in enumerate(left) if counted][target - 1]
        assert due == case.start + (reached + 1) * MINUTE
    elif kept and kept[-1].end is None:
        assert due is None
    else:
        assert due is None or due > case.start + len(counts) * MINUTE


AMOUNTS = st.timedeltas(ZERO, timedelta(days=12))
TARGETS = st.timedeltas(timedelta(microseconds=1), timedelta(days=5))


@FEW
@given(case=cases(), one=AMOUNTS, other=AMOUNTS)
def test_worked_time_adds_up_and_is_never_more_than_the_time_that_passed(
    case: Case, one: timedelta, other: timedelta
) -> None:
    calendar, middle = case.calendar(), case.start + one
    whole = calendar.worked(case.start, middle + other)
    assert whole == calendar.worked(case.start, middle) + calendar.worked(middle, middle + other)
    assert ZERO <= whole <= one + other
    assert calendar.worked(middle + other, case.start) == ZERO


@FEW
@given(case=cases(), target=TARGETS)
def test_due_is_the_earliest_moment_by_which_the_target_was_worked(case: Case, target: timedelta) -> None:
    calendar = case.calendar()
    due = calendar.due(case.start, target)
    if due is None:
        assert not any(case.hours.values())
        return
    assert calendar.worked(case.start, due) == target
    assert calendar.worked(case.start, due - timedelta.resolution) < target
    assert calendar.is_open(due - timedelta.resolution)  # so a target that runs out at closing time is due then


@FEW
@given(case=cases(), target=TARGETS, more=TARGETS)
def test_a_longer_target_is_due_later_and_one_that_goes_on_from_the_due_time_ends_the_same(
    case: Case, target: timedelta, more: timedelta
) -> None:
    calendar = case.calendar()
    due = calendar.due(case.start, target)
    assume(due is not None)
    assert due is not None
    assert calendar.due(due, more) == calendar.due(case.start, target + more)


@FEW
@given(case=cases(), target=TARGETS, wait=AMOUNTS, length=AMOUNTS)
def test_a_hold_moves_due_by_its_own_counted_length(
    case: Case, target: timedelta, wait: timedelta, length: timedelta
) -> None:
    calendar = case.calendar()
    hold = Span(case.start + wait, case.start + wait + length)
    assert hold.end is not None
    due = calendar.due(case.start, target)
    held = spans.due(calendar, case.start, target, [hold])
    if due is None or calendar.worked(case.start, hold.start) >= target:
        assert held == due  # it had run out before the hold began
    else:
        assert held == calendar.due(case.start, target + calendar.worked(hold.start, hold.end))


@FEW
@given(
    case=cases(),
    target=TARGETS,
    holds=st.lists(st.tuples(AMOUNTS, AMOUNTS), max_size=4),
    looks=st.lists(AMOUNTS, min_size=2, max_size=6),
)
def test_used_never_falls_and_reaches_the_target_at_the_due_time(
    case: Case, target: timedelta, holds: list[tuple[timedelta, timedelta]], looks: list[timedelta]
) -> None:
    calendar = case.calendar()
    kept = apart(Span(case.start + a, case.start + a + b) for a, b in holds)
    used = [spans.used(calendar, case.start, case.start + look, kept) for look in sorted(looks)]
    assert used == sorted(used)
    due = spans.due(calendar, case.start, target, kept)
    if due is not None:
        assert spans.used(calendar, case.start, due, kept) == target
        assert spans.used(calendar, case.start, due - timedelta.resolution, kept) < target


@given(holds=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12) | st.none()), max_size=6))
def test_spans_are_taken_apart_without_losing_or_doubling_a_moment(holds: list[tuple[int, int | None]]) -> None:
    start = datetime(2026, 5, 4, tzinfo=UTC)
    given_spans = [Span(start + a * MINUTE, None if b is None else start + (a + b) * MINUTE) for a, b in holds]
    kept = apart(given_spans)
    assert all(one.end is not None and one.end <= other.start for one, other in pairwise(kept))
    for at in range(60):
        moment = start + at * MINUTE
        inside = [
            sum(s.start <= moment and (s.end is None or moment < s.end) for s in each) for each in (kept, given_spans)
        ]
        assert inside[0] == min(inside[1], 1)


FIVE_DAYS = dict.fromkeys(range(5), ((540, 1020),))
WEEKENDS = {4: ((1080, 1440),), 5: ((0, 1440),), 6: ((0, 1440), (1320, 1800))}
YEARS = st.datetimes(*(datetime(year, 1, 1) for year in (1985, 2041)), timezones=st.just(UTC))  # noqa: DTZ001


@settings(max_examples=12)
@given(st.lists(st.tuples(YEARS, YEARS, st.sampled_from((1, 40, 3000))), min_size=2, max_size=5), st.booleans())
def test_the_answer_to_a_question_does_not_depend_on_what_was_asked_before(
    questions: list[tuple[datetime, datetime, int]], is_weekend: bool
) -> None:
    hours = WEEKENDS if is_weekend else FIVE_DAYS

    def answers(calendar: Calendar, start: datetime, end: datetime, target: int) -> list[object]:
        start, end = min(start, end), max(start, end)
        return [
            calendar.worked(start, end),
            calendar.due(start, timedelta(hours=target)),
            calendar.closing(start),
            calendar.closing(end),
            calendar.is_open(end),
        ]

    much_asked = Calendar("much asked", ZoneInfo("Europe/Berlin"), hours)
    for question in questions:
        fresh = Calendar("fresh", ZoneInfo("Europe/Berlin"), hours)
        assert answers(much_asked, *question) == answers(fresh, *question)
