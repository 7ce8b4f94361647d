"""Fills the letters in `letters/`, one folder per language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from jinja2 import DictLoader, StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from maild.app.ports import Rendered
from maild.errors import Permanent
from maild.templates.facts import LETTERS, checked, one_line
from maild.templates.html import safe_html, text_to_html

MARKERS: Mapping[str, str] = {
    "en": "##- Please type your reply above this line -##",
    "de": "##- Bitte antworten Sie oberhalb dieser Zeile -##",
}
FALLBACK = "en"

_FOLDER = Path(__file__).parent / "letters"
_Letter = tuple[Template, Template, Template]  # subject, text, html


class BuiltinTemplates:
    """Implements Templates. Thread-safe; a letter is compiled when it is first needed (5 ms), then kept.

    A letter is two files in its language's folder: NAME.txt.j2, whose first line is `Subject: …`,
    and NAME.html.j2. A language we do not know gets English.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """`folder`: a site's own letters with the same names; what is there takes the place of ours.

        Raises Permanent for a text letter that does not begin with `Subject:`, OSError for unreadable
        files.
        """
        sources: dict[str, str] = {}
        for place in [_FOLDER, *([folder] if folder else [])]:
            for path in sorted(place.rglob("*.j2")):
                _take(sources, path.relative_to(place).as_posix(), path.read_text("utf-8"))
        self._languages = {name.partition("/")[0] for name in sources if "/" in name}
        self._environment = _environment(sources)
        self._letters: dict[tuple[str, str], _Letter] = {}
        self._lock = Lock()

    def render(self, name: str, language: str, facts: Mapping[str, object]) -> Rendered:
        """Fill one letter; see `maild.templates.facts` for what each needs.

        `language` is a tag such as "de" or "de-AT". Raises Permanent for wrong facts or a broken letter.
        """
        values = checked(name, facts)
        language = self._known(language)
        values["language"] = language
        if not values.get("reply", True):  # nobody is to write above it
            values["marker"] = ""
        if values["marker"] is None:
            line = MARKERS.get(language, MARKERS[FALLBACK])
            values["marker"] = f"{line.removesuffix('-##')}{values['mark']} -##" if values["mark"] else line
        subject, text, html = self._letter(language, name)
        try:
            values["subject_line"] = one_line(subject.render(values))  # whatever the facts hold
            return Rendered(
                subject=str(values["subject_line"]),
                text=text.render(values).strip("\n") + "\n",
                html=html.render(values),
            )
        except (TemplateError, TypeError, ValueError, LookupError) as fault:
            raise Permanent(f"letter {language}/{name}: {fault}") from fault

    def check(self) -> list[str]:
        """Compile every letter in every language; one sentence for each that cannot be used."""
        problems = []
        for language in sorted(self._languages):
            for name in LETTERS:
                try:
                    self._letter(language, name)
                except Permanent as fault:
                    problems.append(str(fault))
        return problems

    def _known(self, language: str) -> str:
        primary = language.replace("_", "-").partition("-")[0].lower()
        return primary if primary in self._languages else FALLBACK

    def _letter(self, language: str, name: str) -> _Letter:
        known = self._letters.get((language, name))
        if known is None:
            with self._lock:
                known = self._letters[language, name] = self._compiled(language, name)
        return known

    def _compiled(self, language: str, name: str) -> _Letter:
        try:
            subject, text, html = (
                self._environment.get_template(f"{language}/{name}.{part}") for part in ("subject", "txt", "html")
            )
        except TemplateError as fault:
            raise Permanent(f"letter {language}/{name}: {fault}") from fault
        return subject, text, html


def _take(sources: dict[str, str], name: str, source: str) -> None:
    """Keep one file; the subject becomes a template of its own, so no fact in it can reach the text."""
    name = name.removesuffix(".j2")
    if not name.endswith(".txt"):
        sources[name] = source
        return
    first, _, rest = source.partition("\n")
    if not first.startswith("Subject:"):
        raise Permanent(f"letter {name}.j2: the first line must be `Subject: …`")
    sources[name.removesuffix("txt") + "subject"] = first.removeprefix("Subject:")
    sources[name] = rest


def _environment(sources: dict[str, str]) -> ImmutableSandboxedEnvironment:
    """A sandbox although the letters are ours: an operator's folder is next, and facts are strangers'."""
    environment = ImmutableSandboxedEnvironment(
        loader=DictLoader(sources),
        undefined=StrictUndefined,  # a misspelt fact is an error, not a hole in the letter
        autoescape=lambda name: name is not None and name.endswith(".html"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        cache_size=-1,  # letters are never read again
    )
    environment.filters["text_to_html"] = text_to_html
    environment.filters["safe_html"] = lambda html: Markup(safe_html(html))  # noqa: S704 - just cleaned
    environment.filters["quoted"] = _quoted
    environment.filters["clock_rows"] = _clock_rows
    environment.filters["reference_line"] = _reference_line
    return environment


def _reference_line(reference: Mapping[str, str], words: Mapping[str, Any]) -> str:
    """One line for an order, a serial number or a product (see facts.py), in the words of `words.j2`."""
    name = f"{words['sorts'].get(reference['sort'], reference['sort'])} {reference['key']}"
    says = [words["fits"].get(reference["fit"], reference["fit"]), reference["details"]]
    why = f"; {reference['why']}" if reference["why"] else ""
    return f"{name}: {', '.join(part for part in says if part)}{why} ({reference['directory']})"


def _quoted(text: str) -> str:
    """The text as a quote in a plain mail (RFC 3676 §4.5)."""
    return "\n".join(f"> {line}" if line else ">" for line in text.rstrip("\n").split("\n"))


def _clock_rows(clocks: Sequence[Mapping[str, str]], words: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and value of a table's row for each clock (see facts.py), in the words of a language's `words.j2`."""
    rows = []
    for clock in clocks:
        label, standing, left = clock["clock_label"], clock["standing"], clock.get("left", "")
        until = clock["due"] if standing != "paused" else clock.get("hold_reason", "") or words["no_due"]
        says = words["standings"].get(standing)
        value = says % until if says else f"{standing} {until}"
        if left:
            value += f" ({words['over' if standing == 'failed' else 'left'] % left})"
        rows.append((words["clocks"].get(label, label), value))
    return rows
