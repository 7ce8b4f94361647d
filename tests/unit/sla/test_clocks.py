"""What the clocks mean: each sentence of SLA.md on clocks, as an example."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from maild.sla.calendar import Calendar
from maild.sla.clock import Clock
from maild.sla.clocks import Clocks, Rules, derive
from maild.sla.spans import Sort
from maild.sla.terms import ClockKind, Terms
from maild.testing.history import History, terms
from maild.tickets.events import EventKind
from maild.tickets.lifecycle import Status

FIRST, NEXT, RESOLUTION = ClockKind
HOUR = timedelta(hours=1)
TERMS = terms(first=4 * HOUR, following=6 * HOUR, resolution=24 * HOUR)
URGENT = terms(first=HOUR, following=2 * HOUR, resolution=4 * HOUR)
OFFICE = Calendar("office", UTC, dict.fromkeys(range(7), ((540, 1020),)))  # 09:00-17:00
BY_HAND = Rules(calendars={"office": OFFICE})


def at(hour: float) -> datetime:
    return datetime(2026, 5, 4, tzinfo=UTC) + timedelta(hours=hour)


@pytest.fixture
def history() -> History:
    """A ticket that was opened at 09:00."""
    history = History()
    history.opened(at(9), TERMS)
    return history


def clocks(history: History, *, restart: bool = False) -> Clocks:
    return derive(history.facts, Rules(calendars=BY_HAND.calendars, restart=restart))


def clock(history: History, kind: ClockKind, cycle: int = 1, *, restart: bool = False) -> Clock:
    (found,) = [c for c in clocks(history, restart=restart).each if (c.kind, c.cycle) == (kind, cycle)]
    return found


def kinds(history: History) -> list[tuple[str, int]]:
    return [(clock.kind, clock.cycle) for clock in clocks(history).each]


def test_clocks_start_at_the_moment_the_mail_arrived(history: History) -> None:
    assert {(c.kind, c.started_at, c.due_at) for c in clocks(history).running} == {
        (FIRST, at(9), at(13)),
        (RESOLUTION, at(9), at(33)),
    }


def test_a_clock_without_a_target_does_not_run() -> None:
    history = History()
    history.opened(at(9), terms(resolution=HOUR))
    assert kinds(history) == [(RESOLUTION, 1)]


def test_a_ticket_that_is_promised_nothing_has_no_clocks_and_gets_them_with_its_terms() -> None:
    history = History()
    history.opened(at(9))
    assert clocks(history).each == ()
    history.target(at(11), TERMS)
    assert {(c.kind, c.started_at) for c in clocks(history).each} == {(FIRST, at(11)), (RESOLUTION, at(11))}


def test_an_answer_from_before_anything_was_promised_is_the_first() -> None:
    history = History()
    history.opened(at(9))
    history.answer(at(10), 2)
    history.target(at(11), TERMS)
    assert kinds(history) == [(RESOLUTION, 1)]


def test_first_response_stops_when_the_answer_reached_maild(history: History) -> None:
    history.answer(at(12), 2)
    first = clock(history, FIRST)
    assert (first.ended_at, first.why_ended, first.used(at(40))) == (at(12), "answered", 3 * HOUR)
    assert not first.failed(at(40))


@pytest.mark.parametrize(("answered", "failed"), [(12.9, False), (13, False), (13.1, True)])
def test_an_answer_after_the_due_time_is_late_for_ever(history: History, answered: float, failed: bool) -> None:
    history.answer(at(answered), 2)
    history.status(at(14), Status.RESOLVED)
    assert clock(history, FIRST).failed(at(99)) is failed


def test_next_response_starts_with_the_oldest_mail_after_the_first_answer(history: History) -> None:
    history.mail(at(10), 2)
    assert NEXT not in {kind for kind, _ in kinds(history)}  # the first answer is still waited for
    history.answer(at(11), 3)
    assert NEXT not in {kind for kind, _ in kinds(history)}
    history.mail(at(12), 4)
    history.mail(at(13), 5)
    assert clock(history, NEXT).started_at == at(12)
    history.answer(at(14), 6)
    history.mail(at(15), 7)
    assert clock(history, NEXT).ended_at == at(14)
    assert clock(history, NEXT, 2).started_at == at(15)


@pytest.mark.parametrize("kind", [FIRST, NEXT])
def test_a_stop_by_an_answer_that_bounced_is_taken_back(history: History, kind: ClockKind) -> None:
    if kind is NEXT:
        history.answer(at(9.5), 2)
        history.mail(at(10), 3)
    before = clock(history, kind)
    history.answer(at(11), 4)
    assert clock(history, kind).ended_at == at(11)
    history.failed(at(12), 4)
    assert clock(history, kind) == before


def test_an_answer_that_is_sent_again_counts_from_then_on(history: History) -> None:
    history.answer(at(10), 2)
    history.failed(at(11), 2)
    history.retried(at(15), 2)
    assert (clock(history, FIRST).ended_at, clock(history, FIRST).failed(at(15))) == (at(15), True)
    history.failed(at(16), 2)
    assert clock(history, FIRST).ended_at is None


def test_acknowledgements_that_bounce_and_delays_take_nothing_back(history: History) -> None:
    history.answer(at(10), 2)
    history.failed(at(11), 2, template="acknowledgement")
    history.failed(at(11), 2, final=False)
    history.failed(at(11), 3)
    assert clock(history, FIRST).ended_at == at(10)


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.CLOSED, Status.DUPLICATE])
def test_everything_stops_when_the_ticket_ends(history: History, status: Status) -> None:
    history.status(at(11), status)
    assert {(c.kind, c.ended_at, c.why_ended) for c in clocks(history).each} == {
        (FIRST, at(11), status),  # without an answer
        (RESOLUTION, at(11), status),
    }
    history.status(at(12), Status.CLOSED)
    assert clock(history, RESOLUTION).ended_at == at(11)


def test_reopening_goes_on_with_the_time_used_before(history: History) -> None:
    history.status(at(12), Status.RESOLVED)
    history.status(at(20), Status.OPEN)
    resolution = clock(history, RESOLUTION)
    assert (resolution.used(at(21)), resolution.due_at) == (4 * HOUR, at(33 + 8))
    assert [(span.start, span.end, span.sort) for span in resolution.spans] == [(at(12), at(20), Sort.ENDED)]
    assert resolution.held(at(21)) == (timedelta(), timedelta())
    assert clocks(history).reopened == 1


def test_reopening_may_start_a_new_cycle(history: History) -> None:
    history.status(at(12), Status.RESOLVED)
    history.status(at(20), Status.OPEN)
    assert clock(history, RESOLUTION, restart=True).ended_at == at(12)
    again = clock(history, RESOLUTION, 2, restart=True)
    assert (again.started_at, again.due_at) == (at(20), at(44))


def test_a_response_that_nobody_gave_is_waited_for_again_after_reopening(history: History) -> None:
    history.status(at(10), Status.RESOLVED)
    history.status(at(12), Status.OPEN)
    assert clock(history, FIRST).due_at == at(15)


def test_an_answer_on_a_resolved_ticket_is_an_answer(history: History) -> None:
    history.status(at(10), Status.RESOLVED)
    history.answer(at(10), 2)
    history.mail(at(12), 3)
    history.status(at(12), Status.OPEN, mail=3)
    assert clock(history, FIRST).ended_at == at(10)
    assert clock(history, NEXT).started_at == at(12)


def test_an_answer_that_resolved_and_bounced_leaves_the_next_response_waited_for(history: History) -> None:
    history.answer(at(10), 2)
    history.mail(at(11), 3)
    history.answer(at(12), 4)
    history.status(at(12), Status.RESOLVED, mail=4)
    history.failed(at(13), 4)
    history.status(at(13), Status.OPEN)
    waited_for = clock(history, NEXT)
    assert (waited_for.ended_at, waited_for.used(at(14)), waited_for.due_at) == (None, 2 * HOUR, at(18))


def test_thanks_on_a_resolved_ticket_start_nothing(history: History) -> None:
    history.answer(at(10), 2)
    history.status(at(11), Status.RESOLVED)
    before = clocks(history)
    history.mail(at(12), 3)
    assert clocks(history) == before


def test_a_mail_that_reopens_is_waiting_for_an_answer(history: History) -> None:
    history.answer(at(10), 2)
    history.status(at(11), Status.RESOLVED)
    history.mail(at(12), 3)
    history.status(at(12), Status.OPEN, mail=3)
    assert (clock(history, NEXT).started_at, clock(history, NEXT).due_at) == (at(12), at(18))


def test_an_agent_who_reopens_waits_for_no_answer_of_his_own(history: History) -> None:
    history.answer(at(10), 2)
    history.status(at(11), Status.RESOLVED)
    history.mail(at(12), 3)  # thanks
    history.status(at(13), Status.OPEN, mail=4)  # his own mail
    assert (NEXT, 1) not in kinds(history)


def test_a_hold_pauses_every_running_clock(history: History) -> None:
    history.status(at(10), Status.ON_HOLD)
    for each in clocks(history).running:
        assert (each.paused_at, each.due_at, each.used(at(20))) == (at(10), None, HOUR)


def test_a_hold_of_a_clock_that_had_run_out_leaves_its_due_time(history: History) -> None:
    history.status(at(14), Status.ON_HOLD)
    assert (clock(history, FIRST).due_at, clock(history, RESOLUTION).due_at) == (at(13), None)


def test_a_reply_that_is_processed_late_ends_the_hold_when_it_arrived(history: History) -> None:
    history.status(at(10), Status.ON_HOLD)
    history.answer(at(15), 2)  # it was learned before the reply
    history.mail(at(11), 3)
    history.status(at(11), Status.OPEN, mail=3)
    assert clock(history, RESOLUTION).held(at(20)) == (HOUR, HOUR)
    assert clock(history, RESOLUTION).due_at == at(34)


@pytest.mark.parametrize("to", [Status.IN_PROGRESS, Status.RESOLVED])
def test_the_same_when_an_agent_went_on_before_it_was_processed(history: History, to: Status) -> None:
    history.status(at(10), Status.ON_HOLD)
    history.status(at(14), to)
    history.mail(at(11), 2)
    assert clock(history, RESOLUTION).held(at(20)) == (HOUR, HOUR)


def test_automatic_mail_resumes_and_stops_nothing(history: History) -> None:
    history.status(at(10), Status.ON_HOLD)
    before = clocks(history)
    history._add(EventKind.AUTOMATIC, at(11), 2)
    history._add(EventKind.UNVERIFIED, at(12), 3)
    assert clocks(history) == before


def test_a_decision_that_comes_with_an_old_mail_does_not_reach_back_before_the_one_before_it(history: History) -> None:
    history.mail(at(9.5), 2)
    history.status(at(10), Status.ON_HOLD)
    history.status(at(9.5), Status.OPEN, mail=2)
    assert clock(history, RESOLUTION).held(at(20)) == (timedelta(), timedelta())
    assert clock(history, RESOLUTION).paused_at is None


def test_nothing_counts_before_the_ticket_was_opened(history: History) -> None:
    history.answer(at(8), 2)  # by the clock of another server
    history.status(at(8), Status.RESOLVED)
    assert {(c.kind, c.ended_at, c.failed(at(99))) for c in clocks(history).each} == {
        (FIRST, at(9), False),
        (RESOLUTION, at(9), False),
    }


def test_hold_time_is_kept_as_wall_time_and_as_counted_time() -> None:
    history = History()
    history.opened(at(9), terms(resolution=8 * HOUR, calendar="office"))
    history.status(at(16), Status.ON_HOLD)
    history.status(at(24 + 10), Status.OPEN)
    held = clock(history, RESOLUTION)
    assert (held.held(at(40)), held.due_at) == ((18 * HOUR, 2 * HOUR), at(24 + 11))
    assert held.held(at(17)) == (HOUR, HOUR)


def test_other_statuses_may_pause_as_well(history: History) -> None:
    history.status(at(10), Status.RESPONDED)
    rules = Rules(paused_by=frozenset({Status.ON_HOLD, Status.RESPONDED}))
    assert {c.paused_at for c in derive(history.facts, rules).running} == {at(10)}
    history.status(at(11), Status.ON_HOLD)  # from one to the other it stays paused
    assert {c.paused_at for c in derive(history.facts, rules).running} == {at(10)}


def test_new_terms_hold_from_the_same_start_and_with_the_same_holds(history: History) -> None:
    history.status(at(10), Status.ON_HOLD)
    history.status(at(12), Status.OPEN)
    history.target(at(12.5), URGENT)
    assert (clock(history, FIRST).due_at, clock(history, RESOLUTION).due_at) == (at(10), at(15))
    assert clock(history, FIRST).revision == 2
    assert clock(history, FIRST).failed(at(12.5))  # breached now


def test_terms_that_come_after_the_end_of_a_clock_do_not_change_it(history: History) -> None:
    history.answer(at(12), 2)
    history.target(at(13), URGENT)
    assert (clock(history, FIRST).target, clock(history, FIRST).failed(at(14))) == (4 * HOUR, False)


@pytest.mark.parametrize(
    ("told", "new", "reason", "expected"),
    [
        pytest.param(75, URGENT, "priority", 0, id="new terms warn anew"),
        pytest.param(100, URGENT, "priority", 100, id="a breach that stays one is told once"),
        pytest.param(100, terms(first=40 * HOUR), "priority", 0, id="a breach that is none any more"),
        pytest.param(75, URGENT, "configuration", 75, id="the configuration repeats nothing"),
        pytest.param(100, URGENT, "configuration", 100, id="nor a breach"),
        pytest.param(100, terms(first=40 * HOUR), "configuration", 99, id="but a longer target may be missed again"),
        pytest.param(75, terms(first=4 * HOUR, resolution=HOUR), "priority", 75, id="this promise is what it was"),
    ],
)
def test_what_was_told_of_after_new_terms(history: History, told: int, new: Terms, reason: str, expected: int) -> None:
    history.alert(at(14), FIRST, told)
    history.alert(at(14), RESOLUTION, 50)
    history.escalated(at(14), FIRST, "late")
    history.target(at(15), new, reason)
    assert (clock(history, FIRST).told, clock(history, FIRST).escalated) == (expected, frozenset({"late"}))


def test_a_breach_is_told_once_though_the_terms_count_from_a_mail_before_it(history: History) -> None:
    history.alert(at(13), FIRST, 100)
    history.target(at(12), terms(first=3.5 * HOUR))  # an old mail, processed now
    assert clock(history, FIRST).told == 100


def test_for_a_mail_that_was_split_off_nobody_waits_here(history: History) -> None:
    history.answer(at(10), 2)
    history.mail(at(11), 3)
    assert (NEXT, 1) in kinds(history)
    history.split(at(12), 3)
    assert (NEXT, 1) not in kinds(history)
    history.split(at(13), 3, back=True)
    assert clock(history, NEXT).started_at == at(11)


@pytest.mark.parametrize("restart", [False, True])
def test_an_end_that_was_taken_back_is_no_reopening(history: History, restart: bool) -> None:
    history.status(at(10), Status.RESOLVED)
    history.undone(at(11), Status.OPEN)
    found = clocks(history, restart=restart)
    assert found.reopened == 0
    assert [(c.kind, c.cycle, c.due_at) for c in found.running if c.kind is RESOLUTION] == [(RESOLUTION, 1, at(34))]
