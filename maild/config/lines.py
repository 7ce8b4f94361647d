"""Finds the line of a table or key in a TOML file, for error messages.

tomllib gives values without positions. But a statement (a header, or a key with its value) is the
smallest run of lines that is TOML by itself, so tomllib itself can take the file apart: no second
reading of quotes, escapes or multi-line values that could disagree with the first.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

KeyPath = tuple[str | int, ...]  # ("mailbox", 0, "host") is the host of the first [[mailbox]]


class Lines:
    """Paths to lines of one file, which must be valid TOML."""

    def __init__(self, text: str) -> None:
        self._line: dict[KeyPath, int] = {}
        tables: dict[KeyPath, int] = {}  # arrays of tables: how many so far
        here: KeyPath = ()
        for number, head, found in _statements(text):
            if not head.startswith("["):
                self._note(here, found, number)
                continue
            keys, here = _keys(found), ()
            for depth, key in enumerate(keys, 1):
                here += (key,)
                self._line.setdefault(here, number)
                if head.startswith("[[") and depth == len(keys):
                    tables[here] = tables.get(here, 0) + 1
                if here in tables:  # [mailbox.x] after [[mailbox]] belongs to the latest one
                    here += (tables[here] - 1,)
                    self._line.setdefault(here, number)

    def _note(self, above: KeyPath, found: object, number: int) -> None:
        """Every key of a value has the line of its statement; inline tables and arrays too."""
        inside = found.items() if isinstance(found, dict) else []
        for key, value in inside:
            self._line.setdefault((*above, key), number)
            self._note((*above, key), value, number)

    def of(self, path: KeyPath) -> int:
        """The line of a path, or of the nearest thing around it that the file has; else 1."""
        while path and path not in self._line:
            path = path[:-1]
        return self._line.get(path, 1)


def _statements(text: str) -> Iterator[tuple[int, str, dict[str, object]]]:
    """(line, its first line without indent, what tomllib reads from it) of every statement."""
    start, held = 1, ""
    for number, line in enumerate(text.split("\n"), 1):  # splitlines() also cuts at U+2028
        if not held:
            start = number
        held += line + "\n"
        try:
            found = tomllib.loads(held)
        except tomllib.TOMLDecodeError:
            continue  # a value that goes on in the next line
        if found:
            yield start, held.strip(), found
        held = ""


def _keys(found: object) -> list[str]:
    """The dotted name of a header: {"a": {"b": {}}} is a.b, {"a": [{}]} is a."""
    keys = []
    while found:
        if isinstance(found, list):
            found = found[0]
        elif isinstance(found, dict):
            key, found = next(iter(found.items()))
            keys.append(key)
    return keys
