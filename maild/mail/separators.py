"""Finds the lines where a mail stops being its writer's: attributions, header blocks, "Original Message"."""

from __future__ import annotations

import re

from maild.mail.quote_words import (
    ADDRESS,
    DAY,
    FROM,
    LABEL,
    ORIGINAL,
    PRONOUN,
    QUOTING,
    STARTS,
    TIME,
    WROTE,
    WROTE_LAST,
    WROTE_WORDS,
)

MARKER = re.compile(r"^[ \t>*|]*##-.{0,300}-##[ \t*]*$")

ATTRIBUTION_LINES = 6
ATTRIBUTION_LENGTH = 400
HEADER_LINES = 9

_RULE = re.compile(r"^[ \t>]*[-_=*]{5,}[ \t]*$")
_QUOTE = re.compile(r"^[ \t]{0,3}[A-Z]{0,2}>")  # "AK> " is how some mark whose words they quote
_BAR_QUOTE = re.compile(r"^[ \t]{0,3}\|(?: |$)")
_TAIL = re.compile(rf"(?i)^>[ \t]*(?:{WROTE_WORDS}[ \t]*:?|:)[ \t]*$")
_GMAIL = re.compile(r"^\d{4}[-/]\d{1,2}[-/]\d{1,2} \d{1,2}:\d\d (?:GMT|UTC)\S{0,6} \S")
_DATE_FIRST = re.compile(r"^\d{4}[-/.]\d{1,2}[-/.]\d{1,2} ")
_DASHES = frozenset({"--", "__", "=="})
_DECORATION = " \t*_-"


def is_quote(line: str) -> bool:
    """Whether a line carries a quote mark; "> wrote:" is the torn end of an attribution."""
    return ">" in line[:6] and bool(_QUOTE.match(line)) and not _TAIL.match(line)


def is_quote_below_attribution(line: str) -> bool:
    """The same with the bars that some programs use: elsewhere "| a | b |" is a table."""
    return is_quote(line) or ("|" in line[:4] and bool(_BAR_QUOTE.match(line)))


def may_separate(line: str) -> bool:
    """Whether a line can be the last of a separator at all."""
    if ":" in line or "：" in line:
        return True
    text = line.strip(_DECORATION)
    return text[:1].isdigit() or text[-12:].lower().endswith(WROTE_LAST) or line.lstrip(" \t>*")[:2] in _DASHES


def attribution_start(lines: list[str], end: int, *, quote_follows: bool) -> int:
    """Where the attribution begins that ends at line `end`, -1 when that line ends none.

    "On 3 May 2024 at 10:12, Ann <ann@example.com> wrote:", wrapped over a few lines. Without a
    moment or an address only a quote below makes it one: "Then he wrote:" is prose.
    """
    last = lines[end].strip(_DECORATION)
    colon = last.endswith((":", "："))
    if not last or len(last) > ATTRIBUTION_LENGTH:
        return -1
    if not colon and not last[-12:].lower().endswith(WROTE_LAST):
        return end if _is_bare_attribution(last, quote_follows=quote_follows) else -1
    joined = ""
    found = -1
    for begin in range(end, max(end - ATTRIBUTION_LINES, -1), -1):
        line = lines[begin].strip(_DECORATION)
        if not line and joined.startswith("<"):  # HTML made text: the address stands on its own
            continue
        if not line or len(joined) + len(line) > ATTRIBUTION_LENGTH or (begin < end and is_quote(lines[begin])):
            break
        if begin < end and line.endswith((".", "!", "?")) and not (_has_moment(line) or WROTE.search(line)):
            break  # the end of a sentence
        joined = f"{line} {joined}".rstrip()
        if STARTS.match(joined):
            if _introduces(joined, colon=colon, quote_follows=quote_follows):
                return begin
        elif (found < 0 or lines[begin + 1].lstrip().startswith("<")) and _names_and_introduces(joined, colon=colon):
            found = begin  # "Ann <ann@example.com> wrote:"; a line above may yet begin with "On"
    if found < 0 and quote_follows and colon and len(last) < 160:
        introduces = WROTE.search(last) or QUOTING.match(last) or ADDRESS.search(last)
        return end if introduces else -1
    return found


def _is_bare_attribution(line: str, *, quote_follows: bool) -> bool:
    """Gmail of 2016: "2016-03-03 17:21 GMT+01:00 Ann <ann@example.com>", of 2013: "2013/7/20 Ann <..>"."""
    if _GMAIL.match(line):
        return True
    return quote_follows and line.endswith(">") and bool(_DATE_FIRST.match(line) and ADDRESS.search(line))


def _introduces(text: str, *, colon: bool, quote_follows: bool) -> bool:
    """Whether a text that begins as an attribution is one: "In 2019 he wrote:" is prose."""
    day, time, address = DAY.search(text), TIME.search(text), ADDRESS.search(text)
    if not WROTE.search(text):
        return bool(colon and address and (day or time))
    if address or quote_follows:
        return bool(address or day or time)
    return bool(day) and not PRONOUN.search(text)


def _names_and_introduces(text: str, *, colon: bool) -> bool:
    """ "Ann Lee <ann@example.com> schrieb am Mo., 3. Mai 2024, 10:12:" """
    wrote, address = WROTE.search(text), ADDRESS.search(text)
    return bool(colon and wrote and address and (_has_moment(text) or address.start() < wrote.start()))


def _has_moment(text: str) -> bool:
    return bool(DAY.search(text) or TIME.search(text))


def header_block(lines: list[str], at: int) -> bool:
    """Whether a block of quoted mail headers begins at a line: From and a date or subject, three in all."""
    head = lines[at][:60]
    if (":" not in head and "：" not in head) or not (FROM.match(head) or LABEL.match(head)):
        return False
    sender = when = about = other = blank = 0
    for line in lines[at : at + HEADER_LINES]:
        if not line.strip(" \t>*"):
            blank += 1
            if blank > 1 and sender + when + about + other > 1:
                break
            continue
        match = LABEL.match(line)
        if FROM.match(line):
            sender += 1
        elif match is not None:
            when += match["when"] is not None
            about += match["about"] is not None
            other += match["other"] is not None
    labels = bool(sender) + bool(when) + bool(about) + bool(other)
    return bool(sender) and labels >= 3 and bool(when or about)


def is_original_marker(line: str) -> bool:
    """Whether the line says that the original message follows."""
    return line.lstrip(" \t>*")[:2] in _DASHES and bool(ORIGINAL.match(line[:200]))


def is_rule(line: str) -> bool:
    """Whether a line is only drawn: Outlook puts one above the headers of what it quotes."""
    return bool(_RULE.match(line))
