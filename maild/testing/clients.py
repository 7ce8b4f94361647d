r"""Replies as the big mail clients make them: how each writes words, quotes, attribution, HTML and headers.

    talk.receive(outlook_phone(talk.letters("anna@staff.example")[-1], "#hold parts\n\nWe wait for them."))

Each takes the letter that is answered and the words, a line each; what a person would not type (the
signature of a phone, the quote) the client adds.
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
from typing import Protocol

from maild.testing.mails import File
from maild.testing.sink import Posted

_POLICY = SMTP.clone(max_line_length=998)
_NUMBERS = count(1)
_BODY = re.compile(r"(?is)<body\b[^>]*>(.*)</body>")
_WIDTH = 76  # at which programs without soft line ends break lines


class Client(Protocol):
    """What answers a letter."""

    def __call__(
        self, letter: Posted, words: str, *, sender: str = "", signature: str = "", files: Sequence[File] = ()
    ) -> bytes:
        """The reply; `sender` is whom the letter went to unless it is said, `signature` the client's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Letter:
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
        return f"{self.name} <{self.address}>"

    @property
    def marked(self) -> str:
        return "\n".join(f"> {line}".rstrip() for line in self.text.split("\n"))


def _read(letter: Posted) -> _Letter:
    mail = letter.mail
    name, address = parseaddr(str(mail["From"]))
    body = mail.get_body(("html",))
    html = str(body.get_content()) if body else f"<div>{escape(letter.text)}</div>"
    found = _BODY.search(html)
    return _Letter(
        name=name,
        address=address,
        at=mail["Date"].datetime,
        to=parseaddr(str(mail["To"]))[1],
        subject=str(mail["Subject"]),
        text=letter.text.replace("\r\n", "\n").rstrip("\n"),
        html=found[1] if found else html,
    )


def gmail_web(
    letter: Posted, words: str, *, sender: str = "", signature: str = "", files: Sequence[File] = ()
) -> bytes:
    """Gmail in a browser: text that is broken at 76 characters, and HTML with classes of its own."""
    return _gmail(letter, words, "ltr", sender=sender, signature=signature, files=files)


def gmail_phone(
    letter: Posted, words: str, *, sender: str = "", signature: str = "", files: Sequence[File] = ()
) -> bytes:
    """Gmail's app: a box of its own for each line, which take their direction from the words."""
    return _gmail(letter, words, "auto", sender=sender, signature=signature, files=files)


def _gmail(letter: Posted, words: str, direction: str, *, sender: str, signature: str, files: Sequence[File]) -> bytes:
    quoted = _read(letter)
    when = f"{quoted.at:%a, %b} {quoted.at.day}, {quoted.at:%Y} at {quoted.at:%I:%M} {quoted.at:%p}"
    says = f"On {when} {quoted.name} <\n{quoted.address}> wrote:"
    below = f"\n\n-- \n{signature}" if signature else ""
    signed = (
        '<br clear="all"><div><br></div><span class="gmail_signature_prefix">-- </span><br>'
        f'<div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature">{_lines(signature, _div)}</div>'
    )
    if direction == "auto":
        own = _lines(words, lambda line: f'<div dir="auto">{line}</div>')
    else:
        own = f'<div dir="ltr">{_lines(words, _div)}</div>'
    html = (
        f'{own}{signed if signature else ""}<br><div class="gmail_quote gmail_quote_container">'
        f'<div dir="ltr" class="gmail_attr">On {when} {escape(quoted.name)} &lt;<a href="mailto:{quoted.address}">'
        f'{quoted.address}</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;'
        f'border-left:1px solid rgb(204,204,204);padding-left:1ex">{quoted.html}</blockquote></div>\r\n'
    )
    return _mail(
        letter,
        f"{_broken(words)}{below}\n\n{says}\n\n{quoted.marked}\n",
        html,
        sender=sender,
        message_id=f"CAF{next(_NUMBERS):08d}Gm=x+Qz@mail.gmail.com",
        headers={},
        files=files,
    )


