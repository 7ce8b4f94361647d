"""What follows from a relay's answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from maild.app.deliver import Due, LetterState, judge
from maild.app.ports import Delivery, Letter

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
WAITS = (timedelta(minutes=1), timedelta(minutes=5))


def due(*, automatic: bool = True, attempts: int = 0, expires_in: timedelta = timedelta(days=5)) -> Due:
    letter = Letter(raw=b"", message_id="m@x", envelope_from="", envelope_to=("kim@customer.example",))
    return Due(
        id=1,
        letter=letter,
        automatic=automatic,
        template="answer",
        ticket=1,
        attempts=attempts,
        expires_at=NOW + expires_in,
    )


TAKEN = Delivery(sent=True, answer="250 ok")
LATER = Delivery(sent=False, temporary=True, answer="451 later")
NEVER = Delivery(sent=False, answer="550 no")
UNSURE = Delivery(sent=False, temporary=True, uncertain=True, answer="lost after the dot")


@pytest.mark.parametrize(
    ("letter", "delivery", "state"),
    [
        pytest.param(due(), TAKEN, LetterState.SENT, id="taken"),
        pytest.param(due(), LATER, LetterState.WAITING, id="temporary: tried again"),
        pytest.param(due(), NEVER, LetterState.FAILED, id="permanent: given up"),
        pytest.param(due(automatic=True), UNSURE, LetterState.UNCERTAIN, id="an automatic letter is not sent twice"),
        pytest.param(due(automatic=False), UNSURE, LetterState.WAITING, id="an answer rather twice than never"),
        pytest.param(due(expires_in=timedelta(seconds=59)), LATER, LetterState.FAILED, id="expired: given up"),
    ],
)
def test_the_state_of_a_letter(letter: Due, delivery: Delivery, state: LetterState) -> None:
    assert judge(letter, delivery, NOW, WAITS).state is state


@pytest.mark.parametrize(("attempts", "wait"), [(0, 1), (1, 5), (2, 5), (50, 5)])
def test_the_waits_grow_and_the_last_one_repeats(attempts: int, wait: int) -> None:
    assert judge(due(attempts=attempts), LATER, NOW, WAITS).retry_at == NOW + timedelta(minutes=wait)


def test_what_may_have_arrived_is_remembered_while_it_is_tried_again() -> None:
    assert judge(due(automatic=False), UNSURE, NOW, WAITS).uncertain
    assert not judge(due(automatic=False), LATER, NOW, WAITS).uncertain


def test_giving_up_says_after_how_many_tries_and_why() -> None:
    given_up = judge(due(attempts=7, expires_in=timedelta()), LATER, NOW, WAITS)
    assert given_up.answer == "given up after 8 tries: 451 later"
