"""Delivery reports: who was not reached, and why."""

from __future__ import annotations

import pytest

from maild.mail import Bounce, Identity, Kind, classify, read_mail


def bounce(raw: str, envelope: str | None = None) -> Bounce:
    found = classify(read_mail(raw.encode()), envelope, Identity())
    assert found.kind is Kind.BOUNCE, found.why
    assert not found.acknowledge
    assert found.bounce is not None
    return found.bounce


def report(*blocks: str, returned: str = "Message-ID: <ours@example.com>\nTo: bob@example.org\n\nx") -> str:
    status = "\n\n".join(["Reporting-MTA: dns; mx.example", *blocks])
    return (
        "From: Mail Delivery System <MAILER-DAEMON@mx.example>\nTo: support@example.com\nSubject: Undelivered\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n"
        f"--x\n\nSorry.\n--x\nContent-Type: message/delivery-status\n\n{status}\n\n"
        f"--x\nContent-Type: message/rfc822\n\n{returned}\n--x--\n"
    )


FAILED = (
    "Final-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no such user"
)


def test_a_report() -> None:
    assert bounce(report(FAILED)) == Bounce(
        recipients=("bob@example.org",),
        permanent=True,
        status="5.1.1",
        diagnostic="smtp; 550 no such user",
        returned_message_id="ours@example.com",
    )


def test_the_address_that_we_know_comes_first() -> None:
    block = "Original-Recipient: rfc822;bob@example.org\nFinal-Recipient: rfc822;b17@inside.example\nAction: failed"
    assert bounce(report(block)).recipients == ("bob@example.org",)


def test_several_recipients_once_each() -> None:
    other = FAILED.replace("bob", "eve")
    assert bounce(report(FAILED, other, FAILED.replace("bob", "BOB"))).recipients == (
        "bob@example.org",
        "eve@example.org",
    )


def test_who_was_reached_did_not_fail() -> None:
    reached = "Final-Recipient: rfc822; eve@example.org\nAction: delivered\nStatus: 2.0.0"
    assert bounce(report(reached, FAILED)).recipients == ("bob@example.org",)


def test_a_delay_is_not_permanent() -> None:
    delayed = FAILED.replace("failed", "delayed").replace("5.1.1", "4.4.1")
    assert not bounce(report(delayed)).permanent
    assert bounce(report(delayed, FAILED)).permanent


def test_a_receipt_of_delivery_is_no_bounce() -> None:
    raw = report("Final-Recipient: rfc822; bob@example.org\nAction: delivered\nStatus: 2.0.0")
    found = classify(read_mail(raw.encode()), "", Identity())
    assert found.kind is not Kind.BOUNCE
    assert not found.acknowledge


def test_a_report_without_recipients_names_whom_the_mail_was_for() -> None:
    assert bounce(report("Action: failed")).recipients == ("bob@example.org",)


def test_a_report_inside_the_mail_of_a_gateway() -> None:
    inner = report(FAILED)
    raw = (
        "From: postmaster@gw.example\nSubject: Undelivered\nContent-Type: multipart/mixed; boundary=out\n\n"
        f"--out\n\nscanned\n--out\nContent-Type: message/rfc822\n\n{inner}\n--out--\n"
    )
    assert bounce(raw).recipients == ("bob@example.org",)


def test_one_header_of_exim_is_enough() -> None:
    raw = "From: Mailer-Daemon@x.example\nX-Failed-Recipients: a@x.example, b@y.example\nSubject: hm\n\ntext"
    assert bounce(raw).recipients == ("a@x.example", "b@y.example")


