"""Keywords: what one is, and which of thousands occur in a text, in one pass.

A keyword is a word or a phrase. Both it and the text are folded (`maild.routing.folding`), and any run of
spaces, line breaks and hyphens counts as one space. It then occurs where it stands between borders of words;
a star at its end or beginning (`refund*`, `*teil`) waives the border there. A letter of a script without
spaces between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese) needs no border and makes none.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property, lru_cache

from maild.routing.folding import fold
from maild.routing.keyword_search import Heads, Inside, Phrases
from maild.routing.needles import Needle, spaced, stands
from maild.routing.scripts import has_unspaced, is_letter, letter_class

LONGEST = 100  # characters of a keyword
_LEAST = 3  # letters of one that begins with a star
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
# What is no letter and no space ends a phrase.
_END = "."
_ASCII = {
    code: " " if chr(code).isspace() or chr(code) == "-" else _END
    for code in range(128)
    if not (chr(code).isalnum() or chr(code) == "_")
}


def check_keyword(keyword: str) -> str:
    """What is wrong with a keyword, and what would be right; "" when nothing is."""
    keyword = keyword.strip()
    if not keyword:
        return "it is empty; write a word or a phrase"
    if len(keyword) > LONGEST:
        return f"it has {len(keyword)} characters; {LONGEST} are the most"
    core = keyword.removeprefix("*").removesuffix("*")
    if "*" in core:
        return "a star may stand only at its beginning or at its end; write two keywords, or a regular expression"
    folded = fold(core)
    letters = sum(map(is_letter, folded))
    if not letters and not has_unspaced(folded):
        return "it has no letter and no digit; write a word or a phrase"
    beside = folded[: keyword.startswith("*")] + (folded[-1] if keyword.endswith("*") else "")
    if not all(is_letter(character) or has_unspaced(character) for character in beside):
        return "a star must touch a letter or a digit; write it without what is between"
    if has_unspaced(folded):
        return ""
    least = _LEAST if keyword.startswith("*") else 2 if keyword.endswith("*") else 1
    if letters < least:
        return f"{keyword!r} fits too many words; a keyword with this star has at least {least} letters"
    return ""


def occurs(keyword: str, text: str) -> bool:
    """Whether it occurs in a text: the definition, one keyword at a time.

    Raises ValueError when `check_keyword` finds fault with the keyword.
    """
    text = spaced(fold(text))
    return any(stands(needle, text) for needle in _needles(keyword))


class KeywordIndex:
    """Many keywords, made ready to be looked for at once; in any thread."""

    def __init__(self, keywords: Iterable[str]) -> None:
        """Raises ValueError for a keyword that `check_keyword` finds fault with."""
        self._words: defaultdict[str, list[str]] = defaultdict(list)
        self._prefixes, self._suffixes = Heads(), Heads()  # suffixes are read backwards
        self._endings: set[str] = set()  # their last letters
        self._phrases = Phrases()
        self._infixes, self._unspaced = Inside(4), Inside(2)
        self._odd: defaultdict[str, list[tuple[Needle, str]]] = defaultdict(list)
        for keyword in dict.fromkeys(keywords):
            for needle in _needles(keyword):
                self._add(needle, keyword)

    def found_in(self, folded: str) -> frozenset[str]:
        """The keywords, as they were written, that occur in a text which `fold` has folded."""
        runs = folded.translate(_ASCII) if folded.isascii() else self._other.sub(_END, spaced(folded))
        in_order = runs.replace(_END, f" {_END} ").split()  # words, with what ends a phrase between them
        words = set(in_order)
        found: set[str] = set()
        for word in self._words.keys() & words:
            found.update(self._words[word])
        self._prefixes.find(words, found)
        if self._endings:
            self._suffixes.find({word[::-1] for word in words if word[-_LEAST:] in self._endings}, found)
        if self._infixes:
            self._infixes.find("\n".join(words), found)
        self._phrases.find(in_order, words, found)
        words.add("")  # stands for no word: some have no run of letters that must be one
        if odd := self._odd.keys() & words:
            text = spaced(folded)
            found.update(keyword for run in odd for needle, keyword in self._odd[run] if stands(needle, text))
        if self._unspaced and has_unspaced(folded):
            # What stands between letters; most of it is a space, again and again.
            self._unspaced.find("\n".join(set(self._letters.split(spaced(folded)))), found)
        return frozenset(found)

    def _add(self, needle: Needle, keyword: str) -> None:
        """Put it where it is looked for with the least work."""
        text = needle.text
        if has_unspaced(text) and not self._letters.search(text):
            self._unspaced.add(needle, keyword)
        elif self._letters.fullmatch(text):
            match needle.open_left, needle.open_right:
                case False, False:
                    self._words[text].append(keyword)
                case False, True:
                    self._prefixes.add(text, keyword)
                case True, False:
                    self._endings.add(text[-_LEAST:])
                    self._suffixes.add(text[::-1], keyword)
                case _:
                    self._infixes.add(needle, keyword)
        elif not needle.open_left and self._letters.fullmatch(text.replace(" ", "")):
            self._phrases.add(text.split(), needle.open_right, keyword)
        else:
            self._odd[self._whole_run(needle)].append((needle, keyword))

    def _whole_run(self, needle: Needle) -> str:
        """The longest run of letters that the text must hold as a word of its own; "" if there is none."""
        runs = [
            run[0]
            for run in self._letters.finditer(needle.text)
            if not (needle.open_left and run.start() == 0) and not (needle.open_right and run.end() == len(needle.text))
        ]
        return max(runs, key=len, default="")

    @cached_property
    def _letters(self) -> re.Pattern[str]:
        return re.compile(f"[{letter_class()}]+")

    @cached_property
    def _other(self) -> re.Pattern[str]:
        return re.compile(f"[^{letter_class()} ]+")


# The built-in catalogue has 400 keywords. Each is read twice at a start and again at each reload.
@lru_cache(maxsize=4096)
def _needles(keyword: str) -> tuple[Needle, ...]:
    """What is looked for: the keyword folded, and a German one also with ae, oe and ue."""
    if fault := check_keyword(keyword):
        raise ValueError(f"keyword {keyword!r}: {fault}")
    keyword = unicodedata.normalize("NFC", keyword.strip())
    core = keyword.removeprefix("*").removesuffix("*")
    spellings = {fold(core), fold(core.lower().translate(_UMLAUTS))}
    return tuple(Needle(spaced(text), keyword.startswith("*"), keyword.endswith("*")) for text in sorted(spellings))
