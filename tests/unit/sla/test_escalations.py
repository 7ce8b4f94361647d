"""What is done by itself about a clock, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from maild.sla.calendar import ALWAYS, Calendar
from maild.sla.clock import Clock
from maild.sla.escalations import Escalation, Plan, due_now, next_moment
from maild.sla.policies import Condition, Subject
from maild.sla.spans import Span
from maild.sla.terms import ClockKind
from maild.tickets.priorities import raised

OFFICE = Calendar("office", UTC, dict.fromkeys(range(7), ((540, 1020),)))  # 09:00-17:00
NIGHT = Calendar("quiet", UTC, dict.fromkeys(range(7), ((1200, 1860),)))  # 20:00-07:00
SUBJECT = Subject(queue="support", priority="low", tags=frozenset({"vip"}))


def at(hour: float) -> datetime:
    return datetime(2026, 5, 4, tzinfo=UTC) + timedelta(hours=hour)


def clock(
    start: float = 10,
    hours: float = 10,
    *,
    calendar: Calendar = ALWAYS,
    told: int = 0,
    spans: tuple[Span, ...] = (),
    ended: float | None = None,
    escalated: frozenset[str] = frozenset(),
) -> Clock:
    return Clock(
        kind=ClockKind.RESOLUTION,
        cycle=1,
        started_at=at(start),
        ended_at=None if ended is None else at(ended),
        why_ended="",
        policy="standard",
        calendar=calendar,
        target=timedelta(hours=hours),
        revision=1,
        spans=spans,
        told=told,
        escalated=escalated,
    )


def plan(*escalations: Escalation, quiet: Calendar | None = None) -> Plan:
    return Plan(subject=SUBJECT, escalations=escalations, quiet=quiet)


def level(clock: Clock, hour: float, quiet: Calendar | None = None) -> int:
    return due_now(clock, plan(quiet=quiet), 0, at(hour)).level


def names(clock: Clock, hour: float, *rules: Escalation, reopened: int = 0, quiet: Calendar | None = None) -> set[str]:
    return {rule.name for rule in due_now(clock, plan(*rules, quiet=quiet), reopened, at(hour)).escalations}


@pytest.mark.parametrize(
    ("hour", "expected"),
    [(10, 0), (14.99, 0), (15, 50), (17.5, 75), (19, 90), (19.99, 90), (20, 100), (99, 100)],
)
def test_thresholds_are_shares_of_the_target(hour: float, expected: int) -> None:
    assert level(clock(), hour) == expected


def test_an_office_clock_alerts_in_office_hours() -> None:
    overnight = clock(start=15, hours=4, calendar=OFFICE)
    assert next_moment(overnight, plan(), 0, at(15)) == at(17)
    assert [level(overnight, hour) for hour in (16.9, 17, 24 + 9.9, 24 + 10, 24 + 11)] == [0, 50, 50, 75, 100]


@pytest.mark.parametrize(("told", "moment"), [(0, 15), (50, 17.5), (75, 19), (90, 20)])
def test_the_next_moment_is_the_next_crossing_that_nobody_was_told_of(told: int, moment: float) -> None:
    assert next_moment(clock(told=told), plan(), 0, at(10)) == at(moment)


def test_what_was_told_is_not_told_again() -> None:
    assert level(clock(told=75), 18) == 0
    assert level(clock(told=100), 99) == 0
    assert next_moment(clock(told=100), plan(), 0, at(99)) is None


def test_a_clock_that_ended_has_nothing_to_come() -> None:
    assert next_moment(clock(ended=19), plan(Escalation(name="all")), 0, at(99)) is None


def test_a_paused_clock_tells_what_it_had_crossed_and_nothing_more() -> None:
    paused = clock(spans=(Span(at(16), None),))
    assert level(paused, 99) == 50
    assert next_moment(clock(spans=(Span(at(16), None),), told=50), plan(), 0, at(99)) is None


def test_quiet_hours_hold_back_all_but_the_breach() -> None:
    late = clock(start=12, hours=20)  # 50 % at 22:00, 75 % at 03:00, 90 % at 06:00, breach at 08:00
    assert [level(late, hour, NIGHT) for hour in (22, 27, 30.9, 31)] == [0, 0, 0, 90]
    assert next_moment(late, plan(quiet=NIGHT), 0, at(12)) == at(31)
    soon = clock(start=15, hours=8, told=50)  # 75 % at 21:00, breach at 23:00
    assert [level(soon, hour, NIGHT) for hour in (21, 22.9, 23)] == [0, 0, 100]
    assert next_moment(soon, plan(quiet=NIGHT), 0, at(15)) == at(23)


def test_what_was_crossed_by_day_and_is_found_at_night_waits_for_the_morning() -> None:
    early = clock(start=9, hours=20)  # 50 % at 19:00
    assert level(early, 21, NIGHT) == 0
    assert next_moment(early, plan(quiet=NIGHT), 0, at(21)) == at(29)  # the breach, in the night
    assert next_moment(clock(start=9, hours=24), plan(quiet=NIGHT), 0, at(22)) == at(31)
    rule = Escalation(name="vip", when=Condition(tags=frozenset({"vip"})))
    assert names(clock(hours=50), 22, rule, quiet=NIGHT) == set()  # its tag was set at 22:00
    assert names(clock(hours=50), 31, rule, quiet=NIGHT) == {"vip"}


def test_a_rule_after_the_breach_is_held_back_by_nothing() -> None:
    rule = Escalation(name="late", at=120)
    assert names(clock(hours=10), 22, rule, quiet=NIGHT) == {"late"}


@pytest.mark.parametrize(
    ("rule", "before", "due"),
    [
        pytest.param(Escalation(name="r", at=80), 17.9, 18, id="at a share"),
        pytest.param(Escalation(name="r", at=150), 24.9, 25, id="after the breach"),
        pytest.param(Escalation(name="r", after=timedelta(hours=3)), 12.9, 13, id="after some counted time"),
    ],
)
def test_a_rule_is_due_at_its_moment(rule: Escalation, before: float, due: float) -> None:
    assert names(clock(), before, rule) == set()
    assert names(clock(), due, rule) == {"r"}
    assert next_moment(clock(told=100), plan(rule), 0, at(10)) == at(due)


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        pytest.param(Escalation(name="r"), True, id="whenever"),
        pytest.param(Escalation(name="r", when=Condition(tags=frozenset({"vip"}))), True, id="tag"),
        pytest.param(Escalation(name="r", when=Condition(tags=frozenset({"gold"}))), False, id="another tag"),
        pytest.param(Escalation(name="r", when=Condition(priorities=frozenset({"low"}))), True, id="priority"),
        pytest.param(Escalation(name="r", when=Condition(priorities=frozenset({"high"}))), False, id="another one"),
        pytest.param(Escalation(name="r", policies=frozenset({"standard"})), True, id="policy"),
        pytest.param(Escalation(name="r", policies=frozenset({"internal"})), False, id="another policy"),
        pytest.param(Escalation(name="r", clocks=frozenset({ClockKind.FIRST_RESPONSE})), False, id="another clock"),
        pytest.param(Escalation(name="r", reopened=2), True, id="reopened twice"),
        pytest.param(Escalation(name="r", reopened=3), False, id="not reopened so often"),
    ],
)
def test_a_rule_asks_for_what_it_is_about(rule: Escalation, fits: bool) -> None:
    assert bool(names(clock(), 10, rule, reopened=2)) is fits


def test_a_rule_is_carried_out_once_for_each_cycle() -> None:
    rule = Escalation(name="late", at=50)
    assert names(clock(escalated=frozenset({"late"})), 99, rule) == set()
    assert names(clock(escalated=frozenset({"other"})), 99, rule) == {"late"}


@pytest.mark.parametrize(
    ("priority", "after"),
    [("low", "high"), ("medium", "high"), ("high", "critical"), ("critical", "critical"), ("odd", "odd")],
)
def test_escalating_raises_to_high_or_to_the_next_one_up(priority: str, after: str) -> None:
    assert raised(priority) == after
