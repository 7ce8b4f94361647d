"""Tells a mail's own words from what it quotes; when in doubt a line is kept, and nothing is thrown away."""

from __future__ import annotations

import re
from collections.abc import Iterable

from maild.mail.model import Mail, Reply
from maild.mail.quote_words import ANSWER_SUBJECT, FORWARD_SUBJECT, FORWARDED, FROM, INLINE, LABEL
from maild.mail.reply_html import own_html_text
from maild.mail.separators import (
    MARKER,
    attribution_start,
    header_block,
    is_original_marker,
    is_quote,
    is_quote_below_attribution,
    is_rule,
    may_separate,
)
from maild.mail.signatures import signature_start

TEXT_LIMIT = 1024 * 1024  # what lies beyond goes with the last line before it
_SAID = re.compile(r"[^\W_]")
SEPARATOR_LINES = 5_000  # a separator further down than this is no longer looked for


def reply_text(mail: Mail) -> Reply:
    """The new text of a mail, and what was cut: quotes, the lines that introduce them, certain signatures.

    A forward keeps its text. When nothing would be left everything is kept. Linear; never raises.
    """
    if not mail.text:
        return Reply(text="")
    if mail.html_only:
        found = own_html_text(mail.html, mail.text)
        if found is not None:
            own = split_reply(found, forward=False, answer=_is_answer(mail))
            return Reply(text=own.text, cut=_missing(mail.text, own.text))
    return split_reply(mail.text, forward=bool(FORWARD_SUBJECT.match(mail.subject)), answer=_is_answer(mail))


def _is_answer(mail: Mail) -> bool:
    return bool(mail.in_reply_to or mail.references or ANSWER_SUBJECT.match(mail.subject))


def split_reply(text: str, *, forward: bool, answer: bool) -> Reply:
    """Split a plain text; `forward` and `answer` say what its headers make of the mail."""
    text, rest = _head(text)
    lines = text.split("\n")
    kept = [True] * len(lines)
    _cut_marker(lines, kept)
    if not forward:
        _cut_quotes(lines, kept, answer=answer)
    own = [index for index, keep in enumerate(kept) if keep]
    signature = signature_start([lines[index] for index in own])
    for index in own[signature:]:
        kept[index] = False
    new = _join(line for line, keep in zip(lines, kept, strict=True) if keep)
    if not _says_something(new):
        return Reply(text=text + rest)
    cut = _join(line for line, keep in zip(lines, kept, strict=True) if not keep)
    if kept[-1]:
        return Reply(text=new + rest, cut=cut)
    return Reply(text=new, cut=cut + rest)


def _head(text: str) -> tuple[str, str]:
    """The text up to the limit, at a line end if there is one, and the rest."""
    if len(text) <= TEXT_LIMIT:
        return text, ""
    at = text.rfind("\n", 0, TEXT_LIMIT)
    at = at if at > 0 else TEXT_LIMIT
    return text[:at], text[at:]


def _cut_marker(lines: list[str], kept: list[bool]) -> None:
    """Our own line "##- Please type your reply above this line -##": everything from it on is quoted."""
    for at, line in enumerate(lines):
        if "##-" in line and MARKER.match(line):
            if _says_something(_join(each for each in lines[: _above_marker(lines, at)] if not is_quote(each))):
                kept[at:] = [False] * (len(lines) - at)
            return


def _above_marker(lines: list[str], marker: int) -> int:
    """Where the lines above the marker end; the attribution of the quote that holds it is none of them."""
    last = marker - 1
    while last >= 0 and (not lines[last].strip() or is_quote(lines[last])):
        last -= 1
    start = attribution_start(lines, last, quote_follows=True) if last >= 0 else -1
    return start if start >= 0 else marker


