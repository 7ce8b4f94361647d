"""Resolution codes: how a ticket ended, in a word that can be counted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# Codes that something gives by itself.
RESOLVED, NO_ANSWER = "resolved", "no_answer"
_BREAKS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """A code, and what people read in its place, by language."""

    code: str
    label: Mapping[str, str] = field(default_factory=dict)


BUILT_IN: tuple[Resolution, ...] = (
    Resolution(
        code=RESOLVED,
        label={"en": "solved", "de": "gelöst", "fr": "résolu", "es": "resuelto", "ar": "تم الحل"},
    ),
    Resolution(
        code="workaround",
        label={
            "en": "a way around the problem",
            "de": "Umgehungslösung",
            "fr": "solution de contournement",
            "es": "solución alternativa",
            "ar": "حل بديل",
        },
    ),
    Resolution(
        code="duplicate",
        label={"en": "duplicate", "de": "doppelt gemeldet", "fr": "doublon", "es": "duplicado", "ar": "مكرر"},
    ),
    Resolution(
        code="warranty_handoff",
        label={
            "en": "handed over to warranty",
            "de": "an die Gewährleistung übergeben",
            "fr": "transmis au service de garantie",
            "es": "transferido a garantía",
            "ar": "أُحيل إلى قسم الضمان",
        },
    ),
    Resolution(
        code="article_created",
        label={
            "en": "answered by an article",
            "de": "durch einen Artikel beantwortet",
            "fr": "traité par un article",
            "es": "respondido con un artículo",
            "ar": "تمت الإجابة في مقال",
        },
    ),
    Resolution(
        code=NO_ANSWER,
        label={
            "en": "no answer",
            "de": "keine Antwort",
            "fr": "sans réponse",
            "es": "sin respuesta",
            "ar": "لم يصل رد",
        },
    ),
)


def laid_over(built_in: Sequence[Resolution], own: Sequence[Resolution]) -> tuple[Resolution, ...]:
    """Built-in codes and own ones; an own one replaces the labels that it brings of a built-in one."""
    found = {each.code: each for each in built_in}
    for each in own:
        before = found.get(each.code)
        found[each.code] = Resolution(code=each.code, label={**(before.label if before else {}), **each.label})
    return tuple(found.values())


def folded(text: str) -> str:
    """ "No answer", "no-answer" and "NO_ANSWER" are one: no_answer."""
    return _BREAKS.sub("_", text.casefold()).strip("_")


def bare(text: str) -> str:
    """What codes are compared by: "work-around" is "workaround", too."""
    return folded(text).replace("_", "")


def split_code(text: str, resolutions: Sequence[Resolution]) -> tuple[str, str]:
    """The code at the beginning of a text, and the notes behind it; "" when none stands there.

    The longest code counts: "no answer since May" is no_answer, and "since May".
    """
    codes = {bare(each.code): each.code for each in resolutions}
    words = list(re.finditer(r"\S+", text))
    longest = 1 + max(len(folded(code).split("_")) for code in codes.values())  # people break compounds
    for word in reversed(words[:longest]):
        if code := codes.get(bare(text[: word.end()])):
            return code, text[word.end() :].lstrip(" \t:,;-–—").strip()  # dashes as people write them
    return "", text


def label_of(code: str, language: str, resolutions: Sequence[Resolution] = BUILT_IN) -> str:
    """What people read in place of a code in a language ("de", "de-AT"), else in English, else the code's words."""
    label = next((each.label for each in resolutions if each.code == code), {})
    primary = language.partition("-")[0].lower()
    return label.get(language) or label.get(primary) or label.get("en") or code.replace("_", " ")
