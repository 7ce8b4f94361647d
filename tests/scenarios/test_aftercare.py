"""What happens after an answer: follow-ups to a silent customer, closing by itself, confirmation of the solution."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from maild.ids import Purpose
from maild.store import schema
from maild.testing.conversation import SETTINGS, Conversation, Talk
from maild.testing.databases import SqliteCopies
from maild.testing.mails import delivery_report, new_mail, reply_to
from maild.testing.sink import Posted

KIM, LEE, ANNA, BEN = "kim@customer.example", "lee@customer.example", "anna@staff.example", "ben@staff.example"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FOLLOW_UPS = f"{SETTINGS}\n[aftercare]\nfollow_ups = 2\nfollow_up_days = 3\n"
SILENT = f"{SETTINGS}\n[aftercare]\ntell_resolved = false\n"


@pytest.fixture
def store_url(sqlite_copies: SqliteCopies, tmp_path: Path) -> str:
    """One sort of database is enough here: `test_aftercare_once.py` shows that steps are the same on both."""
    return sqlite_copies.make(tmp_path)


def written(talk: Conversation, template: str, to: str = KIM) -> list[Any]:
    """The rows of letters of one sort to somebody."""
    return [row for row in talk.rows(schema.outbox) if (row.template, row.recipient) == (template, to)]


def posted(talk: Conversation, template: str, to: str = KIM) -> list[Posted]:
    """The same, as they were sent."""
    ids = {row.message_id for row in written(talk, template, to)}
    return [letter for letter in talk.letters(to) if letter.message_id in ids]


def link(letter: Posted, purpose: str) -> str:
    """The signed address of a link in a letter, such as `y` (solved), `x` (unsolved), `r5-`."""
    found = re.search(rf"mailto:(support%2B{purpose}\d+\.[a-z2-7]+@example\.com)", letter.everything)
    assert found, letter.everything
    return unquote(found[1])


def asked_and_answered(talk: Conversation, answer: str = "Please press the red button.") -> None:
    """A customer asks, and Anna answers."""
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[0], answer))


def moves(talk: Conversation, number: int = 1) -> list[tuple[str, str]]:
    """Every status that a ticket came to, with the reason."""
    return [(e.data["to"], e.data.get("reason", "")) for e in talk.events(number) if e.kind == "status"]


# ------------------------------------------------------------------------------- follow-ups


def test_a_silent_customer_is_written_to_and_at_last_the_ticket_is_closed(new_talk: Talk) -> None:
    talk = new_talk(settings=FOLLOW_UPS)
    asked_and_answered(talk)
    talk.watch(3 * DAY - HOUR)
    assert written(talk, "follow_up") == []
    talk.watch(HOUR)
    assert len(written(talk, "follow_up")) == 1
    talk.watch(3 * DAY)
    first, second = posted(talk, "follow_up")
    assert "Please press the red button." in first.text
    assert "2026-03-11 09:00" not in first.text
    assert "2026-03-11 09:00" in second.text, "the last one says when it will be closed"
    talk.watch(3 * DAY)
    assert talk.statuses() == ["closed"]
    assert talk.ticket(1).resolution_code == "no_answer"
    assert moves(talk)[-1] == ("closed", "no answer")
    talk.watch(30 * DAY)
    assert len(talk.letters(KIM)) == 4, "acknowledgement, answer, two follow-ups"


def test_nobody_is_followed_up_unless_the_admin_wants_it(talk: Conversation) -> None:
    asked_and_answered(talk)
    talk.watch(60 * DAY)
    assert talk.statuses() == ["responded"]
    assert written(talk, "follow_up") == []


def test_a_follow_up_is_an_automatic_letter_in_the_customers_thread(new_talk: Talk) -> None:
    talk = new_talk(settings=FOLLOW_UPS)
    asked_and_answered(talk)
    talk.watch(3 * DAY)
    [letter] = posted(talk, "follow_up")
    assert letter.mail["Auto-Submitted"] == "auto-generated"
    talk.receive(reply_to(letter, "The button is blue."))
    assert talk.statuses() == ["open"]


def test_a_reply_ends_the_follow_ups_and_another_answer_begins_them_anew(new_talk: Talk) -> None:
    talk = new_talk(settings=FOLLOW_UPS)
    asked_and_answered(talk)
    talk.watch(3 * DAY)
    talk.receive(reply_to(talk.letters(KIM)[-1], "I am on it."))
    talk.watch(10 * DAY)
    assert len(written(talk, "follow_up")) == 1
    talk.receive(reply_to(talk.letters(ANNA)[-1], "Good."))
    talk.watch(3 * DAY)
    counts = [e.data["count"] for e in talk.events(1) if e.kind == "followed_up"]
    assert counts == [1, 1]


@pytest.mark.parametrize("command", ["#status in_progress", "#hold waiting for parts", "#close resolved"])
def test_a_changed_status_ends_the_follow_ups(new_talk: Talk, command: str) -> None:
    talk = new_talk(settings=FOLLOW_UPS)
    asked_and_answered(talk)
    talk.receive(reply_to(talk.letters(ANNA)[0], command))
    talk.watch(20 * DAY)
    assert written(talk, "follow_up") == []


def test_an_automatic_reply_is_no_word_of_the_customer(new_talk: Talk) -> None:
    talk = new_talk(settings=FOLLOW_UPS)
    asked_and_answered(talk)
    talk.receive(reply_to(talk.letters(KIM)[-1], "I am away.", headers={"Auto-Submitted": "auto-replied"}))
    talk.watch(3 * DAY)
    assert len(written(talk, "follow_up")) == 1


def test_an_answer_that_came_back_is_followed_by_nothing(new_talk: Talk) -> None:
    talk = new_talk(settings=FOLLOW_UPS)
    asked_and_answered(talk)
    answer = posted(talk, "answer")[0]
    talk.receive(delivery_report(answer), envelope_from="", to=answer.sender)
    talk.watch(20 * DAY)
    assert written(talk, "follow_up") == []
    assert talk.statuses() == ["open"]


def test_a_follow_up_that_came_back_presses_and_closes_no_more(new_talk: Talk) -> None:
    talk = new_talk(settings=FOLLOW_UPS)
    asked_and_answered(talk)
    talk.watch(3 * DAY)
    letter = posted(talk, "follow_up")[0]
    talk.receive(delivery_report(letter), envelope_from="", to=letter.sender)
    talk.watch(20 * DAY)
    assert len(written(talk, "follow_up")) == 1
    assert talk.statuses() == ["responded"]


def test_a_mailing_list_is_never_followed_up(new_talk: Talk) -> None:
    talk = new_talk(settings=FOLLOW_UPS)
    talk.receive(new_mail(headers={"List-Id": "<users.customer.example>", "List-Post": "<mailto:u@customer.example>"}))
    talk.receive(reply_to(talk.letters(ANNA)[0], "Please press the red button."))
    talk.watch(20 * DAY)
    assert written(talk, "follow_up") == []


def test_working_days_are_those_of_the_tickets_calendar(new_talk: Talk) -> None:
    office = """
