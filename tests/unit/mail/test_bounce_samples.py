"""Notices in the forms of the usual mail systems: who was not reached, with which code, for good or not yet.

Every sample is written for this table, in the shape in which the program named writes.
"""

# ruff: noqa: E501 - the lines of a mail

from __future__ import annotations

from dataclasses import dataclass

import pytest

from maild.mail import Bounce, Identity, Kind, classify, read_mail

BOB = "bob@dest.example"
DAEMON = "MAILER-DAEMON@mx.dest.example"


def judged(raw: str, envelope: str | None = None) -> Bounce:
    found = classify(read_mail(raw.encode()), envelope, Identity())
    assert found.kind is Kind.BOUNCE, found.why
    assert not found.acknowledge
    assert found.bounce is not None
    return found.bounce


@dataclass(frozen=True)
class Sample:
    system: str
    subject: str
    text: str
    status: str = ""
    says: str = ""  # the diagnostic holds this
    permanent: bool = True
    sender: str = DAEMON
    headers: str = ""
    failed: tuple[str, ...] = (BOB,)


COPY = "\nReceived: from us.example by mx.dest.example\nFrom: us@us.example\nTo: bob@dest.example\nSubject: Hello\n"

SAMPLES = [
    Sample(
        "Sendmail 8",
        "Returned mail: see transcript for details",
        "The original message was received at Mon, 4 Jan 2027 10:00:00 GMT\nfrom localhost\n\n"
        "   ----- The following addresses had permanent fatal errors -----\n<bob@dest.example>\n"
        "    (reason: 550 5.1.1 <bob@dest.example>... User unknown)\n\n   ----- Transcript of session follows -----\n"
        "... while talking to mx.dest.example.:\n>>> RCPT To:<bob@dest.example>\n<<< 550 5.1.1 User unknown\n",
        "5.1.1",
        "User unknown",
    ),
    Sample(
        "Sendmail 8, an alias",
        "Returned mail: see transcript for details",
        "   ----- The following addresses had permanent fatal errors -----\n<robert@inner.example>\n"
        "    (expanded from: <bob@dest.example>)\n\n   ----- Transcript of session follows -----\n"
        "550 5.1.1 <robert@inner.example>... User unknown\n",
        "5.1.1",
        "User unknown",
    ),
    Sample(
        "Sendmail, a warning",
        "Warning: could not send message for past 4 hours",
        "    **********************************************\n    **      THIS IS A WARNING MESSAGE ONLY      **\n"
        "    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **\n    **********************************************\n\n"
        "   ----- The following addresses had transient non-fatal errors -----\n<bob@dest.example>\n\n"
        "   ----- Transcript of session follows -----\n<bob@dest.example>... Deferred: Connection timed out\n"
        "Warning: message still undelivered after 4 hours\nWill keep trying until message is 5 days old\n",
        says="Deferred",
        permanent=False,
    ),
    Sample(
        "Postfix",
        "Undelivered Mail Returned to Sender",
        "This is the mail system at host mx.us.example.\n\nI'm sorry to have to inform you that your message could not\n"
        "be delivered to one or more recipients. It's attached below.\n\nFor further assistance, please send mail to "
        "postmaster.\n\n                   The mail system\n\n<bob@dest.example>: host mx.dest.example[192.0.2.7] said: "
        "550 5.7.1\n    Service refused (in reply to RCPT TO command)\n",
        "5.7.1",
        "550 5.7.1",
    ),
    Sample(
        "Exim",
        "Mail delivery failed: returning message to sender",
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
        "delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n"
        "  bob@dest.example\n    host mx.dest.example [192.0.2.7]\n    SMTP error from remote mail server after RCPT TO:"
        "<bob@dest.example>:\n    550 5.1.1 No such person\n\n------ This is a copy of the message, including all the "
        "headers. ------\n",
        "5.1.1",
        "No such person",
    ),
    Sample(
        "Exim, a delay",
        "Warning: message 1abcde-000001-Xy delayed 24 hours",
        "This message was created automatically by mail delivery software.\nA message that you sent has not yet been "
        "delivered to one or more of its\nrecipients after more than 24 hours on the queue on mx.us.example.\n\n"
        "The address to which the message has not yet been delivered is:\n\n  bob@dest.example\n    Delay reason: "
        "Connection refused\n\nNo action is required on your part. Delivery attempts will continue for\nsome time.\n",
        says="refused",
        permanent=False,
    ),
    Sample(
        "Exim, a malformed address",
        "Mail failure - malformed recipient address",
        "A message that you sent contained one or more recipient addresses that were\nincorrectly constructed:\n\n"
        "  bob@dest.example <eve@dest.example>: malformed address: <eve@dest.example> may not follow bob@dest.example\n",
        says="malformed",
    ),
    Sample(
        "qmail",
        "failure notice",
        "Hi. This is the qmail-send program at mx.us.example.\nI'm afraid I wasn't able to deliver your message to the "
        "following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        "<bob@dest.example>:\n192.0.2.7 does not like recipient.\nRemote host said: 550 5.2.1 Mailbox disabled\n"
        "Giving up on 192.0.2.7.\n\n--- Below this line is a copy of the message.\n",
        "5.2.1",
        "Mailbox disabled",
    ),
    Sample(
        "Exchange 5.5",
        "Undeliverable: Hello",
        "Your message\n\n  To:      bob@dest.example\n  Subject: Hello\n  Sent:    Mon, 4 Jan 2027 10:00:00 -0500\n\n"
        "did not reach the following recipient(s):\n\nbob@dest.example on Mon, 4 Jan 2027 10:00:01 -0500\n"
        "    The recipient name is not recognized\n\tThe MTS-ID of the original message is: c=us;a= ;p=dest\n"
        "    MSEXCH:IMS:DEST:SITE:SERVER 0 (000C05A6) Unknown Recipient\n",
        says="not recognized",
        sender="System Administrator <postmaster@dest.example>",
    ),
    Sample(
        "Exchange 2013 and Office 365, text only",
        "Undeliverable: Hello",
        "Delivery has failed to these recipients or groups:\n\nbob@dest.example<mailto:bob@dest.example>\nThe email "
        "address you entered couldn't be found. Please check the address and try again.\n\nDiagnostic information for "
        "administrators:\n\nGenerating server: SRV1.PROD.EXAMPLE\n\nbob@dest.example\nRemote Server returned '550 "
        "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup'\n",
        "5.1.10",
        "RecipientNotFound",
        sender="Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@dest.example>",
    ),
    Sample(
        "Gmail",
        "Delivery Status Notification (Failure)",
        "\n** Address not found **\n\nYour message wasn't delivered to bob@dest.example because the address couldn't be "
        "found, or is unable to receive mail.\n\nThe response was:\n550 5.1.1 The email account that you tried to "
        "reach does not exist.\n",
        "5.1.1",
        "does not exist",
        sender="Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
    ),
    Sample(
        "Gmail, a delay",
        "Delivery Status Notification (Delay)",
        "This is an automatically generated Delivery Status Notification\n\nTHIS IS A WARNING MESSAGE ONLY.\n\nYOU DO "
        "NOT NEED TO RESEND YOUR MESSAGE.\n\nDelivery to the following recipient has been delayed:\n\n     "
        "bob@dest.example\n\nMessage will be retried for 2 more day(s)\n",
        permanent=False,
        sender="Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
    ),
    Sample(
        "Yahoo",
        "Failure Notice",
        "Sorry, we were unable to deliver your message to the following address.\n\n<bob@dest.example>:\n554: delivery "
        "error: dd Sorry your message to bob@dest.example cannot be delivered. This account has been disabled. - mta1\n"
        "\n--- Below this line is a copy of the message.\n",
        "5.0.0",
        "disabled",
    ),
    Sample(
        "AOL, only the name",
        "Mail Delivery Problem",
        "Your mail to the following recipients could not be delivered because they are not accepting mail from "
        "us@us.example:\n\tbob\n",
        sender="Mail Delivery Subsystem <MAILER-DAEMON@dest.example>",
    ),
    Sample(
        "AOL, the old form",
        "Returned mail: User unknown",
        "   ----- The following addresses had permanent fatal errors -----\n<bob>\n\n   ----- Transcript of session "
        "follows -----\n550 <bob>... User unknown\n",
        "5.0.0",
        "User unknown",
        sender="MAILER-DAEMON@dest.example",
    ),
    Sample(
        "a directory: the name, and the address in the mail that came back",
        "Returned mail - nameserver error report",
        " --------Message not delivered to the following:\n\n bob    No matches to nameserver query\n\n --------Unsent "
        "Message below:\n\nReceived: from us.example by mr.inner.example for <bob@dest.example>; Mon\n",
        says="No matches",
        sender="MAILER-DAEMON@mr.inner.example",
    ),
    Sample(
        "Domino",
        "DELIVERY FAILURE: User bob (bob@dest.example) not listed in Domino Directory",
        "Your message\n\n  Subject: Hello\n\nwas not delivered to:\n\n  bob@dest.example\n\nbecause:\n\n  User bob "
        "(bob@dest.example) not listed in Domino Directory\n",
        says="not listed",
        sender="postmaster@dest.example",
    ),
    Sample(
        "GroupWise",
        "Mail System Error - Undeliverable Mail",
        "The message that you sent was undeliverable to the following:\n\tbob@dest.example (The user is not listed)\n",
        sender="Mailer-Daemon@gw.dest.example",
    ),
    Sample(
        "IMail",
        "Undeliverable Mail",
        "Unknown user: bob@dest.example\n\n\nOriginal message follows.\n",
        says="Unknown user",
        sender="Postmaster <postmaster@dest.example>",
        headers="X-Mailer: <SMTP32 v8.15>",
    ),
    Sample(
        "MDaemon",
        "Permanent Delivery Failure",
        "The attached message had PERMANENT fatal delivery errors.\n\nAfter one or more unsuccessful delivery attempts "
        "the attached message has\nbeen removed from the mail queue.\n\nFailed address: bob@dest.example\n\n--- Session "
        "Transcript ---\n Mon 10:00:00: <-- 550 5.1.1 Recipient unknown\n--- End Transcript ---\n",
        "5.1.1",
        "Recipient unknown",
        sender="MDaemon@mx.us.example",
    ),
    Sample(
        "Courier",
        "NOTICE: mail delivery status.",
        "This is a delivery status notification from mx.us.example,\nrunning the Courier mail server, version 0.66.\n\n"
        "The original message was received on Mon, 4 Jan 2027\n\n---\n\n                           UNDELIVERABLE MAIL\n\n"
        "Your message to the following recipients cannot be delivered:\n\n<bob@dest.example>:\n    mx.dest.example "
        "[192.0.2.7]:\n>>> RCPT TO:<bob@dest.example>\n<<< 550 5.1.1 User unknown\n",
        "5.1.1",
        "User unknown",
        sender='"Courier mail server at mx.us.example" <@>',
        headers="Return-Path: <>",
    ),
    Sample(
        "Amazon SES",
        "Delivery Status Notification (Failure)",
        "An error occurred while trying to deliver the mail to the following recipients:\nbob@dest.example\n",
        says="error occurred",
        sender="MAILER-DAEMON@email-bounces.ses.example",
    ),
    Sample(
        "Mimecast",
        "[Postmaster] Email Delivery Failure",
        "This is an email abuse protection notification. The message below was refused.\n\nRecipient: bob@dest.example\n"
        "Reason: 550 Rejected by header based manually Blocked Senders\n",
        "5.0.0",
        "Blocked Senders",
        sender="Postmaster@dest.example",
    ),
    Sample(
        "Barracuda",
        "**Message you sent blocked by our bulk email filter**",
        "Your message to: bob@dest.example\nwas blocked by our Spam Firewall. The email you sent with the following "
        "subject has NOT BEEN DELIVERED:\n\nSubject: Hello\n",
        sender="postmaster@dest.example",
        headers="Return-Path: <>",
    ),
    Sample(
        "GMX, web.de",
        "Mail delivery failed: returning message to sender",
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
        "delivered to one or more of\nits recipients. This is a permanent error. The following address\nfailed:\n\n"
        '"bob@dest.example":\nSMTP error from remote server after RCPT command:\nhost: mx.dest.example\n5.1.1 Recipient '
        "unknown\n\n--- The header of the original message is following. ---\n",
        "5.1.1",
        "Recipient unknown",
    ),
    Sample(
        "t-online",
        "Delivery failure notification",
        "|------------------------- Message log follows: -------------------------|\n no valid recipients were found for "
        "this message\n|------------------------- Failed addresses follow: ---------------------|\n <bob@dest.example> "
        "... unknown user\n|------------------------- Message text follows: ------------------------|\n",
        says="unknown user",
    ),
    Sample(
        "Orange",
        "Undeliverable: Hello",
        "Le message n'a pas pu être remis au destinataire suivant :\n\n<bob@dest.example>: host mx.dest.example said: "
        "550 5.1.1 Adresse d au moins un destinataire invalide.\n",
        "5.1.1",
        "destinataire invalide",
    ),
    Sample(
        "mail.ru",
        "Mail failure.",
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
        "delivered to one or more of its\nrecipients. The following address(es) failed:\n\n  bob@dest.example\n    "
        "mailbox is full: 550 5.2.2 quota exceeded\n",
        "5.2.2",
        "quota",
        sender="mailer-daemon@corp.post.example",
    ),
    Sample(
        "Yandex",
        "Недоставленное сообщение",
        "Это письмо отправлено почтовым сервером. К сожалению, мы вынуждены сообщить Вам о том,\nчто Ваше письмо не "
        "может быть доставлено одному или нескольким адресатам.\n\n<bob@dest.example>: host mx.dest.example[192.0.2.7] "
        "said: 550 5.7.1 No such\n    user!\n",
        "5.7.1",
        "No such",
        sender="mailer-daemon@post.example",
    ),
    Sample(
        "163",
        "系统退信",
        "抱歉，您的邮件被退回来了……\n\n原邮件信息：\n\n收件人：bob@dest.example\n退信原因：MI:SMT,SMTP error, RCPT TO: 550 User not "
        "found: bob@dest.example\n",
        "5.0.0",
        "User not found",
        sender="Postmaster@163.example",
        headers="Return-Path: <>",
    ),
    Sample(
        "QQ",
        "来自mail.example的退信",
        "很抱歉您发送的邮件被退回，以下是该邮件的相关信息：\n\n被退回邮件\n收件人 bob@dest.example\n退信原因 收件人邮件地址（bob@dest.example）不存在，"
        "邮件无法送达。\n550 Mailbox not found\n",
        "5.0.0",
        "Mailbox not found",
        sender="PostMaster@mail.example",
        headers="Return-Path: <>",
    ),
    Sample(
        "docomo",
        "Undelivered Mail Returned to Sender",
        "The following addresses had delivery errors:\n\n<bob@dest.example>: Unknown User\n",
        says="Unknown User",
        sender="mail-daemon@mobile.example",
    ),
    Sample(
        "KDDI",
        "Mail System Error - Returned Mail",
        "<bob@dest.example>\n\nEach of the following recipients was rejected by a remote mail server.\n"
        "---------------------------------------------------\n",
        says="rejected",
        sender="Postmaster@mobile.example",
    ),
    Sample(
        "Verizon",
        "Undeliverable Message",
        "Error: no valid recipients from <us@us.example>\n\nReason: The following recipient could not be reached\n\n"
        "bob@dest.example\n",
        sender="post_master@vtext.example",
    ),
    Sample(
        "a Japanese gateway (X2)",
        "Delivery failure",
        "Unable to deliver message to the following address(es).\n\n<bob@dest.example>:\n192.0.2.7 failed after I sent "
        "the message.\nRemote host said: 554 5.4.14 Hop count exceeded\n",
        "5.4.14",
        "Hop count",
        sender="postmaster@gw.dest.example",
    ),
    Sample(
        "a broken postmaster, a full mailbox",
        "Mail Delivery Warning",
        "This is an advisory-only email.  Please do not reply to it.\n\nDelivery of email to this address\n\n"
        '"bob@dest.example"\n\nhas been postponed due to a full mailbox.\n\nWe will continue to try to deliver your '
        "message over the next few days.\n",
        says="full mailbox",
        permanent=False,
        sender="<Postmaster\\@dest.example@dest.example>",
    ),
    Sample(
        "a gateway that answers under our subject",
        "RE: Your order 12 : non remis (delivery failed)",
        "*****************\nVotre message n'a pas pu etre delivre a\nbob@dest.example\n\n*****************\nYour message "
        "could not be delivered to\nbob@dest.example\n",
        sender="internet-gateway@dest.example",
    ),
    Sample(
        "a firewall that names itself admin",
        "Non-Delivery: Hello",
        "--- Non-Delivery Report ---\nThe email below could not be delivered to the following user:\n\n"
        '"bob@dest.example" <bob@dest.example>\n\nOld message:\n\nHello, this is my mail about eve@us.example\n',
        sender="admin@dest.example",
    ),
    Sample(
        "a null From",
        "Returned mail: see transcript for details",
        "   ----- The following addresses had permanent fatal errors -----\n<bob@dest.example>\n    (reason: 550 5.1.1 "
        "User unknown)\n",
        "5.1.1",
        "User unknown",
        sender="<>",
        headers="Auto-Submitted: auto-generated (failure)",
    ),
    Sample(
        "several at once",
        "Delivery failure",
        "The following recipients could not be reached:\n\nbob@dest.example\neve@dest.example\n\n5.1.1 unknown\n",
        "5.1.1",
        failed=(BOB, "eve@dest.example"),
    ),
    Sample(
        "fml",
        "You us@us.example are not member (users ML)",
        "You are not a member of this mailing list <bob@dest.example>.\n\nPlease send mail.\n",
        says="",
        sender="users-admin@dest.example",
        headers="X-MLServer: fml [fml 4.0]",
    ),
]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda each: each.system)
def test_what_a_notice_says(sample: Sample) -> None:
    headers = f"{sample.headers}\n" if sample.headers else ""
    raw = (
        f"From: {sample.sender}\nTo: us@us.example\nSubject: {sample.subject}\n{headers}"
        f"Content-Type: text/plain; charset=utf-8\n\n{sample.text}{COPY if 'follow' in sample.text[-80:] else ''}"
    )
    found = judged(raw)
    assert found.recipients == sample.failed
    assert found.permanent is sample.permanent
    assert found.status == sample.status
    assert sample.says in found.diagnostic


