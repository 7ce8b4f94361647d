"""Cuts what carries quote marks: below an attribution, in an answer, or else at the end."""

from __future__ import annotations

from maild.mail.quote_marks import Mark, is_quote, own_marks

TORN_LENGTH = 30  # of what a program tears off a quoted line that is longer than TORN_FROM
TORN_FROM = 70


def cut_marks(lines: list[str], kept: list[bool], marks: list[Mark], usual: list[bool], *, answer: bool) -> None:
    """Cut what carries quote marks: below an attribution, in an answer, or else at the end.

    `usual` says which of the lines carry the usual mark; of `kept` more may follow than there are lines.
    """
    if not marks and not any(usual):
        return
    end = len(lines)
    for at in own_marks(lines):
        usual[at] = False
    opening = next_said(lines, 0, end)
    if answer and sum(usual) > 1 and (not marks or (opening < end and usual[opening])):
        marks = [Mark(0, is_quote), *marks]  # introduced in words that we do not know, or in none
    if not marks:
        _cut_trailing_quote(lines, kept, usual, answer=answer)
        return
    quoted = [False] * min(marks[0].begin, end) + usual[marks[0].begin :]
    for mark, after in zip(marks, [*(each.begin for each in marks[1:]), end], strict=True):
        if mark.carried_by is not is_quote:
            for at in range(mark.begin, min(after, end)):
                quoted[at] = quoted[at] or mark.carried_by(lines[at])
    for at in _torn_off(lines, quoted, marks[0].begin, end):
        quoted[at] = True
    for at in range(marks[0].begin, end):
        kept[at] = kept[at] and not quoted[at]


def _torn_off(lines: list[str], quoted: list[bool], begin: int, end: int) -> list[int]:
    """The short lines between quoted ones that are ends of the lines above, wrapped on the way.

    A program tears every line that is longer than it likes: one such line alone may well be an answer, and
    what would have fitted is one.
    """
    found = []
    longest, shortest = 0, TORN_FROM * 2
    for at in range(begin + 1, end - 1):
        line = lines[at].strip()
        if quoted[at] or not line or len(line) >= TORN_LENGTH or not (quoted[at - 1] and quoted[at + 1]):
            continue
        above = len(lines[at - 1].rstrip())
        if above < TORN_FROM or lines[at - 1].rstrip().endswith((".", "!", "?", ":")) or line[0].isupper():
            continue
        found.append(at)
        longest = max(longest, above)
        shortest = min(shortest, above + 1 + len(line.split()[0]))
    return found if len(found) > 1 and longest < shortest else []


def _cut_trailing_quote(lines: list[str], kept: list[bool], usual: list[bool], *, answer: bool) -> None:
    """Cut a quote at the end that nothing introduces; elsewhere, or below "like this:", it is the writer's own."""
    at = end = len(usual)
    while at and (not lines[at - 1].strip() or usual[at - 1]):
        at -= 1
    shown = at > 0 and not answer and lines[at - 1].rstrip().endswith((":", "："))
    if any(usual[at:end]) and not shown:
        kept[at:end] = [False] * (end - at)


def next_said(lines: list[str], at: int, end: int) -> int:
    """The first line from `at` on that is not empty; `end` when all are."""
    while at < end and not lines[at].strip():
        at += 1
    return at
