"""How was it? One to five stars, by a mail to a signed address or by a reply, asked once."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from maild.store import schema
from maild.testing.conversation import SETTINGS, Conversation, Talk
from maild.testing.databases import SqliteCopies
from maild.testing.mails import delivery_report, new_mail, reply_to
from maild.testing.sink import Posted

KIM, LEE, ANNA, BEN, BOSS = (
    "kim@customer.example",
    "lee@customer.example",
    "anna@staff.example",
    "ben@staff.example",
    "boss@staff.example",
)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ASKED = f"""{SETTINGS}
[aftercare]
tell_resolved = false

[feedback]
enabled = true

[[team]]
name = "first"
agents = ["{ANNA}", "{BEN}"]
manager = "{BOSS}"

[[queue]]
name = "support"
addresses = ["support@example.com"]
team = "first"
"""


@pytest.fixture
def store_url(sqlite_copies: SqliteCopies, tmp_path: Path) -> str:
    """One sort of database is enough: `test_aftercare.py` shows that steps are the same on both."""
    return sqlite_copies.make(tmp_path)


@pytest.fixture
def talk(new_talk: Talk) -> Conversation:
    """A desk that asks."""
    return new_talk(settings=ASKED)


def closed(talk: Conversation, sender: str = KIM, *, code: str = "resolved") -> int:
    """A ticket that was answered and closed; returns its number."""
    number = talk.receive(new_mail(sender=sender, subject=f"Matter of {sender}")).ticket
    assert number is not None
    talk.receive(reply_to(talk.letters(ANNA)[-1], f"#close {code}\nDone."))
    return number


def asked(talk: Conversation, sender: str = KIM) -> Posted:
    """The same, and the customer was asked; returns that letter."""
    closed(talk, sender)
    talk.watch(HOUR)
    return written(talk, "feedback", sender)[-1]


def written(talk: Conversation, template: str, to: str = KIM) -> list[Posted]:
    """Letters of one sort to somebody, as they were sent."""
    ids = {row.message_id for row in talk.rows(schema.outbox) if (row.template, row.recipient) == (template, to)}
    return [letter for letter in talk.letters(to) if letter.message_id in ids]


def rate_address(letter: Posted, stars: int) -> str:
    """The address by which that many stars are given."""
    found = re.search(rf"mailto:(support%2Br{stars}-\d+\.[a-z2-7]+@example\.com)", letter.everything)
    assert found, letter.everything
    return unquote(found[1])


def click(letter: Posted, stars: int, words: str = "", **facts: Any) -> bytes:
    """What a mail program makes of a click on that many stars."""
    who = {"sender": str(letter.mail["To"]), **facts}
    return new_mail(words, to=rate_address(letter, stars), subject=f"{stars}/5 {letter.mail['Subject']}", **who)


def ratings(talk: Conversation, number: int = 1) -> list[int]:
    """Every rating of a ticket."""
    return [e.data["stars"] for e in talk.events(number) if e.kind == "rated"]


# ------------------------------------------------------------------------------- asking


def test_the_customer_of_a_closed_ticket_is_asked_once_and_reminded_once(talk: Conversation) -> None:
    closed(talk)
    assert written(talk, "feedback") == []
    talk.watch(HOUR)
    assert len(written(talk, "feedback")) == 1
    talk.watch(5 * DAY)
    assert len(written(talk, "feedback")) == 2
    talk.watch(60 * DAY)
    assert len(written(talk, "feedback")) == 2
    assert [e.data["count"] for e in talk.events(1) if e.kind == "asked"] == [1, 2]


def test_nobody_is_asked_unless_the_admin_wants_it(new_talk: Talk) -> None:
    talk = new_talk()
    closed(talk)
    talk.watch(30 * DAY)
    assert written(talk, "feedback") == []


def test_whoever_has_rated_is_not_reminded(talk: Conversation) -> None:
    talk.receive(click(asked(talk), 5))
    talk.watch(30 * DAY)
    assert len(written(talk, "feedback")) == 1


def test_the_automatic_closing_and_the_question_are_one_letter(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[-1], "#resolve\nDone."))
    talk.watch(7 * DAY)
    [closing] = written(talk, "closing")
    assert rate_address(closing, 5)
    talk.watch(2 * HOUR)
    assert written(talk, "feedback") == []
    talk.receive(reply_to(closing, "4"))
    assert ratings(talk) == [4]


def test_whoever_confirms_the_solution_is_asked_in_the_same_letter(new_talk: Talk) -> None:
    talk = new_talk(settings=ASKED.replace("tell_resolved = false", "confirm = true"))
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[-1], "#resolve\nDone."))
    talk.receive(reply_to(talk.letters(KIM)[-1], "Yes, thanks"))
    [closing] = written(talk, "closing")
    assert rate_address(closing, 1)
    talk.watch(2 * HOUR)
    assert written(talk, "feedback") == []


@pytest.mark.parametrize("code", ["no_answer", "duplicate", "spam"])
def test_some_endings_are_not_asked_about(talk: Conversation, code: str) -> None:
    closed(talk, code=code)
    talk.watch(30 * DAY)
    assert written(talk, "feedback") == []


def test_what_nobody_answered_is_not_rated(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[-1], "#close resolved"))
    talk.watch(30 * DAY)
    assert written(talk, "feedback") == []


def test_one_customer_is_asked_about_one_ticket_in_two_weeks(talk: Conversation) -> None:
    asked(talk)
    closed(talk)
    talk.watch(2 * HOUR)
    assert len(written(talk, "feedback")) == 1
    closed(talk, LEE)
    talk.watch(HOUR)
    assert len(written(talk, "feedback", LEE)) == 1, "somebody else is"
    talk.watch(15 * DAY)
    closed(talk)
    talk.watch(HOUR)
    assert len(written(talk, "feedback")) == 3, "with the reminder"


def test_two_tickets_of_a_customer_that_end_together_are_asked_about_once(talk: Conversation) -> None:
    closed(talk)
    closed(talk)
    talk.watch(HOUR)
    assert len(written(talk, "feedback")) == 1


def test_a_reopened_and_closed_ticket_is_not_asked_about_again(talk: Conversation) -> None:
    letter = asked(talk)
    talk.receive(reply_to(letter, "It is broken again, please have a look."))
    assert talk.statuses() == ["open"]
    talk.receive(reply_to(talk.letters(ANNA)[-1], "#close resolved\nMended."))
    talk.watch(20 * DAY)
    assert len(written(talk, "feedback")) == 1


# ------------------------------------------------------------------------------- rating


@pytest.mark.parametrize("stars", [1, 2, 3, 4, 5])
def test_a_click_rates(talk: Conversation, stars: int) -> None:
    settled = talk.receive(click(asked(talk), stars))
    assert talk.ticket(1).csat == str(stars)
    assert talk.statuses() == ["closed"], "it does not open the ticket again"
    assert settled.outcome == "reply"
    assert len(written(talk, "receipt")) == 1
    assert len(written(talk, "notification", ANNA)) == 1, "without words nobody is told"


def test_what_is_typed_with_the_click_is_kept_and_read(talk: Conversation) -> None:
    talk.receive(click(asked(talk), 4, "Anna was very patient."))
    assert "Anna was very patient." in talk.letters(ANNA)[-1].text
    assert talk.statuses() == ["closed"]


@pytest.mark.parametrize(("words", "stars"), [("5", 5), ("5/5 thanks", 5), ("★★★★", 4), ("٤", 4), ("3 von 5", 3)])
def test_a_reply_rates(talk: Conversation, words: str, stars: int) -> None:
    talk.receive(reply_to(asked(talk), words))
    assert ratings(talk) == [stars]
    assert talk.statuses() == ["closed"]


def test_a_rating_in_a_new_mail_with_the_mark_counts_while_nothing_else_was_asked(talk: Conversation) -> None:
    letter = asked(talk)
    answer_to = str(letter.mail["Reply-To"])
    talk.receive(new_mail("5", sender=KIM, to=answer_to, subject="my rating"))
    assert ratings(talk) == [5]


def test_a_number_that_answers_an_agents_question_is_no_rating(talk: Conversation) -> None:
    closed(talk)
    answer = written(talk, "answer")[-1]
    talk.watch(HOUR)
    talk.receive(reply_to(answer, "2"))
    assert ratings(talk) == []
    assert talk.statuses() == ["open"]


def test_a_number_before_anybody_asked_is_no_rating(talk: Conversation) -> None:
    closed(talk)
    talk.receive(reply_to(talk.letters(KIM)[-1], "5"))
    assert ratings(talk) == []


def test_another_reply_to_the_question_is_an_ordinary_one(talk: Conversation) -> None:
    talk.receive(reply_to(asked(talk), "2 of my machines are broken now."))
    assert ratings(talk) == []
    assert talk.statuses() == ["open"]
    assert "2 of my machines" in talk.letters(ANNA)[-1].text


def test_a_later_rating_takes_the_place_of_the_first(talk: Conversation) -> None:
    letter = asked(talk)
    talk.receive(click(letter, 3))
    talk.receive(click(letter, 5))
    assert ratings(talk) == [3, 5]
    assert talk.ticket(1).csat == "5"


def test_a_low_rating_is_told_to_the_manager_once(talk: Conversation) -> None:
    letter = asked(talk)
    talk.receive(click(letter, 1, "Nobody called back."))
    [told] = written(talk, "low_rating", BOSS)
    assert "Nobody called back." in told.text
    talk.receive(click(letter, 2, "Still."))
    assert len(written(talk, "low_rating", BOSS)) == 1
    assert "Still." in talk.letters(ANNA)[-1].text


def test_what_a_manager_says_of_a_low_rating_stays_inside(new_talk: Talk) -> None:
    """Even to the plain address, where the manager's own domain vouches for the mail."""
    passed = b"Authentication-Results: mx.example.com; dmarc=pass header.from=staff.example\r\n"
    trusting = f'{ASKED}\n[authenticity]\ntrusted_ids = ["mx.example.com"]\n'
    talk = new_talk(settings=trusting.replace(f'manager = "{BOSS}"', f'manager = "{BEN}"'))
    talk.receive(click(asked(talk), 1))
    [told] = written(talk, "low_rating", BEN)
    before = len(talk.letters(KIM))
    talk.receive(reply_to(told, "Who made such a mess of it?"))
    talk.receive(passed + reply_to(told, "Who made such a mess of it, then?"), to="support@example.com")
    assert [event.kind for event in talk.events(1)][-2:] == ["note", "note"]
    assert len(talk.letters(KIM)) == before


