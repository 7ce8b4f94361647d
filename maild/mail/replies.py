"""Tells a mail's own words from what it quotes; when in doubt a line is kept, and nothing is thrown away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import compress
from operator import not_

from maild.mail.above_marker import above_marker
from maild.mail.attributions import attribution_start, is_citation
from maild.mail.marked_quotes import cut_marks, next_said
from maild.mail.model import Mail, Reply
from maild.mail.own_marker import marker_end
from maild.mail.quote_marks import Mark, is_quote, mark_below
from maild.mail.quote_words import ANSWER_SUBJECT, FORWARD_SUBJECT, FORWARDED, FROM, INLINE, LABEL
from maild.mail.reply_html import CUT, own_html_text
from maild.mail.separators import header_block, is_original_marker, is_rule, next_separating
from maild.mail.signatures import ARMOUR, armour, own_signature, signature_start

TEXT_LIMIT = 1024 * 1024  # what lies beyond goes with the last line before it
_WORD = re.compile(r"\w+")
_SAID = re.compile(r"[^\W_]")
SEPARATOR_LINES = 2_000  # a separator further down than this is no longer looked for
OTHER_MARKS = 3  # so many quotes may be marked otherwise than by ">"
_SNIPPED = re.compile(r"(?i)^(?:[\[<(].{0,40}[\])>]|\W{0,5}snip\W{0,5}|[.…]{1,6})$")


def reply_text(mail: Mail) -> Reply:
    """The new text of a mail, and what was cut: quotes, the lines that introduce them, certain signatures.

    A forward keeps its text. When nothing would be left everything is kept. Linear; never raises.
    """
    if not mail.text:
        return Reply(text="")
    forward, answer = bool(FORWARD_SUBJECT.match(mail.subject)), _is_answer(mail)
    if mail.html_only:
        own = _own_words(mail)
        if own:
            return Reply(text=own, cut=_missing(mail.text, own))
    reply = split_reply(mail.text, forward=forward, answer=answer, laid_out=mail.html_only)
    if not reply.cut and mail.html and answer and not forward and not mail.html_only:
        return _proved_by_html(mail) or reply
    return reply


def _own_words(mail: Mail) -> str:
    """The own words of a mail with HTML where its program marked the quote there, "" when it did not."""
    found = own_html_text(mail.html, mail.text)
    if found is None:
        return ""
    own = split_reply(found, forward=False, answer=True, laid_out=True).text
    return _join(line for line in own.split("\n") if line != CUT)


def _proved_by_html(mail: Mail) -> Reply | None:
    """The plain text split where the HTML says that the own words end, or begin; None when the two differ."""
    own = _WORD.findall(_own_words(mail))
    if not own:
        return None
    lines = mail.text.split("\n")
    end = _lines_of(own, lines)
    if 0 < end < len(lines):
        return Reply(text=_join(lines[:end]), cut=_join(lines[end:]))
    begin = len(lines) - _lines_of(own[::-1], lines[::-1], step=-1)
    if 0 < begin < len(lines):
        return Reply(text=_join(lines[begin:]), cut=_join(lines[:begin]))
    return None


def _lines_of(words: list[str], lines: list[str], *, step: int = 1) -> int:
    """How many of the first lines hold exactly these words, 0 when none do."""
    done = 0
    for at, line in enumerate(lines):
        if done == len(words):
            return at
        found = _WORD.findall(line)[::step]
        if words[done : done + len(found)] != found:
            return 0
        done += len(found)
    return len(lines) if done == len(words) else 0


def _is_answer(mail: Mail) -> bool:
    return bool(mail.in_reply_to or mail.references or ANSWER_SUBJECT.match(mail.subject))


def split_reply(text: str, *, forward: bool, answer: bool, laid_out: bool = False) -> Reply:
    """Split a text; `forward` and `answer` say what its headers make of the mail, `laid_out` that it was HTML."""
    text, rest = _head(text)
    lines = text.split("\n")
    kept = [True] * len(lines)
    if ARMOUR in text:
        for at in armour(lines):
            kept[at] = False
    if "##-" in text:
        _cut_marker(lines, kept)
    signature: list[str] = []
    if not forward and _cut_quotes(list(lines), kept, answer=answer, laid_out=laid_out) < 0:
        signature = _cut_signatures(lines, kept)
    new = _join(compress(lines, kept))
    if not _says_something(new):
        return Reply(text=text + rest, only_quoted=not all(kept), left=new if not all(kept) else "")
    cut = _join(compress(lines, map(not_, kept)))
    signed = own_signature(signature)
    if kept[-1]:
        return Reply(text=new + rest, cut=cut, signature=signed)
    return Reply(text=new, cut=cut + rest, signature=signed)


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
        if "##-" in line and marker_end(lines, at) >= 0:
            if _says_something(_join(each for each in lines[: above_marker(lines, at)] if not is_quote(each))):
                kept[at:] = [False] * (len(lines) - at)
            return


def _cut_quotes(lines: list[str], kept: list[bool], *, answer: bool, laid_out: bool) -> int:
    """Cut what is quoted; returns the line where a forwarded mail begins, from which on all is kept, or -1."""
    end = _kept_end(kept, len(lines))
    forwarded = -1
    said = False  # whether something of the writer's own stands above
    done = 0  # the lines above it have been looked at for that
    usual = [">" in line[:6] and is_quote(line) for line in lines]
    marks: list[Mark] = []  # of the quotes that an attribution introduces
    at = -1
    while (at := next_separating(lines, usual, at + 1, min(end, SEPARATOR_LINES))) >= 0:
        line = lines[at]
        if FORWARDED.match(line[:200]):
            forwarded = end = at
            break
        start, below = _separator(lines, at, end, laid_out=laid_out)
        if start < 0:
            continue
        said = said or any(
            _says_something(lines[above]) for above in range(done, at) if not usual[above] or is_citation(lines[above])
        )
        done = at + 1
        mark = _mark_below(lines, below, end)
        if mark is None and said:
            if not _answers_below(lines, start):
                _cut_from(lines, kept, start, end)
            break
        if mark is not None or not (FROM.match(line) or LABEL.match(line)):  # headers on top may be all there is
            kept[start:below] = [False] * (below - start)
            marks.append(mark or Mark(below, is_quote))
            if mark is not None and mark.carried_by is not is_quote and len(marks) <= OTHER_MARKS:
                for index in range(mark.begin, end):  # from here on, they are as good as the usual mark
                    if mark.carried_by(lines[index]):
                        lines[index], usual[index] = ">", True
            at, done = below - 1, below
    end = _kept_end(kept, end)
    cut_marks(lines[:end], kept, marks, usual[:end], answer=answer)
    return forwarded


def _separator(lines: list[str], at: int, end: int, *, laid_out: bool) -> tuple[int, int]:
    """Where a separator begins and ends (exclusive) whose last line, or of headers the first, stands at `at`.

    (-1, ..) for none.
    """
    headers = header_block(lines, at, laid_out=laid_out)
    if headers >= 0:
        return at, min(headers, end)
    below = next_said(lines, at + 1, end)
    if is_original_marker(lines[at]):
        headers = header_block(lines, below, laid_out=laid_out) if below < end else -1
        return at, min(headers, end) if headers >= 0 else at + 1
    return attribution_start(lines, at, quote_follows=mark_below(lines, below, end) is not None), at + 1


def _mark_below(lines: list[str], below: int, end: int) -> Mark | None:
    """The mark of the quote under a separator; "[...]" may stand between."""
    at = next_said(lines, below, end)
    mark = mark_below(lines, at, end)
    if mark is None and at < end and _SNIPPED.match(lines[at].strip()):
        at = next_said(lines, at + 1, end)
        mark = mark_below(lines, at, end)
    return mark


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


def _cut_signatures(lines: list[str], kept: list[bool]) -> list[str]:
    """Cut the signature at the end, and below a quote that was cut the one above it only when nothing is left.

    Returns the lines of the signature.
    """
    end = len(lines)
    signature: list[str] = []
    while end:
        own, at = (range(end), -1) if all(kept[:end]) else _lowest_kept(lines, kept, end)
        first = 1 if at < 0 else 0
        start = signature_start([lines[index] for index in own], first)
        for index in own[start:]:
            kept[index] = False
        signature = [lines[index] for index in own[start:]] or signature
        if not own or any(lines[index].strip() for index in own[:start]):
            return signature
        end = at + 1
    return signature


def _lowest_kept(lines: list[str], kept: list[bool], end: int) -> tuple[Sequence[int], int]:
    """The lowest lines that are kept, with nothing but empty ones between, and the line above them, -1 for none."""
    own: list[int] = []
    at = end - 1
    while at >= 0 and (kept[at] or not lines[at].strip() or not own):
        if kept[at]:
            own.append(at)
        at -= 1
    return own[::-1], at


def _says_something(text: str) -> bool:
    return _SAID.search(text) is not None


def _join(lines: Iterable[str]) -> str:
    """The lines without empty ones at both ends."""
    return "\n".join(lines).strip("\n").rstrip()


def _missing(text: str, own: str) -> str:
    """What of a text is not among its own words: from where they end, or all of it when they are spread."""
    return text[len(own) :].strip("\n") if text.startswith(own) else text
