"""Tells which language a text is in, by the model of py3langid: read when it is asked first, and then kept."""

from __future__ import annotations

import ctypes
import threading
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from maild.language.model import Model

MODULE = "py3langid"  # comes with maild[lang]
_SURE = 0.9  # probability
_PLAIN = 0.99  # of a text whose beginning says enough
_ENOUGH = 20  # letters: of fewer, "ok thanks" is taken for many a language
_READ = 600  # characters; what somebody says first, he says in his own language
_BEGINNING = 200  # characters: mostly enough, and half the work


class LanguageDetector:
    """The language of texts; one for all threads. Loading takes a second and 40 MB, a text 0.1 ms."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._model: Model | None = None

    def __call__(self, text: str) -> str:
        """The language as ISO 639-1; "" when it is not certain. Raises ModuleNotFoundError without maild[lang]."""
        text = text[:_READ]
        if next(islice(filter(str.isalpha, text), _ENOUGH - 1, None), None) is None:
            return ""
        model = self._loaded()
        language, probability = model.classify(text[:_BEGINNING])
        if probability < _PLAIN and len(text) > _BEGINNING:
            language, probability = model.classify(text)
        return language if probability >= _SURE else ""

    @property
    def loaded(self) -> bool:
        """Whether the model is here."""
        return self._model is not None

    def __reduce__(self) -> str:
        """To another process goes its name: each has one of its own."""
        return "DETECTOR"

    def load(self) -> None:
        """Load the model now, where nobody waits for it. Raises ModuleNotFoundError without maild[lang]."""
        self._loaded()

    def forget(self) -> None:
        """Give the model's memory back; it is loaded again when it is asked."""
        with self._lock:
            self._model = None

    def _loaded(self) -> Model:
        with self._lock:
            if self._model is None:
                from maild.language.model_file import load_model  # needs numpy, which only maild[lang] brings

                self._model = load_model()
                _give_back_freed_memory()
            return self._model


def _give_back_freed_memory() -> None:
    """What was in use while the model loaded, 14 MiB: glibc keeps it. Other C libraries are left alone."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


DETECTOR = LanguageDetector()  # one for the process: a reload must not load its model again
