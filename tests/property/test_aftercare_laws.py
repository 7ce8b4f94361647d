"""Laws of what is next by itself, whatever happened to a ticket before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from maild.sla.aftercare import (
    BY_TIME,
    LATE,
    NO_ANSWER,
    Aftercare,
    Feedback,
    Step,
    StepKind,
    aftermath,
    next_step,
)
from maild.sla.calendar import ALWAYS, Calendar
from maild.sla.working_days import working_days_later
from maild.testing.history import History, terms
from maild.tickets.events import EventKind
from maild.tickets.lifecycle import Status

BEGIN = datetime(2026, 3, 26, 8, tzinfo=UTC)  # the clocks change on the 29th
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OFFICE = Calendar("office", ZoneInfo("Europe/Berlin"), dict.fromkeys(range(5), ((540, 1020),)))
CALENDARS = st.sampled_from((ALWAYS, OFFICE))
OURS = frozenset({Status.NEW, Status.OPEN, Status.IN_PROGRESS, Status.DUPLICATE})
POLICIES = st.builds(
    Aftercare,
    follow_ups=st.integers(0, 3),
    follow_up_days=st.integers(1, 5),
    follow_up_on_hold=st.booleans(),
    close_unanswered=st.booleans(),
    close_after=st.sampled_from((timedelta(), DAY, 7 * DAY)),
    feedback=st.builds(
        Feedback,
        enabled=st.booleans(),
        ask=st.sampled_from((Status.CLOSED, Status.RESOLVED)),
        after=st.sampled_from((timedelta(), HOUR)),
        remind_after=st.sampled_from((timedelta(), 5 * DAY)),
    ),
)
LIVES = st.lists(
    st.tuples(
        st.one_of(
            st.sampled_from(("mail", "answer", "bounce", "followed_up", "asked", "rated")), st.sampled_from(Status)
        ),
        st.integers(1, 20_000),  # minutes
    ),
    max_size=10,
)


def lived(life: list[tuple[str | Status, int]], *, promised: bool = True) -> tuple[History, datetime]:
    """A ticket that went through this, and the moment after it."""
    history, now, mails = History(), BEGIN, 1
    history.opened(now, terms(resolution=DAY) if promised else None)
    for what, minutes in life:
        now += timedelta(minutes=minutes)
        if isinstance(what, Status):
            history.status(now, what)
        elif what == "mail":
            history.mail(now, mails := mails + 1)
        elif what == "answer":
            history.answer(now, mails := mails + 1)
        elif what == "bounce":
            history.failed(now, mails)
        else:
            stars = {"stars": 3} if what == "rated" else {"count": 1}
            history.cared(now, EventKind(what), **stars)
    return history, now


@given(LIVES, POLICIES, CALENDARS)
def test_a_step_is_never_due_before_what_it_follows_from(
    life: list[tuple[str | Status, int]], policy: Aftercare, calendar: Calendar
) -> None:
    history, now = lived(life)
    step = next_step(history.facts, policy, calendar, now)
    since = aftermath(history.facts).since
    assert step is None or (since is not None and step.due_at >= (aftermath(history.facts).ended_at or since))


@given(LIVES, POLICIES, CALENDARS, st.sampled_from(sorted(OURS)))
def test_nothing_is_planned_while_it_is_our_turn(
    life: list[tuple[str | Status, int]], policy: Aftercare, calendar: Calendar, status: Status
) -> None:
    history, now = lived([*life, (status, 1)])
    assert next_step(history.facts, policy, calendar, now) is None


@given(LIVES, POLICIES, CALENDARS)
def test_whoever_wrote_is_not_pressed(
    life: list[tuple[str | Status, int]], policy: Aftercare, calendar: Calendar
) -> None:
    history, now = lived([*life, ("mail", 1)])
    step = next_step(history.facts, policy, calendar, now)
    assert step is None or step.kind not in (StepKind.FOLLOW_UP, StepKind.GIVE_UP)


@given(LIVES, POLICIES, CALENDARS)
def test_imported_history_plans_nothing(
    life: list[tuple[str | Status, int]], policy: Aftercare, calendar: Calendar
) -> None:
    history, now = lived(life, promised=False)
    assert next_step(history.facts, policy, calendar, now) is None


@given(LIVES, POLICIES, CALENDARS, st.floats(0, 1))
def test_the_plan_stays_until_something_happens(
    life: list[tuple[str | Status, int]], policy: Aftercare, calendar: Calendar, share: float
) -> None:
    history, now = lived(life)
    step = next_step(history.facts, policy, calendar, now)
    if step is not None and step.due_at >= now:
        later = now + (step.due_at + LATE - now) * share
        assert next_step(history.facts, policy, calendar, later) == step


@given(LIVES, POLICIES, CALENDARS)
def test_what_is_done_by_itself_comes_to_an_end(
    life: list[tuple[str | Status, int]], policy: Aftercare, calendar: Calendar
) -> None:
    history, now = lived(life)
    done: list[StepKind] = []
    while step := next_step(history.facts, policy, calendar, now):
        now = max(now, step.due_at)
        do(step, history, now)
        done.append(step.kind)
        assert len(done) <= policy.follow_ups + 4
    assert done.count(StepKind.ASK) <= 1
    assert done.count(StepKind.REMIND) <= 1
    assert done.count(StepKind.FOLLOW_UP) <= policy.follow_ups


def do(step: Step, history: History, now: datetime) -> None:
    """What carrying a step out records."""
    if step.kind is StepKind.FOLLOW_UP:
        history.cared(now, EventKind.FOLLOWED_UP, count=step.count)
    elif step.kind in (StepKind.ASK, StepKind.REMIND):
        history.cared(now, EventKind.ASKED, count=1)
    else:
        reason = NO_ANSWER if step.kind is StepKind.GIVE_UP else BY_TIME
        history.status(now, Status.CLOSED, reason=reason)


@given(st.integers(0, 60 * 24 * 400), st.integers(1, 10), CALENDARS)
def test_more_working_days_are_later_and_end_in_open_hours(minutes: int, days: int, calendar: Calendar) -> None:
    start = BEGIN + timedelta(minutes=minutes)
    earlier, later = (working_days_later(calendar, start, count) for count in (days, days + 1))
    assert earlier is not None
    assert later is not None
    assert start < earlier < later
    assert calendar.is_open(earlier)
    assert earlier - start >= timedelta(days=days) - HOUR  # a day on which the clocks go forward is shorter
