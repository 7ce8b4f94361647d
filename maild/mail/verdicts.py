"""Knows a reply that says only whether the matter is solved: "yes", "ja, gelöst", "ça ne marche pas".

Precision first, as for a mere thank-you: beside the phrase there may be thanks, a greeting and a name, and nothing
else. Whoever says more has an agent read it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from maild.mail.gratitude import is_mere_thanks
from maild.mail.verdict_words import NO, SOLVED, UNSOLVED, YES

TEXT_LIMIT = 200  # characters; whoever writes more says more

_GREETING = r"(?:(?:hi|hello|hallo|guten tag|bonjour|hola|مرحبا)[ ,!.]*\n?\s*)?"
_BEHIND = r"(?=\s*(?:$|[.,;:!…،\n–—-]))[\s.,;:!…،–—-]*"


@dataclass(frozen=True, slots=True)
class Said:
    """What a customer says of the solution."""

    solved: bool
    bare: bool  # a yes or no, which says nothing where nobody has asked


def verdict_of(reply_text: str, sender_name: str = "") -> Said | None:
    """What a whole reply says of the solution; None when it says anything else, or in doubt."""
    text = unicodedata.normalize("NFC", reply_text.strip()[: TEXT_LIMIT + 1]).replace("’", "'")
    if not text or len(text) > TEXT_LIMIT or re.search("[?؟]", text):
        return None
    found = _pattern().match(text)
    if found is None:  # it matches nothing at all, too
        return None
    bare, more = found["bare"], found["more"]
    rest = text[found.end() :]
    if not (bare or more) or (rest and not is_mere_thanks(f"Thanks.\n{rest}", sender_name)):
        return None
    if not more:
        return Said(solved=_is(YES, bare), bare=True)
    solved = not _is(UNSOLVED, more)
    if solved and bare and not _is(YES, bare):  # "no, it works now": a person has to read it
        return None
    return Said(solved=solved, bare=False)


@cache  # large, and most runs of maild need it not at all
def _pattern() -> re.Pattern[str]:
    bare, more = rf"(?P<bare>{YES}|{NO}){_BEHIND}", rf"(?P<more>{UNSOLVED}|{SOLVED}){_BEHIND}"
    return re.compile(rf"{_GREETING}(?:{bare})?(?:{more})?", re.IGNORECASE)


def _is(phrases: str, text: str) -> bool:
    return re.fullmatch(phrases, text, re.IGNORECASE) is not None
