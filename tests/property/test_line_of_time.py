"""The line of time has no gap and no overlap, and its numbers are the clock's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from maild.sla.calendar import ALWAYS, Calendar
from maild.sla.clock import Clock
from maild.sla.clocks import Rules, derive
from maild.sla.facts import Fact
from maild.sla.line_of_time import Part, Sign, by_day, by_week, in_seconds, line_of_time, marks, summed
from maild.tickets.events import EventKind, Facts

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = Calendar("office", BERLIN, dict.fromkeys(range(5), ((540, 750), (810, 1050))))
RULES = Rules(calendars={"office": OFFICE, ALWAYS.name: ALWAYS})
START = datetime(2026, 3, 25, 14, 7, 3, 250_000, tzinfo=UTC)  # clocks go forward that weekend

steps = st.lists(
    st.tuples(
        st.timedeltas(min_value=timedelta(), max_value=timedelta(days=4)),
        st.sampled_from(["on_hold", "open", "resolved", "mail", "answer", "high", "critical"]),
    ),
    max_size=12,
)


def facts_of(calendar: str, happened: list[tuple[timedelta, str]]) -> tuple[list[Fact], datetime]:
    """A ticket's facts, and a moment after them."""
    terms: Facts = {"policy": "p", "calendar": calendar, "first_response": 14_400, "resolution": 86_400}
    facts = [Fact(1, START, EventKind.OPENED, 1, terms)]
    at = START
    for seq, (wait, what) in enumerate(happened, 2):
        at += wait
        if what in ("mail", "answer"):
            facts.append(Fact(seq, at, EventKind(what), seq, {}))
        elif what in ("high", "critical"):
            target = {**terms, "resolution": 7200 if what == "high" else 600, "next_response": 3600}
            facts.append(Fact(seq, at, EventKind.TARGET, None, {**target, "reason": "priority"}))
        else:
            facts.append(Fact(seq, at, EventKind.STATUS, None, {"from": "open", "to": what, "hold_reason": "a part"}))
    return facts, at


@given(st.sampled_from(["office", "24x7"]), steps, st.timedeltas(min_value=timedelta(), max_value=timedelta(days=9)))
@example("office", [(timedelta(hours=1), "on_hold"), (timedelta(days=2), "open")], timedelta(days=1))
def test_the_rows_lead_from_start_to_end_and_their_sums_are_the_clocks(
    calendar: str, happened: list[tuple[timedelta, str]], later: timedelta
) -> None:
    facts, at = facts_of(calendar, happened)
    now = at + later
    for clock in derive(facts, RULES).each:
        until = now if clock.ended_at is None else clock.ended_at
        rows = line_of_time(clock, now)
        assert all(one.end == other.start for one, other in pairwise(rows))
        assert all(row.start < row.end for row in rows)
        if clock.started_at < until:
            assert (rows[0].start, rows[-1].end) == (clock.started_at, until)
        sums = summed(rows)
        assert sums.counted == clock.used(now)
        assert (sums.held, sums.would_count) == clock.held(now)
        assert sums.wall == max(until - clock.started_at, timedelta())
        assert sums.wall == sums.counted + sums.closed + sums.held + sums.ended
        for shorter in (by_day(rows, BERLIN), by_week(rows, BERLIN)):
            assert summed(shorter) == sums
            assert all(one.end == other.start for one, other in pairwise(shorter))
        cut = summed(in_seconds(rows))
        assert abs(cut.counted - sums.counted) <= timedelta(seconds=len(rows))
        assert cut.wall == cut.counted + cut.closed + cut.held + cut.ended


def clocks(*happened: tuple[float, str]) -> tuple[Clock, list[Fact], datetime]:
    """The resolution clock of a ticket to which something happens after so many hours each."""
    facts, at = facts_of("office", [(timedelta(hours=hours), what) for hours, what in happened])
    (found,) = (c for c in derive(facts, RULES).each if c.kind == "resolution")
    return found, facts, at


def test_a_weekend_and_a_hold_in_words() -> None:
    """A Wednesday afternoon to the Monday after, in Berlin: a lunch break, nights, and a hold with its reason."""
    clock, _, _ = clocks((20, "on_hold"), (24, "open"))
    rows = line_of_time(clock, datetime(2026, 3, 30, 8, 0, tzinfo=UTC))
    assert [(row.part, row.reason) for row in rows] == [
        (Part.COUNTED, ""),
        (Part.CLOSED, ""),
        (Part.COUNTED, ""),
        (Part.HELD, "a part"),
        (Part.COUNTED, ""),
        (Part.CLOSED, ""),
        (Part.COUNTED, ""),
        (Part.CLOSED, ""),
        (Part.COUNTED, ""),
    ]
    assert [row.part for row in by_day(rows, BERLIN)] == ["counted", "counted", "held", "counted", "counted"]


def test_time_between_resolution_and_reopening_is_a_stretch_of_its_own() -> None:
    clock, _, at = clocks((1, "resolved"), (5, "open"), (1, "mail"))
    assert [row.part for row in line_of_time(clock, at)][:2] == [Part.COUNTED, Part.ENDED]


def test_changes_of_target_alerts_and_the_due_time_stand_on_the_line() -> None:
    clock, facts, at = clocks((1, "high"))
    told: Facts = {"clock": "resolution", "cycle": 1, "revision": 2, "level": 50, "told": "anna@staff.example"}
    other: Facts = {"clock": "first_response", "cycle": 1, "revision": 2, "level": 50}
    rule: Facts = {"clock": "resolution", "cycle": 1, "rule": "vip"}
    for seq, (kind, data) in enumerate(
        ((EventKind.ALERT, told), (EventKind.ALERT, other), (EventKind.ESCALATED, rule)), 9
    ):
        facts.append(Fact(seq, at + timedelta(minutes=seq), kind, None, data))
    found = marks(clock, facts)
    assert [mark.sign for mark in found] == [Sign.STARTED, Sign.TARGET, Sign.TOLD, Sign.ESCALATED, Sign.DUE]
    assert [mark.target for mark in found[:2]] == [timedelta(days=1), timedelta(hours=2)]
    assert found[1].facts["reason"] == "priority"
    assert found[-1].at == clock.due_at


def test_terms_that_change_nothing_for_a_clock_are_no_mark_of_it() -> None:
    facts, _ = facts_of("office", [(timedelta(hours=1), "high")])
    (first,) = (c for c in derive(facts, RULES).each if c.kind == "first_response")
    assert [mark.sign for mark in marks(first, facts)] == [Sign.STARTED, Sign.DUE]
