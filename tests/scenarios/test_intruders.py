"""Forged agents and strangers: nobody acts in another's name, and nothing of a ticket gets out."""

import pytest

from maild.testing.conversation import Conversation
from maild.testing.mails import new_mail, reply_to

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # decisions, not storage

KIM, ANNA, BEN, EVE = "kim@customer.example", "anna@staff.example", "ben@staff.example", "eve@evil.example"
SECRET = "The code of the safe is 4711."


def ticket(talk: Conversation) -> None:
    """A ticket that holds a secret."""
    talk.receive(new_mail(SECRET, subject="Safe at Kim's"))


def test_from_alone_makes_nobody_an_agent(talk: Conversation) -> None:
    ticket(talk)
    forged = reply_to(talk.letters(KIM)[0], "#close resolved\n\nPay to account 666.", sender=f"Anna <{ANNA}>")
    for to in ("support@example.com", str(talk.letters(KIM)[0].mail["Reply-To"])):
        done = talk.receive(forged + to.encode(), to=to)
        assert (done.outcome, done.ticket) == ("reply", 1)
        assert "not acted upon" in done.why
    assert talk.statuses() == ["new"]
    assert [letter for letter in talk.letters(KIM) if "666" in letter.everything] == []


def test_one_agents_reply_address_is_worth_nothing_in_anothers_hands(talk: Conversation) -> None:
    ticket(talk)
    address = str(talk.letters(ANNA)[0].mail["Reply-To"])
    for sender in (f"Ben <{BEN}>", f"Kim <{KIM}>", f"Eve <{EVE}>"):
        talk.receive(new_mail(f"#close resolved\n\nHello from {sender}", sender=sender, to=address))
    assert "closed" not in talk.statuses()
    assert [letter for letter in talk.letters(KIM) if "Hello from" in letter.everything] == []


def test_an_altered_reply_address_is_worth_nothing(talk: Conversation) -> None:
    ticket(talk)
    local, _, domain = str(talk.letters(ANNA)[0].mail["Reply-To"]).rpartition("@")
    flipped = local[:-1] + ("a" if local[-1] != "a" else "b")
    done = talk.receive(new_mail("Pay to account 666.", sender=f"Anna <{ANNA}>", to=f"{flipped}@{domain}"))
    assert done.outcome != "command"
    assert [letter for letter in talk.letters(KIM) if "666" in letter.everything] == []


def test_a_mail_in_an_agents_name_tells_that_agent(talk: Conversation) -> None:
    ticket(talk)
    talk.receive(new_mail("#close resolved", sender=f"Anna <{ANNA}>", subject="Re: [#1]"))
    assert "in your name" in talk.letters(ANNA)[-1].text


def test_a_stranger_who_guesses_a_number_gets_a_ticket_of_their_own(talk: Conversation) -> None:
    ticket(talk)
    done = talk.receive(new_mail("What is the code?", sender=f"Eve <{EVE}>", subject="Re: [#1]"))
    assert (done.outcome, done.ticket) == ("new_ticket", 2)
    [link] = [e for e in talk.events(2) if e.kind == "linked"]
    assert link.data == {"ticket": 1, "why": "stranger"}


def test_a_stranger_who_knows_anothers_reply_address_gets_a_ticket_of_their_own(talk: Conversation) -> None:
    ticket(talk)
    letter = talk.letters(KIM)[0]
    done = talk.receive(reply_to(letter, "What is the code?", sender=f"Eve <{EVE}>"))
    assert (done.outcome, done.ticket) == ("new_ticket", 2)
    assert talk.statuses() == ["new", "new"]


def test_nothing_of_the_named_ticket_reaches_the_stranger(talk: Conversation) -> None:
    ticket(talk)
    talk.receive(new_mail("What is the code?", sender=f"Eve <{EVE}>", subject="Hello [#1]"))
    talk.receive(reply_to(talk.letters(ANNA)[-1], "Who are you?"))
    acknowledgement, answer = talk.letters(EVE)
    for letter in (acknowledgement, answer):
        for leak in ("4711", "Safe at Kim's", KIM, "+t1."):
            assert leak not in letter.everything


def test_the_agents_are_warned_of_the_stranger(talk: Conversation) -> None:
    ticket(talk)
    talk.receive(new_mail("What is the code?", sender=f"Eve <{EVE}>", subject="Re: [#1]"))
    assert f"{EVE} is not part of that one" in " ".join(talk.letters(ANNA)[-1].text.split())


def test_the_strangers_own_ticket_goes_on_by_itself(talk: Conversation) -> None:
    ticket(talk)
    talk.receive(new_mail("What is the code?", sender=f"Eve <{EVE}>", subject="Re: [#1]"))
    done = talk.receive(reply_to(talk.letters(EVE)[0], "Hello?"))
    assert (done.outcome, done.ticket) == ("reply", 2)


def test_a_command_from_a_customer_is_only_words(talk: Conversation) -> None:
    ticket(talk)
    done = talk.receive(reply_to(talk.letters(KIM)[0], "#close resolved\n#assign me"))
    assert done.outcome == "reply"
    assert talk.statuses() == ["new"]


def test_a_command_in_the_quoted_customers_words_is_not_done(talk: Conversation) -> None:
    talk.receive(new_mail("#close resolved"))
    talk.receive(reply_to(talk.letters(ANNA)[0], "What do you mean?"))
    assert talk.statuses() == ["responded"]


def test_a_header_that_a_customer_invents_steers_nothing(talk: Conversation) -> None:
    headers = {"X-Helpdesk-Status": "closed", "X-OTRS-Queue": "admin", "X-OTRS-Priority": "critical", "RT-Send-CC": EVE}
    talk.receive(new_mail("Hello"))
    talk.receive(new_mail("Hello", headers=headers, sender="Lou <lou@customer.example>"))
    plain, invented = talk.ticket(1), talk.ticket(2)
    for field in ("status", "queue", "priority", "type", "tags", "team", "assignee"):
        assert getattr(plain, field) == getattr(invented, field)
    assert talk.letters(EVE) == []


def test_a_line_break_in_a_subject_makes_no_header(talk: Conversation) -> None:
    raw = new_mail("Hello").replace(b"Subject: Broken", b"Subject: =?utf-8?q?Broken=0D=0ABcc=3A_eve=40evil=2Eexample?=")
    talk.receive(raw)
    for letter in talk.letters(KIM) + talk.letters(ANNA):
        assert letter.mail["Bcc"] is None
    assert talk.letters(EVE) == []