[[calendar]]
name = "office"
timezone = "Europe/Berlin"
hours = { mon = ["09:00-17:00"], tue = ["09:00-17:00"], wed = ["09:00-17:00"], thu = ["09:00-17:00"], fri = ["09:00-17:00"] }

[sla]
calendar = "office"
"""  # noqa: E501
    talk = new_talk(settings=FOLLOW_UPS + office)
    talk.wait(3 * DAY)  # Thursday
    asked_and_answered(talk)
    talk.watch(4 * DAY)  # Monday: one working day, Friday, and this one
    assert written(talk, "follow_up") == []
    talk.watch(DAY)
    assert len(written(talk, "follow_up")) == 1


def test_a_desk_that_holds_answered_tickets_follows_up_those_that_wait_for_the_customer(new_talk: Talk) -> None:
    settings = f'{FOLLOW_UPS}\n[tickets]\nafter_answer = "on_hold"\n'
    talk = new_talk(settings=settings)
    asked_and_answered(talk)
    assert talk.statuses() == ["on_hold"]
    talk.receive(new_mail("Another matter.", sender=LEE, subject="Other"))
    talk.receive(reply_to(talk.letters(ANNA)[-1], "#hold waiting for parts\nWe have ordered it."))
    talk.watch(3 * DAY)
    assert len(written(talk, "follow_up", KIM)) == 1
    assert written(talk, "follow_up", LEE) == []


def test_what_an_answered_ticket_becomes_may_differ_by_queue(new_talk: Talk) -> None:
    queues = """
[[queue]]
name = "support"
addresses = ["support@example.com"]

[[queue]]
name = "repairs"
addresses = ["repairs@example.com"]

