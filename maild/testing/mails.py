"""Mails as people's programs write them: new ones, replies, reports."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP, compat32
from email.utils import format_datetime, parseaddr
from html import unescape
from itertools import count

from maild.testing.sink import Posted

_POLICY = SMTP.clone(max_line_length=998)
_NUMBERS = count(1)
_MAILTO = re.compile(r"mailto:[^'\"\s<>]+")

File = tuple[str, str, bytes]  # name, type, content


def new_mail(
    text: str = "My machine is broken.",
    *,
    sender: str = "Kim Kunde <kim@customer.example>",
    to: str = "support@example.com",
    subject: str = "Broken",
    message_id: str | None = None,
    date: datetime | None = None,
    headers: Mapping[str, str] = {},
    files: Sequence[File] = (),
    html: str = "",
) -> bytes:
    """A mail; without `message_id` it gets one of its own, with "" none."""
    mail = EmailMessage(policy=_POLICY)
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Date"] = format_datetime(date or datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    if message_id != "":
        domain = parseaddr(sender)[1].partition("@")[2] or "nowhere.example"
        mail["Message-ID"] = f"<{message_id or f'mail.{next(_NUMBERS)}.{id(mail):x}@{domain}'}>"
    for name, value in headers.items():
        mail[name] = value
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    for name, kind, content in files:
        main, _, sub = kind.partition("/")
        mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return mail.as_bytes()


def reply_to(
    letter: Posted,
    text: str,
    *,
    sender: str = "",
    to: str = "",
    headers: Mapping[str, str] = {},
    files: Sequence[File] = (),
) -> bytes:
    """What a mail client makes of "reply": Reply-To answered, the thread's ids, the old words quoted."""
    mail = letter.mail
    quoted = "".join(f"> {line}\n" for line in letter.text.splitlines())
    subject = str(mail["Subject"])
    ids = " ".join(str(x) for x in (mail["References"], mail["Message-ID"]) if x)
    return new_mail(
        f"{text}\n\nOn {mail['Date']}, {mail['From']} wrote:\n{quoted}",
        sender=sender or str(mail["To"]),
        to=to or str(mail["Reply-To"] or mail["From"]),
        subject=subject if subject.lower().startswith("re:") else f"Re: {subject}",
        headers={"In-Reply-To": str(mail["Message-ID"]), "References": " ".join(ids.split()), **headers},
        files=files,
    )


def links(letter: Posted) -> list[str]:
    """The mailto links of a letter, in its text or its HTML, each once."""
    bodies = [part.get_content() for part in letter.mail.walk() if part.get_content_maintype() == "text"]
    found = _MAILTO.findall(unescape("\n".join(map(str, bodies))))
    return list(dict.fromkeys(found))


_REPORT = """\
From: MAILER-DAEMON@relay.example (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Date: Mon, 02 Mar 2026 09:05:00 +0000
Message-ID: <report.{number}@relay.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.
Report number {number}.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} no such user

--b
Content-Type: text/rfc822-headers

{head}

--b--
"""


def delivery_report(letter: Posted, *, action: str = "failed", status: str = "5.1.1") -> bytes:
    """A bounce as Postfix writes it [RFC 3464]; it is to be sent to `letter.sender` with a null reverse-path."""
    head = letter.raw.partition(b"\r\n\r\n")[0].decode("ascii", "replace").replace("\r\n", "\n")
    return (
        _REPORT.format(
            to=letter.sender,
            recipient=letter.recipients[0],
            action=action,
            status=status,
            head=head,
            number=next(_NUMBERS),
        )
        .replace("\n", "\r\n")
        .encode()
    )


def envelope_of(raw: bytes) -> tuple[str, str]:
    """Sender and first recipient as the headers of an ordinary mail name them."""
    # Not the policy that knows every header: on hostile ones it takes minutes (RELIABILITY §0).
    head = BytesHeaderParser(policy=compat32).parsebytes(raw[:4096])
    return parseaddr(str(head["From"] or ""))[1], parseaddr(str(head["To"] or ""))[1]
