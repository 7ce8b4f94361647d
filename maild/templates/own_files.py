"""Reads a site's own letters and sentences from its folder; what cannot be used is a fault, never an error.

acknowledgement.txt.j2      a letter in every language; the first line is `Subject: …`
acknowledgement.html.j2     the same as HTML; without it, it is made from the text
de/acknowledgement.txt.j2   in one language
de/words.toml               single sentences
layout.html.j2              what the letters have in common, and the other shared parts
_footer.txt.j2              parts of your own, for `include`
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from maild.templates.facts import LETTERS
from maild.templates.languages import WORDS
from maild.templates.words import flat

LARGEST = 256 << 10  # bytes of one file
MOST_FILES = 1000

# Keys that may be anything: words for statuses that [tickets] labels renames, and what only own letters say.
FREE = ("status.", "own.")
_ENDS = (".txt.j2", ".html.j2", ".text.j2")
_PLACE = re.compile(r"\{([a-z_]+)\}")
_LINE = re.compile(r"at line (\d+)")


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong with a file, and where."""

    file: str  # as people find it: the folder's name and the path in it
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


@dataclass(frozen=True, kw_only=True)
class OwnFiles:
    """What a folder holds. Names are those of templates: "de/acknowledgement.txt", with ".subject" beside it."""

    templates: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)  # name of a template -> its file, as `Fault` names it
    broken: Mapping[str, Fault] = field(default_factory=dict)  # letters that cannot be used at all
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # language -> sentences by their keys
    faults: tuple[Fault, ...] = ()  # those of `broken` among them

    def place(self, name: str, language: str) -> tuple[int, str]:
        """Which file speaks for a letter or part: (2, "de/NAME") for one language, (1, NAME) for all, (0, "")."""
        for level, found in ((2, f"{language}/{name}"), (1, name)):
            if found in self.files:
                return level, found
        return 0, ""

    @cached_property
    def shared(self) -> str:
        """A file that changes what all letters have in common; "" for none."""
        return next((file for name, file in self.files.items() if not _is_letter(name) and not _is_private(name)), "")


def read_own(folder: Path, built_in: Iterable[str], sentences: Mapping[str, Mapping[str, str]]) -> OwnFiles:
    """Read a folder. `built_in`: the names of the built-in templates; `sentences`: theirs by language and key."""
    reading = _Reading(folder, frozenset(built_in), sentences)
    try:
        paths = sorted(_files_in(folder))
    except OSError as error:
        reading.fault(folder, 1, f"cannot be read: {error.strerror}")
        paths = []
    for path in paths[:MOST_FILES]:
        reading.take(path)
    if len(paths) > MOST_FILES:
        reading.fault(paths[MOST_FILES], 1, f"there are more than {MOST_FILES} files; this and others are not read")
    return reading.done()


def _files_in(folder: Path) -> Iterator[Path]:
    """Every file that is not hidden. Raises OSError when the folder cannot be read, which `rglob` would not."""
    next(folder.iterdir(), None)
    for path in folder.rglob("*"):
        if not any(part.startswith(".") for part in path.relative_to(folder).parts) and not path.is_dir():
            yield path