[[aftercare.queue]]
name = "repairs"
after_answer = "on_hold"
follow_ups = 1
"""
    talk = new_talk(settings=SETTINGS + queues)
    asked_and_answered(talk)
    talk.receive(new_mail("My pump drips.", to="repairs@example.com", sender=LEE, subject="Pump"))
    talk.receive(reply_to(talk.letters(ANNA)[-1], "Send it to us."))
    assert talk.statuses() == ["responded", "on_hold"]
    talk.watch(4 * DAY)
    assert (len(written(talk, "follow_up", KIM)), len(written(talk, "follow_up", LEE))) == (0, 1)


def test_switching_follow_ups_on_writes_to_nobody_of_last_month(new_talk: Talk) -> None:
    talk = new_talk()
    asked_and_answered(talk)
    talk.watch(40 * DAY)
    talk.receive(new_mail("Another matter.", sender=LEE, subject="Other"))
    talk.receive(reply_to(talk.letters(ANNA)[-1], "Yes."))
    again = new_talk(settings=FOLLOW_UPS)
    again.now = talk.now
    again.watch()
    again.watch(3 * DAY)
    assert written(again, "follow_up", KIM) == []
    assert len(written(again, "follow_up", LEE)) == 1, "planned when the new configuration was first seen"


# ------------------------------------------------------------------------------- closing by itself


def test_a_resolved_ticket_is_closed_after_a_week_without_a_letter(new_talk: Talk) -> None:
    talk = new_talk(settings=SILENT)
    asked_and_answered(talk, "#resolve\nDone.")
    before = len(talk.letters(KIM))
    talk.watch(7 * DAY - HOUR)
    assert talk.statuses() == ["resolved"]
    talk.watch(HOUR)
    assert talk.statuses() == ["closed"]
    assert moves(talk)[-1] == ("closed", "time")
    assert talk.ticket(1).resolution_code
    assert len(talk.letters(KIM)) == before


def test_a_reopened_ticket_is_not_closed_by_the_old_resolution(new_talk: Talk) -> None:
    talk = new_talk(settings=SILENT)
    asked_and_answered(talk, "#resolve\nDone.")
    talk.watch(6 * DAY)
    talk.receive(reply_to(talk.letters(KIM)[-1], "It is broken again."))
    talk.watch(2 * DAY)
    assert talk.statuses() == ["open"]
    talk.receive(reply_to(talk.letters(ANNA)[-1], "#resolve\nNow it is."))
    talk.watch(6 * DAY)
    assert talk.statuses() == ["resolved"]
    talk.watch(DAY)
    assert talk.statuses() == ["closed"]


def test_tickets_that_were_resolved_before_the_update_are_closed_too(new_talk: Talk) -> None:
    talk = new_talk(settings=f'{SETTINGS}\n[aftercare]\nclose_after = "0s"\ntell_resolved = false\n')
    asked_and_answered(talk, "#resolve\nDone.")
    talk.watch(100 * DAY)
    assert talk.statuses() == ["resolved"]
    again = new_talk(settings=SILENT)
    again.now = talk.now
    again.watch()
    assert again.statuses() == ["closed"]


def test_history_that_is_imported_plans_nothing(new_talk: Talk) -> None:
    talk = new_talk(settings=f"{FOLLOW_UPS}\n[feedback]\nenabled = true\n")
    talk.receive(new_mail(), silent=True)
    talk.watch()
    talk.watch(60 * DAY)
    assert talk.rows(schema.step) == []
    assert talk.letters(KIM) == []


# ------------------------------------------------------------------------------- confirmation


def resolved(talk: Conversation) -> Posted:
    """A ticket that Anna resolved without words; returns the letter about it."""
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[0], "#resolve"))
    [letter] = posted(talk, "resolution")
    return letter


def test_the_customer_is_told_of_a_resolution_without_words(talk: Conversation) -> None:
    letter = resolved(talk)
    assert "[#1]" in str(letter.mail["Subject"])
    assert "2026-03-09 09:00" in letter.text, "when it will be closed"


def test_words_are_enough_and_bring_no_second_letter(talk: Conversation) -> None:
    asked_and_answered(talk, "#resolve\nDone.")
    assert written(talk, "resolution") == []
    assert len(talk.letters(KIM)) == 2


def test_the_solved_link_closes_the_ticket(talk: Conversation) -> None:
    letter = resolved(talk)
    talk.receive(new_mail("", sender=KIM, to=link(letter, "y"), subject="Re: Broken"))
    assert talk.statuses() == ["closed"]
    assert moves(talk)[-1] == ("closed", "confirmed")
    assert len(written(talk, "receipt")) == 1
    assert len(talk.letters(ANNA)) == 2, "notification and confirmation of the command: nothing about the click"


def test_the_unsolved_link_opens_it_again_and_the_agents_read_why(talk: Conversation) -> None:
    letter = resolved(talk)
    talk.receive(new_mail("It still leaks.", sender=KIM, to=link(letter, "x"), subject="Re: Broken"))
    assert talk.statuses() == ["open"]
    assert moves(talk)[-1] == ("open", "rejected")
    assert "It still leaks." in talk.letters(ANNA)[-1].text


def test_the_unsolved_link_works_without_a_word(talk: Conversation) -> None:
    letter = resolved(talk)
    talk.receive(new_mail("", sender=KIM, to=link(letter, "x"), subject="Re: Broken"))
    assert talk.statuses() == ["open"]
    assert len(written(talk, "notification", ANNA)) == 2


@pytest.mark.parametrize("word", ["yes", "Ja, gelöst", "résolu", "Sí", "تم الحل", "Solved, thanks!"])
def test_a_reply_of_one_word_confirms(talk: Conversation, word: str) -> None:
    talk.receive(reply_to(resolved(talk), word))
    assert talk.statuses() == ["closed"]
    assert moves(talk)[-1] == ("closed", "confirmed")


@pytest.mark.parametrize("word", ["no", "Nein, funktioniert nicht", "Yes, but the other one is broken now"])
def test_every_other_reply_opens_it_again(talk: Conversation, word: str) -> None:
    talk.receive(reply_to(resolved(talk), word))
    assert talk.statuses() == ["open"]


def test_thanks_neither_opens_nor_closes(talk: Conversation) -> None:
    talk.receive(reply_to(resolved(talk), "Thanks a lot!"))
    assert talk.statuses() == ["resolved"]


def test_a_yes_to_an_agents_own_question_is_not_a_confirmation(talk: Conversation) -> None:
    asked_and_answered(talk, "#resolve\nShall I order a second one?")
    talk.receive(reply_to(talk.letters(KIM)[-1], "yes"))
    assert talk.statuses() == ["open"]


def test_with_confirm_the_answer_itself_carries_the_question(new_talk: Talk) -> None:
    talk = new_talk(settings=f"{SETTINGS}\n[aftercare]\nconfirm = true\n")
    asked_and_answered(talk, "#resolve\nDone.")
    assert written(talk, "resolution") == [], "one letter, the agent's"
    talk.receive(reply_to(talk.letters(KIM)[-1], "yes"))
    assert talk.statuses() == ["closed"]


def test_a_stranger_who_learned_the_address_confirms_nothing(talk: Conversation) -> None:
    letter = resolved(talk)
    talk.receive(new_mail("", sender="eve@evil.example", to=link(letter, "y"), subject="Re: Broken"))
    assert talk.statuses()[0] == "resolved"


def test_a_strangers_click_makes_nobody_wait_for_an_answer(new_talk: Talk) -> None:
    """Else whoever was shown a letter could keep the clocks of its ticket running, and nobody would know why."""
    talk = new_talk(settings=f"{FOLLOW_UPS}confirm = true\n")
    asked_and_answered(talk)
    address = talk.parts.desk.signer.reply_address("support@example.com", 1, KIM, Purpose.SOLVED)
    before = [event.kind for event in talk.events(1)].count("mail")
    settled = talk.receive(new_mail("", sender="eve@evil.example", to=address, subject="Re: Broken"))
    assert "takes no part" in settled.why
    assert [event.kind for event in talk.events(1)].count("mail") == before
    assert "next_response" not in talk.clocks(1)
    talk.watch(3 * DAY)
    assert len(written(talk, "follow_up")) == 1


def test_words_beside_a_late_confirmation_are_read_by_an_agent(talk: Conversation) -> None:
    letter = resolved(talk)
    talk.receive(new_mail("", to=link(letter, "y"), subject="Re: Broken"))
    before = len(talk.letters(ANNA))
    talk.receive(new_mail("", to=link(letter, "y"), subject="Re: Broken"))
    assert (talk.statuses(), len(talk.letters(ANNA))) == (["closed"], before)
    talk.receive(new_mail("Solved, but now the lamp is dark.", to=link(letter, "y"), subject="Re: Broken"))
    assert "the lamp is dark" in talk.letters(ANNA)[-1].text


def test_an_agent_cannot_confirm_in_the_customers_place(talk: Conversation) -> None:
    letter = resolved(talk)
    settled = talk.receive(new_mail("Looks fine to me.", sender=ANNA, to=link(letter, "y"), subject="Re: Broken"))
    assert talk.statuses() == ["resolved"]
    assert "made for the customer" in settled.why
    assert len(talk.letters(KIM)) == 2, "nothing of it goes to the customer"


def test_a_forged_mail_is_an_ordinary_one(new_talk: Talk) -> None:
    talk = new_talk(settings=f'{SETTINGS}\n[authenticity]\ntrusted_ids = ["mx.example.com"]\n')
    letter = resolved(talk)
    failed = {"Authentication-Results": "mx.example.com; dmarc=fail header.from=customer.example"}
    talk.receive(new_mail("", sender=KIM, to=link(letter, "y"), subject="Re: Broken", headers=failed))
    assert talk.statuses() == ["open"]


def test_an_automatic_reply_to_the_link_does_nothing(talk: Conversation) -> None:
    letter = resolved(talk)
    away = {"Auto-Submitted": "auto-replied"}
    talk.receive(new_mail("I am away.", sender=KIM, to=link(letter, "x"), subject="Out of office", headers=away))
    assert talk.statuses() == ["resolved"]


def test_a_machine_whose_matter_was_solved_is_told_nothing(talk: Conversation) -> None:
    cron = {"X-Cron-Env": "<SHELL=/bin/sh>"}
    talk.receive(new_mail("Disk is full.", sender="cron@customer.example", headers=cron))
    number = talk.settled()[-1].ticket
    assert number is not None
    talk.receive(new_mail("#resolve", sender=ANNA, to=agents_address(talk, number), subject="x"))
    assert talk.statuses() == ["resolved"]
    assert talk.letters("cron@customer.example") == []


def agents_address(talk: Conversation, number: int) -> str:
    """Anna's signed address for a ticket."""
    desk = talk.parts.desk
    return desk.signer.reply_address(desk.address, number, ANNA, Purpose.AGENT)


