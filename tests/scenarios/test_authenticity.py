"""What a verdict on a mail's origin changes: who is answered, what agents are told, what is written down."""

import pytest

from maild.testing.conversation import SETTINGS, Conversation, Talk
from maild.testing.mails import new_mail, reply_to

KIM, ANNA = "kim@customer.example", "anna@staff.example"
TRUSTING = SETTINGS + '\n[authenticity]\ntrusted_ids = ["mx.desk.example"]\n'
REJECTED = "dkim=none; dmarc=fail (p=reject) header.from=customer.example"


def checked(results: str, raw: bytes = b"") -> bytes:
    """A mail as our own mail system hands it on."""
    return f"Authentication-Results: mx.desk.example; {results}\r\n".encode() + (raw or new_mail())


@pytest.fixture
def talk(new_talk: Talk) -> Conversation:
    return new_talk(settings=TRUSTING)


def test_a_mail_whose_domain_disowns_it_is_taken_in_but_not_acknowledged(talk: Conversation) -> None:
    settled = talk.receive(checked(REJECTED))
    assert settled.outcome == "new_ticket"
    assert talk.letters(KIM) == []
    assert (
        "not acknowledged: the sender's address may be forged"
        " (mx.desk.example: dmarc=fail, and the domain's policy is reject)" in settled.why
    )
    assert "The sender's address may be forged: mx.desk.example: dmarc=fail" in talk.letters(ANNA)[0].text


def test_a_domain_that_only_watches_does_not_cost_its_people_the_answer(talk: Conversation) -> None:
    talk.receive(checked("dmarc=fail (p=none) header.from=customer.example"))
    assert len(talk.letters(KIM)) == 1
    assert "may be forged" in talk.letters(ANNA)[0].text


def test_a_reply_that_may_be_forged_warns_the_agents_as_well(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(checked(REJECTED, reply_to(talk.letters(KIM)[0], "Send it to my new address.")))
    assert "may be forged" in talk.letters(ANNA)[-1].text
    assert "may be forged" not in talk.letters(ANNA)[0].text


def test_a_mail_that_proves_its_origin_is_answered_without_a_word_about_it(talk: Conversation) -> None:
    settled = talk.receive(checked("dkim=pass header.d=customer.example"))
    assert "authenticity pass: mx.desk.example: dkim=pass for customer.example" in settled.why
    assert len(talk.letters(KIM)) == 1
    assert "forged" not in talk.letters(ANNA)[0].text


def test_a_forged_field_below_ours_is_not_read(talk: Conversation) -> None:
    forged = checked("dkim=pass header.d=customer.example; dmarc=pass header.from=customer.example")
    settled = talk.receive(checked(REJECTED, forged))
    assert talk.letters(KIM) == []
    assert "authenticity fail: " in settled.why


def test_without_a_trusted_mail_system_nothing_changes_and_nothing_is_said(new_talk: Talk) -> None:
    talk = new_talk()
    settled = talk.receive(checked(REJECTED))
    assert len(talk.letters(KIM)) == 1
    assert "authenticity" not in settled.why
