"""A letter that is put together by its shape is the letter that its templates make."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.mail.mailto import mailto
from maild.templates.builtin import BuiltinTemplates
from maild.templates.examples import EXAMPLES
from maild.templates.shapes import _SAID

TEMPLATES = BuiltinTemplates()
# Words as people write them, and what might end a line, an element or a place, or turn what stands around it.
WORDS = st.one_of(
    st.sampled_from(
        ["", "Kim", "K  im", " Kim", "שלום", "<b>", "&amp;", "a\nb", "\x02tag\x03", "{{ 1 }}", "\u00a0", "-- ", "Zoë"]
    ),
    st.text(max_size=12),
)


def both_ways(name: str, language: str, facts: dict[str, Any]) -> None:
    values = TEMPLATES.values(name, language, facts)
    assert TEMPLATES.render(name, language, facts) == TEMPLATES._fill(name, values)


@settings(max_examples=60)
@given(
    name=st.sampled_from(sorted(_SAID)),
    language=st.sampled_from(["en", "de", "ar"]),
    said=st.fixed_dictionaries({fact: WORDS for fact in _SAID["acknowledgement"] if fact != "marker"}),
    authentic=st.booleans(),
)
def test_whatever_a_first_letter_says(name: str, language: str, said: dict[str, str], authentic: bool) -> None:
    rest = {**EXAMPLES[name], "attachments": (), "authentic": authentic}
    rest.pop("summary", None)
    both_ways(name, language, {**rest, **said})


@pytest.mark.parametrize("name", ["notification", "assignment"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_agents_get_their_own_links(name: str, language: str) -> None:
    for agent in ("a", "b"):
        own, note, lists = (
            f"help+{sort}{letter * 16}@example.com" for sort, letter in (("a17.", agent), ("n17.", "c"), ("l.", agent))
        )
        links = [
            {"does": "take", "href": mailto(own, subject="Printer <on> fire", body="#take\n\n")},
            {"does": "note", "href": mailto(note, subject="aaaaaaaaaaaaaaaa@")},
        ]
        asks = [{"does": "mine", "href": mailto(lists, subject="mine")}]
        both_ways(name, language, {**EXAMPLES[name], "links": links, "list_links": asks})


def test_agents_in_other_zones_are_told_other_times() -> None:
    facts = {**EXAMPLES["notification"], "opened_at": "2026-11-23 09:00"}
    both_ways("notification", "en", facts)
    both_ways("notification", "en", {**facts, "opened_at": "2026-11-23 10:00"})
