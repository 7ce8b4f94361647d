"""What an agent hears when a mail cannot be done as it is: why, what would be right, and the words back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from maild.testing.clients import CLIENTS, Client, gmail_web, thunderbird
from maild.testing.conversation import SETTINGS, Conversation, Talk
from maild.testing.mails import new_mail, reply_to
from maild.testing.outlook import outlook_desktop
from maild.testing.sink import Posted

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # decisions, not storage

KIM, LEE, ANNA, BEN = "kim@customer.example", "lee@other.example", "anna@staff.example", "ben@staff.example"
PRIVATE = "anna.at.home@mail.example"
HOUR = timedelta(hours=1)
each_client = pytest.mark.parametrize("client", CLIENTS.values(), ids=[*CLIENTS])


def notification(talk: Conversation, agent: str = ANNA) -> Posted:
    """The newest letter to an agent."""
    return talk.letters(agent)[-1]


def opened(talk: Conversation) -> Posted:
    """A customer's mail; the letter that tells Anna of it."""
    talk.receive(new_mail("The belt is torn."))
    return notification(talk)


def nothing_happened(talk: Conversation) -> bool:
    """The customer has only the acknowledgement, and the ticket is as new."""
    return len(talk.letters(KIM)) == 1 and talk.ticket(1).status == "new"


# ------------------------------------------------------------------------ wrong words


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("#hodl parts\n\nWe wait, Kim.", "#hold"),
        ("#priority hihg\n\nWe wait, Kim.", "high"),
        ("#hold parts\n#assign Bem\n\nWe wait, Kim.", "Ben Agent"),
        ("We wait, Kim.\n\n#status resolvd", "resolved"),
        ("Hello Kim,\n\n#hold he never pays\n\nWe wait, Kim.", "middle"),
    ],
)
def test_a_mistake_undoes_all_and_brings_the_words_back(talk: Conversation, words: str, says: str) -> None:
    talk.receive(gmail_web(opened(talk), words))
    told = notification(talk)
    assert nothing_happened(talk)
    assert says in told.text
    assert "We wait, Kim." in told.text


def test_help_lists_the_commands_and_does_nothing_else(talk: Conversation) -> None:
    talk.receive(outlook_desktop(opened(talk), "#help\n#hold parts\n\nWe wait, Kim."))
    told = notification(talk)
    assert nothing_happened(talk)
    for form in ("#hold REASON", "#escalate blocker=", "#note"):
        assert form in told.text
    assert "We wait, Kim." in told.text


def test_a_long_line_that_gmail_broke_is_one_command(talk: Conversation) -> None:
    reason = "the customer looks for the serial number of the pump and for a photograph of its plate"
    talk.receive(gmail_web(opened(talk), f"#hold {reason}\nWe wait, Kim."))
    assert talk.ticket(1).hold_reason == reason
    assert "photograph" not in talk.letters(KIM)[-1].everything


def test_a_long_line_that_was_broken_in_text_alone_is_asked_about(talk: Conversation) -> None:
    reason = "#hold the customer looks for the serial number of the pump and for a\nphotograph of its plate"
    talk.receive(reply_to(opened(talk), f"{reason}\n\nWe wait, Kim."))
    assert nothing_happened(talk)
    assert "photograph of its plate" in notification(talk).text


# ------------------------------------------------------------------------ no words


@each_client
def test_an_answer_that_is_only_a_quote_sends_nothing(talk: Conversation, client: Client) -> None:
    letter = opened(talk)
    talk.receive(client(letter, ""))
    assert nothing_happened(talk)
    assert notification(talk).mail["In-Reply-To"] != letter.mail["In-Reply-To"]
    assert "no words" in talk.settled()[-1].why


@each_client
def test_an_answer_that_is_only_a_signature_sends_nothing(talk: Conversation, client: Client) -> None:
    talk.receive(client(opened(talk), "", signature="Kind regards\nAnna Agent\nExample Ltd"))
    assert nothing_happened(talk)
    assert "no words" in talk.settled()[-1].why


@each_client
def test_files_alone_are_an_answer(talk: Conversation, client: Client) -> None:
    letter = opened(talk)
    talk.receive(client(letter, "", files=[("manual.pdf", "application/pdf", b"%PDF")]))
    assert "manual.pdf" in talk.letters(KIM)[-1].everything
    assert "##-" not in talk.letters(KIM)[-1].text.partition("-##")[2]


