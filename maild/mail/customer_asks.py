"""Reads what a customer asks for by mail: only where a request is all that somebody wrote."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from maild.mail.customer_ask_words import POLITE, WORDS, Ask

LONGEST = 200  # characters of a line that may be a request
_ADDRESS = re.compile(r"<?(?:mailto:)?([^\s<>,;:\"()@]{1,64}@[^\s<>,;:\"()@]{1,190}\.[^\s<>,;:\"()@.]{2,63})>?")
_NO_WORD = re.compile(r"[\W_]+")
_WITH_ADDRESS = frozenset({Ask.ADD, Ask.REMOVE})


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerAsk:
    """What is asked for, and the languages in which it is said so."""

    ask: Ask
    languages: frozenset[str]
    address: str = ""  # whom to add or remove, in lower case


def read_customer_ask(line: str) -> CustomerAsk | None:
    """What a line asks for, politely or not; None when it says anything else."""
    if not line or len(line) > LONGEST:
        return None
    addresses = _ADDRESS.findall(line) if "@" in line else []
    found = _asks().get(_folded(_ADDRESS.sub(" ", line) if addresses else line))
    if found is None or len(addresses) != (found.ask in _WITH_ADDRESS):
        return None
    address = addresses[0].lower() if addresses else ""
    return CustomerAsk(ask=found.ask, languages=found.languages, address=address)


@cache
def _asks() -> dict[str, CustomerAsk]:
    """Each way of asking, folded."""
    said: dict[tuple[str, Ask], set[str]] = {}
    for ask, by_language in WORDS.items():
        for language, ways in by_language.items():
            for way in ways.split("|"):
                said.setdefault((_plain(way), ask), set()).add(language)
    return {way: CustomerAsk(ask=ask, languages=frozenset(in_)) for (way, ask), in_ in said.items()}


@cache
def _polite() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(_plain(way) for way in POLITE.split('|'))})\b")


def _folded(text: str) -> str:
    return " ".join(_polite().sub(" ", _plain(text)).split())


def _plain(text: str) -> str:
    """Words without accents, case, vowel points and punctuation, one space between them."""
    text = text.casefold()
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text.replace("\u0640", ""))
        text = "".join(c for c in apart if not unicodedata.combining(c))
    return " ".join(_NO_WORD.sub(" ", text).split())
