"""Finds who wrote the mail that somebody forwarded, when, and what; says so when that is not certain.

A customer can write such a block as well as a program can: only a forward of an authenticated agent may decide
who the customer is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from textwrap import dedent

from maild.mail.addresses import read_addresses
from maild.mail.html import html_text
from maild.mail.model import Mail
from maild.mail.quote_marks import is_quote
from maild.mail.quote_words import ADDRESS, DAY, FORWARD_SUBJECT, FORWARDED, FROM, LABEL
from maild.mail.reading import attachment_bytes, read_mail
from maild.mail.separators import goes_on, header_block, is_original_marker, is_rule, may_separate
from maild.mail.signatures import signature_start

LINES = 3_000  # a block further down is not looked for
BLOCK_LINES = 40  # with wrapped addresses
NEAR_LINES = 4  # between the line that announces a forward and its headers
VALUE_LENGTH = 500

_END = re.compile(r"(?i)^[ \t>]*-{2,20} ?end (?:of )?(?:forwarded|original) message ?-{2,20}[ \t]*$")
_MAILTO = re.compile(r"(?i)\[mailto:([^\]\s<>]{3,320})\]")
_LINKED = re.compile(r"(?i)<mailto:[^<>\s]{0,340}>")
_VIA = re.compile(r"(?i)(?:\bvia\b|\bon behalf of\b|\bim auftrag von\b|\bde la part de\b|\ben nombre de\b)")
_MUTT = re.compile(r"(?i)^-{3,}[ \t]*forwarded message from (.{3,300}?)[ \t]*-{3,}$")
_MAILS = frozenset({"message/rfc822", "message/global"})
_PREFIX = 6  # forwards of forwards


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """A forwarded mail, as far as the mail that holds it tells."""

    name: str = ""
    address: str = ""  # of who wrote it; "" when nothing names it
    date: str = ""  # as written there, in any language
    subject: str = ""
    text: str = ""  # the forwarded words
    note: str = ""  # the forwarder's own words above
    sure: bool = False  # exactly one person can have written it, and it is somebody else


def read_forward(mail: Mail, raw: bytes = b"") -> Forward | None:
    """What a mail forwards, None when it forwards nothing. Linear; never raises.

    `raw` is the mail as it came: with it, a mail forwarded as an attachment is read as well. A subject that
    says "forwarded" above a text that shows no block gives a Forward without address, which is not sure.
    """
    found = _in_text(mail.text, mail)
    if mail.html and not mail.html_only and not (found and found.address):
        found = _in_text(html_text(mail.html), mail) or found  # Outlook leaves addresses out of plain text
    attached = [each for each in mail.attachments if each.type in _MAILS]
    if attached and raw and not (found and found.address):
        inner = read_mail(attachment_bytes(raw, attached[0].part))
        sender = inner.sender
        found = Forward(
            name=sender.name if sender else "",
            address=sender.address if sender else "",
            date=inner.header("date"),
            subject=inner.subject,
            text=inner.text.rstrip(),
            note=_note(mail.text.split("\n")),
            sure=len(attached) == 1,
        )
    elif attached and found:
        found = replace(found, sure=False)  # two mails: which is meant?
    if found is None:
        return Forward(subject=_bare(mail.subject), note=mail.text) if FORWARD_SUBJECT.match(mail.subject) else None
    return replace(found, sure=found.sure and _is_somebody_else(found.address, mail))


def _in_text(text: str, mail: Mail) -> Forward | None:
    lines = text.split("\n")
    by_subject = bool(FORWARD_SUBJECT.match(mail.subject))
    for at, line in enumerate(lines[:LINES]):
        if not may_separate(line):
            continue
        if FORWARDED.match(line[:200]) or (by_subject and is_original_marker(line)):
            begin = at + 1
        elif by_subject and header_block(lines, at, laid_out=mail.html_only) >= 0:
            begin = at
        else:
            continue
        found = _block(lines, begin, announced=line)
        if found is not None:
            return replace(found, note=_note(lines[:at]), subject=found.subject or _bare(mail.subject))
    return None


def _block(lines: list[str], at: int, *, announced: str) -> Forward | None:
    """Read the headers that begin near a line, and what stands below them."""
    near = at
    while near < min(len(lines), at + NEAR_LINES) and not _is_header(lines[near]):
        near += 1
    if near == min(len(lines), at + NEAR_LINES):
        return _attributed(lines, at, announced=announced)
    values, below = _values(lines, near, min(len(lines), at + BLOCK_LINES))
    body = lines[below:]
    if is_quote(lines[near]) or all(is_quote(line) for line in body if line.strip()):  # Apple Mail, Proton
        body = [_unquoted(line) if is_quote(line) else line for line in body]
    addresses = _addresses(values["from"])
    nested = any(FORWARDED.match(line[:200]) for line in body)
    return Forward(
        name=_name(values["from"]),
        address=addresses[0] if addresses else "",
        date=values["when"],
        subject=values["about"],
        text=_join(line for line in body if not _END.match(line[:80])),
        sure=len(addresses) == 1 and not nested and not _VIA.search(values["from"]),
    )


def _values(lines: list[str], begin: int, end: int) -> tuple[dict[str, str], int]:
    """The values of a block by field, and where it ends (exclusive)."""
    values = {"from": "", "when": "", "about": "", "other": ""}
    field, above = "", ""
    for at in range(begin, end):
        line = _unquoted(lines[at]).strip()
        name = _field(line)
        if name:
            field = "" if values[name] else name  # the first of its name
            value = re.split("[:：]", line, maxsplit=1)[1]
        elif line and goes_on(above, line):
            value = line
        elif line or not _header_follows(lines, at + 1):
            return values, at
        else:
            field = value = ""
        if field:
            values[field] = f"{values[field]} {value.replace('*', '').strip()}".strip()[:VALUE_LENGTH]
        above = line
    return values, end


def _attributed(lines: list[str], at: int, *, announced: str) -> Forward | None:
    """A forward without headers: "07.05.2024, 10:00, "Ann Lee" <ann@example.com>:", or mutt's own line."""
    mutt = _MUTT.match(announced.strip()[:400])
    for index in range(at, min(len(lines), at + NEAR_LINES)):
        line = lines[index].strip(" \t>*")[:VALUE_LENGTH]
        if line.endswith((":", "：")) and DAY.search(line) and ADDRESS.search(line):
            who = line[line.find('"') :] if '"' in line else line.rpartition(",")[2]
            moment = line[: len(line) - len(who)].strip(" ,")
            return _named(who.rstrip(":： "), lines[index + 1 :], date=moment)
    return _named(mutt.group(1), lines[at:]) if mutt else None


