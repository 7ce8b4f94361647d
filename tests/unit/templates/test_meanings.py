"""Every variable of a letter is explained and has an example: nobody adds one without."""

from __future__ import annotations

import pytest

from maild.templates.examples import EXAMPLES
from maild.templates.facts import LETTERS
from maild.templates.meanings import ABOUT, MEANINGS, OF_ALL, meaning, variables

every_letter = pytest.mark.parametrize("name", LETTERS)
OPTIONAL_IN_EXAMPLES = {"marker", "mark", "reply"}  # the machinery's, and yes unless said otherwise


@every_letter
def test_every_variable_has_a_meaning_and_an_example(name: str) -> None:
    assert ABOUT[name].when
    assert all(meaning(name, variable) for variable in variables(name))
    needs = LETTERS[name]
    assert EXAMPLES[name].keys() >= needs.required | (needs.optional.keys() - OPTIONAL_IN_EXAMPLES)
    assert EXAMPLES[name].keys() <= needs.required | needs.optional.keys()


def test_no_meaning_is_of_a_variable_that_is_gone() -> None:
    names = {variable for letter in LETTERS for variable in variables(letter)}
    of_letters = {f"{letter}.{variable}" for letter in LETTERS for variable in variables(letter)}
    assert MEANINGS.keys() <= names | of_letters
    assert set(OF_ALL) <= MEANINGS.keys()
    assert ABOUT.keys() == EXAMPLES.keys() == LETTERS.keys()
