"""Where a ticket stands with its promises, in one word and one moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from maild.sla.clocks import Rules, derive
from maild.sla.standing import Standing, Stands, standing
from maild.sla.terms import ClockKind
from maild.testing.history import History, terms
from maild.tickets.lifecycle import Status

FIRST, NEXT, RESOLUTION = ClockKind
HOUR = timedelta(hours=1)


def at(hour: float) -> datetime:
    return datetime(2026, 5, 4, tzinfo=UTC) + timedelta(hours=hour)


@pytest.fixture
def history() -> History:
    history = History()
    history.opened(at(9), terms(first=4 * HOUR, following=5 * HOUR, resolution=24 * HOUR))
    return history


def stands(history: History, hour: float) -> Stands:
    return standing(derive(history.facts, Rules()).each, at(hour))


def test_what_is_due_next_is_shown(history: History) -> None:
    assert stands(history, 10) == Stands(Standing.FIRST_RESPONSE_DUE, FIRST, at(13))
    history.answer(at(10), 2)
    assert stands(history, 10) == Stands(Standing.RESOLUTION_DUE, RESOLUTION, at(33))
    history.mail(at(11), 3)
    assert stands(history, 11) == Stands(Standing.NEXT_RESPONSE_DUE, NEXT, at(16))


def test_a_ticket_on_hold_is_paused(history: History) -> None:
    history.status(at(10), Status.ON_HOLD)
    assert stands(history, 30) == Stands(Standing.PAUSED, None, None)


def test_promises_that_were_kept_are_fulfilled(history: History) -> None:
    history.answer(at(10), 2)
    history.status(at(11), Status.RESOLVED)
    assert stands(history, 99) == Stands(Standing.FULFILLED, None, None)


@pytest.mark.parametrize(("hour", "word"), [(12.9, Standing.FIRST_RESPONSE_DUE), (13, Standing.FAILED)])
def test_a_promise_that_ran_out_failed(history: History, hour: float, word: Standing) -> None:
    assert stands(history, hour) == Stands(word, FIRST, at(13))


def test_failed_stays_failed_on_hold_and_when_it_is_resolved(history: History) -> None:
    history.answer(at(14), 2)
    for hour, status in ((15, Status.ON_HOLD), (16, Status.RESOLVED), (17, Status.OPEN)):
        history.status(at(hour), status)
        assert stands(history, hour) == Stands(Standing.FAILED, FIRST, at(13))


def test_of_several_that_failed_the_one_that_runs_is_named(history: History) -> None:
    history.answer(at(14), 2)
    assert stands(history, 40) == Stands(Standing.FAILED, RESOLUTION, at(33))


def test_a_ticket_that_is_promised_nothing_stands_nowhere() -> None:
    history = History()
    history.opened(at(9))
    assert stands(history, 10) == Stands(Standing.NONE, None, None)
