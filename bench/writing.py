"""Writes one mail of the corpus as mail programs do: headers, text or text and HTML, attachment, charset."""

from __future__ import annotations

import base64
import binascii
import html
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.header import Header
from email.utils import format_datetime

from bench.languages import Language

_ATTACHED = 50 << 10  # bytes
_PROGRAMS = (
    "Microsoft Outlook 16.0",
    "Apple Mail (2.3774.600.62)",
    "Mozilla Thunderbird",
    "Roundcube Webmail/1.6.9",
)


@dataclass(frozen=True, slots=True)
class Sender:
    """A customer."""

    name: str
    address: str
    language: Language


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything that a mail says."""

    message_id: str
    references: tuple[str, ...]
    sender: Sender
    to: str
    at: datetime
    subject: str
    text: str
    rich: bool  # text and HTML
    attached: bool


def cost(line: str) -> int:
    """What a line takes on the wire at most: quoted-printable UTF-8."""
    raw = line.encode()
    return 3 * len(raw) - 2 * len(raw.decode("ascii", "ignore")) + 2


def sentences(chance: random.Random, language: Language, size: int) -> str:
    """Paragraphs that take about `size` bytes on the wire."""
    lines: list[str] = []
    used = 0
    while used < size:
        words = chance.choices(language.words, k=chance.randint(6, 12))
        line = " ".join(words).capitalize() + chance.choice((".", ".", ".", "?", ","))
        lines.append(line)
        if chance.random() < 0.2:
            lines.append("")
        used += cost(line)
    return "\n".join(lines) + "\n"


def write(chance: random.Random, draft: Draft) -> bytes:
    """The mail as it goes over the wire, without dot-stuffing; lines end in CRLF."""
    charset = chance.choice(draft.sender.language.charsets)
    body = _text("plain", draft.text, charset)
    if draft.rich:
        body = _multipart("alternative", chance, body, _text("html", _as_html(draft.text), charset))
    if draft.attached:
        body = _multipart("mixed", chance, body, _attachment(chance))
    return _headers(chance, draft, charset).encode() + body


def _headers(chance: random.Random, draft: Draft, charset: str) -> str:
    domain = draft.sender.address.partition("@")[2]
    date = format_datetime(draft.at)

    def token(size: int) -> str:
        return base64.b64encode(chance.randbytes(size)).decode()

    lines = [f"Return-Path: <{draft.sender.address}>"]
    for hop in range(3):
        lines.append(f"Received: from mx{hop}.{domain} (mx{hop}.{domain} [192.0.2.{chance.randint(1, 250)}])")
        lines.append(f"\tby relay{hop}.{domain} (Postfix) with ESMTPS id {chance.getrandbits(44):X}")
        lines.append(f"\tfor <{draft.to}>; {format_datetime(draft.at + timedelta(seconds=hop))}")
    lines += [
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=mail; t={int(draft.at.timestamp())};",
        f"\tbh={token(32)}; h=From:To:Subject:Date:Message-ID;",
        f"\tb={token(42)}\r\n\t {token(45)}\r\n\t {token(45)}",
        f"Authentication-Results: relay2.{domain}; dkim=pass header.d={domain};",
        f"\tspf=pass smtp.mailfrom={draft.sender.address}",
        f"From: {_words(draft.sender.name, charset)} <{draft.sender.address}>",
        f"To: Example Support <{draft.to}>",
        f"Subject: {_words(draft.subject, charset)}",
        f"Date: {date}",
        f"Message-ID: <{draft.message_id}>",
    ]
    if draft.references:
        lines.append(f"In-Reply-To: <{draft.references[-1]}>")
        lines.append("References: <" + ">\r\n <".join(draft.references) + ">")
    lines += [f"X-Mailer: {chance.choice(_PROGRAMS)}", "Content-Language: en-GB", "MIME-Version: 1.0"]
    return "\r\n".join(lines) + "\r\n"


def _words(value: str, charset: str) -> str:
    if value.isascii():
        return value
    try:
        value.encode(charset)
    except UnicodeEncodeError:
        charset = "utf-8"
    return Header(value, charset, maxlinelen=70).encode(linesep="\r\n")


def _text(subtype: str, text: str, charset: str) -> bytes:
    """A text part; what its charset lacks is written as it would be by a careless program: "?"."""
    raw = text.encode(charset, "replace")
    if charset in {"us-ascii", "iso-2022-jp"}:
        encoding, body = "7bit", raw.replace(b"\n", b"\r\n")
    elif charset == "windows-1252":
        encoding, body = "8bit", raw.replace(b"\n", b"\r\n")
    else:  # the shorter one, as good programs choose
        encoding, body = min(
            ("quoted-printable", binascii.b2a_qp(raw, istext=True).replace(b"\n", b"\r\n")),
            ("base64", base64.encodebytes(raw).replace(b"\n", b"\r\n")),
            key=lambda choice: len(choice[1]),
        )
    head = f"Content-Type: text/{subtype}; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + body


def _as_html(text: str) -> str:
    """What a mail program makes of the text; a quotation goes into its blockquote."""
    rows: list[str] = []
    quoting = False
    for line in text.split("\n"):
        if line.startswith(">") != quoting:
            quoting = not quoting
            rows.append('<blockquote type="cite">' if quoting else "</blockquote>")
        rows.append(f'<div style="font-size:11pt">{html.escape(line.removeprefix("> ")) or "<br>"}</div>')
    if quoting:
        rows.append("</blockquote>")
    content = "\n".join(rows)
    return f'<html><head><meta charset="utf-8"></head><body lang="EN-GB">\n{content}\n</body></html>\n'


def _attachment(chance: random.Random) -> bytes:
    head = (
        'Content-Type: image/jpeg; name="IMG_2041.jpg"\r\nContent-Transfer-Encoding: base64\r\n'
        'Content-Disposition: attachment; filename="IMG_2041.jpg"\r\n\r\n'
    )
    return head.encode() + base64.encodebytes(chance.randbytes(_ATTACHED)).replace(b"\n", b"\r\n")


def _multipart(subtype: str, chance: random.Random, *parts: bytes) -> bytes:
    boundary = f"----=_{subtype}_{chance.getrandbits(64):016x}"
    between = f"\r\n--{boundary}\r\n".encode()
    head = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\nThis is a multi-part message.'
    return head.encode() + between + between.join(parts) + f"\r\n--{boundary}--\r\n".encode()
