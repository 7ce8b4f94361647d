"""The ways in which many keywords are looked for at once: beginnings of words, phrases, and anywhere inside.

Each is linear in the text, whatever it holds.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from typing import Final, Literal

from maild.routing.needles import Needle, stands

_HEAD = 4  # letters: few words of a text begin like a prefix of this length, so that all others are done with
_CODES: Final[dict[Literal[2, 4], Literal["I", "Q"]]] = {2: "I", 4: "Q"}  # of arrays: 4 and 8 bytes
_MANY = 300  # from so many needles of one length on it is quicker to cut a text to pieces of this length
_FEW = 150  # up to so many needles it is quicker to look for one after the other than to cut the text to pieces


class Heads:
    """Prefixes of words."""

    def __init__(self) -> None:
        self._keywords: defaultdict[str, list[str]] = defaultdict(list)  # prefix -> keywords
        self._short: set[int] = set()  # lengths below _HEAD
        self._lengths: defaultdict[str, set[int]] = defaultdict(set)  # first letters -> lengths from _HEAD on

    def __bool__(self) -> bool:
        return bool(self._keywords)

    def add(self, prefix: str, keyword: str) -> None:
        """Remember one."""
        self._keywords[prefix].append(keyword)
        if len(prefix) < _HEAD:
            self._short.add(len(prefix))
        else:
            self._lengths[prefix[:_HEAD]].add(len(prefix))

    def find(self, words: set[str], found: set[str]) -> None:
        """Add the keywords of which one of these words begins with the prefix."""
        heads = {word[:length] for length in self._short for word in words}
        if lengths := self._lengths:
            near = [word for word in words if word[:_HEAD] in lengths]
            heads.update(word[:length] for word in near for length in lengths[word[:_HEAD]])
        for head in heads & self._keywords.keys():
            found.update(self._keywords[head])


class _Node:
    """What may follow the words so far."""

    __slots__ = ("next", "rest", "whole")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.whole: list[str] = []  # keywords that end here
        self.rest: Heads | None = None  # keywords that end with a beginning of the next word

    def may_stand_in(self, words: set[str]) -> bool:
        """Whether all the words that a keyword needs from here on are among these."""
        if self.whole or self.rest:
            return True
        return any(self.next[word].may_stand_in(words) for word in self.next.keys() & words)


class Phrases:
    """Phrases of whole words, of which the last may be a prefix."""

    def __init__(self) -> None:
        self._root = _Node()

    def add(self, words: list[str], is_prefix: bool, keyword: str) -> None:  # noqa: FBT001 -- a needle's field
        """Remember one of at least two words."""
        node = self._root
        for word in words[:-1] if is_prefix else words:
            node = node.next.setdefault(word, _Node())
        if is_prefix:
            node.rest = node.rest or Heads()
            node.rest.add(words[-1], keyword)
        else:
            node.whole.append(keyword)

    def find(self, words: list[str], distinct: set[str], found: set[str]) -> None:
        """Add the keywords whose words stand here one after the other; `distinct` are the words, each once."""
        firsts = self._root.next
        # Few texts hold all the words of a phrase, so that hardly any place is looked at.
        firsts = {word: firsts[word] for word in firsts.keys() & distinct if firsts[word].may_stand_in(distinct)}
        if not firsts:
            return
        for start in [number for number, word in enumerate(words) if word in firsts]:
            node: _Node | None = firsts[words[start]]
            for number in range(start + 1, len(words)):
                word = words[number]
                if node is None:
                    break
                if node.rest:
                    node.rest.find({word}, found)
                node = node.next.get(word)
                if node and node.whole:
                    found.update(node.whole)


class Inside:
    """Needles that may stand anywhere in a text."""

    def __init__(self, piece: Literal[2, 4]) -> None:
        """`piece` is the length of beginning and end by which most needles are ruled out."""
        self._piece: Literal[2, 4] = piece
        self._needles: defaultdict[str, list[tuple[Needle, str]]] = defaultdict(list)
        self._begin: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)  # first piece -> last piece, needle
        self._whole: dict[int, str] = {}  # needles that are one piece
        self._short: set[str] = set()  # needles shorter than a piece

    def __bool__(self) -> bool:
        return bool(self._needles)

    def add(self, needle: Needle, keyword: str) -> None:
        """Remember one."""
        if needle.text not in self._needles:
            units = _units(needle.text)
            size = 2 * self._piece
            if len(units) < size:
                self._short.add(needle.text)
            else:
                first, last = array(_CODES[self._piece], units[:size] + units[-size:])
                if len(units) == size:
                    self._whole[first] = needle.text
                else:
                    self._begin[first].append((last, needle.text))
        self._needles[needle.text].append((needle, keyword))

    def find(self, text: str, found: set[str]) -> None:
        """Add the keywords that stand in this text."""
        for inside in self._inside(text):
            found.update(keyword for needle, keyword in self._needles[inside] if stands(needle, text))

    def _inside(self, text: str) -> set[str]:
        """The needles that are in the text, with borders or without."""
        if len(self._needles) <= _FEW:
            return {needle for needle in self._needles if needle in text}
        pieces = _pieces(text, self._piece)
        near = [
            needle for first in self._begin.keys() & pieces for last, needle in self._begin[first] if last in pieces
        ]
        by_length: defaultdict[int, set[str]] = defaultdict(set)
        for needle in (*near, *self._short):
            by_length[len(needle)].add(needle)
        inside = {self._whole[piece] for piece in self._whole.keys() & pieces}
        for length, needles in by_length.items():
            if len(needles) <= _MANY:
                inside.update(needle for needle in needles if needle in text)
            else:
                inside |= needles & {text[start : start + length] for start in range(len(text) - length + 1)}
        return inside


def _units(text: str) -> bytes:
    """Two bytes for each character (four beyond the first plane)."""
    return text.encode("utf-16-le", "surrogatepass")


def _pieces(text: str, length: Literal[2, 4]) -> set[int]:
    """All its pieces of this length as numbers, which are made quicker than strings."""
    units = _units(text)
    size = 2 * length
    pieces: set[int] = set()
    for start in range(0, size, 2):
        pieces.update(array(_CODES[length], units[start : start + max(0, len(units) - start) // size * size]))
    return pieces
