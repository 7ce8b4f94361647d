r"""Replies as the big mail clients make them: how each writes words, quotes, attribution, HTML and headers.

    talk.receive(outlook_phone(talk.letters("anna@staff.example")[-1], "#hold parts\n\nWe wait for them."))

Each takes the letter that is answered and the words, a line each; what a person would not type (the
signature of a phone, the quote) the client adds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Protocol

from maild.testing.mails import File
from maild.testing.outlook import outlook_desktop, outlook_phone, outlook_web
from maild.testing.reply_mail import NUMBERS, div, lines, quoted_of, reply_mail, wrapped, writers_domain
from maild.testing.sink import Posted


class Client(Protocol):
    """What answers a letter."""

    def __call__(
        self, letter: Posted, words: str, *, sender: str = "", signature: str = "", files: Sequence[File] = ()
    ) -> bytes:
        """The reply; `sender` is whom the letter went to unless it is said, `signature` the client's own."""


def gmail_web(
    letter: Posted, words: str, *, sender: str = "", signature: str = "", files: Sequence[File] = ()
) -> bytes:
    """Gmail in a browser: text that is wrapped at 76 characters, and HTML with classes of its own."""
    return _gmail(letter, words, "ltr", sender=sender, signature=signature, files=files)


def gmail_phone(
    letter: Posted, words: str, *, sender: str = "", signature: str = "", files: Sequence[File] = ()
) -> bytes:
    """Gmail's app: a box of its own for each line, which take their direction from the words."""
    return _gmail(letter, words, "auto", sender=sender, signature=signature, files=files)


def _gmail(letter: Posted, words: str, direction: str, *, sender: str, signature: str, files: Sequence[File]) -> bytes:
    quoted = quoted_of(letter)
    when = f"{quoted.at:%a, %b} {quoted.at.day}, {quoted.at:%Y} at {quoted.at:%I:%M} {quoted.at:%p}"
    says = f"On {when} {quoted.name} <\n{quoted.address}> wrote:"
    below = f"\n\n-- \n{signature}" if signature else ""
    signed = (
        '<br clear="all"><div><br></div><span class="gmail_signature_prefix">-- </span><br>'
        f'<div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature">{lines(signature, div)}</div>'
    )
    if direction == "auto":
        own = lines(words, lambda line: f'<div dir="auto">{line}</div>')
    else:
        own = f'<div dir="ltr">{lines(words, div)}</div>'
    html = (
        f'{own}{signed if signature else ""}<br><div class="gmail_quote gmail_quote_container">'
        f'<div dir="ltr" class="gmail_attr">On {when} {escape(quoted.name)} &lt;<a href="mailto:{quoted.address}">'
        f'{quoted.address}</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;'
        f'border-left:1px solid rgb(204,204,204);padding-left:1ex">{quoted.html}</blockquote></div>\r\n'
    )
    return reply_mail(
        letter,
        f"{wrapped(words)}{below}\n\n{says}\n\n{quoted.marked}\n",
        html,
        sender=sender,
        message_id=f"CAF{next(NUMBERS):08d}Gm=x+Qz@mail.gmail.com",
        headers={},
        files=files,
    )


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
    quoted = quoted_of(letter)
    typed = f"{words}\n\n{signature}" if signature else words
    says = f"On {quoted.at.day} {quoted.at:%b %Y}, at {quoted.at:%H:%M}, {quoted.sender} wrote:"
    html = (
        '<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head>'
        '<body style="overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: after-white-space;">'
        f'{lines(typed, div)}<div><br><blockquote type="cite"><div>{escape(says)}</div>'
        f'<br class="Apple-interchange-newline"><div>{quoted.html}</div></blockquote></div><br></body></html>'
    )
    text = f"{typed}\n\n> {says}\n> \n{quoted.marked}\n"
    number = next(NUMBERS)
    return reply_mail(
        letter,
        text,
        html,
        sender=sender,
        message_id=f"{number:08X}-7A11-4C0D-9E5B-0123456789AB@{writers_domain(letter, sender)}",
        headers={"X-Mailer": mailer},
        files=files,
    )


def thunderbird(
    letter: Posted, words: str, *, sender: str = "", signature: str = "", files: Sequence[File] = ()
) -> bytes:
    """Thunderbird: text alone with soft line ends [RFC 3676], the signature behind its mark."""
    quoted = quoted_of(letter)
    says = f"On {quoted.at.month}/{quoted.at.day}/{quoted.at:%y} {quoted.at:%H:%M}, {quoted.name} wrote:"
    flowed = "\n".join(wrapped(f" {line}" if line[:1] in (" ", ">") else line, " ") for line in words.split("\n"))
    below = f"\n\n-- \n{signature}" if signature else ""
    return reply_mail(
        letter,
        f"{flowed}\n\n{says}\n{quoted.marked}{below}\n",
        "",
        sender=sender,
        message_id=f"{next(NUMBERS):08x}-7a11-4c0d-9e5b-0123456789ab@{writers_domain(letter, sender)}",
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
