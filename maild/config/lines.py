"""Finds the line of a table, key or value in a TOML file, for error messages.

tomllib gives values without positions. So the file is taken apart here once more, into tokens, and in one
pass: a list of thousands of keywords costs no more than its length. No value is read; the file is known to
be valid, and what a quoted key is called is left to tomllib.
"""

from __future__ import annotations

import re
import tomllib
from typing import NamedTuple

KeyPath = tuple[str | int, ...]  # ("mailbox", 0, "host") is the host of the first [[mailbox]]

_TOKEN = re.compile(
    r'''
      """(?:\\.|[^\\])*?"{3,5}       # up to two quotes before the last three belong to the text
    | \'\'\'.*?'{3,5}
    | "(?:\\.|[^"\\\n])*" | '[^'\n]*'
    | \#[^\n]* | [\[\]{},=\n] | [^\s,=\[\]{}\#"']+
    ''',
    re.DOTALL | re.VERBOSE,
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


class Lines:
    """Paths to lines of one file, which must be valid TOML."""

    def __init__(self, text: str) -> None:
        self._line = _Reader(text).read()

    def of(self, path: KeyPath) -> int:
        """The line of a path, or of the nearest thing around it that the file has; else 1."""
        at: KeyPath = ()
        for key in path:
            if (*at, key) in self._line:
                at = (*at, key)
            elif key != 0:  # 0: a single value in the place of a list
                break
        return self._line.get(at, 1)


class _Token(NamedTuple):
    text: str
    line: int
    start: int
    end: int


class _Reader:
    """One pass over a file."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._line: dict[KeyPath, int] = {}
        self._tables: dict[KeyPath, int] = {}  # arrays of tables: how many so far
        self._tokens: list[_Token] = []
        self._at = 0
        line = 1
        for found in _TOKEN.finditer(text):
            if not found[0].startswith("#"):
                self._tokens.append(_Token(found[0], line, *found.span()))
            line += found[0].count("\n")
        self._tokens.append(_Token("\n", line, len(text), len(text)))

    def read(self) -> dict[KeyPath, int]:
        here: KeyPath = ()
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.text == "\n":
                self._at += 1
            elif token.text == "[":
                here = self._header()
            else:
                self._pair(here)
        return self._line

    def _header(self) -> KeyPath:
        """The path of [a.b], or of the newest [[a.b]]."""
        first = last = self._tokens[self._at]
        while self._tokens[self._at].text != "\n":
            last = self._tokens[self._at]
            self._at += 1
        text = self._text[first.start : last.end]
        here: KeyPath = ()
        keys = _keys(text.strip("[]"))
        for depth, key in enumerate(keys, 1):
            here = self._note((*here, key), first.line)
            if text.startswith("[[") and depth == len(keys):
                self._tables[here] = self._tables.get(here, 0) + 1
            if here in self._tables:  # [mailbox.x] after [[mailbox]] belongs to the latest one
                here = self._note((*here, self._tables[here] - 1), first.line)
        return here

    def _pair(self, above: KeyPath) -> None:
        """A key and its value."""
        first = last = self._tokens[self._at]
        while self._tokens[self._at].text != "=":
            last = self._tokens[self._at]
            self._at += 1
        self._at += 1
        path = above
        for key in _keys(self._text[first.start : last.end]):
            path = self._note((*path, key), first.line)
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        first = self._tokens[self._at]
        self._note(path, first.line)
        self._at += 1
        if first.text == "[":
            item = 0
            while (text := self._inside()) != "]":
                if text == ",":
                    item += 1
                    self._at += 1
                else:
                    self._value((*path, item))
            self._at += 1
        elif first.text == "{":
            while (text := self._inside()) != "}":
                if text == ",":
                    self._at += 1
                else:
                    self._pair(path)
            self._at += 1
        else:
            while self._tokens[self._at].text not in ("\n", ",", "]", "}"):  # a date may have a space before its time
                self._at += 1

    def _inside(self) -> str:
        """The next token within brackets, where line breaks do not count."""
        while self._tokens[self._at].text == "\n":
            self._at += 1
        return self._tokens[self._at].text

    def _note(self, path: KeyPath, line: int) -> KeyPath:
        self._line.setdefault(path, line)
        return path


def _keys(dotted: str) -> list[str]:
    """The keys of a dotted name, a."b.c".d, without their quotes."""
    if _BARE_KEY.fullmatch(dotted):
        return [dotted]
    found: object = tomllib.loads(f"{dotted} = 0")
    keys = []
    while isinstance(found, dict):
        key, found = next(iter(found.items()))
        keys.append(key)
    return keys
