"""Makes hostile cases of honest ones: cut, double, splice, nest, and repeat until it hurts."""

from __future__ import annotations

import random
from collections.abc import Sequence

# What parsers of mail stumble over, whatever they read.
HOSTILE = (
    b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\n.\r\n", b"\r\n.\r\n", b"\0", b"\x0b", b"\x0c", b"\x1c", b"\x85",
    b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9", b"\xe2\x80\xae", b"\xef\xbb\xbf", b"\xff", b"\xed\xa0\x80",
    b"\xf0\x9f\x98\x80", b"\xcc\x81", b" ", b"\t", b"\xc2\xa0", b"\xe2\x80\x8b", b"<", b">", b"(", b")", b'"', b"'",
    b"\\", b"@", b":", b";", b",", b"=", b"=?", b"?=", b"=?utf-8?q?a=0d=0aBcc:_v@x.example?=",
    b"=?utf-8?b?DQpCY2M6IHZAeC5leGFtcGxl?=", b"=?utf-8?q?=00?=", b"=?x-none?q?=FF?=", b"-1", b"0", b"1",
    b"99999999999999999999", b"1e999", b"\xd9\xa3", b"\xc2\xb2", b"nan", b"{{7*7}}", b"{%", b"%s%n", b"../../",
    b"+0000", b"-9999", b"<!--", b"<![CDATA[", b"&#0;", b"&#x110000;", b"#close", b"> ", b"-- \n", b"boundary=",
    b"charset=utf-7",
)  # fmt: skip
_SLICES = 400  # bytes at most that one step cuts, doubles or moves
_PUMPED = 60  # bytes at most of a piece that is repeated


class Mutator:
    """One run's chance; the same seed makes the same cases."""

    def __init__(self, seed: int, words: Sequence[bytes], largest: int) -> None:
        self._random = random.Random(seed)  # chance that can be repeated
        self._words = (*HOSTILE, *words, *words)
        self._largest = largest

    def pick(self, cases: Sequence[bytes]) -> bytes:
        """One of the cases, the later ones (found by mutation) more often."""
        place = self._random.random()
        return cases[int((1 - place * place) * len(cases)) % len(cases)]

    def mutated(self, case: bytes, others: Sequence[bytes]) -> bytes:
        """One to eight small changes."""
        for _ in range(1 + int(self._random.expovariate(0.7)) % 8):
            case = self._step(case, others)
        return case[: self._largest]

    def pumped(self, case: bytes) -> bytes:
        """A piece of the case, or a word, repeated up to the largest size: what is not linear shows itself."""
        chance = self._random
        at = chance.randrange(len(case) + 1)
        end = min(len(case), at + chance.randint(1, _PUMPED))
        unit = case[at:end] if end > at and chance.random() < 0.6 else b""
        while not unit or chance.random() < 0.3:
            unit += chance.choice(self._words)
        room = max(0, self._largest - len(case))
        size = int(room * chance.choice((1, 0.3, 0.05)))
        return case[:at] + unit * (size // len(unit)) + case[at:]

    def _step(self, case: bytes, others: Sequence[bytes]) -> bytes:
        chance = self._random
        at = chance.randrange(len(case) + 1)
        end = min(len(case), at + int(chance.random() ** 3 * _SLICES))
        match chance.randrange(9):
            case 0:
                return case[:at] + case[end:]
            case 1:
                return case[:end] + case[at:end] + case[end:]
            case 2:
                return case[:at] + chance.choice(self._words) + case[at:]
            case 3:
                return case[:at] + chance.choice(self._words) + case[end:]
            case 4:
                other = chance.choice(others)
                begin = chance.randrange(len(other) + 1)
                return case[:at] + other[begin : begin + int(chance.random() ** 2 * 2 * _SLICES)] + case[at:]
            case 5:
                return case[:at] + bytes([chance.randrange(256)]) + case[at + 1 :]
            case 6:
                return case[:at] + case[at:end] * chance.choice((2, 3, 50, 300)) + case[end:]
            case 7:
                return self._lines(case)
            case _:
                return case[:at]

    def _lines(self, case: bytes) -> bytes:
        """Two lines change places, or one is doubled or left out."""
        lines = case.split(b"\n")
        one, two = self._random.randrange(len(lines)), self._random.randrange(len(lines))
        match self._random.randrange(3):
            case 0:
                lines[one], lines[two] = lines[two], lines[one]
            case 1:
                lines.insert(two, lines[one])
            case _:
                del lines[one]
        return b"\n".join(lines)
