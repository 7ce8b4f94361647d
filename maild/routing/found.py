"""What keywords and regular expressions find in a mail: one pass over subject and text each, for all rules at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from maild.routing.folding import fold
from maild.routing.keywords import KeywordIndex
from maild.routing.patterns import PatternSet

_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Keywords and regular expressions as they are written in rules and catalogue."""

    subject_words: frozenset[str] = _NOTHING
    text_words: frozenset[str] = _NOTHING
    words: frozenset[str] = _NOTHING  # in one of both
    subject_patterns: frozenset[str] = _NOTHING
    text_patterns: frozenset[str] = _NOTHING


@dataclass(frozen=True, slots=True)
class Wanted:
    """Keywords and regular expressions that have to be looked for."""

    words: frozenset[str] = _NOTHING
    patterns: frozenset[str] = _NOTHING


class Search:
    """Everything that is looked for, made ready once."""

    def __init__(self, wanted: Iterable[Wanted]) -> None:
        each = tuple(wanted)
        words = sorted(frozenset[str]().union(*(one.words for one in each)))
        patterns = sorted(frozenset[str]().union(*(one.patterns for one in each)))
        self._words = KeywordIndex(words) if words else None
        self._patterns = PatternSet(patterns) if patterns else None

    def find(self, subject: str, text: str) -> Found:
        """What is there of it. All is looked for in both: two indexes would cost more to make than they save."""
        in_subject = self._words.found_in(fold(subject)) if self._words else _NOTHING
        in_text = self._words.found_in(fold(text)) if self._words else _NOTHING
        return Found(
            subject_words=in_subject,
            text_words=in_text,
            words=in_subject | in_text,
            subject_patterns=self._patterns.found_in(subject) if self._patterns else _NOTHING,
            text_patterns=self._patterns.found_in(text) if self._patterns else _NOTHING,
        )
