"""What replies of all mail clients have in common: the letter that they quote, and the mail that they make.

`clients.py` and `outlook.py` write the words, the quote and the headers of one program each.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, parseaddr
from html import escape
from itertools import count

from maild.testing.mails import File
from maild.testing.sink import Posted

_POLICY = SMTP.clone(max_line_length=998)
NUMBERS = count(1)  # for the names that programs give their mails
_BODY = re.compile(r"(?is)<body\b[^>]*>(.*)</body>")
_WIDTH = 76  # at which programs without soft line ends break lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """A letter as a client quotes it."""

    name: str
    address: str
    at: datetime
    to: str
    subject: str
    text: str
    html: str

    @property
    def sender(self) -> str:
        """Who wrote it, with name and address."""
        return f"{self.name} <{self.address}>"

    @property
    def marked(self) -> str:
        """Its text, with a mark before each line."""
        return "\n".join(f"> {line}".rstrip() for line in self.text.split("\n"))


def quoted_of(letter: Posted) -> Quoted:
    """What a client quotes of a letter."""
    mail = letter.mail
    name, address = parseaddr(str(mail["From"]))
    body = mail.get_body(("html",))
    html = str(body.get_content()) if body else f"<div>{escape(letter.text)}</div>"
    found = _BODY.search(html)
    return Quoted(
        name=name,
        address=address,
        at=mail["Date"].datetime,
        to=parseaddr(str(mail["To"]))[1],
        subject=str(mail["Subject"]),
        text=letter.text.replace("\r\n", "\n").rstrip("\n"),
        html=found[1] if found else html,
    )


def reply_mail(
    letter: Posted,
    text: str,
    html: str,
    *,
    sender: str,
    message_id: str,
    headers: Mapping[str, str],
    files: Sequence[File],
    prefix: str = "Re: ",
    flowed: bool = False,
) -> bytes:
    """The reply, as text, as HTML or both, with the headers that every program writes."""
    answered = letter.mail
    subject = str(answered["Subject"])
    chain = [str(x) for x in (answered["References"], answered["Message-ID"]) if x]
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = sender or formataddr(parseaddr(str(answered["To"])))
    mail["To"] = str(answered["Reply-To"] or answered["From"])
    mail["Subject"] = subject if subject.lower().startswith("re:") else f"{prefix}{subject}"
    mail["Date"] = format_datetime(answered["Date"].datetime + timedelta(minutes=5))
    mail["Message-ID"] = f"<{message_id}>"
    mail["In-Reply-To"] = str(answered["Message-ID"])
    mail["References"] = " ".join(" ".join(chain).split())
    for name, value in headers.items():
        mail[name] = value
    if text:
        mail.set_content(text, cte="quoted-printable")
    if html and text:
        mail.add_alternative(html, subtype="html", cte="quoted-printable")
    elif html:
        mail.set_content(html, subtype="html", cte="quoted-printable")
    if flowed:
        mail.set_param("format", "flowed")
    for name, kind, content in files:
        main, _, sub = kind.partition("/")
        mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return mail.as_bytes()


def writers_domain(letter: Posted, sender: str) -> str:
    """The domain of whoever answers a letter."""
    return parseaddr(sender or str(letter.mail["To"]))[1].partition("@")[2]


def lines(text: str, line: Callable[[str], str]) -> str:
    """Each line of a text as HTML, an empty one as a break."""
    return "".join(line(escape(each, quote=False) or "<br>") for each in text.split("\n"))


def div(line: str) -> str:
    """A line of HTML in a box of its own."""
    return f"<div>{line}</div>"


def wrapped(text: str, end: str = "") -> str:
    """A text with lines of at most 76 characters; `end` is what a soft line end leaves behind."""
    broken: list[str] = []
    for line in text.split("\n"):
        pieces = textwrap.wrap(line, _WIDTH, break_long_words=False, break_on_hyphens=False) or [""]
        broken.append(f"{end}\n".join(pieces))
    return "\n".join(broken)
