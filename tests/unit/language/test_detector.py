"""The language of a text is told when it is certain, and else not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    found._model = model  # type: ignore[assignment]
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


@pytest.mark.parametrize(("probability", "read"), [(1.0, [200]), (0.99, [200]), (0.98, [200, 600])])
def test_a_long_text_is_read_as_far_as_it_takes_and_not_to_its_end(probability: float, read: list[int]) -> None:
    found, model = detector(probability)
    assert found(SENTENCE * 10_000) == "de"
    assert list(map(len, model.read)) == read


TEXTS = [
    (SENTENCE, "de"),
    ("Good morning, the machine is broken again.", "en"),
    ("GOOD MORNING, THE MACHINE IS BROKEN AGAIN.", "en"),
    ("Bonjour, la machine ne démarre plus. Pouvez-vous nous aider ?", "fr"),
    ("Buenos días: la máquina que compramos el año pasado no funciona desde ayer, ¿pueden enviarnos ayuda?", "es"),
    ("Buongiorno, la macchina non si accende più da stamattina.", "it"),
    ("Dzień dobry, maszyna nie działa, proszę o pilny kontakt.", "pl"),
    ("Здравствуйте! Наш станок со вчерашнего дня больше не работает. Помогите, пожалуйста, производство стоит.", "ru"),
    ("שלום, המכונה לא עובדת מהבוקר.", "he"),
    ("おはようございます。機械が動きません。助けてください。", "ja"),
    ("qwertz asdfgh yxcvbn poiuz", ""),
    ("Max Mustermann Schmidt GmbH Berlin", ""),
]


@pytest.fixture(scope="module")
def real() -> LanguageDetector:
    pytest.importorskip("py3langid")
    return LanguageDetector()


@pytest.mark.parametrize(("text", "language"), TEXTS, ids=[f"{language} {text[:9]}" for text, language in TEXTS])
def test_the_real_model(real: LanguageDetector, text: str, language: str) -> None:
    assert real(text) == language


def test_a_model_that_was_let_go_comes_again(real: LanguageDetector) -> None:
    text, language = TEXTS[0]
    assert real(text) == language
    real.forget()
    assert not real.loaded
    assert real(text) == language
    assert real.loaded


@settings(max_examples=30)
@given(text=st.text(min_size=20, max_size=700))
def test_any_text_has_an_answer(real: LanguageDetector, text: str) -> None:
    assert real(text) in {"", *real._loaded().languages}


def test_our_reading_of_the_model_decides_as_its_own(real: LanguageDetector) -> None:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    theirs = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    for text, _ in TEXTS:
        language, probability = theirs.classify(text)
        assert real._loaded().classify(text)[0] == language
        assert real._loaded().classify(text)[1] == pytest.approx(probability, abs=0.03)
