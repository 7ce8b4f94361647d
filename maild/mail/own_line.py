"""The one line that somebody wrote, apart from a sign-off: for mails that are a request of a word or two."""

from __future__ import annotations

import re

from maild.mail.gratitude import is_mere_thanks
from maild.mail.quote_words import SENT_FROM

_MOST_LINES = 50  # that are looked at
_LINES = 8  # of a sign-off
_LENGTH = 80  # characters of one of its lines
_NAME_WORDS = 4  # of the line that holds the name
_WORD = re.compile(r"[^\W\d_]{2,}")


def own_line(words: str, name: str) -> str:
    """The first line of somebody's own words, if nothing but a sign-off stands below it; else "".

    A sign-off is thanks, the writer's name with what stands around it, what a phone adds, all below "--".
    """
    lines = _lines(words)
    return lines[0] if lines and (len(lines) == 1 or _is_sign_off(lines[1:], name)) else ""


def says_nothing(words: str, name: str) -> bool:
    """Whether somebody's own words are a sign-off at most."""
    lines = _lines(words)
    return not lines or _is_sign_off(lines, name)


def _lines(words: str) -> list[str]:
    """The lines that say something, without what certainly is a signature."""
    lines = [" ".join(line.split()) for line in words.split("\n", _MOST_LINES)]
    lines = [line for line in lines if line]
    del lines[next((at for at, line in enumerate(lines) if line in ("--", "—")), len(lines)) :]
    while lines and len(lines[-1]) <= _LENGTH and SENT_FROM.match(lines[-1]):
        del lines[-1]
    return lines


def _is_sign_off(lines: list[str], name: str) -> bool:
    if is_mere_thanks("\n".join(lines), name):
        return True
    if len(lines) > _LINES or any(len(line) > _LENGTH or "?" in line for line in lines):
        return False
    names = {word.casefold() for word in _WORD.findall(name)}
    # "Best regards," and below it the name: a sentence that holds the name is none.
    return any(
        not names.isdisjoint(word.casefold() for word in _WORD.findall(line)) and len(line.split()) <= _NAME_WORDS
        for line in lines[:2]
    )
