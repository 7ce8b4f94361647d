"""Statuses and the moves between them."""

from __future__ import annotations

import pytest

from maild.tickets.lifecycle import ON_CUSTOMER_MAIL, TRANSITIONS, Refusal, Status, check_move


def test_every_status_has_its_moves_and_a_way_out() -> None:
    assert set(TRANSITIONS) == set(Status)
    assert all(moves and status not in moves for status, moves in TRANSITIONS.items())


@pytest.mark.parametrize(("current", "wanted"), [(c, w) for c in Status for w in Status if w not in TRANSITIONS[c]])
def test_a_move_that_is_not_in_the_table_is_refused_with_those_that_are(current: Status, wanted: Status) -> None:
    refusal = check_move(current, wanted, resolution_code="resolved")
    assert isinstance(refusal, Refusal)
    assert "it can become:" in refusal.why


def test_closing_needs_a_resolution_code() -> None:
    refusal = check_move(Status.OPEN, Status.CLOSED)
    assert refusal is not None
    assert "#close resolved" in refusal.why
    assert check_move(Status.OPEN, Status.CLOSED, resolution_code="resolved") is None


def test_what_a_customers_mail_does_is_an_allowed_move() -> None:
    assert all(after in TRANSITIONS[before] for before, after in ON_CUSTOMER_MAIL.items())
