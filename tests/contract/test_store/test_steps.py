"""The next steps of tickets in the store, and who was asked for a rating."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from maild.app.changes import Changes
from maild.app.known import Known
from maild.errors import Conflict
from maild.sla.aftercare import Step, StepKind
from maild.store.inbox import StoredDesktop
from maild.store.schema import step
from maild.testing.conversation import Conversation
from maild.testing.mails import new_mail

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KIM = "kim@customer.example"


def plan(talk: Conversation, steps: dict[int, Step | None]) -> None:
    """Keep these."""
    with StoredDesktop(talk.database).unit() as unit:
        unit.save(Changes(steps=steps), Known(), talk.now)


def test_a_step_is_planned_planned_anew_and_dropped(talk: Conversation) -> None:
    talk.receive(new_mail())
    desktop = StoredDesktop(talk.database)
    plan(talk, {1: Step(StepKind.CLOSE, talk.now + HOUR)})
    with desktop.unit() as unit:
        assert unit.due(talk.now, 10) == []
        assert unit.due(talk.now + HOUR, 10) == [1]
    plan(talk, {1: Step(StepKind.ASK, talk.now + 2 * HOUR)})
    with desktop.unit() as unit:
        assert unit.due(talk.now + HOUR, 10) == []
        unit.postpone(1, talk.now + 3 * HOUR)
    with talk.database.read() as connection:
        [row] = connection.execute(select(step)).all()
    assert (row.kind, row.due_at) == ("ask", talk.now + 3 * HOUR)
    plan(talk, {1: None})
    with desktop.unit() as unit:
        assert unit.due(talk.now + DAY / 4, 10) == []


def test_of_two_who_ask_one_customer_the_second_has_to_look_again(talk: Conversation) -> None:
    desktop = StoredDesktop(talk.database)
    change = Changes(asked={KIM: (talk.now, talk.now - 14 * DAY)})
    with desktop.unit() as unit:
        unit.save(change, Known(), talk.now)
    with pytest.raises(Conflict), desktop.unit() as unit:
        unit.save(change, Known(), talk.now)
    with desktop.unit() as unit:
        assert unit.asked_at(KIM) == talk.now


def test_who_was_asked_is_forgotten_when_it_no_longer_matters(talk: Conversation) -> None:
    desktop, later = StoredDesktop(talk.database), talk.now + 15 * DAY
    with desktop.unit() as unit:
        unit.save(Changes(asked={KIM: (talk.now, talk.now - 14 * DAY)}), Known(), talk.now)
    with desktop.unit() as unit:
        unit.save(Changes(asked={"lee@customer.example": (later, later - 14 * DAY)}), Known(), later)
    with desktop.unit() as unit:
        assert unit.asked_at(KIM) is None
