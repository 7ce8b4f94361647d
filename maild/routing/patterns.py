r"""Regular expressions of rules by RE2: linear in the length of the text, whatever the pattern.

Case does not count; accents do. Unlike RE2's own, \w \d \s \b know every script
(`maild.routing.pattern_syntax`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

import re2

from maild.routing.composing import composed
from maild.routing.pattern_classes import PatternFault
from maild.routing.pattern_syntax import BORDER, translated

LONGEST = 1000  # characters of a pattern
MOST_MATCHES = 100  # that `found_all` looks at: each may cost as much as the text is long
_FEW = 3  # patterns that are quicker searched for one after the other
_PATTERN_MEMORY = 8 * 1024 * 1024  # of what RE2 makes of a pattern, as it counts; in truth up to ten times as much
_MEMORY = 64 * 1024 * 1024  # of that and of what RE2 notes while it searches: with 8 MiB some search 1000 times slower
# Ends every text that the filter sees: a filter that does not find it found nothing at all.
_CANARY = "\ue000\ue001\ue000"


def check_pattern(pattern: str) -> str:
    """What is wrong with a pattern, with the part that is, and what would be right; "" when nothing is."""
    if not pattern:
        return "it is empty; write a regular expression"
    if len(pattern) > LONGEST:
        return f"it has {len(pattern)} characters; {LONGEST} are the most"
    try:
        compiled = _compiled(pattern)
    except PatternFault as fault:
        return str(fault)
    if compiled.search(""):
        return "it matches the empty text, so that every mail would fit; write what must be there (x+ instead of x*)"
    return ""


def occurs_pattern(pattern: str, text: str) -> bool:
    """Whether it matches anywhere in the text.

    Raises ValueError when `check_pattern` finds fault with the pattern; so do the others here.
    """
    return _checked(pattern).search(_raw(text)) is not None


def found_all(pattern: str, text: str) -> list[str]:
    r"""What it matches, as the text writes it (in NFC), in order: of the first 100 matches.

    Of each match the first group that the pattern has, if it has any (a match without that group is left
    out); otherwise all of it. What a \b stands beside is no part of it, so that one space is enough
    between two matches.
    """
    compiled = _checked(pattern)
    raw = _raw(text)
    borders = [number for name, number in compiled.groupindex.items() if name.startswith(BORDER)]
    groups = [number for number in range(1, compiled.groups + 1) if number not in borders]
    found: list[str] = []
    for start, end, match in islice(_cores(compiled, raw, borders), MOST_MATCHES):
        first, last = match.span(groups[0]) if groups else (start, end)
        if first < 0:
            continue
        found.append(raw[max(first, start) : min(last, end)].decode(errors="replace"))
    return found


class PatternSet:
    """Many patterns, made ready to be looked for at once; in any thread."""

    def __init__(self, patterns: Iterable[str]) -> None:
        """Raises ValueError for a pattern that `check_pattern` finds fault with."""
        self._patterns = tuple(dict.fromkeys(patterns))
        self._compiled = [_checked(pattern) for pattern in self._patterns]
        self._filter = _filter([translated(pattern) for pattern in self._patterns])

    def found_in(self, text: str) -> frozenset[str]:
        """The patterns, as they were written, that match anywhere in the text."""
        raw = _raw(text)
        return frozenset(
            self._patterns[number] for number in self._candidates(raw) if self._compiled[number].search(raw)
        )

    def _candidates(self, raw: bytes) -> Iterable[int]:
        """Those of which the text has the literal parts."""
        everyone = range(len(self._patterns))
        if self._filter is None:
            return everyone
        found = self._filter.Match(raw + _CANARY.encode(), potential=True) or ()
        # RE2 tells nobody when its memory does not suffice: then it finds nothing, and so not the canary.
        return [number for number in found if number in everyone] if len(everyone) in found else everyone


def _filter(patterns: list[str]) -> Any:
    """A filter of these, in their order, and of the canary; None when they are few or it does not fit into memory."""
    if len(patterns) < _FEW:
        return None
    made = re2.Filter()
    try:
        for pattern in [*patterns, _CANARY]:
            made.Add(pattern, _options())
        made.Compile()
    except re2.error:
        return None
    return made


def _cores(compiled: Any, raw: bytes, borders: list[int]) -> Iterator[tuple[int, int, Any]]:
    """Matches without the characters that borders have taken: where each begins and ends, and the match."""
    at = 0
    while match := compiled.search(raw, _before(raw, at)) if at else compiled.search(raw):
        start, end = _core(match, borders)
        if start < at:  # it reaches into the last one: without that one's last character, then
            match = compiled.search(raw, at)
            if not match:
                return
            start, end = _core(match, borders)
        yield start, end, match
        at = max(end, at + 1)
        if at > len(raw):
            return


def _core(match: Any, borders: list[int]) -> tuple[int, int]:
    start, end = match.span()
    whole = (start, end)
    for first, last in map(match.span, borders):
        if 0 <= first < last:
            if first == whole[0]:
                start = last
            else:
                end = first
    return start, end


def _before(raw: bytes, at: int) -> int:
    """Where the character before this place begins."""
    at -= 1
    while at > 0 and raw[at] & 0xC0 == 0x80:
        at -= 1
    return at


def _raw(text: str) -> bytes:
    return composed(text).encode(errors="replace")


def _checked(pattern: str) -> Any:
    if fault := check_pattern(pattern):
        raise ValueError(f"pattern {pattern!r}: {fault}")
    return _compiled(pattern)


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> Any:
    """Raises PatternFault."""
    known = translated(pattern)
    try:
        re2.Filter().Add(known, _options(_PATTERN_MEMORY))  # unlike `re2.compile` it keeps nothing of it
        return re2.compile(known, _options())
    except re2.error:
        raise PatternFault(_refused(known)) from None


def _refused(known: str) -> str:
    """Why RE2 refuses it; a filter does not tell."""
    try:
        re2.compile(known, _options(_PATTERN_MEMORY))
    except re2.error as error:
        message = error.args[0]
        said = message.decode(errors="replace") if isinstance(message, bytes) else str(message)
        if "too large" not in said:
            return f"RE2 says: {said}; see https://github.com/google/re2/wiki/Syntax"
    return r"it takes too much memory; let \w, \pL and the like repeat less often"


def _options(memory: int = _MEMORY) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    options.max_mem = memory
    return options
