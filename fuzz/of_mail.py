"""Everything that is read out of a mail's bytes: parser, own words, kind, reports, authentication results."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from html.parser import HTMLParser

from fuzz.seeds import mails
from fuzz.target import Target, hold, one_line, storable
from maild.ids import Signer
from maild.mail import (
    Identity,
    Kind,
    as_json,
    attachment_bytes,
    classify,
    is_gratitude,
    read_mail,
    received_hops,
    reply_text,
    with_absence,
)
from maild.mail.authentication_results import read_authentication_results
from maild.mail.authenticity import Proof, Trust, authenticity
from maild.mail.forwards import read_forward
from maild.mail.html import html_text, plain_html_text
from maild.mail.own_html import own_html
from maild.mail.pieces import cut_out, put_together
from maild.templates.html import safe_html, text_to_html
from maild.threading.evidence import gather

_NOBODY = Identity()
_DAY = datetime(2026, 3, 2, tzinfo=UTC)
_STRANGER = Signer([b"a key that signed nothing here"])
_OURS = "mx.desk.example"
_TRUST = Trust(ids=frozenset({_OURS}))
_PATHS = (None, "", "<>", "a@b.example", "MAILER-DAEMON")
FETCHED = 5  # files of a mail that are fetched again
_WORD = re.compile(r"\w+")


def strings(value: object) -> Iterator[str]:
    """Every text in a value of ours."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | frozenset):
        for each in value:
            yield from strings(each)
    elif is_dataclass(value):
        for one in fields(value):
            yield from strings(getattr(value, one.name))


def check_parser(raw: bytes) -> None:
    """Any bytes are read, the same each time; nothing in a header makes a line; every file can be had again."""
    mail = read_mail(raw)
    hold(mail == read_mail(raw), "read twice, it is two mails")
    storable("the mail", strings(mail))
    one_line("a header", [value for _, value in mail.headers])
    one_line("an id", [mail.subject, mail.message_id, *mail.references, *mail.in_reply_to])
    one_line("an address", strings((mail.sender, mail.to, mail.cc, mail.reply_to)))
    for number, file in enumerate(mail.attachments):
        one_line("a file's name", [file.name, file.type, file.content_id])
        hold(file.name not in ("", ".", "..") and not set("/\\\0") & set(file.name), f"a file is called {file.name!r}")
        if number < FETCHED:  # each of them reads the whole mail again
            hold(len(attachment_bytes(raw, file.part)) == file.size, f"file {file.part} has another size when fetched")
    cut = cut_out(raw, 64)
    contents = {piece.sha256: cut.contents[piece.sha256] for piece in cut.pieces}
    hold(put_together(cut.rest, cut.pieces, contents) == raw, "taken apart and put together, it is another mail")


def check_reply(raw: bytes) -> None:
    """Own words and what was cut are the mail's words, all of them and no others."""
    mail = read_mail(raw)
    reply = reply_text(mail)
    storable("the reply", strings(reply))
    said = set(_WORD.findall(mail.text))
    hold(set(_WORD.findall(reply.text)) <= said, "the reply says what the mail does not")
    if not mail.html_only:
        hold(set(_WORD.findall(f"{reply.text}\n{reply.cut}")) >= said - {""} or reply.only_quoted, "words are lost")
    is_gratitude(mail, reply)
    gather(mail, reply, ("support@example.com",), _STRANGER, "#")


def check_kinds(raw: bytes) -> None:
    """Every mail is of one kind, with a reason; what a machine sent is not answered."""
    mail = read_mail(raw)
    reply = reply_text(mail)
    for path in _PATHS:
        verdict = with_absence(classify(mail, path, _NOBODY), mail, reply, _DAY)
        hold(verdict.why and verdict.acknowledge_why, "it does not say why")
        hold(
            verdict.kind is Kind.HUMAN
            or not verdict.acknowledge
            or verdict.kind in (Kind.CALENDAR, Kind.NOTICE, Kind.LIST),
            verdict.kind,
        )
        hold(path not in ("", "<>") or not verdict.acknowledge, "a mail with the null reverse-path is acknowledged")
        one_line("a reason", verdict.why)
        storable("the verdict", strings(verdict))
        json.dumps(as_json(mail, verdict, reply))
        hold(verdict.away_until is None or isinstance(verdict.away_until, date), "absent until no day")
    read_forward(mail, raw)
    received_hops(raw)


