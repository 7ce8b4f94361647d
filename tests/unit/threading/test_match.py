"""Which ticket a mail joins: one line a case, each with its reason."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from maild.ids import Purpose, Signer
from maild.mail import reply_text
from maild.mail.model import Address, Mail
from maild.threading.clues import Clue, clue_key, quote_clues
from maild.threading.evidence import Sort, gather, ids_answered, list_name, named_tickets
from maild.threading.match import Candidate, ClueTo, Match, Question, Sender, match

SIGNER = Signer([b"0123456789abcdef"])
SUPPORT = "support@example.com"
KIM, LEE, ANNA = "kim@customer.example", "lee@customer.example", "anna@example.com"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TICKET = Candidate(number=42, participants=frozenset({KIM}))
LIST = "list:users.lists.example"


def decide(
    mail: Mail,
    *candidates: Candidate,
    known: dict[str, int] | None = None,
    clues: Iterable[str] = (),
    clues_to: int = 42,
    seen: datetime = NOW - timedelta(days=1),
    same_subject_within: timedelta = timedelta(days=14),
    to: str = SUPPORT,
    **of_sender: Any,
) -> Match:
    assert mail.sender is not None
    sender = Sender(address=mail.sender.address, is_agent=mail.sender.address == ANNA, **of_sender)
    return match(
        gather(mail, reply_text(mail), (to,), SIGNER, "#", readers=sender.list_name),
        Question(
            candidate={c.number: c for c in candidates or (TICKET,)}.get,
            known_ids=known or {},
            clues={clue: ClueTo(clues_to, seen) for clue in clues},
            sender=sender,
            signer=SIGNER,
            now=NOW,
            reopen_within=timedelta(days=30),
            same_subject_within=same_subject_within,
        ),
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
    assert any(line.endswith(": ticket 42") for line in decision.why)


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


CUT = "> " + " ".join(f"word{i}" for i in range(40))
ROOT = base64.b64encode(bytes(range(1, 28))).decode()  # the root of 22 bytes, and an answer
WORDS = " ".join(f"word{i}" for i in range(40))


def clue(sort: Clue, person: str, value: str | int) -> str:
    return clue_key(sort, person, value)


@pytest.mark.parametrize(
    ("mail", "clues"),
    [
        pytest.param(from_(KIM, text=f"so what? {SIGNER.mark(42)}"), [], id="our mark in the text"),
        pytest.param(from_(KIM, html=f"<p>so? <b>{SIGNER.mark(42).upper()}</b>"), [], id="our mark in the HTML"),
        pytest.param(
            from_(KIM, subject="still broken [ABC-123]"), [clue(Clue.OTHERS_TAG, KIM, "abc-123")], id="their tag"
        ),
        pytest.param(
            from_(KIM, subject="[ABC-123]"), [clue(Clue.OTHERS_TAG, "customer.example", "abc-123")], id="a colleague's"
        ),
        pytest.param(
            from_(KIM, headers=(("thread-index", ROOT),)),
            [clue(Clue.THREAD_INDEX, "", bytes(range(1, 23)).hex())],
            id="Outlook's thread",
        ),
        pytest.param(from_(KIM, text=f"so?\n\n{CUT}"), quote_clues(WORDS, [KIM]), id="what it quotes"),
        pytest.param(
            from_(KIM, subject="Re: It broke"), [clue(Clue.SUBJECT, KIM, "it broke")], id="the subject with a Re:"
        ),
        pytest.param(from_(KIM, in_reply_to=("n@x",)), [clue(Clue.REFERRED, KIM, "n@x")], id="an id seen in answers"),
    ],
)
def test_a_participant_joins_by_clues(mail: Mail, clues: list[str]) -> None:
    assert decide(mail, clues=clues).ticket == 42
    assert decide(replace(mail, sender=Address("", LEE)), clues=clues).ticket is None


@pytest.mark.parametrize(
    ("mail", "why"),
    [
        pytest.param(from_(KIM, subject="It broke"), "nothing in it points", id="the subject without a Re:"),
        pytest.param(from_(KIM, subject="Fwd: It broke"), "nothing in it points", id="forwarding is not answering"),
        pytest.param(from_(KIM, text=SIGNER.mark(42)[:-2] + "a]"), "nothing in it points", id="an altered mark"),
        pytest.param(from_(KIM, headers=(("thread-index", "AAAA"),)), "nothing in it points", id="no whole root"),
    ],
)
def test_what_is_no_evidence(mail: Mail, why: str) -> None:
    decision = decide(mail, clues=[clue(Clue.SUBJECT, KIM, "it broke")])
    assert decision.ticket is None
    assert why in decision.why[0]


def test_one_run_of_words_in_common_is_chance() -> None:
    mail = from_(KIM, text=f"so?\n\n{CUT}")
    assert decide(mail, clues=quote_clues(WORDS, [KIM])[:1]).ticket is None


@pytest.mark.parametrize(
    ("candidate", "of_question", "why"),
    [
        (replace(TICKET, closed_at=NOW - timedelta(days=2)), {}, "it is closed"),
        (TICKET, {"seen": NOW - timedelta(days=15)}, "too long ago"),
        (TICKET, {"same_subject_within": timedelta()}, "switched off"),
    ],
)
def test_the_same_subject_is_believed_only_while_the_matter_is_fresh(
    candidate: Candidate, of_question: dict[str, Any], why: str
) -> None:
    clues = [clue(Clue.SUBJECT, KIM, "it broke")]
    decision = decide(from_(KIM, subject="AW: It broke"), candidate, clues=clues, **of_question)
    assert decision.ticket is None
    assert why in " ".join(decision.why)


def test_after_a_closed_ticket_its_evidence_leads_to_the_one_that_followed() -> None:
    closed = replace(TICKET, closed_at=NOW - timedelta(days=99))
    next_one = Candidate(number=57, participants=frozenset({KIM}))
    for mail in (from_(KIM, in_reply_to=(OUR_ID,)), from_(KIM, subject="[#42]")):
        decision = decide(mail, closed, next_one, clues=[clue(Clue.AFTER, KIM, 42)], clues_to=57)
        assert (decision.ticket, decision.linked) == (57, None)
    assert decide(from_(KIM, to=(Address("", KIMS),)), closed, next_one).linked == 42


@pytest.mark.parametrize(
    ("mail", "joins"),
    [
        (from_(KIM, in_reply_to=(OUR_ID,)), True),  # whoever has our letter has read it
        (from_(KIM, in_reply_to=("theirs@x",)), False),  # who was copied on the mail knows its id
        (from_(KIM, subject="[#42]"), False),  # anybody can count
        (from_(KIM, subject="Re: It broke"), False),
    ],
)
def test_a_forged_sender_cannot_use_what_can_be_guessed(mail: Mail, joins: bool) -> None:
    clues = [clue(Clue.SUBJECT, KIM, "it broke")]
    decision = decide(mail, known={"theirs@x": 42}, clues=clues, forged=True)
    assert (decision.ticket == 42) is joins
    if not joins:
        assert "did not write this mail" in " ".join(decision.why)


COLLEAGUES: dict[str, Any] = {"domains": frozenset({"customer.example"})}


def test_a_colleague_joins_by_what_nobody_guesses_or_when_the_domain_vouches() -> None:
    by_id, by_number = from_(LEE, in_reply_to=(OUR_ID,)), from_(LEE, subject="[#42]")
    assert decide(by_id, **COLLEAGUES).ticket == 42
    assert decide(by_id, **COLLEAGUES).colleague
    assert decide(by_number, **COLLEAGUES).ticket is None
    assert decide(by_number, **COLLEAGUES, proved=True).ticket == 42
    assert decide(by_number, proved=True).ticket is None  # of no organisation that we know


def test_readers_of_one_list_join_by_what_they_read_and_never_by_a_subject() -> None:
    on_list = Candidate(number=42, participants=frozenset({KIM, LIST}))
    answer = from_(LEE, in_reply_to=("theirs@x",))
    assert decide(answer, on_list, known={"theirs@x": 42}, list_name=LIST).ticket == 42
    assert decide(answer, on_list, known={"theirs@x": 42}, list_name="list:another").ticket is None
    assert decide(answer, TICKET, known={"theirs@x": 42}, list_name=LIST).ticket is None
    assert decide(answer, on_list, known={"theirs@x": 42}, list_name=LIST, forged=True).ticket == 42  # lists break it
    same = from_(LEE, subject="Re: It broke")
    assert decide(same, on_list, clues=[clue(Clue.SUBJECT, LEE, "it broke")], list_name=LIST).ticket is None
    quoting = from_(LEE, subject="Re: It broke", text=f"so?\n\n{CUT}")
    words = quote_clues(WORDS, [LIST], subject="it broke")
    assert decide(quoting, on_list, clues=words, list_name=LIST).ticket == 42
    assert decide(replace(quoting, subject="Re: Else"), on_list, clues=words, list_name=LIST).ticket is None


def test_history_is_filed_by_its_ids_whoever_wrote() -> None:
    answer = from_(LEE, in_reply_to=("theirs@x",))
    assert decide(answer, known={"theirs@x": 42}, history=True).ticket == 42
    assert decide(from_(LEE, subject="[#42]"), history=True).ticket is None


def test_an_agent_is_also_proved_by_a_pass_and_a_forged_one_never_acts() -> None:
    mail = from_(ANNA, subject="[#42]")
    assert decide(mail, proved_agent=True).agent == ANNA
    assert decide(mail).agent == ""
    forged = decide(from_(ANNA), to=ANNAS, forged=True)
    assert (forged.ticket, forged.agent) == (42, "")


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ((("list-id", "Users <users.lists.example>"),), LIST),
        ((("list-post", "<mailto:users@lists.example>"),), "list:users@lists.example"),
        ((("x-mailing-list", "users@lists.example"),), "list:users@lists.example"),
        ((), ""),
    ],
)
def test_the_name_of_a_list(headers: tuple[tuple[str, str], ...], name: str) -> None:
    assert list_name(Mail(headers=headers)) == name


def test_every_piece_is_explained_used_or_refused() -> None:
    other = Candidate(number=43, participants=frozenset({KIM}))
    mail = from_(KIM, subject="[#43] [#42]", in_reply_to=(OUR_ID, "unknown@x"))
    assert decide(mail, TICKET, other).why == (
        f"our Message-ID <{OUR_ID}>: ticket 42",
        "known Message-ID <unknown@x>: belongs to no ticket",
        "subject tag [#43]: ticket 43, not used: there is better evidence",
        "the same say: subject tag (1)",
    )


def test_evidence_comes_strongest_first() -> None:
    mail = from_(
        KIM,
        subject="Re: It broke [#42] [ABC-123]",
        in_reply_to=(OUR_ID, "theirs@x"),
        text=f"{SIGNER.mark(42)}\n{CUT}",
        headers=(("thread-index", ROOT),),
    )
    sorts = list(dict.fromkeys(e.sort for e in gather(mail, reply_text(mail), (KIMS,), SIGNER, "#")))
    assert sorts == [sort for sort in Sort if sort is not Sort.QUOTED_WORDS]  # not needed: it costs most


ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789.-_=%"


def one_character_off(address: str) -> Iterator[str]:
    """Every address that differs from this one in one place, or in its length by one."""
    local, _, domain = address.partition("@")
    begin = local.index("+") + 1
    for i in range(begin, len(local)):
        yield f"{local[:i]}{local[i + 1 :]}@{domain}"
        for letter in ALPHABET:
            yield f"{local[:i]}{letter}{local[i:]}@{domain}"
            if letter != local[i]:
                yield f"{local[:i]}{letter}{local[i + 1 :]}@{domain}"


def test_no_address_one_character_off_proves_an_agent_or_joins() -> None:
    """RELIABILITY §11.4, A1: altered at each byte, none of thousands is accepted."""
    tickets = {n: Candidate(number=n, participants=frozenset({KIM})) for n in (2, 4, 42, 43, 142, 420, 422)}.values()
    tried = 0
    for made_for, sender in ((ANNAS, ANNA), (KIMS, KIM)):
        for altered in one_character_off(made_for):
            tried += 1
            decision = decide(from_(sender), *tickets, to=altered)
            assert decision.agent == "", altered
            assert sender == ANNA or decision.ticket is None, altered
    assert tried > 3000


def test_a_mail_to_many_reply_addresses_is_looked_up_for_few_tickets() -> None:
    many = tuple(Address("", f"x+t{number}.aaaaaaaaaaaaaaaa@evil.example") for number in range(1, 50))
    mail = from_(KIM, to=many)
    assert len(named_tickets(gather(mail, reply_text(mail), (KIMS,), SIGNER, "#"))) == 5
    assert decide(mail, to=KIMS).ticket == 42


def test_who_left_comes_back_by_a_letter_of_ours_and_by_nothing_else() -> None:
    left = replace(TICKET, left=frozenset({LEE}))
    back = decide(from_(LEE, in_reply_to=(OUR_ID,)), left, domains=frozenset({"customer.example"}))
    assert (back.ticket, back.colleague) == (42, True)
    guessed = decide(from_(LEE, subject="Re: [#42]"), left, domains=frozenset({"customer.example"}), proved=True)
    assert (guessed.ticket, guessed.linked) == (None, 42)