def outlook_desktop(
    letter: Posted, words: str, *, sender: str = "", signature: str = "", files: Sequence[File] = ()
) -> bytes:
    """Outlook on Windows: HTML only, as Word writes it; the signature stands under the words like any other."""
    quoted = _read(letter)
    typed = "\n".join(filter(None, (words, "\n" + signature if signature else "")))
    html = (
        '<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
        'xmlns:w="urn:schemas-microsoft-com:office:word"><head><meta http-equiv="Content-Type" '
        'content="text/html; charset=utf-8"><meta name="Generator" content="Microsoft Word 15 (filtered medium)">'
        "<style><!--\np.MsoNormal, li.MsoNormal {margin:0in; font-size:11.0pt;}\n--></style></head>"
        '<body lang="EN-US" link="#0563C1" vlink="#954F72" style="word-wrap:break-word"><div class="WordSection1">\r\n'
        f'{_lines(typed, _word)}<p class="MsoNormal"><o:p>&nbsp;</o:p></p>\r\n<div>'
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in"><p class="MsoNormal">'
        f'{_outlook_head(quoted)}<o:p></o:p></p></div></div><p class="MsoNormal"><o:p>&nbsp;</o:p></p>{quoted.html}'
        "</div></body></html>\r\n"
    )
    return _outlook(letter, "", html, sender=sender, files=files)


def outlook_web(
    letter: Posted, words: str, *, sender: str = "", signature: str = "", files: Sequence[File] = ()
) -> bytes:
    """Outlook in a browser: text and HTML; what is quoted begins at an empty box with a name."""
    quoted = _read(letter)
    typed = "\n".join(filter(None, (words, "\n" + signature if signature else "")))
    font = "font-family: Aptos, Calibri, sans-serif; font-size: 12pt; color: rgb(0, 0, 0);"
    html = (
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><style type="text/css" '
        'style="display:none;"> P {margin-top:0;margin-bottom:0;} </style></head><body dir="ltr">'
        + _lines(typed, lambda line: f'<div class="elementToProof" style="{font}">{line}</div>')
        + '<div id="appendonsend"></div><hr tabindex="-1" style="display:inline-block; width:98%">'
        '<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" color="#000000" style="font-size:11pt">'
        f"{_outlook_head(quoted)}</font><div>&nbsp;</div></div><div>{quoted.html}</div></body></html>"
    )
    return _outlook(letter, _outlook_text(typed, quoted), html, sender=sender, files=files)


def outlook_phone(
    letter: Posted, words: str, *, sender: str = "", signature: str = "", files: Sequence[File] = ()
) -> bytes:
    """Outlook's app: under the words it says what it is, unless it has another signature."""
    quoted = _read(letter)
    link = '<a href="https://aka.ms/o0ukef">Outlook for iOS</a>'
    signed = _lines(signature, _div) if signature else f'<div dir="ltr">Get {link}</div>'
    html = (
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body>'
        + _lines(words, lambda line: f'<div dir="auto" style="font-family: Aptos; font-size: 12pt;">{line}</div>')
        + '<div id="ms-outlook-mobile-body-separator-line" data-applydefaultfontstyles="true"><br></div>'
        f'<div id="ms-outlook-mobile-signature" style="font-size: 12pt;">{signed}</div>'
        '<hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr">'
        f'<font face="Calibri, sans-serif" style="font-size:11pt" color="#000000">{_outlook_head(quoted)}</font>'
        f"<div>&nbsp;</div></div>{quoted.html}</body></html>"
    )
    below = signature or "Get Outlook for iOS<https://aka.ms/o0ukef>"
    return _outlook(letter, _outlook_text(f"{words}\n\n{below}", quoted), html, sender=sender, files=files)


def _outlook(letter: Posted, text: str, html: str, *, sender: str, files: Sequence[File]) -> bytes:
    number = next(_NUMBERS)
    subject = str(letter.mail["Subject"])
    headers = {
        "Thread-Topic": subject,
        "Thread-Index": "AQHa" + f"{number:020d}".replace("0", "A") + "==",
        "Accept-Language": "en-US",
        "Content-Language": "en-US",
        "X-MS-Has-Attach": "yes" if files else "",
    }
    message_id = f"AS8PR01MB{number:04d}C0FFEE@AS8PR01MB{number:04d}.eurprd01.prod.exchangelabs.com"
    return _mail(letter, text, html, sender=sender, message_id=message_id, headers=headers, files=files, prefix="RE: ")


def _outlook_head(quoted: _Letter) -> str:
    """The block of headers, as HTML."""
    return (
        f"<b>From:</b> {escape(quoted.sender)}<br>\r\n<b>Sent:</b> {_outlook_date(quoted.at)}<br>\r\n"
        f"<b>To:</b> {escape(quoted.to)}<br>\r\n<b>Subject:</b> {escape(quoted.subject)}"
    )


def _outlook_text(words: str, quoted: _Letter) -> str:
    return (
        f"{words}\n\n{'_' * 32}\nFrom: {quoted.sender}\nSent: {_outlook_date(quoted.at)}\nTo: {quoted.to}\n"
        f"Subject: {quoted.subject}\n\n{quoted.text}\n"
    )


