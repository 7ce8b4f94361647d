"""Letters that are compiled before the first mail comes."""

from __future__ import annotations

import pytest
from jinja2 import DictLoader

from maild.templates import builtin
from maild.templates.environment import make_environment
from maild.templates.examples import EXAMPLES


def test_a_letter_that_was_compiled_early_is_filled_without_compiling(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = make_environment(DictLoader(builtin.sources_built_in()))
    monkeypatch.setattr(builtin, "_environment", lambda: fresh)
    letters = ("acknowledgement", "notification")
    builtin.compile_early(letters)

    def compile_again(*_: object, **__: object) -> None:
        raise AssertionError("compiled when it was needed")

    monkeypatch.setattr(fresh, "compile", compile_again)
    for name in letters:
        assert builtin.BuiltinTemplates().render(name, "de", EXAMPLES[name]).html
