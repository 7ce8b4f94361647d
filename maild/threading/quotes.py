"""Recognises quoted words by their fingerprint, however they were wrapped and marked on the way.

The fingerprint of a text is the least few of the checksums of its runs of words (the bottom of a
min-hash sketch: Broder, "On the resemblance and containment of documents", 1997). A quote holds the
same runs, so it holds the same least ones.
"""

from __future__ import annotations

import re
from zlib import crc32

RUN = 6  # words of one run
_LAST = 3 ** (RUN - 1)  # by which the last of them counts
KEPT = 4  # checksums that stand for a text
FIRST_WORDS = 150  # of a text that was sent: the top is quoted more often than the end
QUOTED_WORDS = 400  # of a quote
LOOKED_UP = 64  # checksums of a quote: the least few of a text are among them even if it is a tenth of the quote
ENOUGH = 2  # checksums of one text that a quote must hold

_WORD = re.compile(r"\w+")
_SPREAD, _PRIME = 0x9E3779B97F4A7C15, (1 << 61) - 1  # so that least ones are no matter of the words' own codes
_LONGEST = 6_144  # characters that are looked at
_USUAL = 10  # characters of a word with what stands around it, and more: mostly that many hold all that are wanted


def fingerprint(words: str) -> tuple[int, ...]:
    """What stands for a text that was sent to somebody; () for one too short to be known again."""
    return tuple(sorted(set(_runs(words, FIRST_WORDS)))[:KEPT])


def quoted_runs(quoted: str) -> tuple[int, ...]:
    """The checksums of a quote that may be those of a text in it."""
    return tuple(sorted(set(_runs(quoted, QUOTED_WORDS)))[:LOOKED_UP])


def _runs(text: str, most: int) -> list[int]:
    """The checksum of each run: of its words a, b, c .. a + 3 b + 9 c .., worked out from the run before it."""
    words = _WORD.findall(text[: most * _USUAL].casefold())
    if len(words) <= most and len(text) > most * _USUAL:  # the last may be cut
        words = _WORD.findall(text[:_LONGEST].casefold())
    codes = [crc32(word.encode()) for word in words[:most]]
    run = sum(code * 3**place for place, code in enumerate(codes[: RUN - 1], 1))
    steps = zip([0, *codes], codes[RUN - 1 :], strict=False)
    return [(run := (run - gone) // 3 + _LAST * come) * _SPREAD % _PRIME for gone, come in steps]
