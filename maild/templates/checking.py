"""Tries every letter of a site's own in every language, and counts the sentences that a language lacks."""

from __future__ import annotations

from collections.abc import Mapping

from maild.templates.examples import EXAMPLES
from maild.templates.facts import LETTERS
from maild.templates.languages import FALLBACK
from maild.templates.own_files import Fault
from maild.templates.site import SiteTemplates


def check_own(templates: SiteTemplates) -> list[Fault]:
    """Everything that is wrong with a site's own letters, by file and line; [] when all of them can be filled.

    Each is filled with the example's facts, and again with those alone that are always there.
    """
    found = set(templates.own.faults)
    for name, needs in LETTERS.items():
        examples = EXAMPLES[name]
        least = {fact: value for fact, value in examples.items() if fact in needs.required}
        for language in sorted(templates.languages):
            for facts in (examples, least):
                filled = templates.fill(name, language, facts)
                if isinstance(filled, Fault):
                    found.add(filled)
    return sorted(found)


def missing_sentences(templates: SiteTemplates) -> Mapping[str, tuple[str, ...]]:
    """The keys for which a language has no sentence, so that English is used; only languages that lack some."""
    words = templates.built_in.words
    ours = words.get(FALLBACK, {})
    lacking = {
        language: tuple(key for key in ours if key not in words.get(language, {}))
        for language in sorted(templates.languages)
    }
    return {language: keys for language, keys in lacking.items() if keys}
