"""Which ticket a mail joins: one line a case, each with its reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from maild.ids import Purpose, Signer
from maild.mail.model import Address, Mail
from maild.threading.evidence import Sort, gather, ids_answered, subject_tags
from maild.threading.match import Candidate, Match, match

SIGNER = Signer([b"0123456789abcdef"])
SUPPORT = "support@example.com"
KIM, LEE, ANNA = "kim@customer.example", "lee@customer.example", "anna@example.com"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TICKET = Candidate(number=42, participants=frozenset({KIM}))


def decide(mail: Mail, *candidates: Candidate, known: dict[str, int] | None = None, to: str = SUPPORT) -> Match:
    assert mail.sender is not None
    return match(
        gather(mail, (to,), SIGNER, "#"),
        {c.number: c for c in candidates or (TICKET,)}.get,
        known or {},
        sender=mail.sender.address,
        agents=frozenset({ANNA}),
        signer=SIGNER,
        now=NOW,
        reopen_within=timedelta(days=30),
    )


def from_(address: str, **fields: object) -> Mail:
    return replace(Mail(sender=Address("", address)), **fields)  # type: ignore[arg-type]


KIMS = SIGNER.reply_address(SUPPORT, 42, KIM, Purpose.CUSTOMER)
ANNAS = SIGNER.reply_address(SUPPORT, 42, ANNA, Purpose.AGENT)
OUR_ID = SIGNER.message_id("example.com", 42, SIGNER.nonce("x"))
STABLE_ID = SIGNER.ticket_id("example.com", 42)


@pytest.mark.parametrize(
    ("mail", "to"),
    [
        pytest.param(from_(KIM), KIMS, id="the signed reply address, by its owner"),
        pytest.param(from_(KIM, to=(Address("", KIMS),)), SUPPORT, id="the signed reply address in To"),
        pytest.param(from_(KIM, headers=(("delivered-to", KIMS),)), SUPPORT, id="the same in Delivered-To"),
        pytest.param(from_(KIM, in_reply_to=(OUR_ID,)), SUPPORT, id="our Message-ID in In-Reply-To"),
        pytest.param(from_(KIM, references=("a@b", OUR_ID)), SUPPORT, id="our Message-ID in References"),
        pytest.param(from_(KIM, references=(STABLE_ID,)), SUPPORT, id="the ticket's stable id"),
        pytest.param(from_(KIM, in_reply_to=("theirs@x",)), SUPPORT, id="a known Message-ID"),
        pytest.param(from_(KIM, subject="Re: broken [#42]"), SUPPORT, id="the subject's tag"),
    ],
)
def test_a_participant_joins(mail: Mail, to: str) -> None:
    decision = decide(mail, known={"theirs@x": 42}, to=to)
    assert decision.ticket == 42
    assert "ticket 42" in decision.why[-1]


@pytest.mark.parametrize(
    ("mail", "to"),
    [
        pytest.param(from_(LEE), KIMS, id="another's reply address"),
        pytest.param(from_(LEE, in_reply_to=(OUR_ID,)), SUPPORT, id="our Message-ID"),
        pytest.param(from_(LEE, in_reply_to=("theirs@x",)), SUPPORT, id="a known Message-ID"),
        pytest.param(from_(LEE, subject="[#42]"), SUPPORT, id="a guessed number"),
    ],
)
def test_a_stranger_only_gets_a_link(mail: Mail, to: str) -> None:
    decision = decide(mail, known={"theirs@x": 42}, to=to)
    assert decision.ticket is None
    assert (decision.linked, decision.linked_why) == (42, "stranger")


def test_an_altered_reply_address_is_worth_nothing() -> None:
    altered = KIMS.replace("t42.", "t42.a")[: KIMS.index("@")] + "@example.com"
    decision = decide(from_(KIM), to=altered)
    assert (decision.ticket, decision.linked) == (None, None)


def test_an_agent_is_proved_by_the_address_made_for_him_and_by_nothing_else() -> None:
    assert decide(from_(ANNA), to=ANNAS).agent == ANNA
    assert decide(from_(KIM), to=ANNAS).agent == ""
    assert decide(from_(ANNA), to=KIMS).agent == ""
    assert decide(from_(ANNA, in_reply_to=(OUR_ID,))).agent == ""


def test_the_strongest_evidence_decides() -> None:
    other = Candidate(number=43, participants=frozenset({KIM}))
    decision = decide(from_(KIM, subject="[#43]", in_reply_to=(OUR_ID,)), TICKET, other)
    assert decision.ticket == 42


def test_evidence_that_fails_does_not_stop_the_next() -> None:
    decision = decide(from_(KIM, in_reply_to=("unknown@x",), subject="[#42]"))
    assert decision.ticket == 42
    assert "belongs to no ticket" in decision.why[0]


def test_a_ticket_closed_for_too_long_is_only_linked() -> None:
    closed = replace(TICKET, closed_at=NOW - timedelta(days=31))
    decision = decide(from_(KIM, in_reply_to=(OUR_ID,)), closed)
    assert (decision.ticket, decision.linked, decision.linked_why) == (None, 42, "closed")
    assert decide(from_(KIM, in_reply_to=(OUR_ID,)), replace(TICKET, closed_at=NOW - timedelta(days=29))).ticket == 42


def test_a_merged_ticket_is_followed_and_a_circle_of_merges_ends() -> None:
    into = Candidate(number=7, participants=frozenset({KIM}))
    assert decide(from_(KIM, subject="[#42]"), replace(TICKET, continued_by=7), into).ticket == 7
    circle = replace(TICKET, continued_by=7), replace(into, continued_by=42)
    assert decide(from_(KIM, subject="[#42]"), *circle).ticket in {7, 42}


def test_a_mail_without_evidence_says_so() -> None:
    assert decide(from_(KIM)).why == ("nothing in it points to a ticket",)


def test_the_ids_a_mail_answers_are_nearest_first_and_never_its_own() -> None:
    mail = Mail(message_id="me@x", in_reply_to=("c@x",), references=("a@x", "b@x", "c@x", "me@x"))
    assert ids_answered(mail) == ("c@x", "b@x", "a@x")


@pytest.mark.parametrize(
    ("subject", "tag", "numbers"),
    [
        ("Re: [#42] broken", "#", [42]),
        ("Re: [#42] [#43]", "#", [42, 43]),
        ("#42", "#", []),  # without brackets it is just a number
        ("[ACME-42]", "ACME-", [42]),
        ("[#42]", "ACME-", []),
        ("[#" + "9" * 40 + "]", "#", []),  # no ticket has such a number
    ],
)
def test_subject_tags(subject: str, tag: str, numbers: list[int]) -> None:
    assert subject_tags(subject, tag) == numbers


def test_evidence_comes_strongest_first() -> None:
    mail = from_(KIM, subject="[#42]", in_reply_to=(OUR_ID, "theirs@x"))
    assert [e.sort for e in gather(mail, (KIMS,), SIGNER, "#")] == list(Sort)
