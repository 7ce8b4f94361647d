"""Finds the line of our letters above which answers are written, as programs and people hand it back."""

from __future__ import annotations

import re

# Some programs put marks of direction around a line that is written from right to left.
_TURNS = "\u200e\u200f\u202a-\u202e\u2066-\u2069"
_BEGIN = re.compile(rf"^[ \t>*|:_{_TURNS}]{{0,20}}(?:[A-Za-z]{{1,10}}>[ \t]*)?##-")
_END = re.compile(rf"-##[ \t*_{_TURNS}]{{0,20}}$")
WRAPPED_LINES = 6  # that a narrow program may make of it
LENGTH = 400


def marker_end(lines: list[str], at: int) -> int:
    """Where our marker ends (exclusive) that begins at a line, -1 when none does.

    "##- Please type your reply above this line -##" in any language: quoted, in bold, wrapped.
    """
    if "##-" not in lines[at] or not _BEGIN.match(lines[at][:60]):
        return -1
    length = 0
    for index, line in enumerate(lines[at : at + WRAPPED_LINES], at):
        length += len(line)
        if length > LENGTH or not line.strip(" \t>*|"):
            return -1
        if _END.search(line):
            return index + 1
    return -1


def holds_marker(text: str) -> bool:
    """Whether our marker stands in a text."""
    if "##-" not in text:
        return False
    lines = text.split("\n")
    return any(marker_end(lines, at) >= 0 for at in range(len(lines)))
