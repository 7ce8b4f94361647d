"""A site's own letters over the built-in ones: where an own letter cannot be filled, the built-in one is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from maild.app.ports import Log, Rendered
from maild.templates.builtin import BuiltinTemplates, known_language, sources_built_in, words_built_in
from maild.templates.facts import one_line
from maild.templates.filling import PLAIN
from maild.templates.languages import FALLBACK
from maild.templates.own_files import Fault, OwnFiles, read_own
from maild.templates.own_process import Asks, Begin, Overrun, OwnProcess


def templates_of(folder: Path | None, log: Log) -> BuiltinTemplates | SiteTemplates:
    """The words of letters: ours, or the site's own over them."""
    return SiteTemplates(folder, log) if folder else BuiltinTemplates()


class SiteTemplates:
    """Implements Templates. Thread-safe. Reads the folder once; a reload makes a new one."""

    def __init__(self, folder: Path, log: Log, *, start: Callable[[Begin], Asks] = OwnProcess) -> None:
        """`start` begins the process that fills letters. Never fails because of what is in the folder."""
        self.own: OwnFiles = read_own(folder, sources_built_in(), words_built_in())
        with_letters: dict[str, Mapping[str, str]] = {
            name.partition("/")[0]: {} for name in self.own.files if "/" in name
        }
        self.built_in = BuiltinTemplates({**with_letters, **self.own.words})
        self.languages = self.built_in.languages
        self.files = frozenset(self.own.files.values())
        self._log = log
        self._process = start(
            {"own": self.own.templates, "ours": dict(sources_built_in()), "words": self.built_in.words}
        )
        self._stopped: dict[str, Fault] = {}  # letters that took too long: not tried again, each would hold up the mail
        for fault in self.own.faults:
            log("own letter cannot be used", file=fault.file, line=fault.line, trouble=fault.text)

    def render(self, name: str, language: str, facts: Mapping[str, object]) -> Rendered:
        """Fill one letter, the site's own if there is one; a broken one is named in `broken` of what is sent instead.

        Raises Permanent for wrong facts, which nobody's letter can be filled with.
        """
        own = self.fill(name, language, facts)
        if own is None:
            return self._ours(name, language, facts)
        if isinstance(own, Rendered):
            return own
        self._log("own letter cannot be filled", file=own.file, line=own.line, trouble=own.text)
        return replace(self._ours(name, language, facts), broken=(own.file, str(own)))

    def _ours(self, name: str, language: str, facts: Mapping[str, object]) -> Rendered:
        """Our letter; a language that has letters of the site's own and no sentence gets all of ours in English."""
        known = known_language(language, self.languages)
        return self.built_in.render(name, known if self.built_in.words[known] else FALLBACK, facts)

    def fill(self, name: str, language: str, facts: Mapping[str, object]) -> Rendered | Fault | None:
        """The site's own letter, or why it cannot be filled; None: it has none. Raises Permanent for wrong facts."""
        language = known_language(language, self.languages)
        text_level, text = self.own.place(f"{name}.txt", language)
        html_level, html = self.own.place(f"{name}.html", language)
        if not (text or html or self.own.shared):
            return None
        for part in (text, html):
            if part in self.own.broken:
                return self.own.broken[part]
        values = self.built_in.values(name, language, facts)
        parts = [
            ("subject", f"{text.removesuffix('txt')}subject" if text else f"{name}.subject"),
            ("text", text or f"{name}.txt"),
        ]
        # HTML for all languages says other words than a text in this one, and so does ours: then it is made of that.
        parts.append(("html", (html or f"{name}.html") if html_level >= text_level else PLAIN))
        found = self._ask(parts, language, values, self.own.files.get(text or html, self.own.shared))
        if isinstance(found, Fault):
            return found
        subject = one_line(found["subject"])
        body = found["text"].strip("\n") + "\n"
        if not subject or not body.strip():
            return Fault(
                self.own.files.get(text, self.own.shared), 1, f"its {'text' if subject else 'subject'} is empty"
            )
        marker = str(values["marker"])
        if marker not in body:  # the writer need not think of it
            body = f"{marker}\n\n{body}"
        return Rendered(subject=subject, text=body, html=found["html"])

    def _ask(
        self, parts: list[tuple[str, str]], language: str, values: Mapping[str, object], file: str
    ) -> dict[str, str] | Fault:
        if file in self._stopped:
            return self._stopped[file]
        try:
            found = self._process.ask({"parts": parts, "language": language, "values": values})
        except Overrun as error:
            self._stopped[file] = Fault(file, 1, f"{error}; it is not tried again until the next reload")
            return self._stopped[file]
        except OSError as error:
            return Fault(file, 1, f"the process that fills it cannot be started: {error.strerror}")
        if "fault" in found:
            at = self.own.files.get(found["file"])
            if at is None:  # one of ours, which goes with what the site changed no more
                return Fault(file, 1, f"{found['fault']} (our {found['file']}, line {found['line']})")
            return Fault(at, found["line"], found["fault"])
        return found
