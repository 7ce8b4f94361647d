"""A letter that is tried again: its ticket's event and clocks are saved with it, or nothing is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from maild.app.retry import Retry, RetryUnit
from maild.errors import Conflict
from maild.store import schema
from maild.testing.conversation import Conversation
from maild.testing.mails import delivery_report, new_mail, reply_to

KIM, ANNA = "kim@customer.example", "anna@staff.example"


@pytest.fixture
def lost(talk: Conversation) -> int:
    """An answer that came back; the number of its letter."""
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[-1], "We are on it."))
    answer = talk.letters(KIM)[-1]
    talk.receive(delivery_report(answer), to=answer.sender, envelope_from="")
    talk.wait(timedelta(hours=1))
    return next(int(row.id) for row in talk.rows(schema.outbox) if row.template == "answer")


def retry(talk: Conversation, *, races: int = 0) -> Retry:
    """The use case; so many times somebody else is faster."""
    left = [races]

    @contextmanager
    def unit() -> Iterator[RetryUnit]:
        with talk.parts.ingest.desktop.unit() as found:
            yield found  # type: ignore[misc]  # it is the store's own
            if left[0]:
                left[0] -= 1
                raise Conflict("faster")

    return Retry(unit=unit, desk=talk.parts.desk, clock=lambda: talk.now, salt=lambda: "5a17")


def first_response(talk: Conversation) -> tuple[object, ...]:
    (row,) = (row for row in talk.rows(schema.clock) if row.kind == "first_response")
    return row.ended_at, row.why_ended, row.used


def kinds(talk: Conversation) -> list[str]:
    return [event.kind for event in talk.events(1)]


@pytest.mark.parametrize("races", [0, 4])
def test_a_lost_answer_counts_again_from_now_on(talk: Conversation, lost: int, races: int) -> None:
    assert first_response(talk) == (None, "", None)
    assert retry(talk, races=races).run([lost]) == [lost]
    assert kinds(talk).count("retried") == 1
    assert first_response(talk) == (talk.now, "answered", 3600)
    assert retry(talk).run([lost]) == [lost]  # it waits already
    assert kinds(talk).count("retried") == 1


def test_who_is_always_too_slow_changes_nothing(talk: Conversation, lost: int) -> None:
    before = [tuple(row) for row in talk.rows(schema.outbox)]
    with pytest.raises(Conflict):
        retry(talk, races=5).run([lost])
    assert [tuple(row) for row in talk.rows(schema.outbox)] == before
    assert "retried" not in kinds(talk)


def test_every_letter_in_trouble_does_not_mean_those_that_came_back(talk: Conversation, lost: int) -> None:
    assert retry(talk).run(None) == []
    assert lost
