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
    ("Feedback-ID: 1:2:3\nList-Unsubscribe: <x:y>", "a program wrote it"),
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
    ("\n".join(f"Received: by relay{n}.example" for n in range(50)), "a loop"),
    ("\n".join(["Received: from a by mx.example.com; now"] * 26), "a loop"),
    ("X-Loop: support@example.com", "X-Loop"),
    ("From: root@host.example.org", "programs write from"),
    ("X-Bugzilla-Who: ann@example.org", "mailing list"),
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
    "\n".join(f"Received: by relay{n}.example" for n in range(49)),
    "\n".join(["Received: from a by mx.example.com; now"] * 25),
    "Feedback-ID: i12ab34cd:Fastmail",
    "From: it-admin@example.org",
    "From: System Administrator <jane@example.org>",
    "Return-Path: ",
    "X-Loop: somebody@example.org",
    "Reply-To: ann.private@example.org",
]


@pytest.mark.parametrize("headers", ANSWERED)
def test_a_person_is_answered(headers: str) -> None:
    found = verdict(headers)
    assert found.acknowledge, found.acknowledge_why


LOOKS_AUTOMATIC = [
    ("Subject: Out of memory", "words of a fault"),
    ("Subject: Auto-reply feature is broken", "about automatic replies"),
    ("Subject: Auto-reply feature is broken\nX-Auto-Response-Suppress: All", "the same from Exchange"),
    ("Subject: Auto-reply: how do I switch it on?", "a question in the form of programs"),
    ("Subject: Vacation module", "about a module"),
    ("Subject: Vacation message is sent twice\nX-Auto-Response-Suppress: DR, OOF, AutoReply", "the same from Exchange"),
    ("Subject: Out of office assistant does not start\nX-Auto-Response-Suppress: All", "about the assistant"),
    ("Subject: AUTO: brakes squeak", "about a car"),
    ("Subject: OOO support for calendars", "about a feature"),
    ("Subject: OOO", "a bare word"),
    ("Subject: Automatic reply", "a bare phrase"),
    ("Subject: Vacation message", "a bare phrase"),
    ("Subject: Eingangsbestätigung", "a bare word"),
    ("From: MAILER-DAEMON problem <joe@example.org>", "an odd name"),
    ("From: Microsoft Exchange Help <joe@example.org>", "a firm's name"),
    ("Subject: delivery failed when using postfix", "about mail"),
    ("Subject: Undelivered Mail Returned to Sender - what does it mean", "about a bounce"),
    ("Subject: Mail system down", "about a mail system"),
    ("Subject: Error sending mail", "about an error"),
    ("Subject: Returned mail", "about mail that came back"),
    ("Subject: ** PROBLEM with my order **", "not of Nagios"),
    ("From: info@firm.example", "a firm"),
    ("From: Support <support@firm.example>", "another support"),
    ("From: root <root@host.example>", "a person who works as root"),
    ("From: admin@firm.example", "an administrator"),
    ("From: news@firm.example", "the news desk"),
    ("From: Postmaster <postmaster@firm.example>\nSubject: Delivery problem", "a postmaster"),
    ("From: Postmaster <postmaster@firm.example>", "a postmaster writes"),
    ("From: System Administrator <jo@firm.example>\nSubject: Delivery failure", "an administrator writes"),
    ("From: www-data@shop.example\nReply-To: Ann <ann@example.org>", "a web form"),
    ("From: notifications@desk.example\nIn-Reply-To: <a@b.example>", "an answer through another desk"),
    ("From: Ann <monitoring@firm.example>\nSubject: Re: your offer", "an answer from a team's address"),
    ("Feedback-ID: 1234567:user:proton", "Proton puts it on people's mail"),
    ("Return-Path: <users-bounces@lists.example>\nSubject: Mail delivery failed", "through a list"),
    ("Return-Path: <bounces+12-ab=example.com@relay.example>", "a firm that sends through a relay"),
    ("Return-Path:", "an empty header"),
    ("Auto-Submitted: no; reason", "RFC 3834 with a parameter"),
    ("X-Autoreply: no", "a header that says no"),
    ("X-Vacation: no", "another"),
    ("Importance: high\nX-Priority: 1\nX-Auto-Response-Suppress: DR, NDR, RN, NRN, OOF, AutoReply", "Exchange"),
    ("Subject: Read: the manual says otherwise", "not a receipt"),
    ("Subject: Please confirm your message about my order", "not a challenge"),
]


@pytest.mark.parametrize(("headers", "why"), LOOKS_AUTOMATIC)
def test_a_person_who_only_looks_automatic_stays_a_person(headers: str, why: str) -> None:
    text = "Hello,\n\nI tried it again and it could not be delivered, can you help?\n\nAnn\n"
    found = verdict(headers, text)
    assert found.kind is Kind.HUMAN, (why, found.why)