@each_client
def test_commands_work_above_a_signature_and_it_is_no_answer(talk: Conversation, client: Client) -> None:
    talk.receive(client(opened(talk), "#hold parts", signature="Kind regards\nAnna Agent\nExample Ltd"))
    assert talk.ticket(1).hold_reason == "parts"
    assert len(talk.letters(KIM)) == 1


@each_client
def test_commands_at_the_bottom_work_above_a_signature_that_is_sent(talk: Conversation, client: Client) -> None:
    words = "We wait, Kim.\n\n#hold parts"
    talk.receive(client(opened(talk), words, signature="Kind regards\nAnna Agent\nExample Ltd, Pump Street"))
    answer = talk.letters(KIM)[-1]
    assert talk.ticket(1).hold_reason == "parts"
    assert "We wait, Kim." in answer.text
    assert ("Pump Street" in answer.text) is (client is not thunderbird)  # which puts it below the quote
    assert "#hold" not in answer.everything


@each_client
def test_commands_work_below_what_the_agent_signs_with(talk: Conversation, client: Client) -> None:
    talk.receive(client(opened(talk), "We wait, Kim.\n\nKind regards\nAnna\n\n#hold parts"))
    answer = talk.letters(KIM)[-1]
    assert talk.ticket(1).hold_reason == "parts"
    assert "Kind regards Anna" in " ".join(answer.text.split())
    assert "#hold" not in answer.everything


def test_a_command_between_a_closing_and_a_name_is_not_sent(talk: Conversation) -> None:
    talk.receive(gmail_web(opened(talk), "We wait, Kim.\n\nKind regards\n#hold he never pays\nAnna"))
    assert nothing_happened(talk)
    assert "middle" in notification(talk).text


# ------------------------------------------------------------------------ files


def test_a_file_that_is_too_large_sends_nothing_and_brings_the_words_back(talk: Conversation) -> None:
    big = ("film.mp4", "video/mp4", b"x" * (16 << 20))
    talk.receive(reply_to(opened(talk), "See the film, Kim.", files=[big]))
    told = notification(talk)
    assert nothing_happened(talk)
    assert "film.mp4" in told.text
    assert "16.0 MiB" in told.text
    assert "See the film, Kim." in told.text


# ------------------------------------------------------------------------ changed meanwhile


def test_an_answer_goes_out_though_a_colleague_has_answered_and_the_agent_is_told(talk: Conversation) -> None:
    letter = opened(talk)
    bens = notification(talk, BEN)
    talk.wait(HOUR)
    talk.receive(thunderbird(bens, "A new one is on its way."))
    talk.wait(HOUR)
    talk.receive(thunderbird(letter, "We look for a new one."))
    assert "We look for a new one." in talk.letters(KIM)[-1].text
    assert "Ben Agent answered the customer (2026-03-02 10:00)" in notification(talk).text


def test_a_command_against_what_a_colleague_did_is_refused_until_it_is_insisted_on(talk: Conversation) -> None:
    letter = opened(talk)
    talk.wait(HOUR)
    talk.receive(thunderbird(notification(talk, BEN), "#hold parts"))
    talk.wait(HOUR)
    talk.receive(thunderbird(letter, "#resolve resolved\n\nIt is done, Kim."))
    told = notification(talk)
    assert talk.ticket(1).status == "on_hold"
    assert len(talk.letters(KIM)) == 1
    assert "Ben Agent set the status to on hold (2026-03-02 10:00)" in told.text
    assert "It is done, Kim." in told.text
    talk.wait(HOUR)
    talk.receive(thunderbird(told, "#resolve resolved\n\nIt is done, Kim."))
    assert talk.ticket(1).status == "resolved"
    assert "It is done, Kim." in talk.letters(KIM)[1].text


def test_an_agent_may_go_on_with_his_own_changes(talk: Conversation) -> None:
    letter = opened(talk)
    talk.wait(HOUR)
    talk.receive(thunderbird(letter, "#hold parts"))
    talk.wait(HOUR)
    talk.receive(thunderbird(letter, "#resolve resolved"))
    assert talk.ticket(1).status == "resolved"


def test_a_ticket_is_not_ended_over_a_mail_that_the_agent_has_not_seen(talk: Conversation) -> None:
    letter = opened(talk)
    talk.wait(HOUR)
    talk.receive(reply_to(talk.letters(KIM)[0], "Now it burns!"))
    talk.wait(HOUR)
    talk.receive(gmail_web(letter, "#close resolved"))
    assert talk.ticket(1).status != "closed"
    assert "10:00" in notification(talk).text