class _Reading:
    def __init__(self, folder: Path, built_in: frozenset[str], sentences: Mapping[str, Mapping[str, str]]) -> None:
        self._folder, self._sentences = folder, sentences
        shared = {name for name in built_in if "/" not in name and not _is_letter(name)}
        self._known = {*(f"{letter}.{end}" for letter in LETTERS for end in ("txt", "html")), *shared}
        self._templates: dict[str, str] = {}
        self._files: dict[str, str] = {}
        self._broken: dict[str, Fault] = {}
        self._words: dict[str, dict[str, str]] = {}
        self._faults: list[Fault] = []

    def done(self) -> OwnFiles:
        return OwnFiles(
            templates=self._templates,
            files=self._files,
            broken=self._broken,
            words=self._words,
            faults=tuple(sorted(self._faults)),
        )

    def fault(self, path: Path, line: int, text: str) -> Fault:
        inside = path.relative_to(self._folder).as_posix()
        found = Fault(self._folder.name if inside == "." else f"{self._folder.name}/{inside}", line, text)
        self._faults.append(found)
        return found

    def take(self, path: Path) -> None:
        """One file."""
        language, _, name = path.relative_to(self._folder).as_posix().rpartition("/")
        if language and (len(language) not in (2, 3) or not language.isalpha() or not language.islower()):
            hint = "a folder in it is a language, of two letters such as de"
            self.fault(path, 1, f"this file is not used; {hint}")
        elif name == WORDS and language:
            self._take_words(path, language)
        elif name.endswith(_ENDS):
            self._take_template(path, language, name.removesuffix(".j2"))
        elif name.endswith((".j2", ".toml")):
            near = _nearest(name, [*(f"{known}.j2" for known in self._known), WORDS])
            self.fault(path, 1, f"this file is not used; {near or 'a letter is NAME.txt.j2 or NAME.html.j2'}")

    def _take_template(self, path: Path, language: str, name: str) -> None:
        if not _is_private(name) and name not in self._known:
            near = _nearest(f"{name}.j2", [f"{known}.j2" for known in self._known])
            self.fault(path, 1, f"there is no such letter; {near or '`maild templates list` names them'}")
            return
        name = f"{language}/{name}" if language else name
        self._files[name] = f"{self._folder.name}/{path.relative_to(self._folder).as_posix()}"
        source = self._text(path)
        if isinstance(source, Fault):
            self._broken[name] = source
            return
        if _is_letter(name) and name.endswith(".txt"):
            first, _, rest = source.partition("\n")
            if not first.startswith("Subject:") or not first.removeprefix("Subject:").strip():
                text = "the first line must be `Subject: …`, such as `Subject: {{ subject_with_tag }}`"
                self._broken[name] = self.fault(path, 1, text)
                return
            subject = name.removesuffix("txt") + "subject"
            self._templates[subject] = first.removeprefix("Subject:")
            self._files[subject] = self._files[name]
            source = f"\n{rest}"  # so that lines keep their numbers
        self._templates[name] = source

    def _take_words(self, path: Path, language: str) -> None:
        source = self._text(path)
        if isinstance(source, Fault):
            return
        try:
            found = flat(tomllib.loads(source))
        except ValueError as error:  # TOMLDecodeError is one
            line = _LINE.search(str(error))
            self.fault(path, int(line[1]) if line else 1, f"{error}; none of its sentences is used")
            return
        known = {**self._sentences.get("en", {}), **self._sentences.get(language, {})}
        taken = self._words.setdefault(language, {})
        for key, sentence in found.items():
            wrong = _wrong(key, sentence, known)
            if wrong:
                self.fault(path, _line_of(key, source), wrong)
            else:
                taken[key] = sentence

    def _text(self, path: Path) -> str | Fault:
        try:
            if not path.resolve().is_relative_to(self._folder.resolve()):
                return self.fault(path, 1, "the link leads out of the folder; put the file itself here")
            if not path.is_file() or path.stat().st_size > LARGEST:
                return self.fault(path, 1, f"this is no file of at most {LARGEST >> 10} KiB")
            return path.read_text("utf-8")
        except OSError as error:
            return self.fault(path, 1, f"cannot be read: {error.strerror}")
        except ValueError:
            return self.fault(path, 1, "is not in UTF-8; save it so")


def _is_letter(name: str) -> bool:
    return name.rpartition("/")[2].rpartition(".")[0] in LETTERS


def _is_private(name: str) -> bool:
    return name.rpartition("/")[2].startswith("_")


def _nearest(word: str, words: Iterable[str]) -> str:
    found = difflib.get_close_matches(word, list(words), n=1, cutoff=0.6)
    return f"did you mean {found[0]}?" if found else ""


def _wrong(key: str, sentence: str, known: Mapping[str, str]) -> str:
    """What is wrong with a sentence."""
    if key.startswith(FREE):
        return ""
    if key not in known:
        near = _nearest(key, known)
        return f"there is no sentence {key}; {near or 'take it out'}"
    more = set(_PLACE.findall(sentence)) - set(_PLACE.findall(known[key]))
    if more:
        can = ", ".join(f"{{{place}}}" for place in sorted(set(_PLACE.findall(known[key])))) or "none"
        return f"{key} has no {{{min(more)}}}; it can have {can}"
    return "" if sentence.strip() else f"{key} is empty; take it out to get the built-in sentence"


def _line_of(key: str, source: str) -> int:
    """The line in which a sentence of a words file stands."""
    table = ""
    for number, line in enumerate(source.split("\n"), 1):
        head = re.fullmatch(r"\s*\[([^\[\]]+)\]\s*(#.*)?", line)
        if head:
            table = f"{head[1].strip()}."
        elif "=" in line and (table + line.partition("=")[0].strip()).replace('"', "").replace("'", "") == key:
            return number
    return 1
