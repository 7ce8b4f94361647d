"""What a keyword is when it is looked for, and where it stands in a text."""

from __future__ import annotations

from dataclasses import dataclass

from maild.routing.scripts import is_letter

_HYPHENS = "-‐‒–—―־"


@dataclass(frozen=True, slots=True)
class Needle:
    """A folded and spaced text that is looked for."""

    text: str
    open_left: bool  # a star: letters may stand before it
    open_right: bool


def spaced(folded: str) -> str:
    """A folded text in which every run of spaces, line breaks and hyphens is one space."""
    for hyphen in _HYPHENS if not folded.isascii() else "-":
        folded = folded.replace(hyphen, " ")
    return " ".join(folded.split())


def stands(needle: Needle, text: str) -> bool:
    """Whether it stands anywhere in a spaced text between the borders that it needs."""
    wanted = needle.text
    left = not needle.open_left and is_letter(wanted[0])
    right = not needle.open_right and is_letter(wanted[-1])
    start = text.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        if not (left and start and is_letter(text[start - 1])) and not (
            right and end < len(text) and is_letter(text[end])
        ):
            return True
        start = text.find(wanted, start + 1)
    return False
