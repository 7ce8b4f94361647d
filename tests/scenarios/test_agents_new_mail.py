"""Agents hand customers' mails on, and ask for themselves: who the ticket is for, and what the customer sees."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maild.mail.authenticity import Authenticity, Method, Proof
from maild.testing.conversation import SETTINGS, Conversation, Talk
from maild.testing.mails import new_mail, reply_to

# Nothing here depends on the database.
pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)

KIM, ANNA, BEN, EVE = "kim@customer.example", "anna@staff.example", "ben@staff.example", "eve@evil.example"
TRUSTING = SETTINGS + '\n[authenticity]\ntrusted_ids = ["mx.example.com"]\n'
PASS = {"Authentication-Results": "mx.example.com; dmarc=pass header.from=staff.example"}
FAIL = {"Authentication-Results": "mx.example.com; dmarc=fail (p=reject) header.from=staff.example"}
FORWARD = f"""\
Difficult one, be nice.

---------- Forwarded message ---------
From: Kim Kunde <{KIM}>
Date: Mon, 2 Mar 2026 at 08:00
Subject: My hinge
To: Anna <{ANNA}>

The hinge is bent.
"""


@pytest.fixture
def talk(new_talk: Talk) -> Conversation:
    return new_talk(settings=TRUSTING)


def from_anna(text: str, subject: str = "Fwd: My hinge", **more: object) -> bytes:
    return new_mail(text, sender=f"Anna Agent <{ANNA}>", subject=subject, **more)  # type: ignore[arg-type]


def test_a_forwarded_mail_opens_the_customers_ticket(talk: Conversation) -> None:
    done = talk.receive(from_anna(FORWARD, headers=PASS))
    assert (done.outcome, talk.ticket(1).contact, talk.ticket(1).subject) == ("new_ticket", KIM, "My hinge")
    assert talk.ticket(1).description.strip() == "The hinge is bent."
    [acknowledgement] = talk.letters(KIM)
    for secret in ("be nice", ANNA, "Anna"):
        assert secret not in acknowledgement.everything
    assert "be nice" in talk.letters(BEN)[0].text


def test_the_customers_reply_and_the_agents_answer_go_on_as_ever(talk: Conversation) -> None:
    talk.receive(from_anna(FORWARD, headers=PASS))
    assert talk.receive(reply_to(talk.letters(KIM)[0], "Thank you for taking care. When?")).ticket == 1
    talk.receive(reply_to(talk.letters(ANNA)[-1], "On Monday."))
    answer = talk.letters(KIM)[-1]
    assert "On Monday." in answer.text
    assert "be nice" not in answer.everything


@pytest.mark.parametrize(
    ("text", "headers", "why"),
    [
        (FORWARD, {}, "nothing proves"),
        (FORWARD, FAIL, "nothing proves"),
        ("See below.\n\nThe hinge is bent.", PASS, "cannot be seen"),
        (FORWARD.replace(KIM, BEN), PASS, "cannot be seen"),  # an agent is no customer
    ],
)
def test_when_it_is_not_certain_the_agent_is_asked(
    talk: Conversation, text: str, headers: dict[str, str], why: str
) -> None:
    told = talk.receive(from_anna(text, headers=headers))
    assert talk.ticket(1).contact == ANNA
    assert talk.letters(KIM) == []
    [_] = [letter for letter in talk.letters(ANNA) if "Who is the customer?" in letter.text]
    assert why in told.why


def test_the_agents_answer_names_the_customer_who_gets_the_words_below(talk: Conversation) -> None:
    talk.receive(from_anna(FORWARD))
    question = next(letter for letter in talk.letters(ANNA) if "Who is the customer?" in letter.text)
    assert f"#customer {KIM}" in question.text
    talk.receive(reply_to(question, f"#customer {KIM}\nA new hinge is on its way."))
    assert talk.ticket(1).contact == KIM
    [answer] = talk.letters(KIM)
    assert "A new hinge" in answer.text
    for secret in ("be nice", ANNA):
        assert secret not in answer.everything
    assert talk.receive(reply_to(answer, "Splendid. Which day?")).ticket == 1


def test_an_agent_who_forwards_nothing_asks_for_himself(talk: Conversation) -> None:
    talk.receive(from_anna("My chair is broken.", subject="Chair", headers=PASS))
    assert (talk.ticket(1).contact, talk.ticket(1).source) == (ANNA, "internal")
    done = talk.receive(from_anna("It was the blue one.", subject="Re: Chair", headers=PASS))
    assert (done.outcome, done.ticket) == ("reply", 1)
    assert "It was the blue one." in talk.letters(BEN)[-1].text


def test_what_an_agent_asked_for_himself_is_not_quoted_to_the_customer(talk: Conversation) -> None:
    talk.receive(from_anna("Kim phoned, what a bore. Her hinge broke.", subject="Hinge", headers=PASS))
    talk.receive(reply_to(talk.letters(BEN)[0], f"#customer {KIM}\nA new hinge is on its way."))
    [answer] = talk.letters(KIM)
    assert "A new hinge" in answer.text
    for secret in ("bore", ANNA, "staff.example"):
        assert secret not in answer.raw.decode()


def test_a_new_customer_belongs_to_the_ticket_however_many_were_copied(talk: Conversation) -> None:
    talk.receive(new_mail(sender=EVE, headers={"Cc": ", ".join(f"p{i}@evil.example" for i in range(15))}))
    talk.receive(reply_to(talk.letters(ANNA)[0], f"#customer {KIM}\nA new hinge is on its way."))
    assert talk.receive(reply_to(talk.letters(KIM)[0], "Which day?")).ticket == 1


def test_nobody_makes_us_our_own_customer(talk: Conversation) -> None:
    talk.receive(new_mail())
    done = talk.receive(reply_to(talk.letters(ANNA)[0], "#customer Support+x@example.com\nOn its way."))
    assert (done.outcome, talk.ticket(1).contact) == ("command", KIM)
    assert "an address of ours" in talk.letters(ANNA)[-1].text


def test_a_stranger_cannot_open_tickets_in_anothers_name(talk: Conversation) -> None:
    talk.receive(new_mail(FORWARD, sender=EVE, subject="Fwd: My hinge"))
    assert talk.ticket(1).contact == EVE
    assert talk.letters(KIM) == []


def test_a_web_form_makes_nobody_an_agent(new_talk: Talk) -> None:
    talk = new_talk(settings=TRUSTING + '\n[mail]\ntrusted_forms = ["www@staff.example"]\n')
    talk.receive(new_mail(sender=f"Kim <{KIM}>"))
    done = talk.receive(
        new_mail("#close resolved", sender="www@staff.example", subject="[#1]", headers={**PASS, "Reply-To": ANNA})
    )
    assert talk.statuses()[0] == "new"
    assert done.outcome != "command"


def test_our_own_check_of_a_web_form_makes_nobody_an_agent_either(new_talk: Talk) -> None:
    talk = new_talk(settings=SETTINGS + '\n[mail]\ntrusted_forms = ["www@staff.example"]\n')
    vouched = Authenticity(result=Proof.PASS, domain="staff.example", method=Method.DKIM, exact=True)
    talk.parts.ingest = replace(talk.parts.ingest, check=lambda rows: [vouched for _ in rows])
    talk.receive(new_mail(sender=f"Kim <{KIM}>"))
    form = new_mail("#close resolved", sender="www@staff.example", subject="[#1]", headers={"Reply-To": ANNA})
    assert talk.receive(form).outcome != "command"
    assert talk.statuses()[0] == "new"


def test_who_forges_a_web_form_is_not_answered_and_agents_are_warned(new_talk: Talk) -> None:
    talk = new_talk(settings=TRUSTING + '\n[mail]\ntrusted_forms = ["www@staff.example"]\n')
    talk.receive(new_mail(sender="www@staff.example", headers={**FAIL, "Reply-To": KIM}))
    assert talk.letters(KIM) == []
    assert "may be forged" in talk.letters(ANNA)[0].text


# ---------------------------------------------------------------------------- on a ticket, proved by a pass


def test_a_proved_agent_acts_from_any_mail_of_the_ticket(talk: Conversation) -> None:
    talk.receive(new_mail())
    done = talk.receive(from_anna("#assign me\nWe look at it.", subject="[#1]", headers=PASS))
    assert (done.outcome, talk.ticket(1).assignee) == ("reply", ANNA)
    assert "We look at it." in talk.letters(KIM)[-1].text


def test_what_the_agent_sent_to_the_customer_himself_is_not_sent_again(talk: Conversation) -> None:
    talk.receive(new_mail())
    before = len(talk.letters(KIM))
    headers = {**PASS, "Cc": "support@example.com"}
    done = talk.receive(from_anna("We look at it.", subject="Re: Broken [#1]", to=KIM, headers=headers))
    assert (done.ticket, len(talk.letters(KIM))) == (1, before)
    assert talk.statuses() == ["responded"]


def test_an_agent_who_shows_a_customer_the_signed_address_is_told(talk: Conversation) -> None:
    talk.receive(new_mail())
    talk.receive(reply_to(talk.letters(ANNA)[0], "We look at it.", sender=ANNA, headers={"Cc": KIM}))
    assert "knows now where agents' answers go" in " ".join(talk.letters(ANNA)[-1].text.split())


@pytest.mark.parametrize("headers", [FAIL, {}])
def test_an_unproved_agent_does_not(talk: Conversation, headers: dict[str, str]) -> None:
    talk.receive(new_mail())
    done = talk.receive(from_anna("#close resolved\nPay to account 666.", subject="[#1]", headers=headers))
    assert "not acted upon" in done.why or done.ticket == 2
    assert talk.statuses()[0] == "new"
    assert [letter for letter in talk.letters(KIM) if "666" in letter.everything] == []


def test_a_forged_agent_with_a_stolen_reply_address_does_not_act_either(talk: Conversation) -> None:
    talk.receive(new_mail())
    done = talk.receive(reply_to(talk.letters(ANNA)[0], "#close resolved", sender=ANNA, headers=FAIL))
    assert (done.ticket, talk.statuses()) == (1, ["new"])
    assert "not acted upon" in done.why


# ---------------------------------------------------------------------------- customers


def test_only_a_customer_whom_the_own_domain_vouches_for_is_greeted_by_name(talk: Conversation) -> None:
    vouched = {"Authentication-Results": "mx.example.com; dmarc=pass header.from=customer.example"}
    talk.receive(new_mail(subject="Buy pills at evil.example", sender=f"Buy pills <{KIM}>"))
    talk.receive(new_mail("Other words.", subject="Hinge", headers=vouched))
    unknown, known = talk.letters(KIM)
    assert "pills" not in unknown.text
    assert "Kim Kunde" in known.text