def report(
    *blocks: str, kind: str = "delivery-status", text: str = "Sorry.", returned: str = "Message-ID: <ours@us.example>"
) -> str:
    status = "\n\n".join(["Reporting-MTA: dns; mx.example", *blocks])
    return (
        "From: Mail Delivery System <MAILER-DAEMON@mx.example>\nTo: us@us.example\nSubject: Undelivered\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n"
        f"--x\n\n{text}\n--x\nContent-Type: message/{kind}\n\n{status}\n\n"
        f"--x\nContent-Type: message/rfc822\n\n{returned}\n\n--x--\n"
    )


def block(recipient: str, action: str = "failed", status: str = "5.1.1", more: str = "") -> str:
    return f"Final-Recipient: rfc822; {recipient}\nAction: {action}\nStatus: {status}{more}"


REPORTS = [
    (report(block("bob@d.example"), block("eve@d.example")), ("bob@d.example", "eve@d.example"), True, "two"),
    (report(block("eve@d.example", "relayed", "2.0.0"), block("bob@d.example")), ("bob@d.example",), True, "relayed"),
    (report(block("eve@d.example", "expanded", "2.0.0"), block("bob@d.example")), ("bob@d.example",), True, "expanded"),
    (report(block("eve@d.example", "delivered", "2.1.5"), block("bob@d.example")), ("bob@d.example",), True, "reached"),
    (report(block("eve@d.example", "delayed", "4.4.1"), block("bob@d.example")), ("bob@d.example",), True, "one waits"),
    (report(block("bob@d.example", "delayed", "4.4.1")), ("bob@d.example",), False, "waits"),
    (report(block("bob@d.example", "failed", "4.4.7")), ("bob@d.example",), True, "given up after days of 4.x"),
    (report("Final-Recipient: rfc822; bob@d.example\nStatus: 4.2.2"), ("bob@d.example",), False, "no action, 4.x"),
    (report("Final-Recipient: rfc822; bob@d.example\nStatus: 5.2.2"), ("bob@d.example",), True, "no action, 5.x"),
    (report("Final-recipient: <bob@d.example>\nAction: Failed (bad)"), ("bob@d.example",), True, "no address type"),
    (report("Final-Recipient: RFC822;<bob@d.example>\nAction: FAILED"), ("bob@d.example",), True, "capitals, no blank"),
    (report("Original-Recipient: rfc822;bob+2Bx@d.example\nAction: failed"), ("bob+x@d.example",), True, "xtext"),
    (report("Final-Recipient: utf-8; b\\x{F6}b@d.example\nAction: failed"), ("böb@d.example",), True, "RFC 6533"),
    (report("Final-Recipient: x400; /G=Bob/\nAction: failed\nX-Actual-Recipient: rfc822; bob@d.example"),
     ("bob@d.example",), True, "X.400"),
    (report(block("prvs=1234abcdef=bob@d.example")), ("bob@d.example",), True, "BATV"),
    (report(block("SRS0=HHHH=TT=d.example=bob@forward.example")), ("bob@d.example",), True, "SRS0"),
    (report(block("SRS1=HHHH=one.example==HHHH=TT=d.example=bob@two.example")), ("bob@d.example",), True, "SRS1"),
    (report(block("news-bounces+bob=d.example@lists.example")), ("bob@d.example",), True, "VERP"),
    (report(block("bob@d.example"), kind="global-delivery-status"), ("bob@d.example",), True, "global"),
    (report("Action: failed", text="<bob@d.example>: no such user"), ("bob@d.example",), True, "named in the text only"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "recipients", "permanent", "why"), REPORTS)
