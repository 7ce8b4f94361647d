"""The language of a text is told when it is certain, and else not."""

from __future__ import annotations

import pytest

from maild.language.detector import LanguageDetector


class Model:
    """In place of the real one, which takes a second to load."""

    def __init__(self, probability: float) -> None:
        self.probability = probability
        self.read: list[str] = []

    def classify(self, text: str) -> tuple[str, float]:
        self.read.append(text)
        return "de", self.probability


def detector(probability: float) -> tuple[LanguageDetector, Model]:
    found, model = LanguageDetector(), Model(probability)
    found._model = model
    return found, model


SENTENCE = "Guten Tag, die Maschine ist kaputt."


@pytest.mark.parametrize(("probability", "language"), [(0.95, "de"), (0.9, "de"), (0.89, "")])
def test_only_what_is_certain_is_told(probability: float, language: str) -> None:
    assert detector(probability)[0](SENTENCE) == language


@pytest.mark.parametrize("text", ["", "ok danke", "1234567890 1234567890 1234", "a" * 19])
def test_too_few_letters_say_nothing(text: str) -> None:
    found, model = detector(1.0)
    assert found(text) == ""
    assert model.read == []


def test_a_long_text_is_not_read_to_its_end() -> None:
    found, model = detector(1.0)
    assert found(SENTENCE * 10_000) == "de"
    assert len(model.read[0]) == 4096


def test_the_real_model() -> None:
    pytest.importorskip("py3langid")
    found = LanguageDetector()
    assert found(SENTENCE) == "de"
    assert found("Good morning, the machine is broken again.") == "en"