def test_customers_read_the_label_of_a_code_and_never_the_notes(new_talk: Talk) -> None:
    own = '[[resolution]]\ncode = "customer_error"\nlabel = { en = "settled as a courtesy" }\n'
    talk = new_talk(settings=f"{SETTINGS}\n[aftercare]\ntell_closed = true\n{own}")
    talk.receive(new_mail())
    letter = talk.letters(ANNA)[0]
    talk.receive(reply_to(letter, "#resolve customer error He spilled coffee"))
    talk.receive(reply_to(letter, "#close"))
    for told in (*posted(talk, "resolution"), *posted(talk, "closing")):
        assert "settled as a courtesy" in told.text
        assert "error" not in told.everything
        assert "coffee" not in told.everything
    assert len(written(talk, "resolution")) == len(written(talk, "closing")) == 1


# -------------------------------------------------------------------- who was never answered


def test_whoever_gets_a_ticket_is_not_reminded_of_an_answer_to_somebody_else(new_talk: Talk) -> None:
    talk = new_talk(settings=FOLLOW_UPS)
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[0], "Is your account 12 34 56?"))
    talk.receive(reply_to(talk.letters(ANNA)[0], f"#customer {LEE}"))
    for _ in range(3):
        talk.watch(3 * DAY)
    assert talk.letters(LEE) == []