def _cut_quotes(lines: list[str], kept: list[bool], *, answer: bool) -> None:
    end = _kept_end(kept, len(lines))
    said = False  # whether something of the writer's own stands above
    first_quote = -1  # the line below the first attribution that has quote marks below it
    for at in range(min(end, SEPARATOR_LINES)):
        line = lines[at]
        if not line.strip() or is_quote(line):
            continue
        if not may_separate(line):  # nearly every line: this look costs a tenth of the others
            said = said or _says_something(line)
            continue
        if FORWARDED.match(line[:200]):
            return
        start, quoted = _separator(lines, at, end)
        if start < 0:
            said = said or _says_something(line)
        elif quoted >= 0:
            kept[start : at + 1] = [False] * (at + 1 - start)
            first_quote = quoted if first_quote < 0 else first_quote
        elif said:
            if _answers_below(lines, start):
                break
            _cut_from(lines, kept, start, end)
            break
        elif not (FROM.match(line) or LABEL.match(line)):  # an attribution on top: the answer is below
            kept[start : at + 1] = [False] * (at + 1 - start)
    _cut_marks(lines, kept, first_quote, answer=answer)


def _cut_marks(lines: list[str], kept: list[bool], first_quote: int, *, answer: bool) -> None:
    """Cut what carries quote marks: below an attribution, in an answer, or else at the end."""
    end = _kept_end(kept, len(lines))
    if first_quote >= 0:
        _cut_marked_lines(lines, kept, first_quote, end)
    elif answer and sum(is_quote(line) for line in lines[:end]) > 1:
        for at in range(end):  # quotes that nothing introduces, or in words that we do not know
            kept[at] = kept[at] and not is_quote(lines[at])
    else:
        _cut_trailing_quote(lines, kept, end)


def _separator(lines: list[str], at: int, end: int) -> tuple[int, int]:
    """Where a separator begins that ends at a line, and the first marked line below it; -1 for none."""
    line = lines[at]
    if is_original_marker(line) or header_block(lines, at):
        return at, -1
    below = _next_said(lines, at + 1, end)
    quoted = below < end and is_quote_below_attribution(lines[below])
    return attribution_start(lines, at, quote_follows=quoted), below if quoted else -1


def _kept_end(kept: list[bool], end: int) -> int:
    while end and not kept[end - 1]:
        end -= 1
    return end


def _answers_below(lines: list[str], separator: int) -> bool:
    """Whether the few words above say that the answers stand in the quote: then it is kept."""
    head = "\n".join(lines[:separator][:40])
    return len(head) < 600 and bool(INLINE.search(head))


def _cut_from(lines: list[str], kept: list[bool], at: int, end: int) -> None:
    """Cut everything from a separator on, with the rule that Outlook draws above it."""
    while at and (not lines[at - 1].strip() or is_rule(lines[at - 1])):
        at -= 1
    kept[at:end] = [False] * (end - at)


def _cut_marked_lines(lines: list[str], kept: list[bool], start: int, end: int) -> None:
    """Cut the lines with quote marks; answers between them stay."""
    for at in range(start, end):
        if is_quote_below_attribution(lines[at]) or (at + 1 < end and _is_torn_off(lines, at)):
            kept[at] = False


def _is_torn_off(lines: list[str], at: int) -> bool:
    """Whether a short line between two quoted ones is the end of the line above, wrapped on the way."""
    line = lines[at].strip()
    above = lines[at - 1]
    return bool(line) and len(line) < 30 and is_quote(lines[at + 1]) and is_quote(above) and len(above) > 65


def _cut_trailing_quote(lines: list[str], kept: list[bool], end: int) -> None:
    """Cut a quote at the end that nothing introduces; elsewhere such a quote is the writer's own."""
    at = end
    while at and (not lines[at - 1].strip() or is_quote(lines[at - 1])):
        at -= 1
    if any(line.strip() for line in lines[at:end]):
        kept[at:end] = [False] * (end - at)


def _next_said(lines: list[str], at: int, end: int) -> int:
    while at < end and not lines[at].strip():
        at += 1
    return at


def _says_something(text: str) -> bool:
    return _SAID.search(text) is not None


def _join(lines: Iterable[str]) -> str:
    """The lines without empty ones at both ends."""
    return "\n".join(lines).strip("\n").rstrip()


def _missing(text: str, own: str) -> str:
    """What of a text is not among its own words: from where they end, or all of it when they are spread."""
    return text[len(own) :].strip("\n") if text.startswith(own) else text
