"""Addresses that mail does not reach: marked after three hard bounces, shown, and tried again after a while."""

from datetime import timedelta

import pytest

from maild.app.ports import Delivery
from maild.store import schema
from maild.testing.conversation import SETTINGS, Conversation, Talk
from maild.testing.mails import delivery_report, new_mail, reply_to
from maild.testing.sink import Posted

KIM, ANNA, BEN, ROOT = "kim@customer.example", "anna@staff.example", "ben@staff.example", "root@example.com"
DAY = timedelta(days=1)


def bounce(talk: Conversation, letter: Posted, *, action: str = "failed", status: str = "5.1.1") -> None:
    talk.receive(delivery_report(letter, action=action, status=status), to=letter.sender, envelope_from="")


def write(talk: Conversation, text: str, sender: str = KIM) -> str:
    """A new mail of a customer; the reasons of what was done about it."""
    return talk.receive(new_mail(text, sender=sender)).why


def three_bounces(talk: Conversation, *, action: str = "failed", status: str = "5.1.1") -> None:
    """Three mails of a forger in Kim's name, and what became of the acknowledgements, a day later each."""
    letters = []
    for number in range(3):
        write(talk, f"Mail {number}")
        letters.append(talk.letters(KIM)[-1])
    for letter in letters:
        talk.wait(DAY)
        bounce(talk, letter, action=action, status=status)


def notes(talk: Conversation) -> list[str]:
    return [row.said for row in talk.rows(schema.hard_bounce)]


def answer_on(talk: Conversation, ticket: int, words: str) -> None:
    """Anna answers on a ticket, with the clock where it is."""
    letter = next(p for p in reversed(talk.letters(ANNA)) if f"[#{ticket}]" in str(p.mail["Subject"]))
    talk.receive(reply_to(letter, words))


def test_an_agent_who_answers_a_marked_address_is_warned_and_the_answer_is_tried(talk: Conversation) -> None:
    three_bounces(talk)
    answer_on(talk, 1, "We are on it.")
    assert "We are on it." in talk.letters(KIM)[-1].text
    warned = talk.letters(ANNA)[-1].text
    assert f"your answer is tried, but mail to {KIM} came back 3 times" in warned
    assert "until 2026-04-04" in warned
    assert "no such user" in warned


def test_an_answer_that_comes_back_tells_the_agent_of_the_mark_as_well(talk: Conversation) -> None:
    three_bounces(talk)
    answer_on(talk, 1, "We are on it.")
    bounce(talk, talk.letters(KIM)[-1])
    told = talk.letters(ANNA)[-1].text
    assert "did not reach" in told
    assert f"Careful: mail to {KIM} came back 4 times" in told


def test_another_participants_mail_warns_the_agents_of_the_contact(talk: Conversation) -> None:
    talk.receive(new_mail("Mail", to="support@example.com, lee@customer.example"))
    three_bounces(talk)
    lee = "Lee <lee@customer.example>"
    talk.receive(new_mail("Any news?", sender=lee, subject="Re: Broken [#1]"))
    assert f"mail to {KIM} came back 3 times" in talk.letters(ANNA)[-1].text


def test_a_mail_that_a_person_writes_from_the_address_ends_the_mark(talk: Conversation) -> None:
    three_bounces(talk)
    assert len(notes(talk)) == 3
    assert "acknowledged: a person wrote to us" in write(talk, "I am back.")
    assert notes(talk) == []


def test_automatic_letters_to_a_marked_address_are_not_written_until_the_mark_ends(talk: Conversation) -> None:
    for number in range(3):
        talk.receive(new_mail(f"More {number}", sender="lee@customer.example"))
        bounce(talk, talk.letters(ANNA)[-1])
    before = len(talk.letters(ANNA))
    why = write(talk, "Hello")
    assert f"{ANNA} is not told of it now: mail to {ANNA} came back 3 times" in why
    assert len(talk.letters(ANNA)) == before
    assert talk.letters(BEN)[-1].text.count("Hello") == 1
    talk.wait(31 * DAY)
    write(talk, "Hello again")
    assert "Hello again" in talk.letters(ANNA)[-1].text


