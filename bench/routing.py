"""Measures routing: a decision by 1,000 rules, what it is made of, and rules that are tried on stored mails.

make bench ARGS='--row routing'
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from bench.trial import measure_trial
from maild.routing.built_in import built_in_catalogue
from maild.routing.decision import Decision
from maild.routing.facts import MailFacts
from maild.routing.folding import fold
from maild.routing.keywords import KeywordIndex
from maild.routing.patterns import PatternSet
from maild.routing.router import Router
from maild.routing.rules import Rule, Then, When

RULES, KEYWORDS, PATTERNS, VOCABULARY = 1_000, 5_000, 200, 4_000
RARE, OFTEN = 100, 10  # one of so many keywords is a word that mails use
MAIL, HOSTILE = 20 * 1024, 256 * 1024  # bytes
_ROUNDS, _HOSTILE_ROUNDS = 51, 5
_AT = datetime(2026, 6, 1, tzinfo=UTC)
_LATIN = "eeeenniissrraattdhulcgmobwfkzpv"
_BORDERS = ("", "", "", "", "", ",", ".", ".\n")


def measure(say: Callable[[str], None]) -> dict[str, float | None]:
    """Milliseconds of CPU: medians over mails, the worst median over hostile texts; mails a second of a trial."""
    words = _Words(RARE)
    index, patterns = KeywordIndex(words.keywords), PatternSet(words.patterns)
    ways: dict[str, Callable[[str], object]] = {
        "fold": fold,
        "keywords": lambda text: index.found_in(fold(text)),
        "patterns": patterns.found_in,
        "decision": _decision(words.rules()),
    }
    hitting = _Words(OFTEN)
    figures: dict[str, float | None] = {}
    say(f"{len(words.keywords):,} keywords, {len(words.patterns)} regular expressions")
    for language, text in {"en": words.english(MAIL), "de_zh": words.german_and_chinese(MAIL)}.items():
        hits = len(index.found_in(fold(text))), len(patterns.found_in(text))
        for name, way in ways.items():
            figures[f"{name}_{language}_ms"] = _median(way, text, _ROUNDS)
        told = ", ".join(f"{name} {figures[f'{name}_{language}_ms']:.2f} ms" for name in ways)
        say(f"20 KiB {language}: {told} ({hits[0]} keywords and {hits[1]} patterns hit; keywords with folding)")
    text = hitting.english(MAIL)
    decide = _decision(hitting.rules())
    figures["decision_many_hits_ms"] = _median(decide, text, _ROUNDS)
    say(f"20 KiB that {len(decide(text).hits)} rules hit: decision {figures['decision_many_hits_ms']:.2f} ms")
    for name, way in ways.items():
        slowest, kind = max((_median(way, text, _HOSTILE_ROUNDS), kind) for kind, text in words.hostile().items())
        figures[f"{name}_hostile_ms"] = slowest
        say(f"256 KiB hostile: {name} {slowest:.1f} ms at worst ({kind})")
    figures["trial_mails_per_s"] = measure_trial(words.rules(), say)
    return figures


def _decision(rules: list[Rule]) -> Callable[[str], Decision]:
    router = Router(rules, built_in_catalogue())
    facts = MailFacts(
        subject="A question",
        sender="kim@customer7.example",
        recipients=("support@example.com",),
        queue="support",
        at=_AT,
    )
    return lambda text: router.decide(replace(facts, text=text))


def _median(way: Callable[[str], object], text: str, rounds: int) -> float:
    times = []
    for _ in range(rounds):
        begun = time.process_time()
        way(text)
        times.append(time.process_time() - begun)
    return statistics.median(times) * 1000


class _Words:
    """A language of its own with two scripts, always the same: its words, keywords and texts."""

    def __init__(self, frequent: int) -> None:
        """One of so many keywords is a word that mails use."""
        self._frequent = frequent
        self._chance = random.Random(5)
        self._vocabulary = [self._word(3, 10) for _ in range(VOCABULARY)]
        self._german = [word.replace("u", "ü").replace("ss", "ß") for word in self._vocabulary]
        self._han = [chr(0x4E00 + self._chance.randrange(2000)) for _ in range(1500)]
        self.keywords = list(dict.fromkeys(self._keyword(number) for number in range(KEYWORDS)))
        self.patterns = list(dict.fromkeys(self._pattern(number) for number in range(PATTERNS)))

    def rules(self) -> list[Rule]:
        """1,000 rules that share the keywords and the patterns out among themselves."""
        return [
            Rule(
                name=f"rule {number}",
                when=When(
                    words=tuple(self.keywords[number::RULES]),
                    regex=tuple(self.patterns[number : number + 1]),
                    domain=(f"customer{number}.example",) if number % 3 == 0 else (),
                ),
                then=Then(queue=f"queue{number % 20}", tags=(f"tag{number % 50}",)),
            )
            for number in range(RULES)
        ]

    def english(self, size: int) -> str:
        """A text of so many bytes."""
        return _cut(self._text(self._vocabulary, size), size)

    def german_and_chinese(self, size: int) -> str:
        """One half each, in bytes."""
        return _cut(self._text(self._german, size // 2), size // 2) + "\n" + _cut(self._chinese(size // 2), size // 2)

    def hostile(self) -> dict[str, str]:
        """What is hard for one way of looking or another."""
        texts = {
            "one letter as a word": "a " * HOSTILE,
            "one long word": "a" * HOSTILE,
            "words that are all different": " ".join(f"{number:x}" for number in range(60_000)),
            "words that begin like a keyword": " ".join(f"{self._vocabulary[7]}{n:x}" for n in range(30_000)),
            "all keywords": " ".join(self.keywords).replace("*", "") * 8,
            "the vocabulary": self._text(self._vocabulary, HOSTILE),
            "one Han character": "退" * HOSTILE,
            "Han characters": self._chinese(HOSTILE),
            "letters and Han by turns": "a退" * HOSTILE,
            "points": "ä." * HOSTILE,
            "digits": "so-12345 " * HOSTILE,
            "accents": "".join(chr(0xC0 + number * 7 % 0x1F40) for number in range(HOSTILE // 2)),
        }
        return {kind: _cut(text, HOSTILE) for kind, text in texts.items()}

    def _word(self, least: int, most: int) -> str:
        return "".join(self._chance.choices(_LATIN, k=self._chance.randint(least, most)))

    def _keyword(self, number: int) -> str:
        """A fifth is Chinese, few begin with a star."""
        word = self._chance.choice(self._vocabulary) if number % self._frequent == 0 else self._word(4, 12)
        match number % 20:
            case 1 | 5 | 9 | 13:
                return "".join(self._chance.choices(self._han, k=self._chance.choice((2, 2, 3, 4))))
            case 2 | 6 | 12 | 16:
                return word + "*"
            case 3 | 8 | 15:
                return f"{self._chance.choice(self._vocabulary)} {word}"
            case 17:
                return f"{word} {self._word(4, 8)}*"
            case 19 if number % 3 == 0:
                return f"*{word}*"
            case 18 if number % 3 == 0:
                return f"*{word}"
            case 7:
                return word.replace("u", "ü")
        return word

    def _pattern(self, number: int) -> str:
        word = self._chance.choice(self._vocabulary) if number % 10 == 0 else self._word(5, 10)
        match number % 5:
            case 0:
                return rf"\b{word}\w*\b"
            case 1:
                return rf"\b{word[:3]}-\d{{5,8}}\b"
            case 2:
                return rf"{word}\s+(?:{self._word(4, 8)}|{self._word(4, 8)})"
            case 3:
                return rf"(?:{word}|{self._word(5, 9)}).{{0,20}}{self._word(4, 7)}"
        return rf"\b{word}[ -]?\d+"

    def _text(self, words: list[str], size: int) -> str:
        pieces: list[str] = []
        length = 0
        while length < size:
            # Some words are much more frequent than others, as everywhere.
            piece = words[int(len(words) * self._chance.random() ** 2)] + self._chance.choice(_BORDERS)
            pieces.append(piece)
            length += len(piece) + 1
        return " ".join(pieces)

    def _chinese(self, size: int) -> str:
        return "".join(self._chance.choices([*self._han, "，", "。"], k=size // 3))


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode(errors="ignore")
