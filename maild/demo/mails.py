"""Writes mails as mail clients, autoresponders and mail systems write them."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from email import policy
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr

from maild.clock import utc_now
from maild.mail.model import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A mail on its way to the desk."""

    raw: bytes
    sender: Address
    subject: str
    envelope_from: str  # "": the null reverse-path
    envelope_to: str
    files: tuple[str, ...] = ()


def write(sender: Address, to: str, subject: str, text: str, *, files: Sequence[tuple[str, bytes]] = ()) -> Posted:
    """A new mail."""
    mail = _head(sender, to, subject)
    mail.set_content(text, cte="quoted-printable")
    for name, content in files:
        mail.add_attachment(content, maintype="text", subtype="csv", filename=name)
    return _posted(mail, sender, mail.as_bytes(), files=tuple(name for name, _ in files))


def reply(sender: Address, letter: EmailMessage, text: str) -> Posted:
    """An answer as clients write it: to the Reply-To, threaded, the letter quoted below, in text and HTML."""
    mail = _answering(sender, letter, "Re: ")
    name, address = parseaddr(str(letter["From"]))
    introduction = f"On {letter['Date'].datetime:%d.%m.%Y %H:%M}, {name} <{address}> wrote:"
    body = letter.get_body(("plain",))
    quoted = str(body.get_content()).rstrip("\n").split("\n") if body else []
    text, below = text.rstrip("\n"), "\n".join(quoted)
    lines = [text, "", introduction, *(f"> {line}".rstrip() for line in quoted)]
    mail.set_content("\n".join(lines) + "\n", cte="quoted-printable")
    mail.add_alternative(
        f'<html><body><div>{_as_html(text)}</div><br><div class="moz-cite-prefix">{_as_html(introduction)}</div>\n'
        f'<blockquote type="cite">{_as_html(below)}</blockquote></body></html>\n',
        subtype="html",
        cte="quoted-printable",
    )
    return _posted(mail, sender, mail.as_bytes())


def out_of_office(sender: Address, letter: EmailMessage, text: str) -> Posted:
    """What an autoresponder answers to a letter [RFC 3834]: with the null reverse-path, so that none answers it."""
    mail = _answering(sender, letter, "Automatische Antwort: ")
    mail["Auto-Submitted"] = "auto-replied"
    mail.set_content(text + "\n", cte="quoted-printable")
    return _posted(mail, sender, mail.as_bytes(), envelope_from="")


def undelivered(letter: EmailMessage, reverse_path: str, recipient: str, answer: str) -> Posted:
    """What a mail system sends to a letter's reverse-path when it cannot deliver it [RFC 3464]."""
    system = Address("Mail Delivery System", "MAILER-DAEMON@mx.kunde.example")
    mail = _head(system, reverse_path, "Undelivered Mail Returned to Sender")
    mail["Auto-Submitted"] = "auto-replied"
    told = ["Content-Type: text/plain", "", "This is the mail system. Your mail could not be delivered:", "", answer]
    report = [
        *("Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.kunde.example", ""),
        *(f"Final-Recipient: rfc822; {recipient}", "Action: failed", f"Status: {answer.split()[1]}"),
        *(f"Diagnostic-Code: smtp; {answer}", ""),
    ]
    head = ["Content-Type: text/rfc822-headers", "", f"Message-ID: {letter['Message-ID']}", f"To: {recipient}", ""]
    content = _multipart("report; report-type=delivery-status", "report", told, report, head)
    return _posted(mail, system, _with(mail, content), envelope_from="")


def nested(sender: Address, to: str, subject: str, text: str, depth: int) -> Posted:
    """A mail whose parts lie in each other, `depth` multiparts deep, as broken forwarding makes them."""
    content = ["Content-Type: text/plain; charset=utf-8", "", text]
    for level in range(depth):
        content = _multipart("mixed", f"level-{level}", content)
    mail = _head(sender, to, subject)
    return _posted(mail, sender, _with(mail, content))


def _head(sender: Address, to: str, subject: str) -> EmailMessage:
    mail = EmailMessage(policy=policy.SMTP)
    mail["Date"] = format_datetime(utc_now())
    mail["From"] = HeaderAddress(display_name=sender.name, addr_spec=sender.address)
    mail["To"] = HeaderAddress(addr_spec=to)
    mail["Subject"] = subject
    mail["Message-ID"] = make_msgid(domain=sender.address.rpartition("@")[2])
    return mail


def _answering(sender: Address, letter: EmailMessage, before: str) -> EmailMessage:
    """The head of an answer, threaded [RFC 5322 §3.6.4]."""
    subject = str(letter["Subject"])
    to = parseaddr(str(letter["Reply-To"] or letter["From"]))[1]
    mail = _head(sender, to, subject if subject.startswith(before) else before + subject)
    answered = str(letter["Message-ID"]).strip()
    mail["In-Reply-To"] = answered
    mail["References"] = " ".join([*str(letter["References"] or "").split(), answered])
    return mail


def _as_html(text: str) -> str:
    return html.escape(text).replace("\n", "<br>\n")


def _multipart(sort: str, edge: str, *parts: Sequence[str]) -> list[str]:
    """A multipart, written by hand: the library's writers of it recurse, and know no delivery reports."""
    inside = [line for part in parts for line in (f"--{edge}", *part)]
    return [f'Content-Type: multipart/{sort}; boundary="{edge}"', "", *inside, f"--{edge}--"]


def _with(mail: EmailMessage, content: Sequence[str]) -> bytes:
    head = mail.as_bytes().rstrip(b"\r\n")
    return head + b"\r\nMIME-Version: 1.0\r\n" + "\r\n".join([*content, ""]).encode()


def _posted(
    mail: EmailMessage, sender: Address, raw: bytes, *, envelope_from: str | None = None, files: tuple[str, ...] = ()
) -> Posted:
    return Posted(
        raw=raw,
        sender=sender,
        subject=str(mail["Subject"]),
        envelope_from=sender.address if envelope_from is None else envelope_from,
        envelope_to=parseaddr(str(mail["To"]))[1],
        files=files,
    )
