"""Whose turn it is: what answers, commands and reports do to a ticket. Each was once wrong."""

from maild.store.quarantine import Handling, leave_quarantine
from maild.testing.conversation import Conversation
from maild.testing.mails import new_mail, reply_to

KIM, ANNA, BEN = "kim@customer.example", "anna@staff.example", "ben@staff.example"


def test_an_answer_that_also_sets_a_field_still_makes_it_the_customers_turn(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[0], "#assign me\n\nWe are on it."))
    assert (talk.ticket(1).status, talk.ticket(1).assignee) == ("responded", ANNA)


def test_an_answer_to_a_ticket_without_an_address_is_refused_and_comes_back(talk: Conversation) -> None:
    nobody = new_mail("Who am I?").replace(b"From: Kim Kunde <kim@customer.example>\r\n", b"")
    assert talk.receive(nobody, envelope_from="someone@customer.example").outcome == "new_ticket"
    done = talk.receive(reply_to(talk.letters(ANNA)[0], "You are nobody."))
    assert done.outcome == "command"
    assert talk.ticket(1).responded_at is None
    assert "no customer's address" in talk.letters(ANNA)[-1].text
    assert "You are nobody." in talk.letters(ANNA)[-1].text


def test_a_person_who_answers_the_reverse_path_is_heard(talk: Conversation) -> None:
    talk.receive(new_mail())
    done = talk.receive(new_mail("Please hurry.", to=talk.letters(KIM)[0].sender))
    assert (done.outcome, done.ticket) == ("reply", 1)
    assert "Please hurry." in talk.letters(ANNA)[-1].text


def test_an_out_of_office_to_the_reverse_path_is_no_bounce(talk: Conversation) -> None:
    talk.receive(new_mail())
    away = new_mail("I am away.", to=talk.letters(KIM)[0].sender, headers={"Auto-Submitted": "auto-replied"})
    done = talk.receive(away, envelope_from="")
    assert (done.outcome, done.ticket) == ("automatic", 1)


def test_an_agent_who_is_the_customer_of_a_ticket_answers_as_the_customer(talk: Conversation) -> None:
    talk.receive(new_mail("My own screen is broken.", sender=f"Anna <{ANNA}>"))
    talk.receive(reply_to([p for p in talk.letters(BEN) if "Reply-To" in p.mail][-1], "Which one?"))
    letter = [p for p in talk.letters(ANNA) if "Which one?" in p.text][-1]
    done = talk.receive(reply_to(letter, "The left one."))
    assert (done.outcome, talk.ticket(1).status) == ("reply", "open")
    assert "The left one." in talk.letters(BEN)[-1].text


def test_a_copy_of_a_replayed_mail_is_a_duplicate(talk: Conversation) -> None:
    raw = new_mail(headers={f"X-{n}": "x" for n in range(2000)})
    assert talk.receive(raw).state == "quarantined"
    leave_quarantine(talk.database, [1], Handling.REPLAY, talk.now)
    talk.work()
    talk.receive(raw)
    assert [done.outcome for done in talk.settled()] == ["new_ticket", "duplicate"]
