"""What a verdict on a mail's origin changes: who is answered, what agents are told, what is written down."""

from threading import Barrier
from typing import Any

import pytest

from maild.app.arrival import Door
from maild.authentication.check import Check
from maild.intake.smtp_trace import received_line
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


# ---------------------------------------------------------------------------- our own check

ALONE = SETTINGS + '\n[authenticity]\ncheck_here = true\ntrusted_ids = ["mx.desk.example"]\n'
RECORDS = {
    ("customer.example", "TXT"): [b"v=spf1 ip4:192.0.2.0/24 -all"],
    ("_dmarc.customer.example", "TXT"): [b"v=DMARC1; p=reject"],
}


def at_the_edge(ip: str, talk: Conversation, raw: bytes = b"") -> bytes:
    """A mail as our receiver stores it when the world talks to it."""
    line = received_line(helo="mail", ip=ip, hostname="desk", protocol="ESMTP", recipients=(), now=talk.now)
    return line + (raw or new_mail())


@pytest.fixture
def alone(new_talk: Talk, monkeypatch: pytest.MonkeyPatch) -> Conversation:
    def resolve(name: str, kind: str, _seconds: float) -> list[Any]:
        return list(RECORDS.get((name, kind), []))

    monkeypatch.setattr("maild.bootstrap.parts.Check", lambda: Check(resolve))
    return new_talk(settings=ALONE)


def test_at_the_edge_the_mail_is_checked_here(alone: Conversation) -> None:
    settled = alone.receive(at_the_edge("192.0.2.7", alone))
    assert "authenticity pass: checked here: dmarc=pass for customer.example, by SPF alone" in settled.why
    assert len(alone.letters(KIM)) == 1

    forged = alone.receive(at_the_edge("198.51.100.7", alone))
    assert "authenticity fail: checked here: dmarc=fail, and the domain's policy is reject" in forged.why
    assert len(alone.letters(KIM)) == 1


def test_at_the_edge_nobody_elses_word_counts(alone: Conversation) -> None:
    forged = at_the_edge("198.51.100.7", alone, checked("dkim=pass header.d=customer.example"))
    assert "authenticity fail: checked here" in alone.receive(forged).why


@pytest.mark.parametrize("door", [Door.LMTP, Door.IMAP, Door.PIPE])
def test_what_others_took_in_for_us_they_have_checked(alone: Conversation, door: Door) -> None:
    settled = alone.receive(checked("dkim=pass header.d=customer.example"), door=door)
    assert "authenticity pass: mx.desk.example: dkim=pass for customer.example" in settled.why


def test_a_group_waits_for_dns_together_and_each_mail_has_its_own_verdict(
    new_talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = Barrier(3, timeout=60)

    def resolve(name: str, kind: str, _seconds: float) -> list[Any]:
        if name.startswith("_dmarc."):
            together.wait()  # nobody gets further before all three have asked
        return list(RECORDS.get((name, kind), []))

    monkeypatch.setattr("maild.bootstrap.parts.Check", lambda: Check(resolve))
    talk = new_talk(settings=ALONE)
    for number, ip in enumerate(("192.0.2.7", "198.51.100.7", "192.0.2.8")):
        talk.accept(at_the_edge(ip, talk, new_mail(f"Number {number}")))
    talk.work()
    assert ["authenticity pass" in each.why for each in talk.settled()] == [True, False, True]
    assert "authenticity fail" in talk.settled()[1].why
