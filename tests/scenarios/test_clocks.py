"""Clocks of tickets, from mail to row: what starts, stops, holds and resumes them (SLA.md, Clocks)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from maild.app.arrival import Door
from maild.testing.conversation import START, Conversation
from maild.testing.mails import delivery_report, new_mail, reply_to

KIM, ANNA = "kim@customer.example", "anna@staff.example"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def asks(talk: Conversation, text: str = "It is broken.", **facts: Any) -> None:
    talk.receive(new_mail(text), **facts)


def anna_answers(talk: Conversation, text: str, ticket: int = 1) -> None:
    letter = next(p for p in reversed(talk.letters(ANNA)) if f"[#{ticket}]" in str(p.mail["Subject"]))
    talk.receive(reply_to(letter, text))


def kim_replies(talk: Conversation, text: str = "Here is more.", **facts: Any) -> None:
    talk.receive(reply_to(talk.letters(KIM)[-1], text), **facts)


def due(talk: Conversation, kind: str, ticket: int = 1) -> datetime | None:
    moment: datetime | None = talk.clocks(ticket)[kind].due_at
    return moment


def test_a_new_ticket_is_promised_a_first_response_and_a_resolution(talk: Conversation) -> None:
    asks(talk)
    assert due(talk, "first_response") == START + DAY
    assert due(talk, "resolution") == START + 3 * DAY
    assert {row.policy for row in talk.clocks(1).values()} == {"standard"}


def test_clocks_start_when_the_mail_arrived_and_not_when_it_was_worked_on(talk: Conversation) -> None:
    talk.accept(new_mail())
    talk.wait(5 * HOUR)
    talk.work()
    assert talk.clocks(1)["first_response"].started_at == START


def test_the_acknowledgement_stops_nothing_and_the_agents_answer_does(talk: Conversation) -> None:
    asks(talk)
    assert talk.letters(KIM)
    assert talk.clocks(1)["first_response"].ended_at is None
    talk.wait(2 * HOUR)
    anna_answers(talk, "Please switch it off and on.")
    row = talk.clocks(1)["first_response"]
    assert (row.ended_at, row.why_ended, row.used, row.failed) == (START + 2 * HOUR, "answered", 7200, False)
    assert due(talk, "resolution") == START + 3 * DAY


def test_an_answer_stops_the_clock_at_the_moment_it_reached_us(talk: Conversation) -> None:
    asks(talk)
    talk.accept(reply_to(talk.letters(ANNA)[-1], "An answer."), at=START + 23 * HOUR)
    talk.wait(26 * HOUR)
    talk.work()
    row = talk.clocks(1)["first_response"]
    assert (row.ended_at, row.failed) == (START + 23 * HOUR, False)


@pytest.mark.parametrize("how", ["refused", "bounced"])
def test_an_answer_that_is_not_delivered_has_stopped_nothing(talk: Conversation, how: str) -> None:
    asks(talk)
    if how == "refused":
        from maild.app.ports import Delivery

        talk.sender.answer = lambda letter: Delivery(sent=False, answer="550 no") if KIM in letter.envelope_to else None
    talk.wait(HOUR)
    anna_answers(talk, "An answer.")
    if how == "bounced":
        assert talk.clocks(1)["first_response"].ended_at is not None
        letter = talk.letters(KIM)[-1]
        talk.receive(delivery_report(letter, action="failed", status="5.1.1"), to=letter.sender, envelope_from="")
    talk.work()
    row = talk.clocks(1)["first_response"]
    assert (row.ended_at, row.due_at) == (None, START + DAY)


def test_a_hold_pauses_every_running_clock_and_the_reply_ends_it_when_it_arrived(talk: Conversation) -> None:
    asks(talk)
    talk.wait(HOUR)
    anna_answers(talk, "#hold waiting for the serial number\nWhich serial number is it?")
    row = talk.clocks(1)["resolution"]
    assert (row.paused_at, row.due_at, row.next_at) == (START + HOUR, None, None)
    talk.accept(reply_to(talk.letters(KIM)[-1], "It is 12345."), at=START + 11 * HOUR)
    talk.wait(30 * HOUR)
    talk.work()
    row = talk.clocks(1)["resolution"]
    assert (row.paused_at, row.due_at) == (None, START + 3 * DAY + 10 * HOUR)
    assert (row.held, row.held_counted) == (36000, 36000)


def test_an_automatic_mail_resumes_and_stops_nothing(talk: Conversation) -> None:
    asks(talk)
    anna_answers(talk, "#hold\nWhich serial number is it?")
    before = talk.clocks(1)["resolution"]
    away = {"Auto-Submitted": "auto-replied"}
    talk.receive(reply_to(talk.letters(KIM)[-1], "I am away until Monday.", headers=away), envelope_from="")
    assert talk.ticket(1).status == "on_hold"
    assert talk.clocks(1)["resolution"] == before


def test_a_changed_priority_has_the_due_times_derived_again_from_the_start(talk: Conversation) -> None:
    asks(talk)
    talk.wait(2 * HOUR)
    anna_answers(talk, "#priority high")
    assert due(talk, "first_response") == START + 4 * HOUR
    assert due(talk, "resolution") == START + DAY
    promised = [event for event in talk.events(1) if event.kind == "target"]
    assert [(e.data["first_response"], e.data["reason"]) for e in promised] == [(14400, "priority")]


def test_resolving_ends_the_clocks_and_a_reopening_goes_on_with_the_time_used(talk: Conversation) -> None:
    asks(talk)
    talk.wait(10 * HOUR)
    anna_answers(talk, "#resolve\nDone.")
    row = talk.clocks(1)["resolution"]
    assert (row.used, row.failed, row.why_ended) == (36000, False, "resolved")
    talk.wait(2 * DAY)
    kim_replies(talk, "It is broken again.")
    row = talk.clocks(1)["resolution"]
    assert (row.cycle, row.ended_at, row.due_at) == (1, None, START + 5 * DAY)


def test_a_mere_thank_you_starts_nothing(talk: Conversation) -> None:
    asks(talk)
    anna_answers(talk, "#resolve\nDone.")
    before = talk.clocks(1)
    kim_replies(talk, "Thank you!")
    assert talk.clocks(1) == before


def test_imported_history_gets_no_clocks_until_somebody_writes_on_it(talk: Conversation) -> None:
    old = START - 300 * DAY
    talk.receive(new_mail(message_id="old@customer.example"), door=Door.IMPORT, silent=True, at=old)
    assert talk.clocks(1) == {}
    more = new_mail("And now?", subject="Re: Broken", headers={"In-Reply-To": "<old@customer.example>"})
    talk.receive(more)
    assert due(talk, "resolution") == START + 3 * DAY
    assert talk.clocks(1)["resolution"].started_at == START


def test_a_mail_that_is_worked_on_together_with_its_history_is_promised_an_answer(talk: Conversation) -> None:
    old = new_mail(message_id="old@customer.example")
    talk.accept(old, door=Door.IMPORT, silent=True, at=START - 300 * DAY)
    talk.accept(new_mail("And now?", subject="Re: Broken", headers={"In-Reply-To": "<old@customer.example>"}))
    talk.work()
    assert talk.clocks(1)["resolution"].started_at == START


def test_history_that_is_imported_to_a_ticket_tells_its_clocks(talk: Conversation) -> None:
    asks(talk)
    anna_answers(talk, "#hold\nWhich serial number is it?")
    assert talk.clocks(1)["resolution"].next_at is None
    talk.wait(DAY)
    kim_replies(talk, "It is 12345.", door=Door.IMPORT, silent=True, at=START + HOUR)
    assert talk.ticket(1).status == "open"
    row = talk.clocks(1)["resolution"]
    assert (row.paused_at, row.due_at, row.held) == (None, START + 3 * DAY + HOUR, 3600)


def test_a_mailbox_without_dates_holds_nothing_up(talk: Conversation) -> None:
    long_ago = datetime(1, 1, 1, tzinfo=START.tzinfo)
    asks(talk, at=long_ago)
    letter = talk.letters(ANNA)[-1]
    assert talk.receive(reply_to(letter, "#hold\nWhich serial number is it?"), at=long_ago).state == "done"
    assert talk.receive(reply_to(letter, "#resume")).state == "done"
    assert talk.clocks(1)["resolution"].paused_at is None
