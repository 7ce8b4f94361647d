"""Finds the lines where a mail stops being its writer's: header blocks and "Original Message"."""

from __future__ import annotations

import re

from maild.mail.attributions import is_citation, may_attribute
from maild.mail.quote_marks import is_quote
from maild.mail.quote_words import ADDRESS, FROM, LABEL, ORIGINAL, RAW_HEADER, WROTE

HEADER_LINES = 12
WRAPPED_LENGTH = 50  # a header that is shorter does not go on in the next line

_RULE = re.compile(r"^[ \t>]*[-_=*]{5,}[ \t]*$")
_HEADER = re.compile(r"^[ \t>*]{0,9}[^\W\d_][\w -]{1,25}[:：] ?\S")
_LETTER = re.compile(r"[^\W\d_]|^$")
_DASHES = frozenset({"--", "__", "=="})


def may_separate(line: str) -> bool:
    """Whether a line can be the last of an attribution, or begin what else separates."""
    return may_attribute(line) or line.lstrip(" \t>*")[:2] in _DASHES


def next_separating(lines: list[str], quoted: list[bool], at: int, end: int) -> int:
    """The next line of those from `at` to `end` (exclusive) that may separate and is no quote; -1 for none."""
    for index in range(at, end):
        line = lines[index]
        # Nearly every line is one of these: empty, words, a quote.
        if not line or (line[0].isalpha() and not may_attribute(line)) or (quoted[index] and not is_citation(line)):
            continue
        if may_separate(line) and line.strip():
            return index
    return -1


def header_block(lines: list[str], at: int, *, laid_out: bool = False) -> int:
    """Where a block of quoted mail headers ends (exclusive) that begins at a line, -1 when none does.

    It has From and a date, three labels in all, as programs put above what they quote. Headers
    that a person copied ("Received: ..", indented, below "These are the headers:") are that person's words;
    in text that was `laid_out` of HTML an indent says nothing.
    """
    head = lines[at][:60]
    if (":" not in head and "：" not in head) or not (FROM.match(head) or LABEL.match(head)):
        return -1
    sender = when = about = other = blank = 0
    end = at
    quoted = is_quote(lines[at])
    for index, line in enumerate(lines[at : at + HEADER_LINES], at):
        if line.strip() and is_quote(line) != quoted:
            break
        if not line.strip(" \t>*"):
            blank += 1  # laid out of HTML, one stands below each header
            continue
        match, origin = LABEL.match(line), FROM.match(line)
        if origin is not None:
            if not _LETTER.search(line[origin.end() :].strip()):
                return -1  # "From: 10:00"
            if blank and not sender:
                return -1  # the block begins here
            sender += 1
        elif match is not None:
            when += match["when"] is not None
            about += match["about"] is not None
            other += match["other"] is not None
        elif RAW_HEADER.match(line):
            return -1
        elif (blank and sender + when + about + other > 1) or not (
            goes_on(lines[index - 1], line) or _HEADER.match(line)
        ):
            break
        else:
            continue
        end = index + 1
        blank = 0
    labels = bool(sender) + bool(when) + bool(about) + bool(other)
    if not sender or not when or labels < 3 or _is_copied(lines, at, laid_out=laid_out):
        return -1
    return end


def goes_on(above: str, line: str) -> bool:
    """Whether a line can go on with the header above it: a long one, or one of several people."""
    return len(above) >= WRAPPED_LENGTH or above.rstrip().endswith((",", ";", ":", "<")) or bool(ADDRESS.search(line))


def _is_copied(lines: list[str], at: int, *, laid_out: bool) -> bool:
    """Whether a person put a header block there: indented, below other headers or "like this:"."""
    if not laid_out and lines[at][:1] in (" ", "\t"):
        return True
    above = at - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    if above < 0:
        return False
    line = lines[above].strip()
    if above == at - 1 and RAW_HEADER.match(line):
        return True
    return line.endswith((":", "：")) and not WROTE.search(line) and line[:2] not in _DASHES


def is_original_marker(line: str) -> bool:
    """Whether the line says that the original message follows."""
    return line.lstrip(" \t>*")[:2] in _DASHES and bool(ORIGINAL.match(line[:200]))


def is_rule(line: str) -> bool:
    """Whether a line is only drawn: Outlook puts one above the headers of what it quotes."""
    return bool(_RULE.match(line))