def _outlook_date(at: datetime) -> str:
    return f"{at:%A, %B} {at.day}, {at:%Y} {at:%I:%M} {at:%p}"


def apple_mail(
    letter: Posted, words: str, *, sender: str = "", signature: str = "", files: Sequence[File] = ()
) -> bytes:
    """Mail on a Mac: the attribution stands inside the quote; the signature under the words, without a mark."""
    return _apple(letter, words, signature, sender=sender, files=files, mailer="Apple Mail (2.3826.400.131.1.6)")


def iphone_mail(
    letter: Posted, words: str, *, sender: str = "", signature: str = "Sent from my iPhone", files: Sequence[File] = ()
) -> bytes:
    """Mail on a phone."""
    return _apple(letter, words, signature, sender=sender, files=files, mailer="iPhone Mail (22D82)")


def _apple(letter: Posted, words: str, signature: str, *, sender: str, files: Sequence[File], mailer: str) -> bytes:
    quoted = _read(letter)
    typed = f"{words}\n\n{signature}" if signature else words
    says = f"On {quoted.at.day} {quoted.at:%b %Y}, at {quoted.at:%H:%M}, {quoted.sender} wrote:"
    html = (
        '<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head>'
        '<body style="overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: after-white-space;">'
        f'{_lines(typed, _div)}<div><br><blockquote type="cite"><div>{escape(says)}</div>'
        f'<br class="Apple-interchange-newline"><div>{quoted.html}</div></blockquote></div><br></body></html>'
    )
    text = f"{typed}\n\n> {says}\n> \n{quoted.marked}\n"
    number = next(_NUMBERS)
    return _mail(
        letter,
        text,
        html,
        sender=sender,
        message_id=f"{number:08X}-7A11-4C0D-9E5B-0123456789AB@{_domain(letter, sender)}",
        headers={"X-Mailer": mailer},
        files=files,
    )


def thunderbird(
    letter: Posted, words: str, *, sender: str = "", signature: str = "", files: Sequence[File] = ()
) -> bytes:
    """Thunderbird: text alone with soft line ends [RFC 3676], the signature behind its mark."""
    quoted = _read(letter)
    says = f"On {quoted.at.month}/{quoted.at.day}/{quoted.at:%y} {quoted.at:%H:%M}, {quoted.name} wrote:"
    flowed = "\n".join(_broken(f" {line}" if line[:1] in (" ", ">") else line, " ") for line in words.split("\n"))
    below = f"\n\n-- \n{signature}" if signature else ""
    return _mail(
        letter,
        f"{flowed}\n\n{says}\n{quoted.marked}{below}\n",
        "",
        sender=sender,
        message_id=f"{next(_NUMBERS):08x}-7a11-4c0d-9e5b-0123456789ab@{_domain(letter, sender)}",
        headers={"User-Agent": "Mozilla Thunderbird", "Content-Language": "en-US"},
        files=files,
        flowed=True,
    )


CLIENTS: Mapping[str, Client] = {
    "Gmail": gmail_web,
    "Gmail on a phone": gmail_phone,
    "Outlook": outlook_desktop,
    "Outlook in a browser": outlook_web,
    "Outlook on a phone": outlook_phone,
    "Apple Mail": apple_mail,
    "iPhone": iphone_mail,
    "Thunderbird": thunderbird,
}


def _mail(
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
    """The mail, as text, as HTML or both."""
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


def _domain(letter: Posted, sender: str) -> str:
    """The domain of whoever answers a letter."""
    return parseaddr(sender or str(letter.mail["To"]))[1].partition("@")[2]


def _lines(text: str, line: Callable[[str], str]) -> str:
    """Each line of a text as HTML, an empty one as a break."""
    return "".join(line(escape(each, quote=False) or "<br>") for each in text.split("\n"))


def _div(line: str) -> str:
    return f"<div>{line}</div>"


def _word(line: str) -> str:
    """A paragraph as Word writes it."""
    return f'<p class="MsoNormal">{"<o:p>&nbsp;</o:p>" if line == "<br>" else f"{line}<o:p></o:p>"}</p>\r\n'


def _broken(text: str, end: str = "") -> str:
    """A text with lines of at most 76 characters; `end` is what a soft line end leaves behind."""
    broken: list[str] = []
    for line in text.split("\n"):
        pieces = textwrap.wrap(line, _WIDTH, break_long_words=False, break_on_hyphens=False) or [""]
        broken.append(f"{end}\n".join(pieces))
    return "\n".join(broken)
