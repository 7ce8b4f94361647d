"""What of a text is looked for: its words, folded, and in scripts without spaces its pairs of letters.

A database's own idea of a word differs from the next one's, and neither finds a word within a line of
Chinese or Thai. So texts are taken apart here, before they are stored and before they are asked for: both
databases see nothing but terms, which hold letters, digits and _ only and so can be no syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from maild.routing.folding import fold
from maild.routing.scripts import letter_class, unspaced_class

LONGEST = 64  # characters of a term; of a longer word the beginning is known
MOST_TERMS = 16_000  # of one ticket: PostgreSQL counts positions up to 16,383
MOST_LETTERS = 100_000  # of them together: its tsvector holds 1 MiB
MOST_ASKED = 20  # phrases of one search
_LEAST_OPEN = 2  # letters of a word that a star ends; fewer begin half of all words
_ASCII = re.compile("[a-z0-9_]+")
_CHUNK = re.compile(r'"([^"]*)"?(\*?)|([^\s"]+)')


@dataclass(frozen=True, slots=True)
class Phrase:
    """Terms that stand one behind the other; with `open_end` the last one may go on."""

    terms: tuple[str, ...]
    open_end: bool = False


def terms_of(text: str) -> list[str]:
    """The terms of a text in their order: "Paket 订单号" is paket, 订单, 单号, 号.

    A run of letters without spaces gives its pairs, and its last letter alone, so that every letter of it
    begins a term.
    """
    return [term for run, is_word in _runs(text) for term in ([run] if is_word else _pairs(run))]


def terms_of_all(texts: Iterable[str]) -> list[str]:
    """The terms of a ticket's texts, the most telling text first, as many as are stored."""
    found: list[str] = []
    letters = 0
    for text in texts:
        for term in terms_of(text):
            letters += len(term)
            if len(found) == MOST_TERMS or letters > MOST_LETTERS:
                return found
            found.append(term)
    return found


def read_search(words: str) -> tuple[Phrase, ...]:
    """What somebody looks for: every word and every "quoted phrase" has to occur; a star ends a beginning of words.

    Whatever anybody writes is read somehow; () when there is no word in it.
    """
    found: dict[Phrase, None] = {}
    for quoted, star, word in _CHUNK.findall(words):
        open_end = bool(star) or (quoted or word).endswith("*")
        if phrase := _phrase(quoted or word, open_end=open_end):
            found[phrase] = None
        if len(found) == MOST_ASKED:
            break
    return tuple(found)


def _phrase(text: str, *, open_end: bool) -> Phrase | None:
    """Text as it stands in a row; "AB-12" has two terms, and 订单 is one that may stand within others."""
    terms: list[str] = []
    runs = list(_runs(text))
    for place, (run, is_word) in enumerate(runs):
        is_last = place == len(runs) - 1
        if is_word:
            terms.append(run)
            open_end = open_end and not (is_last and len(run) < _LEAST_OPEN)
        elif is_last:  # what follows it in a text is not known
            terms += _pairs(run)[:-1] or [run]
            open_end = len(run) == 1
        else:
            terms += _pairs(run)
    return Phrase(tuple(terms), open_end) if terms else None


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    """Runs of letters, each with whether it is a word of a script with spaces."""
    folded = fold(text)
    if folded.isascii():
        for word in _ASCII.findall(folded):
            yield word[:LONGEST], True
        return
    for unspaced, word in _any().findall(folded):
        yield (word[:LONGEST], True) if word else (unspaced, False)


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run))]


@cache
def _any() -> re.Pattern[str]:
    unspaced = unspaced_class()
    return re.compile(f"([{unspaced}]+)|((?:(?![{unspaced}])[{letter_class()}])+)")
