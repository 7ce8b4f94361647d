"""Internal notes: kept, told to the colleagues whom they concern, and answered inside."""

from __future__ import annotations

import pytest

from maild.ids import Purpose, read_reply_address
from maild.store import schema
from maild.testing.clients import CLIENTS, Client, gmail_web, thunderbird
from maild.testing.conversation import SETTINGS, Conversation, Talk
from maild.testing.mails import new_mail, reply_to

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # decisions, not storage

KIM, ANNA, BEN = "kim@customer.example", "anna@staff.example", "ben@staff.example"


def note_address(talk: Conversation, agent: str) -> str:
    return talk.parts.desk.signer.reply_address("support@example.com", 1, agent, Purpose.NOTE)


def kinds(talk: Conversation) -> list[str]:
    return [event.kind for event in talk.events(1)]


@pytest.mark.parametrize("client", CLIENTS.values(), ids=[*CLIENTS])
def test_a_note_is_kept_and_confirmed_and_sent_to_nobody_outside(talk: Conversation, client: Client) -> None:
    talk.receive(new_mail())
    talk.receive(client(talk.letters(ANNA)[-1], "#Note he called twice\n\nHe shouts."))
    assert "note" in kinds(talk)
    assert len(talk.letters(KIM)) == 1
    assert talk.ticket(1).status == "new"
    assert talk.rows(schema.mail)[-1].words.startswith("he called twice\nHe shouts.")
    assert "note" in talk.letters(ANNA)[-1].text


@pytest.mark.parametrize("client", CLIENTS.values(), ids=[*CLIENTS])
def test_the_second_line_of_a_comment_goes_to_nobody_outside(talk: Conversation, client: Client) -> None:
    talk.receive(new_mail())
    talk.receive(client(talk.letters(ANNA)[-1], "#comment he lies\nas ever"))
    assert len(talk.letters(KIM)) == 1


def test_what_comes_to_the_note_address_stays_inside_without_a_command(talk: Conversation) -> None:
    talk.receive(new_mail())
    letter = talk.letters(ANNA)[-1]
    talk.receive(reply_to(letter, "He shouts.", to=note_address(talk, ANNA)))
    assert "note" in kinds(talk)
    assert len(talk.letters(KIM)) == 1
    talk.receive(reply_to(letter, "#tag +loud\n\nAgain.", to=note_address(talk, ANNA)))
    assert (len(talk.letters(KIM)), talk.ticket(1).tags) == (1, "loud")


def test_a_colleagues_note_address_is_no_proof(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(new_mail("He shouts.", sender=f"Anna <{ANNA}>", to=note_address(talk, BEN)))
    assert "note" not in kinds(talk)
    assert len(talk.letters(KIM)) == 1


def test_an_answer_to_all_who_got_a_colleagues_note_is_a_note(new_talk: Talk) -> None:
    """Ben copied Anna; what proves Anna is the own domain, so her words would be an answer anywhere else."""
    talk = new_talk(settings=f'{SETTINGS}\n[authenticity]\ntrusted_ids = ["mx.example.com"]\n')
    talk.receive(new_mail(subject="Hinge"))
    passed = {"Authentication-Results": "mx.example.com; dmarc=pass header.from=staff.example"}
    to = f"ben@staff.example, {note_address(talk, BEN)}"
    raw = new_mail("He lies, you are right.", sender=f"Anna <{ANNA}>", to=to, subject="Re: Hinge [#1]", headers=passed)
    talk.receive(raw, to=note_address(talk, BEN))
    assert kinds(talk)[-1] == "note"
    assert len(talk.letters(KIM)) == 1


def test_the_assignee_hears_of_a_note_and_his_answer_to_it_is_a_note(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(gmail_web(talk.letters(ANNA)[-1], "#assign me"))
    before = len(talk.letters(BEN))
    talk.receive(gmail_web(talk.letters(BEN)[-1], "#note He shouts.", files=[("tape.wav", "audio/wav", b"x")]))
    told = talk.letters(ANNA)[-1]
    assert "He shouts." in told.text
    assert "tape.wav" in told.text
    token = read_reply_address(str(told.mail["Reply-To"]))
    assert token is not None
    assert token.purpose is Purpose.NOTE
    assert len(talk.letters(BEN)) == before + 1  # the confirmation alone
    talk.receive(thunderbird(told, "Let him shout."))
    assert len(talk.letters(KIM)) == 1
    assert "Let him shout." in talk.letters(BEN)[-1].text  # who wrote notes hears of the next ones


def test_who_may_not_read_the_ticket_any_more_hears_of_no_note(new_talk: Talk) -> None:
    talk = new_talk()
    talk.receive(new_mail())
    talk.receive(gmail_web(talk.letters(BEN)[-1], "#note He shouts."))
    elsewhere = (
        'role = "elsewhere"\n\n[[role]]\nname = "elsewhere"\npermissions = ["service.read"]\nqueues = ["parts"]\n'
    )
    queues = "".join(
        f'\n[[queue]]\nname = "{name}"\naddresses = ["{name}@example.com"]\n' for name in ("support", "parts")
    )
    later = new_talk(settings=SETTINGS + elsewhere + queues)
    later.receive(gmail_web(talk.letters(ANNA)[-1], "#note Let him shout."))
    assert later.letters(BEN) == []


@pytest.mark.parametrize("words", ["#note", "#note\n\n-- \nAnna Agent"])
def test_a_note_without_words_is_asked_for(talk: Conversation, words: str) -> None:
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[-1], words))
    assert "note" not in kinds(talk)
    assert "no words" in talk.settled()[-1].why