def test_a_reminder_does_not_quote_what_was_answered_on_a_merged_ticket(new_talk: Talk) -> None:
    talk = new_talk(settings=FOLLOW_UPS)
    talk.receive(new_mail(sender=LEE, subject="A hinge"))
    talk.receive(reply_to(talk.letters(ANNA)[-1], "Which hinge is it?"))
    talk.receive(new_mail(subject="A secret"))
    letter = talk.letters(ANNA)[-1]
    talk.receive(reply_to(letter, "Is your account 12 34 56?"))
    talk.receive(reply_to(letter, "#merge 1 anyway"))
    assert talk.ticket(2).continued_by == 1
    talk.watch(3 * DAY)
    [reminder] = posted(talk, "follow_up", LEE)
    assert "Which hinge is it?" in reminder.text
    assert "12 34 56" not in reminder.everything


# ------------------------------------------------------------------------------- holds


def test_a_hold_for_the_customer_is_told_if_the_admin_wants_it(new_talk: Talk) -> None:
    talk = new_talk(settings=f"{SETTINGS}\n[aftercare]\ntell_of_hold = true\n")
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[0], "#hold customer: please send the serial number"))
    [letter] = posted(talk, "waiting")
    assert "please send the serial number" in letter.text


@pytest.mark.parametrize(
    "reason",
    ["the warehouse is slow again", "customer does not pay", "client's lawyer wrote", "customer-side, they say"],
)
def test_another_reason_of_a_hold_stays_inside(new_talk: Talk, reason: str) -> None:
    talk = new_talk(settings=f"{SETTINGS}\n[aftercare]\ntell_of_hold = true\n")
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[0], f"#hold {reason}"))
    assert talk.statuses() == ["on_hold"]
    assert written(talk, "waiting") == []
