"""Every step after an answer is taken once: by two watchers, over restarts, whatever the relay and the budgets do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from maild.app.ports import Delivery
from maild.store import schema
from maild.testing.conversation import SETTINGS, START, Conversation, Talk
from maild.testing.mails import new_mail, reply_to

KIM, LEE, ANNA = "kim@customer.example", "lee@customer.example", "anna@staff.example"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FOLLOW_UPS = f"{SETTINGS}\n[aftercare]\nfollow_ups = 2\n"
ASKED = f"{SETTINGS}\n[feedback]\nenabled = true\n"


def written(talk: Conversation, template: str, to: str = KIM) -> list[Any]:
    """The rows of letters of one sort to somebody."""
    return [row for row in talk.rows(schema.outbox) if (row.template, row.recipient) == (template, to)]


def answered(talk: Conversation, answer: str = "Please press the red button.", sender: str = KIM) -> None:
    """A customer asks, and Anna answers."""
    talk.receive(new_mail(sender=sender, subject=f"Matter of {sender}"))
    talk.receive(reply_to(talk.letters(ANNA)[-1], answer))


def test_the_whole_way_from_an_answer_to_the_end(new_talk: Talk) -> None:
    talk = new_talk(settings=FOLLOW_UPS)
    answered(talk)
    assert [(row.ticket, row.kind, row.due_at) for row in talk.rows(schema.step)] == [(1, "follow_up", START + 3 * DAY)]
    for _ in range(3):
        talk.watch(3 * DAY)
    assert [e.kind for e in talk.events(1)][-3:] == ["followed_up", "followed_up", "status"]
    assert talk.statuses() == ["closed"]
    assert talk.rows(schema.step) == []


def test_an_unchanged_configuration_looks_at_nothing_again(new_talk: Talk) -> None:
    talk = new_talk(settings=ASKED)
    answered(talk, "#resolve\nDone.")
    talk.watch()
    again = new_talk(settings=ASKED)
    assert again.parts.reconsider.run() is False
    changed = new_talk(settings=f'{ASKED}\n[aftercare]\nclose_after = "1d"\n')
    changed.now = talk.now
    changed.watch(DAY)
    assert changed.statuses() == ["closed"], "planned anew, by the policy of now"


def test_two_workers_ask_one_customer_about_one_of_two_tickets(new_talk: Talk) -> None:
    talk, other = new_talk(settings=ASKED), new_talk(settings=ASKED, owner="other")
    answered(talk, "#close resolved\nDone.")
    answered(talk, "#close resolved\nDone.")
    other.now = talk.now = talk.now + 2 * HOUR
    talk.parts.watch_clocks()
    other.parts.watch_clocks()
    talk.parts.send_all()
    assert len(written(talk, "feedback")) == 1
    assert [row.address for row in talk.rows(schema.asked)] == [KIM]


def test_two_watchers_and_a_restart_make_one_follow_up(new_talk: Talk) -> None:
    talk, other = new_talk(settings=FOLLOW_UPS), new_talk(settings=FOLLOW_UPS, owner="other")
    answered(talk)
    other.now = talk.now = START + 3 * DAY
    talk.parts.watch_clocks()
    other.parts.watch_clocks()
    new_talk(settings=FOLLOW_UPS, owner="third").parts.watch_clocks()
    talk.parts.send_all()
    other.parts.send_all()
    assert len(written(talk, "follow_up")) == 1
    assert len([e for e in talk.events(1) if e.kind == "followed_up"]) == 1


def test_a_letter_that_the_budget_holds_back_comes_later(new_talk: Talk) -> None:
    talk = new_talk(settings=f"{FOLLOW_UPS}\n[letters]\ntotal_per_10_minutes = 1\n")
    answered(talk)
    talk.wait(3 * DAY)
    talk.receive(new_mail("Other.", sender=LEE, subject="Other"))  # its acknowledgement uses the budget up
    talk.watch()
    assert written(talk, "follow_up") == []
    talk.watch(HOUR)
    assert len(written(talk, "follow_up")) == 1


@pytest.mark.parametrize("answer", ["Please press the red button.", "#resolve\nDone."])
def test_a_customers_mail_that_waits_comes_before_every_step(new_talk: Talk, answer: str) -> None:
    talk = new_talk(settings=FOLLOW_UPS)
    answered(talk, answer)
    talk.wait(2 * DAY)
    talk.accept(reply_to(talk.letters(KIM)[-1], "It still does not work."))
    talk.wait(8 * DAY)  # the worker stood still; a clock is due as well
    talk.parts.watch_clocks()
    assert len(talk.letters(KIM)) == 2, "acknowledgement, answer"
    talk.work()
    talk.watch(HOUR)
    assert talk.statuses() == ["open"]
    assert "closed" not in [event.data.get("to") for event in talk.events(1)]
    assert written(talk, "follow_up") == []


def test_what_fell_due_while_nobody_ran_waits_for_the_mails_of_that_time(new_talk: Talk) -> None:
    answered(new_talk(settings=FOLLOW_UPS), "Please press the red button.")
    after = datetime(2026, 3, 5, 12, tzinfo=UTC)  # three hours late
    talk = new_talk(settings=FOLLOW_UPS, owner="after", now=after)
    talk.watch()
    talk.watch(timedelta(minutes=9))
    assert written(talk, "follow_up") == []
    talk.watch(timedelta(minutes=1))
    assert len(written(talk, "follow_up")) == 1


def test_a_closing_waits_while_the_budget_holds_its_question_for_a_rating_back(new_talk: Talk) -> None:
    talk = new_talk(settings=f"{ASKED}\n[letters]\ntotal_per_10_minutes = 1\n")
    answered(talk, "#resolve\nDone.")
    talk.wait(7 * DAY)
    talk.receive(new_mail("Other.", sender=LEE, subject="Other"))  # its acknowledgement uses the budget up
    talk.watch()
    assert talk.statuses()[0] == "resolved"
    talk.watch(HOUR)
    assert talk.statuses()[0] == "closed"
    assert [row.template for row in talk.rows(schema.outbox) if row.recipient == KIM][-1] == "closing"


def test_a_relay_that_is_away_does_not_make_a_second_letter(new_talk: Talk) -> None:
    talk = new_talk(settings=FOLLOW_UPS)
    answered(talk)
    talk.sender.answer = lambda _letter: Delivery(sent=False, temporary=True, answer="451 later")
    talk.watch(3 * DAY)
    talk.sender.answer = lambda _letter: None
    talk.watch(2 * HOUR)
    assert len(talk.letters(KIM)) == 3
