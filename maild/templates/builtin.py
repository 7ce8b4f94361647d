"""Fills the built-in letters: the templates and sentences in `letters/`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType

from jinja2 import DictLoader, TemplateError
from jinja2.meta import find_referenced_templates
from jinja2.sandbox import ImmutableSandboxedEnvironment

from maild.app.ports import Rendered
from maild.errors import Permanent
from maild.templates.environment import make_environment
from maild.templates.facts import LETTERS, checked, one_line
from maild.templates.languages import BUILT_IN, FALLBACK, WORDS
from maild.templates.shapes import Shapes
from maild.templates.words import Words, flat

PARTS = ("subject", "txt", "html")  # the templates of a letter, NAME.subject and so on

_Sentences = Mapping[str, Mapping[str, str]]  # language -> key -> sentence


class BuiltinTemplates:
    """Implements Templates. Thread-safe; a letter is compiled when it is first needed (5 ms), then kept.

    A letter is two files, in one structure for all languages: NAME.txt.j2, whose first line is `Subject: …`, and
    NAME.html.j2. They say their sentences by keys of `LANGUAGE/words.toml`. A language we do not know gets English.
    """

    def __init__(self, words: _Sentences = MappingProxyType({})) -> None:
        """`words`: a site's own sentences, laid over ours. Raises OSError for unreadable files."""
        ours = words_built_in()
        self.words: _Sentences = {
            language: {**ours.get(language, {}), **words.get(language, {})} for language in {*ours, *words}
        }
        self.languages = frozenset(self.words)
        self._says: dict[str, tuple[Words, Words]] = {}
        self._shapes = Shapes(self._fill)

    def render(self, name: str, language: str, facts: Mapping[str, object]) -> Rendered:
        """Fill one letter; see `maild.templates.facts` for what each needs.

        `language` is a tag such as "de" or "de-AT". Raises Permanent for wrong facts or a broken letter.
        """
        try:
            return self._shapes.filled(name, self.values(name, language, facts))
        except (TemplateError, TypeError, ValueError, LookupError) as fault:
            raise Permanent(f"letter {language}/{name}: {fault}") from fault

    def _fill(self, name: str, values: Mapping[str, object]) -> Rendered:
        """A letter from its templates. Raises what a template raises."""
        say, say_in_html = self._speaks(str(values["language"]))
        subject, text, html = (_environment().get_template(f"{name}.{part}") for part in PARTS)
        line = one_line(subject.render({**values, "say": say}))  # whatever the facts hold
        known = {**values, "subject_line": line}
        return Rendered(
            subject=line,
            text=text.render({**known, "say": say}).strip("\n") + "\n",
            html=html.render({**known, "say": say_in_html}),
        )

    def values(self, name: str, language: str, facts: Mapping[str, object]) -> dict[str, object]:
        """The facts of a letter with what every letter has, such as the marker. Raises Permanent for wrong ones."""
        values = checked(name, facts)
        values["language"] = known_language(language, self.languages)
        say, _ = self._speaks(str(values["language"]))
        if not values.get("reply", True):  # nobody is to write above it
            values["marker"] = ""
        if values["marker"] is None:
            values["marker"] = f"##- {say('marker')} {values['mark']}".rstrip() + " -##"
        values["direction"] = say.direction
        return values

    def check(self) -> list[str]:
        """Compile every letter; one sentence for each that cannot be used."""
        problems = []
        for name in LETTERS:
            try:
                for part in PARTS:
                    _environment().get_template(f"{name}.{part}")
            except TemplateError as fault:
                problems.append(f"letter {name}: {fault}")
        return problems

    def _speaks(self, language: str) -> tuple[Words, Words]:
        """The words of a language, for text and for HTML."""
        known = self._says.get(language)
        if known is None:
            own, other = self.words[language], self.words[FALLBACK]
            known = self._says[language] = Words(own, other, html=False), Words(own, other, html=True)
        return known


def known_language(language: str, languages: frozenset[str]) -> str:
    """The one of the languages that a tag such as "de-AT" means; English when it is none of them."""
    primary = language.replace("_", "-").partition("-")[0].lower()
    return primary if primary in languages else FALLBACK


@cache
def sources_built_in() -> Mapping[str, str]:
    """Our templates by name. Raises OSError."""
    sources: dict[str, str] = {}
    for path in sorted(BUILT_IN.glob("*.j2")):
        name, source = path.name.removesuffix(".j2"), path.read_text("utf-8")
        if name.endswith(".txt"):
            # The subject becomes a template of its own, so that no fact in it can reach the text.
            first, _, source = source.partition("\n")
            sources[name.removesuffix("txt") + "subject"] = first.removeprefix("Subject:")
        sources[name] = source
    return MappingProxyType(sources)


@cache
def words_built_in() -> _Sentences:
    """Our sentences by language and key. Raises OSError."""
    files = sorted(BUILT_IN.glob(f"*/{WORDS}"))
    return MappingProxyType({file.parent.name: flat(tomllib.loads(file.read_text("utf-8"))) for file in files})


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    """One for the process, which keeps the compiled letters: each costs milliseconds."""
    return make_environment(DictLoader(sources_built_in()))


def compile_early(names: Sequence[str]) -> None:
    """Compile these letters with all that they include, so that the first mail's transaction need not."""
    environment, sources = _environment(), sources_built_in()
    due = {f"{name}.{part}" for name in names for part in PARTS}
    done: set[str] = set()
    while due:
        name = due.pop()
        done.add(name)
        environment.get_template(name)
        due |= {found for found in find_referenced_templates(environment.parse(sources[name])) if found} - done
