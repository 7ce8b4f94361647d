"""Nobody's words reach strangers through us (RELIABILITY §11.4, A6 and A9)."""

import pytest

from maild.store import schema
from maild.testing.conversation import Conversation
from maild.testing.mails import new_mail, reply_to

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # decisions, not storage

KIM, ANNA, VICTIM = "kim@customer.example", "anna@staff.example", "victim@elsewhere.example"
SPAM = "Buy our pills at http://pills.example"


def everybody(talk: Conversation) -> set[str]:
    return {address for posted in talk.sender.posted for address in posted.recipients}


def test_of_a_thousand_copied_people_few_may_take_part_and_nobody_is_written_to(talk: Conversation) -> None:
    crowd = ", ".join(f"v{number}@elsewhere.example" for number in range(1000))
    talk.receive(new_mail(SPAM, headers={"Cc": crowd}))
    assert not [address for address in everybody(talk) if address.endswith("@elsewhere.example")]
    talk.receive(reply_to(talk.letters(ANNA)[0], "No, thank you."))
    assert not [address for address in everybody(talk) if address.endswith("@elsewhere.example")]
    assert len(talk.rows(schema.participant)) == 10


def test_an_acknowledgement_to_a_forged_victim_carries_nothing_of_the_mail_but_its_subject(talk: Conversation) -> None:
    """The subject is kept where nobody authenticates senders (docs/decisions/0004)."""
    spam = ("pills.pdf", "application/pdf", b"%PDF")
    talk.receive(new_mail(SPAM, sender=f"Pills <{VICTIM}>", subject="Hello", html=f"<b>{SPAM}</b>", files=[spam]))
    [letter] = talk.letters(VICTIM)
    assert letter.mail["Subject"] == "Hello [#1]"
    assert "pills" not in letter.everything.lower()


@pytest.mark.parametrize("header", ["Reply-To", "Sender", "Return-Path", "X-Forward-To", "Resent-To", "Errors-To"])
def test_no_header_makes_us_write_to_somebody_else(talk: Conversation, header: str) -> None:
    talk.receive(new_mail(SPAM, headers={header: VICTIM}))
    assert VICTIM not in everybody(talk)


def test_what_a_service_sends_to_us_is_shown_to_nobody_who_can_make_it_write(talk: Conversation) -> None:
    """The Ticket Trick: a service is told our address, and its code must not be readable by who told it."""
    secret = "Your code is 471100."
    headers = {"Reply-To": VICTIM, "Cc": VICTIM, "Auto-Submitted": "auto-generated"}
    talk.receive(new_mail(secret, sender="Service <no-reply@service.example>", headers=headers))
    talk.receive(new_mail("What was the code?", sender=f"V <{VICTIM}>", subject="Re: [#1]"))
    assert not [letter for letter in talk.letters(VICTIM) if "471100" in letter.everything]