def test_what_a_marked_agent_was_not_told_comes_in_a_digest_afterwards(talk: Conversation) -> None:
    for number in range(3):
        write(talk, f"Mail {number}")
        bounce(talk, talk.letters(ANNA)[-1])
    write(talk, "Hello")
    before = len(talk.letters(ANNA))
    for _ in range(32):
        talk.wait(DAY)
        talk.parts.sweep.run()
        talk.work()
    [digest] = talk.letters(ANNA)[before:]
    assert "too many at once: 1\r\n" in digest.text
    assert "[#4] Broken" in digest.text
    assert "support+a4." in digest.text
    talk.receive(new_mail("From the digest.", sender=ANNA, to=digest.text.split("write to ")[1].split()[0]))
    assert "From the digest." in talk.letters(KIM)[-1].text


def test_the_others_are_alerted_of_an_agent_whom_mail_does_not_reach(talk: Conversation) -> None:
    for number in range(4):
        write(talk, f"Mail {number}")
    for letter in talk.letters(ANNA):
        bounce(talk, letter)
    [alert] = talk.letters(ROOT)
    assert alert.mail["Subject"] == f"[maild] Mail does not reach {ANNA}"
    assert f"maild addresses clear {ANNA}" in alert.text


@pytest.mark.parametrize(
    ("action", "status"),
    [
        pytest.param("delayed", "4.4.1", id="temporary"),
        pytest.param("failed", "5.7.1", id="about us"),
        pytest.param("failed", "5.3.4", id="about the letter"),
    ],
)
def test_failures_that_do_not_blame_the_address_mark_nothing(talk: Conversation, action: str, status: str) -> None:
    three_bounces(talk, action=action, status=status)
    assert notes(talk) == []


def test_two_reports_of_one_letter_count_once(talk: Conversation) -> None:
    write(talk, "Mail")
    for _ in range(3):
        bounce(talk, talk.letters(KIM)[0])
    assert len(notes(talk)) == 1


def test_the_relays_refusal_of_an_address_counts_like_a_bounce(talk: Conversation) -> None:
    refused = Delivery(sent=False, answer="550 5.1.1 no such user")
    talk.sender.answer = lambda letter: refused if letter.envelope_to == (BEN,) else None
    for number in range(4):
        write(talk, f"Mail {number}")
    assert notes(talk) == ["550 5.1.1 no such user"] * 3
    assert f"{BEN} is not told of it now" in talk.settled()[-1].why
    subjects = [str(p.mail["Subject"]) for p in talk.letters(ROOT)]
    assert subjects.count(f"[maild] Mail does not reach {BEN}") == 1


def test_a_relay_that_is_not_ours_to_use_marks_nobody(talk: Conversation) -> None:
    talk.sender.answer = lambda _letter: Delivery(sent=False, answer="550 5.7.1 relaying denied")
    for number in range(4):
        write(talk, f"Mail {number}")
    assert notes(talk) == []


def test_a_letter_that_was_given_up_after_many_tries_marks_nothing(talk: Conversation) -> None:
    talk.sender.answer = lambda _letter: Delivery(sent=False, temporary=True, answer="450 try later")
    write(talk, "Mail")
    while any(row.state == "waiting" for row in talk.rows(schema.outbox)):
        talk.wait(timedelta(hours=2))
        talk.work()
    assert {row.state for row in talk.rows(schema.outbox)} == {"failed"}
    assert notes(talk) == []


def test_bounces_and_counts_are_forgotten_when_they_mean_nothing_any_more(talk: Conversation) -> None:
    write(talk, "Mail")
    bounce(talk, talk.letters(KIM)[0])
    talk.wait(2 * DAY)
    talk.parts.sweep.run()
    assert talk.rows(schema.lately) == []
    assert len(notes(talk)) == 1
    talk.wait(60 * DAY)
    talk.parts.sweep.run()
    assert notes(talk) == []


def test_how_often_and_how_long_stands_in_the_configuration(new_talk: Talk) -> None:
    talk = new_talk(settings=f'{SETTINGS}\n[letters]\nbounces = 1\nbounced_for = "2d"\n')
    write(talk, "Mail")
    bounce(talk, talk.letters(ANNA)[0])
    assert f"{ANNA} is not told of it now" in write(talk, "Another")
    talk.wait(2 * DAY)
    assert ANNA not in write(talk, "And another")
