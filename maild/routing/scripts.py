"""Which characters make words: those of scripts with spaces between words, and those of scripts without."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

# Han, Hiragana, Katakana, Thai, Lao, Burmese, Khmer (Unicode's blocks): no spaces between words.
_WITHOUT_SPACES = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x19E0, 0x19FF), (0x2E80, 0x2FDF), (0x3005, 0x3007),
    (0x3021, 0x3029), (0x3031, 0x3035), (0x3038, 0x303C), (0x3040, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F), (0xF900, 0xFAFF), (0x1AFF0, 0x1B16F), (0x20000, 0x3FFFF),
)  # fmt: skip
# Beyond the first plane whole blocks are taken for letters: ancient and rare scripts, up to the musical signs.
_HANGUL = (0xAC00, 0xD7A3)
_FAR_LETTERS = ((0x10000, 0x1AFEF), (0x1B170, 0x1CFFF), (0x1D400, 0x1D7FF), (0x1DF00, 0x1EEFF))


def is_letter(character: str) -> bool:
    """Whether it belongs to a word of a script with spaces: a letter, a mark, a digit or _."""
    code = ord(character)
    if code > 0xFFFF:
        return any(first <= code <= last for first, last in _FAR_LETTERS)
    return not _is_without_spaces(code) and (character == "_" or unicodedata.category(character)[0] in "LMN")


def has_unspaced(text: str) -> bool:
    """Whether a letter of a script without spaces occurs in it."""
    return not text.isascii() and _unspaced().search(text) is not None


@cache
def letter_class() -> str:
    """All of `is_letter` as the inside of a character class of `re`."""
    ranges: list[tuple[int, int]] = [_HANGUL]
    # The large blocks are known without asking: Han, Hangul, surrogates and private characters.
    for code in (*range(0x3400), *range(0xA000, 0xAC00), *range(0xD7A4, 0xD800), *range(0xFB00, 0x10000)):
        if is_letter(chr(code)):
            first = ranges.pop()[0] if ranges[-1][1] == code - 1 else code
            ranges.append((first, code))
    return _class((*ranges, *_FAR_LETTERS))


@cache
def unspaced_class() -> str:
    """Letters of scripts without spaces, and Hangul, whose words carry their particles, as `letter_class` is."""
    return _class((*_WITHOUT_SPACES, _HANGUL))


@cache
def _unspaced() -> re.Pattern[str]:
    return re.compile(f"[{_class(_WITHOUT_SPACES)}]")


def _is_without_spaces(code: int) -> bool:
    return code >= 0x0E00 and any(first <= code <= last for first, last in _WITHOUT_SPACES)


def _class(ranges: Iterable[tuple[int, int]]) -> str:
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
