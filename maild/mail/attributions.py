"""Finds the lines that say who wrote what is quoted below: "On 3 May 2024 at 10:12, Ann <ann@example.com> wrote:"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from maild.mail.quote_marks import is_quote
from maild.mail.quote_words import (
    ADDRESS,
    DAY,
    PROSE,
    QUOTING,
    STARTS,
    STARTS_WITH_ID,
    TIME,
    TOLD,
    WROTE,
    WROTE_LAST,
)

LINES = 6  # that a narrow program makes of one
LENGTH = 400
MOMENT_WITHIN = 60  # characters from the beginning: "On behalf of us all I wrote on 3 May to ..:" is prose
SHORT_LENGTH = 200
SHORT_WORDS = 8

_GMAIL = re.compile(
    r"^\d{4}[-/]\d{1,2}[-/]\d{1,2} \d{1,2}:\d\d (?:GMT|UTC)"
    r"(?:[+-]\d\S{0,5} [^:;=\[]{2,60}$|.{0,120}<[^\s<>@]{1,120}@[^\s<>]{1,120}>:?$)"
)
_DATE_FIRST = re.compile(r"^\d{4}[-/.]\d{1,2}[-/.]\d{1,2} ")
_NEWS = re.compile(r"(?i)\b(?:wrote|writes|schrieb|said) (?:in (?:message|news:|article|<)|im newsbeitrag)")
_NEWS_END = re.compile(r"^(?:in message |article )?(?:<?news:|<)\S{3,200}[>.]{0,5}:?$")
_ENDS_WITH_ADDRESS = re.compile(r"[<(] ?[^\s<>()]{1,200}@[^\s<>()]{1,200}[>)]\W{0,4}$")
_BRACKETED = re.compile(r"[<(\[] ?[^\s<>()]{1,200}@[^\s<>()]{1,200}[>)\]]")
_MACHINE = re.compile(r"[\[\]=;#%|{}]|: .{0,80}: ")
_CITED = re.compile(r'^>{3,9} ?"[^"]{1,40}" == .{1,200}:$')  # Supercite, of Emacs
_DECORATION = " \t*_-\u200e\u200f\u202a\u202b\u202c\u202d\u202e"  # the last ones turn the direction of writing

_WROTE_ENDS = frozenset(word[-2:] for word in WROTE_LAST)  # few lines end so


def may_attribute(line: str) -> bool:
    """Whether a line can be the last of an attribution at all."""
    if ":" in line or "：" in line:
        return True
    text = line.strip(_DECORATION)
    return text[:1].isdigit() or (text[-2:].lower() in _WROTE_ENDS and _ends_with_wrote(text))


def _ends_with_wrote(text: str) -> bool:
    return text[-12:].lower().endswith(WROTE_LAST)


def is_citation(line: str) -> bool:
    """Whether a line begins as a quote and is an attribution: `>>>>> "Ann" == Ann Lee <..> writes:`."""
    return line.startswith(">>>") and bool(_CITED.match(line[:300]))


def attribution_start(lines: list[str], end: int, *, quote_follows: bool) -> int:
    """Where the attribution begins that ends at line `end`, -1 when that line ends none.

    Without a moment or an address only a quote below makes it one: "Then he wrote:" is prose.
    """
    if is_citation(lines[end]):
        return end if quote_follows else -1
    last = lines[end].strip(_DECORATION)
    if not last or len(last) > LENGTH:
        return -1
    colon = last.endswith((":", "："))
    if not colon and not _ends_with_wrote(last):
        return _bare(lines, end, last) if quote_follows or _GMAIL.match(last) else -1
    if not quote_follows and not _may_introduce(lines, end):
        return -1
    found = _upwards(lines, end, colon=colon, quote_follows=quote_follows)
    if found < 0 and quote_follows and colon and _is_short(last):
        return end - 1 if end and lines[end - 1].rstrip().endswith("<") else end
    return found


def _upwards(lines: list[str], end: int, *, colon: bool, quote_follows: bool) -> int:
    named, named_length = -1, 0  # "Ann <ann@example.com> wrote:", complete as it is
    for begin, joined, below in _joined(lines, end):
        torn = below.startswith("<") or lines[begin].rstrip().endswith("<")
        if named >= 0 and not torn:
            if _dates(joined[: len(joined) - named_length].rstrip()):
                return begin
        elif _begins(joined) and _introduces(joined, colon=colon, quote_follows=quote_follows):
            return begin
        elif colon and _names(joined, quote_follows=quote_follows) and (named < 0 or _is_name(lines[begin])):
            named, named_length = begin, len(joined)
    return named


def _joined(lines: list[str], end: int) -> Iterator[tuple[int, str, str]]:
    """A line, the text from it to the end, and the text below it; upwards while it may be one attribution."""
    joined = ""
    for begin in range(end, max(end - LINES, -1), -1):
        line = lines[begin].strip(_DECORATION)
        if not line and joined.startswith("<"):  # HTML made text: the address stands on its own
            continue
        if not line or len(joined) + len(line) > LENGTH or (begin < end and is_quote(lines[begin])):
            return
        if begin < end and line.endswith((".", "!", "?")) and not (_has_moment(line) or WROTE.search(line)):
            return  # the end of a sentence
        if begin < end and line.endswith((":", "：")):
            return  # of another attribution
        below, joined = joined, f"{line} {joined}".rstrip()
        yield begin, joined, below


def _may_introduce(lines: list[str], end: int) -> bool:
    """Whether an attribution without a quote below is possible: with a moment or address, and "wrote" or at its end."""
    text = " ".join(lines[max(end - LINES + 1, 0) : end + 1])[-LENGTH:]
    if "@" not in text and not any(character.isdigit() for character in text):
        return False
    return bool(_ENDS_WITH_ADDRESS.search(text) or WROTE.search(text))


def _begins(text: str) -> bool:
    """Whether a text begins as programs begin: with the moment, or the Message-ID."""
    return bool((STARTS.match(text) and _has_moment(text[:MOMENT_WITHIN])) or STARTS_WITH_ID.match(text))


def _dates(text: str) -> bool:
    """Whether a text is only the moment above a name: "On Tue, 7 May 2024 10:00:00 +0200"."""
    dated = STARTS.match(text) and DAY.search(text[:MOMENT_WITHIN])
    return bool(dated) and (len(text) < MOMENT_WITHIN or text.endswith("<"))


def _introduces(text: str, *, colon: bool, quote_follows: bool) -> bool:
    """Whether a text that begins as an attribution is one: "In 2019 he wrote:" is prose."""
    day, time, address = DAY.search(text), TIME.search(text), ADDRESS.search(text)
    if not (day or time or address):
        return False
    if not WROTE.search(text):
        if not quote_follows and (_MACHINE.search(text) or not _ENDS_WITH_ADDRESS.search(text)):
            return False  # a line of a log
        return bool(colon and (day or time) and address)
    if quote_follows or _BRACKETED.search(text):
        return bool(address or day or time)
    if address and (day or time):
        return not PROSE.search(text)
    return bool(day) and colon and not PROSE.search(text)


def _names(text: str, *, quote_follows: bool) -> bool:
    """ "Ann Lee <ann@example.com> schrieb am Mo., 3. Mai 2024, 10:12:" """
    address = ADDRESS.search(text)
    wrote = WROTE.search(text) if address else None  # it costs more
    if not wrote or not address:
        return False
    if not quote_follows and not _BRACKETED.search(text[: 2 * MOMENT_WITHIN]):
        return False  # "Mail it to ann@example.com, and say that I wrote:"
    return _has_moment(text) or address.start() < wrote.start()


def _is_name(line: str) -> bool:
    return len(line) <= SHORT_LENGTH // 4


def _bare(lines: list[str], end: int, last: str) -> int:
    """Gmail of 2016: "2016-03-03 17:21 GMT+01:00 Ann <ann@example.com>", of 2013: "2013/7/20 Ann <..>".

    And of news readers: "Ann wrote in message news:1234@example.com...".
    """
    if _GMAIL.match(last) or (last.endswith(">") and _DATE_FIRST.match(last) and ADDRESS.search(last)):
        return end
    if _NEWS.search(last):
        return end
    above = lines[end - 1].strip(_DECORATION) if end else ""
    return end - 1 if _NEWS_END.match(last) and WROTE.search(above[-20:] + " ") else -1


def _is_short(text: str) -> bool:
    """Whether a line above a quote only says whose it is: "Ann wrote:", but not "I tried what you wrote:"."""
    if len(text) > SHORT_LENGTH:
        return False
    if DAY.search(text) and TIME.search(text):
        return True
    if TOLD.search(text):
        return False
    if QUOTING.match(text):
        return True
    if not (WROTE.search(text) or ADDRESS.search(text)):
        return False
    return _has_moment(text) or len(text.split()) <= SHORT_WORDS


def _has_moment(text: str) -> bool:
    return bool(DAY.search(text) or TIME.search(text))