THROUGH_LISTS = [
    "Precedence: list",
    "Precedence: bulk\nList-Id: <u.lists.example>\nList-Post: <mailto:u@lists.example>\nList-Unsubscribe: <mailto:x@y>",
    "Precedence: bulk\nSender: owner-users@lists.example",
    "Precedence: bulk\nSender: users-admin@lists.example\nX-BeenThere: users@lists.example\nX-Mailman-Version: 2.0.13",
    "Sender: users-bounces@lists.example\nReturn-Path: <users-bounces+ann=example.org@lists.example>",
    "Mailing-List: contact users-help@lists.example; run by ezmlm\nDelivered-To: mailing list users@lists.example",
    "X-Mailing-List: <users@lists.example>\nList-Unsubscribe: <mailto:users-request@lists.example>",
    "List-Id: <users.lists.example>\nX-Google-Group-Id: 12\nList-Unsubscribe: <mailto:x@y.example>",
    "List-Help: <x:y>\nList-Subscribe: <x:y>\nList-Unsubscribe: <x:y>",
    "Subject: Out of office reply\nPrecedence: list",
    "Subject: Auto-reply: bad idea\nList-Post: <mailto:u@lists.example>",
    "Subject: Vacation message\nPrecedence: bulk\nSender: owner-users@lists.example",
    "Subject: Undeliverable mail\nPrecedence: list\nReturn-Path: <users-bounces@lists.example>",
    "Subject: Mail delivery failed\nX-Mailing-List: u@lists.example\nReturn-Path: <bounce-u@lists.example>",
    "From: Ann <notifications@forge.example>\nX-GitHub-Sender: ann\nList-Unsubscribe: <x:y>\nPrecedence: list",
    "From: bugs-daemon@bugs.example\nX-Bugzilla-Who: ann@example.org",
    "X-Debian-PR-Message: report 123\nPrecedence: bulk",
    "List-Unsubscribe: <mailto:leave-12@lists.example>\nIn-Reply-To: <a@b.example>",
    "List-Unsubscribe: <mailto:leave-12@lists.example>\nReferences: <a@b.example> <c@d.example>",
]


@pytest.mark.parametrize("headers", THROUGH_LISTS)
def test_a_person_who_writes_through_a_list(headers: str) -> None:
    found = verdict(headers, "Hello,\n\nmy mail could not be delivered to\n\nbob@example.org\n\nAny idea?\n")
    assert found.kind is Kind.LIST, found.why
    assert not found.acknowledge


CHALLENGES = [
    "Subject: Please confirm your message\nPrecedence: bulk\nX-Delivery-Agent: TMDA/1.1",
    "From: quarantine@spamarrest.com\nSubject: Re: my order (verification)",
    "Subject: Re: my order (your message requires verification)",
    "Auto-Submitted: auto-replied\nSubject: Re: my order",
    "Return-Path: <>\nSubject: Re: my order",
    "X-Boxbe-Response: waiting",
]


@pytest.mark.parametrize("headers", CHALLENGES)
def test_a_challenge_is_a_report_that_nothing_answers(headers: str) -> None:
    found = verdict(
        headers, "I do not know you.\n\nPlease follow this link to\nconfirm your message: https://x.example/1\n"
    )
    assert found.kind is Kind.REPORT, found.why
    assert not found.acknowledge


PARCELS = [
    "Parcel 12 could not be delivered to the address:\n\nann@example.org\n",
    "Order could not be delivered\nEmail: ann@example.org\nPhone: 1\n",
    "Not delivered: order 12\nE-Mail: ann@example.org\n",
]


@pytest.mark.parametrize("text", PARCELS)
def test_a_parcel_that_could_not_be_delivered_is_no_bounce(text: str) -> None:
    assert verdict("From: orders@shop.example\nSubject: Delivery failed: order 12", text).kind is Kind.HUMAN


POSTMASTERS = [
    "Dear all,\n\nour mails to bob@example.org could not be delivered. Please check your filter.\n",
    "Hello,\n\nmail to\n\nbob@example.org\n\nwas rejected by your server.\n",
    "Sehr geehrte Damen und Herren,\n\nMails an bob@example.org konnten nicht zugestellt werden.\n",
    "Mail to bob@example.org fails since Monday; I think that your server is down.\n",
]


@pytest.mark.parametrize("text", POSTMASTERS)
@pytest.mark.parametrize("headers", ["", "\nPrecedence: list", "\nIn-Reply-To: <a@b.example>"])
def test_a_postmaster_who_writes_is_a_person(headers: str, text: str) -> None:
    found = verdict(f"From: Postmaster <postmaster@firm.example>\nSubject: Mail delivery problem{headers}", text)
    assert found.kind in {Kind.HUMAN, Kind.LIST}, found.why


def test_a_person_who_asks_about_a_challenge_is_a_person() -> None:
    text = "Hello,\n\nI got this: 'click here to confirm your message'. Is it from you?\n"
    assert verdict("Subject: strange mail", text).kind is Kind.HUMAN


def test_a_mail_without_a_from_header_is_not_answered() -> None:
    found = classify(read_mail(b"To: support@example.com\n\nhello"), None, US)
    assert (found.kind, found.acknowledge) == (Kind.HUMAN, False)
