"""Which language a text is likely to be in: naive Bayes over short runs of bytes."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

STEPS = 20  # of a natural logarithm; finer ones change no probability by a hundredth

_HIGH, _LOW = bytes(byte >> 4 for byte in range(256)), bytes(byte & 15 for byte in range(256))


@dataclass(frozen=True, slots=True)
class States:
    """The automaton that finds runs of bytes.

    What comes after a state is in blocks for 16 bytes each, for most of them are there many times.
    """

    after: Sequence[int]  # blocks of 16: the state after each byte
    block: Sequence[int]  # rows of 16: where in `after` the block of each sixteenth of the bytes begins
    row: Sequence[int]  # of each state, where its row begins; many have one together
    run: Sequence[int]  # that ends in each state; -1: none

    def runs_in(self, text: bytes) -> list[int]:
        """The runs in a text, in their order; of those that end at the same byte, the longest."""
        after, block, row, run = self.after, self.block, self.row, self.run
        state = 0
        return [
            ended
            for high, low in zip(text.translate(_HIGH), text.translate(_LOW), strict=True)
            if (ended := run[state := after[block[row[state] + high] + low]]) >= 0
        ]


@dataclass(frozen=True, slots=True)
class Model:
    """What is known of languages. Immutable, so for all threads."""

    languages: Sequence[str]  # ISO 639-1, or 639-3 where there is none
    language: np.ndarray[Any, Any]  # of each column, its place in `languages`: some have two
    before: np.ndarray[Any, Any]  # of each column: the logarithm of how frequent it is
    likely: np.ndarray[Any, Any]  # runs x columns: logarithms, in STEPS above the least
    states: States

    def classify(self, text: str) -> tuple[str, float]:
        """The likeliest language, and how likely it is among all; ("", 0.0) for a text that says nothing."""
        read = unicodedata.normalize("NFC", text.lower() if text.isupper() else text).encode("utf-8", "surrogatepass")
        found = Counter(self.states.runs_in(read))
        if not found:
            return "", 0.0
        # Each further time that a run comes says less.
        weights = np.log1p(np.fromiter(found.values(), np.float32, len(found)))
        scores = weights @ self.likely[np.fromiter(found, np.intp, len(found))] / STEPS + self.before
        # Runs overlap, so they are no independent witnesses: the root of the length takes away what is too much.
        shares = np.exp((scores - scores.max()) / math.sqrt(len(read)))
        by_language = np.bincount(self.language, shares)
        best = int(by_language.argmax())
        return self.languages[best], float(by_language[best] / by_language.sum())