def check_reports(raw: bytes) -> None:
    """A report is read as it stands, as one with a body of ours before it, and as one of a daemon."""
    for head in (b"", b"From: MAILER-DAEMON@x.example\nSubject: Undelivered mail\n"):
        mail = read_mail(head + raw)
        bounce = classify(mail, "", _NOBODY).bounce
        if bounce is not None:
            one_line(
                "what a bounce says", (*bounce.recipients, bounce.status, bounce.diagnostic, bounce.returned_message_id)
            )
            hold(all("@" in each or each for each in bounce.recipients), "an empty recipient came back")
            hold(len(set(bounce.recipients)) == len(bounce.recipients), "a recipient came back twice")


def check_authentication(value: bytes) -> None:
    """Only a field that a trusted system wrote proves anything, and what stands below it changes nothing."""
    end = b"\r\nFrom: Kim <kim@example.com>\r\n\r\nHello\r\n"
    for foreign in (value.replace(_OURS.encode(), b"mx.evil.example"), value):
        text = foreign.decode("utf-8", "replace")
        read = read_authentication_results(text)
        hold(not (read.trouble and read.results), "trouble, and results all the same")
        got = authenticity(b"Authentication-Results: " + foreign + end, _TRUST)
        hold(got.result is Proof.NONE or _OURS in _plain(text), "somebody else's results prove something")
        one_line("a reason", got.why)
        hold(all(len(line) < 500 for line in got.why), "a reason is longer than anybody reads")
        hold(not got.proves_agent or got.exact, "an agent is proved by another domain")
    for ours, result in (
        (b"; dkim=none; dmarc=none", Proof.NONE),
        (b"; dmarc=fail header.from=example.com", Proof.FAIL),
    ):
        field = b"Authentication-Results: " + _OURS.encode() + ours + b"\r\nX-End: x\r\n"
        hold(authenticity(field + value + end, _TRUST).result is result, "what stands below our field changes it")


def _plain(text: str) -> str:
    """A trusted id may be written with a comment or in pieces that the field's grammar joins."""
    return "".join(text.lower().split()).replace("\\", "").replace('"', "")


def check_html(data: bytes) -> None:
    """HTML becomes text, and what is shown of it is without what was taken out."""
    html = data.decode("utf-8", "replace").replace("\0", "")
    text = html_text(html)
    storable("the text", [text, plain_html_text(html)])
    # Both ways by which a stranger's HTML comes into a letter.
    for shown in (own_html(html, text, lambda line: line.startswith("#")), html, str(text_to_html(html[:20_000]))):
        safe = safe_html(shown)
        storable("the HTML", [safe])
        _Shown().feed(safe)


class _Shown(HTMLParser):
    """Reads our HTML as a mail program does, and raises Breach for what would act there."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Of each tag that is shown."""
        hold(tag in _SHOWN, f"<{tag}> is shown")
        for name, value in attrs:
            hold(name in _SHOWN[tag], f"{name} of <{tag}> is shown")
            schemes = {"href": ("http://", "https://", "mailto:"), "src": ("cid:",)}.get(name)
            hold(schemes is None or (value or "").strip().lower().startswith(schemes), f"{name} leads to {value!r}")

    def handle_comment(self, data: str) -> None:
        """None is left: some programs act on them."""
        hold(fact=False, what=f"a comment is shown: {data!r}")


_BLOCKS = (
    "abbr b blockquote br code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i ins kbd li p pre s small span strong sub sup"
    " table tbody tfoot thead tr u ul"
)
_SHOWN = dict.fromkeys(_BLOCKS.split(), frozenset[str]()) | {
    "a": frozenset({"href", "title", "rel"}),
    "img": frozenset({"src", "alt", "width", "height"}),
    "ol": frozenset({"start"}),
    "td": frozenset({"colspan", "rowspan"}),
    "th": frozenset({"colspan", "rowspan"}),
}


def _reports() -> list[bytes]:
    words = (b"delivery-status", b"mailer-daemon", b"undeliver", b"failure", b"bounce", b"returned")
    return [raw for raw in mails() if any(word in raw.lower() for word in words)]


def _fields() -> list[bytes]:
    found = [
        match[1] for raw in mails() for match in re.finditer(rb"(?im)^Authentication-Results:((?:.*\n[ \t])*.*)", raw)
    ]
    ours = b"mx.desk.example"
    return [
        *(field.replace(field.split(b";")[0].strip() or b"-", ours) for field in found[:200]),
        ours + b"; dmarc=pass (p=REJECT) header.from=example.com; dkim=pass header.d=example.com",
        ours + b"; spf=pass smtp.mailfrom=a@example.com",
        ours + b'/1 (a "b" \\) (c)) ; dkim (d) = pass (e) header (f) . d = "example.com" reason="x;y"',
        b"(c) " + ours + b" 1; none", b"=?utf-8?q?mx.desk.example?=; dmarc=pass header.from=example.com",
    ]  # fmt: skip


