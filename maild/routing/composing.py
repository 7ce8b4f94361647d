"""Puts text into Unicode's composed form (NFC) in linear time, whatever somebody has made of it."""

from __future__ import annotations

import unicodedata
from typing import Any

import re2

MOST_MARKS = 30  # in a row, as in Unicode's stream-safe text (UAX #15 §13); no language needs more
_PILE = re2.compile(rf"\pM{{{MOST_MARKS + 1},}}")


def composed(text: str) -> str:
    """The text in NFC; of more than 30 marks in a row the first 30.

    `unicodedata.normalize` sorts the marks of a letter by insertion, which takes minutes for 256 Ki of them.
    """
    if text.isascii():
        return text
    raw = text.encode(errors="surrogatepass")
    if _PILE.search(raw):
        text = _PILE.sub(_first_marks, raw).decode(errors="surrogatepass")
    return unicodedata.normalize("NFC", text)


def _first_marks(pile: Any) -> bytes:
    marks: bytes = pile[0]
    return marks.decode()[:MOST_MARKS].encode()