def test_reports_in_odd_forms(raw: str, recipients: tuple[str, ...], permanent: bool, why: str) -> None:
    found = judged(raw)
    assert (found.recipients, found.permanent) == (recipients, permanent), why


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded", "DELIVERED (to the list)"])
def test_a_report_of_success_is_no_bounce(action: str) -> None:
    found = classify(read_mail(report(block("bob@d.example", action, "2.0.0")).encode()), "", Identity())
    assert found.kind in {Kind.REPORT, Kind.AUTO_REPLY}
    assert not found.acknowledge


STATUSES = [
    ("\nDiagnostic-Code: smtp; 550 5.7.1 refused", "5.0.0", "5.7.1", "the words say more"),
    ("\nDiagnostic-Code: smtp; 552 5.2.2 full", "5.1.1", "5.1.1", "the report's own code is no general one"),
    ("\nDiagnostic-Code: smtp; 450 4.7.1 later", "5.0.0", "5.0.0", "another class"),
    ("\nDiagnostic-Code: smtp; from 5.1.1.7 refused", "5.0.0", "5.0.0", "an IP address"),
    ("", "5.4.4 (bad address)", "5.4.4", "with a comment"),
]


@pytest.mark.parametrize(("more", "status", "expected", "why"), STATUSES)
def test_the_status_that_says_most(more: str, status: str, expected: str, why: str) -> None:
    assert judged(report(block("bob@d.example", status=status, more=more))).status == expected, why