def test_a_good_rating_alarms_nobody(talk: Conversation) -> None:
    talk.receive(click(asked(talk), 3))
    assert written(talk, "low_rating", BOSS) == []


# ------------------------------------------------------------------------------- who may not


def test_only_whom_the_address_was_made_for_can_vote(talk: Conversation) -> None:
    letter = asked(talk)
    talk.receive(click(letter, 1, sender="eve@evil.example"))
    talk.receive(click(letter, 1, sender="colleague@customer.example"))
    assert ratings(talk) == []


@pytest.mark.parametrize("words", ["", "I give five stars to myself."])
def test_our_own_people_cannot_vote(talk: Conversation, words: str) -> None:
    letter = asked(talk)
    before = len(talk.letters(KIM))
    talk.receive(click(letter, 5, words, sender=ANNA))
    assert ratings(talk) == []
    assert len(talk.letters(KIM)) == before


def test_a_quoted_link_in_an_agents_answer_votes_for_nobody(talk: Conversation) -> None:
    letter = asked(talk)
    talk.receive(reply_to(talk.letters(ANNA)[-1], f"See you.\n\nmailto:{rate_address(letter, 5)}"))
    assert ratings(talk) == []


def test_an_automatic_reply_does_not_vote(talk: Conversation) -> None:
    letter = asked(talk)
    away = {"Auto-Submitted": "auto-replied"}
    talk.receive(reply_to(letter, "5", headers=away))
    talk.receive(click(letter, 5, headers=away))
    assert ratings(talk) == []
    assert talk.statuses() == ["closed"]


