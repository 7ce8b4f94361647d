"""What kind of mail it is, and whether a machine may answer it."""

from __future__ import annotations

import pytest

from maild.mail import Identity, Kind, Verdict, classify, read_mail

US = Identity(addresses=frozenset({"support@example.com"}))
WORDS = "Hello,\n\nmy order is broken.\n"


def verdict(headers: str, text: str = WORDS, envelope: str | None = None, identity: Identity = US) -> Verdict:
    given = headers.lower()
    lines = [headers] if headers else []
    lines += [] if "from:" in given.replace("auto-", "") else ["From: Ann <ann@example.org>"]
    lines += [] if "\nto:" in f"\n{given}" else ["To: support@example.com"]
    return classify(read_mail("\n".join([*lines, "", text]).encode()), envelope, identity)


KINDS = [
    ("", Kind.HUMAN, "an ordinary mail"),
    ("Auto-Submitted: no", Kind.HUMAN, "RFC 3834 §5: written by a person"),
    ("AUTO-SUBMITTED: NO", Kind.HUMAN, "in any case of letters"),
    ("X-Auto-Response-Suppress: All", Kind.HUMAN, "Exchange adds it to people's mail"),
    ("Subject: Re: Automatic reply: your order", Kind.HUMAN, "a person answers an automatic reply"),
    ("Subject: Out of office hours, whom do I call?", Kind.HUMAN, "the words, and no automatic reply"),
    ("Subject: Re: Undelivered mail", Kind.HUMAN, "a person answers a bounce"),
    ("Subject: Mail delivery failed", Kind.HUMAN, "a person writes about a bounce"),
    ("From: Delivery Service <info@parcels.example>", Kind.HUMAN, "a firm with an unlucky name"),
    ("From: nora.reply@example.org", Kind.HUMAN, "an unlucky person"),
    ("Return-Path: <ann@example.org>", Kind.HUMAN, "an ordinary reverse-path"),
    ("Precedence: list", Kind.LIST, "somebody wrote it"),
    ("List-Id: <users.example.org>\nList-Post: <mailto:users@example.org>", Kind.LIST, "a discussion list"),
    ("Precedence: bulk\nList-Post: <mailto:u@example.org>", Kind.LIST, "old list software says bulk"),
    ("Auto-Submitted: auto-generated", Kind.NOTICE, "a program"),
    ("Auto-Submitted: auto-notified; owner-email=x", Kind.NOTICE, "every value but no"),
    ("Precedence: BULK", Kind.NOTICE, "bulk"),
    ("Precedence: junk", Kind.NOTICE, "junk"),
    ("List-Unsubscribe: <https://shop.example/u>", Kind.NOTICE, "a newsletter"),
    ("From: no-reply@shop.example", Kind.NOTICE, "takes no answers"),
    ("From: nagios@host.example", Kind.NOTICE, "a monitor"),
    ("Auto-Submitted: auto-replied", Kind.AUTO_REPLY, "RFC 3834"),
    ("X-Autoreply: yes", Kind.AUTO_REPLY, "an older way to say it"),
    ("X-Autorespond: x", Kind.AUTO_REPLY, "another"),
    ("Precedence: auto_reply", Kind.AUTO_REPLY, "another"),
    ("Subject: Automatic reply: your order", Kind.AUTO_REPLY, "as Outlook writes it"),
    ("Subject: Abwesenheitsnotiz: Bestellung", Kind.AUTO_REPLY, "as a German Outlook writes it"),
    ("Subject: =?utf-8?q?R=C3=A9ponse_automatique=C2=A0:_x?=", Kind.AUTO_REPLY, "as a French Outlook writes it"),
    ("Subject: =?utf-8?b?6Ieq5YuV6L+U5L+hOiB4?=", Kind.AUTO_REPLY, "Japanese"),
    ("Subject: I am out of the office\nX-Auto-Response-Suppress: All", Kind.AUTO_REPLY, "subject and header agree"),
    ("Return-Path: <>", Kind.AUTO_REPLY, "a null reverse-path wants no answer"),
    ("Content-Type: text/calendar; method=REQUEST", Kind.CALENDAR, "an invitation"),
    ("Content-Type: multipart/report; report-type=feedback-report; boundary=x", Kind.REPORT, "RFC 5965"),
    ("Content-Type: multipart/report; report-type=disposition-notification; boundary=x", Kind.REPORT, "RFC 8098"),
    ("From: MAILER-DAEMON@mx.example\nSubject: failure notice", Kind.BOUNCE, "qmail"),
]


@pytest.mark.parametrize(("headers", "kind", "why"), KINDS)
def test_kinds(headers: str, kind: Kind, why: str) -> None:
    found = verdict(headers)
    assert found.kind is kind, (why, found.why)
    assert found.why


def test_the_envelope_is_believed_before_return_path() -> None:
    assert verdict("Return-Path: <>", envelope="ann@example.org").kind is Kind.HUMAN
    assert verdict("Return-Path: <ann@example.org>", envelope="<>").kind is Kind.AUTO_REPLY


def test_our_own_letter_needs_our_signature_and_our_address() -> None:
    signed = Identity(addresses=US.addresses, own_message_id=True)
    assert verdict("From: Support@Example.com", identity=signed).kind is Kind.OWN
    assert verdict("From: support@example.com").kind is Kind.HUMAN
    assert verdict("From: ann@example.org", identity=signed).kind is Kind.HUMAN


SILENT = [
    ("Auto-Submitted: auto-generated", "a program wrote it"),
    ("X-Auto-Response-Suppress: oof, autoreply", "asks for silence"),
    ("Precedence: List", "list"),
    ("List-Help: <mailto:h@example.org>", "list-help"),
    ("Feedback-ID: 1:2:3", "a program wrote it"),
    ("X-MS-Exchange-Inbox-Rules-Loop: a@b.example", "rules-loop"),
    ("From: users-request@example.org", "belongs to a list"),
    ("From: owner-users@example.org", "belongs to a list"),
    ("From: postmaster@example.org", "is a mail system"),
    ("Reply-To: noreply@example.org", "takes no answers"),
    ("Return-Path: <users-bounces+ann=example.org@lists.example>", "belongs to a list"),
    ("From: support@example.com", "our own"),
    ("From: Support+x@Example.com", "our own"),
    ("From: support@example.com\nReturn-Path: <x@example.org>", "our own"),
    ("From:", "names no sender"),
    ("From: Ann Lee", "names no sender"),
    ("To: somebody-else@example.com", "none of our addresses"),
    ("\n".join(["Received: by x"] * 50), "a loop"),
    ("Content-Type: text/calendar; method=REQUEST", "an invitation"),
]


@pytest.mark.parametrize(("headers", "because"), SILENT)
def test_one_reason_is_enough_not_to_answer(headers: str, because: str) -> None:
    found = verdict(headers)
    assert not found.acknowledge
    assert because in found.acknowledge_why


ANSWERED = [
    "",
    "X-Auto-Response-Suppress: none",
    "To: Support <support+t42.abc@EXAMPLE.com>",
    "To: other@example.org\nCc: support@example.com",
    "\n".join(["Received: by x"] * 49),
    "Reply-To: ann.private@example.org",
]


@pytest.mark.parametrize("headers", ANSWERED)
def test_a_person_is_answered(headers: str) -> None:
    found = verdict(headers)
    assert found.acknowledge, found.acknowledge_why


def test_a_mail_without_a_from_header_is_not_answered() -> None:
    found = classify(read_mail(b"To: support@example.com\n\nhello"), None, US)
    assert (found.kind, found.acknowledge) == (Kind.HUMAN, False)
