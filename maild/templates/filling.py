"""Fills a site's own letters, in a process of its own: `python -m maild.templates.filling`.

The sandbox keeps a template from files and from Python. It does not keep it from looping for ever or from making a
letter of a gigabyte, so this process has little memory, and whoever started it ends it when it takes too long
(`own_process.py`). It gets a line of JSON with all templates and words, then a line for each letter, and answers
each with one.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from traceback import extract_tb
from typing import Any

from jinja2 import FunctionLoader, TemplateError, TemplateSyntaxError, UndefinedError

from maild.templates.environment import make_environment
from maild.templates.html import text_to_html
from maild.templates.languages import FALLBACK
from maild.templates.words import Words

MEMORY = 512 << 20  # bytes of address space
LETTER = 2_000_000  # characters of a letter's text or HTML
ALONE = 30  # seconds for one letter, should the process that counts them have been killed
PLAIN = "plain.html"  # makes the HTML of a letter that the site gives as text alone
BUILT_IN = "builtin/"  # before the name of one of ours, for an own letter that goes on from it


class TooLong(Exception):
    """A letter has more characters than it may."""


class Filling:
    """Templates by name, the site's own before ours."""

    def __init__(self, own: Mapping[str, str], ours: Mapping[str, str], words: Mapping[str, Mapping[str, str]]) -> None:
        """`words` are the sentences of each language by their keys, the site's own laid over ours."""

        def find(name: str) -> tuple[str, str, None] | None:
            source = own.get(name)
            if source is None:
                source = ours.get(name.removeprefix(BUILT_IN))
            return None if source is None else (source, name, None)

        self._environment = make_environment(FunctionLoader(find))
        self._words = words
        self._says: dict[tuple[str, bool], Words] = {}

    def fill(self, parts: Sequence[tuple[str, str]], language: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Fill the parts of a letter, each (subject, text or html, name of a template), in this order.

        Returns each by its sort, or {"fault", "file", "line"} for the first that cannot be filled.
        """
        done: dict[str, Any] = {}
        for sort, name in parts:
            facts = {**values, "say": self._say(language, html=sort == "html")}
            if "subject" in done:
                facts["subject_line"] = " ".join(done["subject"].split())
            if name == PLAIN:
                facts["text_of_letter"] = text_to_html(done["text"].strip("\n"))
                facts["marker"] = "" if values["marker"] in done["text"] else values["marker"]
            try:
                done[sort] = self._filled(name, facts)
            except Exception as error:  # noqa: BLE001  # whatever a template does, the answer is a fault
                file, line = _place(error, name)
                return {"fault": _words_of(error), "file": file, "line": line}
        return done

    def _say(self, language: str, *, html: bool) -> Words:
        known = self._says.get((language, html))
        if known is None:
            known = Words(self._words.get(language, {}), self._words.get(FALLBACK, {}), html=html)
            self._says[language, html] = known
        return known

    def _filled(self, name: str, values: Mapping[str, Any]) -> str:
        pieces: list[str] = []
        length = 0
        for piece in self._environment.get_template(name).generate(values):
            pieces.append(piece)
            length += len(piece)
            if length > LETTER:
                raise TooLong(f"it is longer than {LETTER} characters")
        return "".join(pieces)


def _words_of(error: Exception) -> str:
    if isinstance(error, UndefinedError):
        return f"{error.message}; `maild templates variables LETTER` names what there is"
    if isinstance(error, TemplateSyntaxError):
        return str(error.message)
    if isinstance(error, RecursionError):
        return "it calls or includes itself without end"
    if isinstance(error, MemoryError):
        return "it needs too much memory"
    # The words of these name things of the template; other errors may quote what a customer wrote.
    return (
        str(error)
        if isinstance(error, TemplateError | TooLong | OverflowError)
        else f"it fails with {type(error).__name__}"
    )


def _place(error: Exception, name: str) -> tuple[str, int]:
    """The template and the line at fault."""
    if isinstance(error, TemplateSyntaxError) and error.lineno:
        return error.name or name, error.lineno
    lines = [
        (frame.filename, frame.lineno or 1)
        for frame in extract_tb(error.__traceback__)
        if not PurePosixPath(frame.filename).is_absolute()
        and frame.filename.endswith((".txt", ".html", ".text", ".subject"))
    ]
    return lines[-1] if lines else (name, 1)


def main() -> int:
    """Answer line by line until there are no more."""
    for limit, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(limit)[1]
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (allowed, allowed))
    for stop in (signal.SIGINT, signal.SIGTERM):  # meant for whoever started us: it ends us by closing our input
        signal.signal(stop, signal.SIG_IGN)
    begin = json.loads(sys.stdin.readline())
    filling = Filling(begin["own"], begin["ours"], begin["words"])
    _say({})  # ready: from now on every letter has its time
    for line in sys.stdin:
        signal.alarm(ALONE)  # in an endless loop we would not see that nobody waits any more
        _say(filling.fill(**json.loads(line)))
        signal.alarm(0)
    return 0


def _say(answer: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