def test_a_bounce_does_not_vote_and_ends_the_reminders(talk: Conversation) -> None:
    letter = asked(talk)
    talk.receive(delivery_report(letter), envelope_from="", to=letter.sender)
    talk.watch(10 * DAY)
    assert ratings(talk) == []
    assert len(written(talk, "feedback")) == 1


def test_a_guessed_or_changed_address_does_not_vote(talk: Conversation) -> None:
    address = rate_address(asked(talk), 3).replace("+r3-", "+r5-")
    talk.receive(new_mail("", sender=KIM, to=address, subject="5/5"))
    assert ratings(talk) == []


def test_a_forged_rating_is_an_ordinary_mail(new_talk: Talk) -> None:
    talk = new_talk(settings=f'{ASKED}\n[authenticity]\ntrusted_ids = ["mx.example.com"]\n')
    failed = {"Authentication-Results": "mx.example.com; dmarc=fail header.from=customer.example"}
    talk.receive(click(asked(talk), 1, headers=failed))
    assert ratings(talk) == []


def test_a_rating_that_comes_too_late_opens_no_ticket(talk: Conversation) -> None:
    letter = asked(talk)
    talk.wait(40 * DAY)
    talk.receive(click(letter, 5))
    assert talk.statuses() == ["closed"]
    assert ratings(talk) == []
    talk.receive(click(letter, 1, "But now it is broken again."))
    assert talk.statuses() == ["closed", "new"], "words are never lost"