def test_who_took_a_ticket_keeps_it(talk: Conversation) -> None:
    letter = opened(talk)
    talk.wait(HOUR)
    talk.receive(gmail_web(notification(talk, BEN), "#assign me"))
    talk.wait(HOUR)
    talk.receive(gmail_web(letter, "#assign me"))
    assert talk.ticket(1).assignee == BEN
    assert "set the assignee to ben@staff.example" in notification(talk).text


def test_an_answer_to_somebody_else_than_the_letter_showed_is_not_sent(talk: Conversation) -> None:
    letter = opened(talk)
    talk.wait(HOUR)
    talk.receive(gmail_web(notification(talk, BEN), f"#customer {LEE}"))
    talk.wait(HOUR)
    talk.receive(gmail_web(letter, "Your code is 1234."))
    assert "1234" not in "".join(p.everything for p in (*talk.letters(KIM), *talk.letters(LEE)))
    assert LEE in notification(talk).text
    talk.receive(gmail_web(notification(talk), "Your code is 1234."))
    assert "1234" in talk.letters(LEE)[-1].text


def test_an_answer_on_a_closed_ticket_goes_out_and_the_ticket_stays_closed(talk: Conversation) -> None:
    letter = opened(talk)
    talk.receive(gmail_web(letter, "#close resolved"))
    before = len(talk.letters(KIM))
    talk.receive(gmail_web(letter, "One word more."))
    assert "One word more." in "".join(p.text for p in talk.letters(KIM)[before:])
    assert talk.ticket(1).status == "closed"
    assert "#reopen" in notification(talk).text


# ------------------------------------------------------------------------ who wrote it


def test_from_a_private_address_nothing_is_done_and_the_agent_is_told_where_we_know_him(talk: Conversation) -> None:
    letter = opened(talk)
    before = len(talk.letters(ANNA))
    settled = talk.receive(gmail_web(letter, "#close resolved\n\nIt is done, Kim.", sender=f"Anna <{PRIVATE}>"))
    assert nothing_happened(talk)
    assert talk.letters(PRIVATE) == []
    assert settled.ticket == 1
    (told,) = talk.letters(ANNA)[before:]
    assert PRIVATE in told.text
    assert "It is done, Kim." in told.text
    talk.receive(reply_to(talk.letters(KIM)[0], "Any news?"))
    assert all("It is done" not in p.everything for p in talk.letters(KIM))
    assert "It is done" not in notification(talk, BEN).everything


def test_a_stranger_who_guesses_an_address_opens_a_ticket(talk: Conversation) -> None:
    opened(talk)
    talk.receive(new_mail("#close x", sender=f"Eve <{PRIVATE}>", to="support+a1.aaaaaaaaaaaaaaaa@example.com"))
    assert [talk.settled()[-1].ticket, *talk.statuses()] == [2, "new", "new"]


def test_a_customer_whom_the_agent_copied_is_still_the_customer(talk: Conversation) -> None:
    letter = opened(talk)
    settled = talk.receive(reply_to(letter, "I am Kim.", sender=f"Kim <{KIM}>"))
    assert (settled.ticket, talk.ticket(1).status) == (1, "new")
    assert "I am Kim." in notification(talk).text


def test_a_forged_agent_does_nothing_and_the_real_one_is_told(talk: Conversation) -> None:
    opened(talk)
    forged = new_mail("#close resolved\n\nPay to account 666.", sender=f"Anna <{ANNA}>", subject="Re: [#1]")
    talk.receive(forged)
    assert nothing_happened(talk)
    assert "Pay to account 666." in notification(talk).text
    assert "666" not in notification(talk, BEN).everything


def test_an_agents_auto_reply_is_never_done(talk: Conversation) -> None:
    letter = opened(talk)
    talk.receive(reply_to(letter, "#close resolved", headers={"Auto-Submitted": "auto-replied"}))
    assert nothing_happened(talk)


BUYER = f'{SETTINGS}role = "buyer"\n'


def test_who_may_not_is_told_who_may_and_gets_the_words_back(new_talk: Talk) -> None:
    talk = new_talk(settings=BUYER)
    opened(talk)
    talk.receive(gmail_web(notification(talk, BEN), "#close resolved\n\nIt is done, Kim."))
    assert nothing_happened(talk)
    assert "Anna Agent" in notification(talk, BEN).text or ANNA in notification(talk, BEN).text
    assert "It is done, Kim." in notification(talk, BEN).text
