"""Time that does not count although the calendar is open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from maild.sla import spans
from maild.sla.calendar import ALWAYS, Calendar
from maild.sla.spans import Sort, Span, apart

OFFICE = Calendar("office", UTC, dict.fromkeys(range(5), ((540, 1020),)))  # 09:00-17:00
HOUR = timedelta(hours=1)


def monday(hour: float) -> datetime:
    return datetime(2026, 5, 4, tzinfo=UTC) + timedelta(hours=hour)


def test_a_hold_inside_the_hours_moves_due_by_its_length() -> None:
    assert spans.due(OFFICE, monday(9), 2 * HOUR, [Span(monday(10), monday(12))]) == monday(13)


def test_of_a_hold_over_the_night_only_the_open_hours_move_due() -> None:
    hold = [Span(monday(16), monday(24 + 10))]
    assert spans.due(OFFICE, monday(15), 2 * HOUR, hold) == monday(24 + 11)


def test_a_hold_outside_the_hours_moves_nothing() -> None:
    assert spans.due(OFFICE, monday(9), 9 * HOUR, [Span(monday(18), monday(24 + 8))]) == monday(24 + 10)


def test_a_hold_that_begins_when_the_target_has_run_out_moves_nothing() -> None:
    assert spans.due(OFFICE, monday(9), 2 * HOUR, [Span(monday(11), monday(14))]) == monday(11)


def test_nobody_can_tell_when_an_open_hold_ends() -> None:
    assert spans.due(OFFICE, monday(9), 2 * HOUR, [Span(monday(10), None)]) is None
    assert spans.due(OFFICE, monday(9), 2 * HOUR, [Span(monday(11), None)]) == monday(11)  # run out before


def test_a_hold_from_before_the_start_counts_from_the_start() -> None:
    hold = [Span(monday(8), monday(10))]
    assert spans.due(ALWAYS, monday(9), HOUR, hold) == monday(11)
    assert spans.used(ALWAYS, monday(9), monday(11), hold) == HOUR


def test_used_stands_still_on_hold() -> None:
    holds = [Span(monday(10), monday(12)), Span(monday(14), None)]
    used = [spans.used(OFFICE, monday(9), monday(hour), holds) for hour in (10, 11, 12, 13, 14, 16, 40)]
    assert used == [HOUR, HOUR, HOUR, 2 * HOUR, 3 * HOUR, 3 * HOUR, 3 * HOUR]


def test_spans_that_overlap_are_taken_apart() -> None:
    held, ended = Span(monday(10), monday(13), Sort.HELD, "parts"), Span(monday(12), monday(15), Sort.ENDED)
    empty, inside = Span(monday(11), monday(11)), Span(monday(10.5), monday(11))
    assert apart([ended, empty, held, inside]) == (held, Span(monday(13), monday(15), Sort.ENDED))
    assert apart([Span(monday(10), None), ended]) == (Span(monday(10), None),)
