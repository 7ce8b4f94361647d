"""Asks py3langid which language a text is in; its model is loaded when it is asked first, and then kept."""

from __future__ import annotations

import threading
from typing import Any

MODULE = "py3langid"  # comes with maild[lang]
_SURE = 0.9  # probability
_ENOUGH = 20  # letters: of fewer, "ok thanks" is taken for many a language
_READ = 4096  # characters; more make it no surer, only slower


class LanguageDetector:
    """The language of texts; one for all threads. Loading takes a second and 130 MB, a text some milliseconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._model: Any = None

    def __call__(self, text: str) -> str:
        """The language as ISO 639-1; "" when it is not certain. Raises ModuleNotFoundError without maild[lang]."""
        text = text[:_READ]
        if sum(map(str.isalpha, text)) < _ENOUGH:
            return ""
        with self._lock:  # its vectors are shared between calls
            if self._model is None:
                self._model = _load()
            language, probability = self._model.classify(text)
        return str(language) if probability >= _SURE else ""


def _load() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