def _html() -> list[bytes]:
    return [mail.html.encode() for mail in map(read_mail, mails()) if mail.html]


_HEADERS = (
    b"From: ", b"To: ", b"Subject: Re: ", b"Subject: Fwd: ", b"References: ", b"In-Reply-To: ",
    b"Auto-Submitted: auto-replied", b"Precedence: bulk", b"List-Id: <x.y>", b"Return-Path: <>", b"Reply-To: ",
    b"Content-Type: text/html", b"MIME-Version: 1.0", b"Content-Type: multipart/alternative; boundary=b\n", b"--b\n",
    b"--b--\n", b"Content-Transfer-Encoding: base64\n", b"Content-Transfer-Encoding: quoted-printable\n",
    b"Content-Disposition: attachment; filename=", b"Content-Type: message/rfc822\n\n",
)  # fmt: skip
_QUOTES = (
    b"On 3 May 2024, Kim <kim@x.example> wrote:\n", b"Am 3.5.2024 schrieb Kim:\n", b"-----Original Message-----\n",
    b"From: a\nSent: b\nTo: c\nSubject: d\n", b"##- Please type your reply above this line -##\n",
    b"Sent from my iPhone\n", b"________________\n", b"| ", b">> ", b"<blockquote type=cite>",
    b"<div class=gmail_quote>", b"</div>", b"[...]\n", b"Begin forwarded message:\n",
    b"-----BEGIN PGP SIGNATURE-----\n", b"Kim wrote:\n", b"Le 3 mai, Kim a \xc3\xa9crit :\n",
)  # fmt: skip
_REPORTS = (
    b"Content-Type: message/delivery-status\n\n", b"Final-Recipient: rfc822; ", b"Action: failed\n",
    b"Action: delayed\n", b"Status: 5.1.1\n", b"Diagnostic-Code: smtp; 550 ", b"Original-Recipient: ",
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n", b"X-Failed-Recipients: ",
    b"could not be delivered", b"550 5.1.1 ", b"<bob@x.example>:", b"Content-Type: text/rfc822-headers\n\n",
    b"Message-ID: <m.1.x@y>\n",
)  # fmt: skip
_RESULTS = (
    b"mx.desk.example", b"; ", b"dkim=pass", b"spf=pass", b"dmarc=pass", b"dmarc=fail", b"header.d=example.com",
    b"header.from=example.com", b"header.i=@example.com", b"smtp.mailfrom=a@example.com", b"policy.dmarc=reject",
    b"reason=", b"\r\nAuthentication-Results: ", b"\r\nReceived: by x\r\n", b"\r\n ", b"/1", b"none", b"(p=REJECT)",
    b"\r\nFrom: a@evil.example\r\n", b"action=oreject",
)  # fmt: skip
_TAGS = (
    b"<div>", b"</div>", b"<table><tr><td>", b"<td>", b"<br>", b"<p>", b"<blockquote>", b"<ul><li>", b"<!--", b"-->",
    b"<style>", b"<script>", b"<svg/onload=x>", b"<img src=x onerror=y>", b"<a href=\"jAvAsCrIpT&colon;x\">",
    b"<math><mtext></p><mglyph><style><!--", b"<noscript>", b"<template>", b"<select>", b"<title>", b"<body>",
    b"<pre>", b"&#x09;", b" style=x", b"<form action=x>", b"<iframe srcdoc=x>", b"<base href=x>", b"<x:y z>",
    b"#close<br>",
)  # fmt: skip

TARGETS = (
    Target(name="parser", check=check_parser, seeds=mails, words=_HEADERS),
    Target(name="reply", check=check_reply, seeds=mails, words=_HEADERS + _QUOTES),
    Target(name="kinds", check=check_kinds, seeds=mails, words=_HEADERS + _QUOTES + _REPORTS, seconds_per_mib=8.0),
    Target(name="reports", check=check_reports, seeds=_reports, words=_REPORTS + _HEADERS, seconds_per_mib=8.0),
    Target(name="authentication", check=check_authentication, seeds=_fields, words=_RESULTS, largest=64 * 1024),
    Target(name="html", check=check_html, seeds=_html, words=_TAGS + _QUOTES, seconds=1.5),
)