def _named(who: str, body: list[str], *, date: str = "") -> Forward:
    addresses = _addresses(who)
    return Forward(
        name=_name(who),
        address=addresses[0] if addresses else "",
        date=date,
        text=_join(line for line in body if not _END.match(line[:80])),
        sure=len(addresses) == 1,
    )


def _is_header(line: str) -> bool:
    return bool(FROM.match(line) or LABEL.match(line))


def _header_follows(lines: list[str], at: int) -> bool:
    """Whether the headers go on below an empty line, as in HTML laid out as text."""
    for line in lines[at : at + 2 * NEAR_LINES]:
        field = _field(_unquoted(line))
        if field in ("from", "when", "about"):
            return True
        if line.strip(" \t>") and not field:
            return False
    return False


def _field(line: str) -> str:
    """Which header a line begins: "from", "when", "about", "other", or "" for none."""
    if FROM.match(line):
        return "from"
    match = LABEL.match(line)
    return (match.lastgroup or "") if match else ""


def _unquoted(line: str) -> str:
    """A line without the mark of one level of quotes."""
    line = line.lstrip(" \t")
    return line[1:].removeprefix(" ") if line.startswith(">") else line


def _addresses(value: str) -> list[str]:
    """The addresses that a From line shows, each once."""
    value = _MAILTO.sub(r"<\1>", value)
    value = _LINKED.sub(" ", value)
    found: list[str] = []
    for each in read_addresses(value.strip("; ")):
        name_address = each.name.strip("'\"<>") if ADDRESS.search(each.name) and " " not in each.name.strip() else ""
        found += [address for address in (each.address, name_address) if _is_address(address)]
    return list({address.lower(): address for address in reversed(found)}.values())[::-1]


def _is_address(text: str) -> bool:
    return bool(ADDRESS.search(text)) and "." in text.rpartition("@")[2] and " " not in text


def _name(value: str) -> str:
    """The name in a From line, "" when only an address stands there."""
    value = _LINKED.sub(" ", _MAILTO.sub(r"<\1>", value)).strip("; ")
    name = next((each.name for each in read_addresses(value) if each.name), "")
    if not name and not ADDRESS.search(value):
        name = value
    return "" if ADDRESS.search(name) else name.strip("'\" ")


def _is_somebody_else(address: str, mail: Mail) -> bool:
    own = mail.sender.address.lower() if mail.sender else ""
    return bool(address) and address.lower() != own


def _note(lines: list[str]) -> str:
    """The forwarder's words above, without signature and the rule that Outlook draws."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or is_rule(lines[end - 1])):
        end -= 1
    return _join(lines[: signature_start(lines[:end], 0)])


def _bare(subject: str) -> str:
    """A subject without its forward prefixes."""
    for _ in range(_PREFIX):
        match = FORWARD_SUBJECT.match(subject)
        if match is None:
            break
        subject = subject[match.end() :]
    return subject.strip()


def _join(lines: Iterable[str]) -> str:
    return dedent("\n".join(lines)).strip("\n").rstrip()
