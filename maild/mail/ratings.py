"""Reads a rating out of a reply: "5", "5/5 thanks", "★★★★", "4 von 5", "٤".

Precision first: a digit that begins a sentence ("2 machines are broken"), a list ("1. It is slow") or a range
("3-4 days") is none. What stands behind the rating is the comment.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from maild.mail.gratitude import is_mere_thanks

BEST = 5
LONGEST_COMMENT = 4000  # characters that are kept of a comment
_LOOKED_AT = 100  # characters of the first line: blanks may stand in many places, and each is tried with the others

_NOT_SEEN = re.compile("[\ufe0e\ufe0f\u20e3\u200b-\u200f\u202a-\u202e\u2066-\u2069\u061c]")
_WORD = (
    r"(?:(?:my |meine |ma |mi )?"
    r"(?:rating|score|bewertung|note|puntuaci[oó]n|valoraci[oó]n|calificaci[oó]n|(?:ال)?تقييم)"
    r"\s*(?::|=|-|is|ist|est|es)?\s*)?"
)
_OF = r"(?:\s*(?:/|out of|of|von|sur|de|من)\s*5(?!\d|[.,]\d))"
_STARS = r"(?:\s*(?:stars?|sterne?n?|[ée]toiles?|estrellas?|نجوم|نجمات|نجمة|[★⭐🌟]))"
_DIGIT = re.compile(rf"{_WORD}(?P<stars>[1-5])(?![\d])(?P<sure>{_OF}{_STARS}?|{_STARS})?", re.IGNORECASE)
_DRAWN = re.compile(rf"{_WORD}(?P<full>(?:[★⭐🌟]\s?){{1,5}})(?P<empty>(?:☆\s?){{0,4}})(?![★⭐🌟☆])", re.IGNORECASE)
# A bare digit needs an end behind it; "2, 3 and 4 are broken" and "1. It is slow" go on.
_END = re.compile(r"\s*(?:$|!+(?=\s|$)|\.+\s*$|(?:\s[-–—]+|[,;:])\s+(?=\D))")
_SEPARATOR = re.compile(r"^[\s.,;:!–—-]+")


@dataclass(frozen=True, slots=True)
class Rating:
    """What a customer says of how the ticket was dealt with."""

    stars: int  # 1 to 5
    comment: str = ""


def rating_of(reply_text: str, sender_name: str = "") -> Rating | None:
    """The rating that a reply begins with, alone on its line or before a comment; None when in doubt.

    `reply_text` are the writer's own words, without what they quote; a name at their end is no comment.
    """
    first, _, rest = _seen(reply_text).strip().partition("\n")
    found = _drawn(first) or _said(first)
    if found is None:
        return None
    stars, end = found
    words = "\n".join(part for part in (_SEPARATOR.sub("", first[end:]), rest.strip()) if part)
    return Rating(stars, comment_of(words, sender_name))


def comment_of(words: str, sender_name: str = "") -> str:
    """What of somebody's words is a comment: nothing if it is only the name."""
    plain = words.strip()
    is_name = bool(sender_name) and plain.casefold().strip(" -–—,.") == sender_name.casefold().strip()
    return "" if is_name else plain[:LONGEST_COMMENT]


def _seen(text: str) -> str:
    """As it is read: keycaps are their digits, and those of Arabic and others are Latin ones."""
    shown = _NOT_SEEN.sub("", text)
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() and not c.isascii() else c for c in shown)


def _drawn(line: str) -> tuple[int, int] | None:
    """The stars that a line begins with, and where they end."""
    found = _DRAWN.match(line, 0, _LOOKED_AT)
    if found is None:
        return None
    full = sum(1 for c in found["full"] if not c.isspace())
    empty = found["empty"].count("☆")
    return (full, found.end()) if not empty or full + empty == BEST else None


def _said(line: str) -> tuple[int, int] | None:
    """The number that a line begins with, and where it ends."""
    found = _DIGIT.match(line, 0, _LOOKED_AT)
    if found is None:
        return None
    behind = line[found.end() :]
    if found["sure"]:
        return (int(found["stars"]), found.end()) if not re.match(r"\w|[-–]\d", behind) else None
    if _END.match(behind) or is_mere_thanks(behind):
        return int(found["stars"]), found.end()
    return None