NOTICES = [
    (
        "failure notice",
        (
            "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message.\n\n"
            "<bob@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
            "--- Below this line is a copy of the message.\n\nMessage-ID: <ours@example.com>\nTo: <eve@example.org>\n"
        ),
        "qmail",
    ),
    (
        "Mail delivery failed: returning message to sender",
        (
            "A message that you sent could not be delivered. The following address(es) failed:\n\n"
            "  bob@example.org\n    SMTP error from remote mail server "
            "after RCPT TO:<bob@example.org>:\n    550 5.1.1 unknown\n\n"
            "------ This is a copy of the message, including all headers. ------\n\nMessage-ID: <ours@example.com>\n"
        ),
        "exim",
    ),
    (
        "Returned mail: User unknown",
        (
            "   ----- The following addresses had permanent fatal errors -----\n<bob@example.org>\n\n"
            "   ----- Transcript of session follows -----\n550 5.1.1 <bob@example.org>... User unknown\n\n"
            "   ----- Original message follows -----\nMessage-ID: <ours@example.com>\n"
        ),
        "sendmail",
    ),
    (
        "Undeliverable: hello",
        (
            "Your message\n\n  To:      list@example.net\n\ndid not reach the following recipient(s):\n\n"
            "bob@example.org on Tue, 7 May 2024 10:00:00 +0200\n    The recipient name is not recognized 5.1.1\n\n"
            "Original message\nMessage-ID: <ours@example.com>\n"
        ),
        "Exchange",
    ),
    (
        "Unzustellbar: Hallo",
        (
            "Ihre Nachricht konnte nicht zugestellt werden (5.1.1):\n\n    bob@example.org\n\n"
            "----- Original message -----\nMessage-ID: <ours@example.com>\n"
        ),
        "German",
    ),
]


@pytest.mark.parametrize(("subject", "text", "program"), NOTICES)
def test_free_text_notices(subject: str, text: str, program: str) -> None:
    found = bounce(f"From: MAILER-DAEMON@mx.example\nTo: support@example.com\nSubject: {subject}\n\n{text}")
    assert found.recipients == ("bob@example.org",), program
    assert found.status == "5.1.1", program
    assert found.returned_message_id == "ours@example.com", program
    assert found.permanent, program


def test_a_warning_is_not_permanent() -> None:
    text = "Your message to bob@example.org has not yet been delivered; it is delayed.\nWe will keep trying.\n"
    assert not bounce(f"From: MAILER-DAEMON@mx.example\nSubject: Warning: message delayed\n\n{text}").permanent


def test_a_notice_without_a_daemons_name() -> None:
    text = "Delivery to the following recipients failed:\n\n  bob@example.org\n\nDo not resend.\n"
    assert bounce(f"From: gateway17@mx.example\nSubject: Delivery failure\n\n{text}").recipients == ("bob@example.org",)


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ("Subject: Delivery failure", "Hello, my mail could not be delivered to\nbob@example.org\nplease help"),
        ("Subject: Fwd: Undelivered Mail Returned to Sender", "could not be delivered\n<bob@example.org>: unknown"),
        ("Subject: Delivery problem\nIn-Reply-To: <x@y>", "Could not be delivered:\nbob@example.org"),
    ],
)
def test_a_person_who_writes_about_a_bounce_is_a_person(headers: str, text: str) -> None:
    found = classify(read_mail(f"From: ann@example.net\n{headers}\n\n{text}".encode()), "ann@example.net", Identity())
    assert found.kind is Kind.HUMAN


def test_a_person_who_passes_a_report_on_is_a_person() -> None:
    raw = (
        "From: Ann <ann@example.net>\nSubject: Fwd: Undelivered\nContent-Type: multipart/mixed; boundary=x\n\n"
        "--x\n\nHello, I got this. What shall I do?\n--x\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; mx.example\n\n{FAILED}\n\n--x--\n"
    )
    assert classify(read_mail(raw.encode()), "ann@example.net", Identity()).kind is Kind.HUMAN
    assert bounce(raw.replace("Hello, I got this. What shall I do?", "The mail was not delivered.")).permanent


OPENINGS = [
    "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message.\n",
    "    Hi!\n\n    This is the MAILER-DAEMON, please DO NOT REPLY to this e-mail.\n",
    "This message was created automatically by mail delivery software.\n",
    "The original message was received at Mon, 4 Jan 2027\n",
    "Message from  dest.example.\nUnable to deliver message to the following address(es).\n",
]


@pytest.mark.parametrize("opening", OPENINGS)
def test_the_first_words_of_a_mail_system_are_enough(opening: str) -> None:
    raw = f"From: gateway@dest.example\nSubject: Hm\n\n{opening}\n<bob@example.org>:\nno such user\n"
    assert bounce(raw).recipients == ("bob@example.org",)
    asked = raw.replace("\n\n", "\n\nWhat does this mean?\n\n", 1)
    assert classify(read_mail(asked.encode()), "ann@dest.example", Identity()).kind is Kind.HUMAN


def test_a_postmaster_with_the_subject_of_a_program() -> None:
    raw = "From: postmaster@dest.example\nSubject: Delivery Status Notification (Failure)\n\nDobrý den, skupina\n"
    assert bounce(raw, "postmaster@dest.example").permanent
