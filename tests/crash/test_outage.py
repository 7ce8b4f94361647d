"""The database is away for a moment: what only a worker knows is written down as soon as it is back."""

from __future__ import annotations

from maild.store import schema
from maild.testing.desk import Desk
from maild.testing.mails import new_mail
from maild.testing.nursery import Nursery


def test_letters_that_went_out_during_an_outage_are_recorded_although_nobody_rings(
    desk: Desk, nursery: Nursery
) -> None:
    desk.start(nursery, plant="outage_at_record")
    desk.send(new_mail())
    assert desk.faults() == []  # at rest within a minute, far sooner than the lease ends
    letters = desk.rows(schema.outbox)
    assert {(letter.state, letter.uncertain) for letter in letters} == {("sent", False)}
    assert [len(desk.sink.to(letter.recipient)) for letter in letters] == [1] * len(letters)


def test_a_mail_that_an_outage_left_claimed_is_worked_off_although_nobody_rings(desk: Desk, nursery: Nursery) -> None:
    desk.start(nursery, plant="outage_at_decision")
    desk.send(new_mail())
    assert desk.faults() == []  # at rest within a minute, far sooner than the lease ends
    [mail] = desk.mails()
    assert (mail.outcome, mail.attempts) == ("new_ticket", 2)
