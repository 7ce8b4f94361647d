"""The clocks in the store: who may work on which tickets at once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from maild.errors import Temporary
from maild.store.inbox import StoredDesktop
from maild.store.schema import ticket
from maild.testing.conversation import Conversation
from maild.testing.mails import new_mail

LATER = timedelta(days=9)  # every clock of a new ticket is due


def test_the_tickets_that_are_due_come_the_longest_due_first(talk: Conversation) -> None:
    for number in (1, 2, 3):
        talk.receive(new_mail(subject=f"Mail {number}"), at=talk.now - timedelta(hours=number))
    with StoredDesktop(talk.database).unit() as unit:
        assert unit.due(talk.now, 10) == []
        assert unit.due(talk.now + LATER, 10) == [3, 2, 1]
        assert unit.due(talk.now + LATER, 2) == [3, 2]


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_a_ticket_that_somebody_else_changes_is_left_to_the_next_look(talk: Conversation) -> None:
    for number in (1, 2):
        talk.receive(new_mail(subject=f"Mail {number}", sender=f"Kim <kim{number}@customer.example>"))
    desktop = StoredDesktop(talk.database)
    with talk.database.write() as other:
        other.execute(ticket.update().where(ticket.c.number == 1).values(version=ticket.c.version))
        with desktop.unit() as unit:
            assert unit.due(talk.now + LATER, 10) == [2]
    with desktop.unit() as first, desktop.unit() as second:
        assert first.due(talk.now + LATER, 1) == [1]  # one of its two clocks; the other one is not another's work
        assert second.due(talk.now + LATER, 10) == [2]


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_nobody_changes_tickets_whose_clocks_are_derived_again(talk: Conversation) -> None:
    talk.receive(new_mail())
    with StoredDesktop(talk.database).unit() as unit:
        unit.alone([1])
        with pytest.raises(Temporary, match="lock"), talk.database.write() as other:
            other.execute(select(ticket.c.number).with_for_update(nowait=True))
