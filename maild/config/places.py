"""Knows where each table of a configuration stands: in which of its files, and in which line."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from maild.config.lines import KeyPath, Lines


class Place(NamedTuple):
    """A line of a file. Places sort as the files are read."""

    number: int  # of the file: 0 is the main one
    line: int


class Places:
    """Paths to files and lines. A table of an included file is counted on after those above it."""

    def __init__(self, main: Path, lines: Lines) -> None:
        self._files = [(main, lines)]
        self._stands: dict[KeyPath, tuple[int, KeyPath]] = {}  # ("rule", 7) is ("rule", 0) of file 2, say

    @property
    def files(self) -> tuple[Path, ...]:
        """The main file, and what it includes, in order."""
        return tuple(path for path, _ in self._files)

    def add_file(self, path: Path, lines: Lines) -> int:
        """One more included file; its number."""
        self._files.append((path, lines))
        return len(self._files) - 1

    def add_table(self, path: KeyPath, number: int, there: KeyPath) -> None:
        """The table `path` of the whole stands in an included file, where it is `there`."""
        self._stands[path] = (number, there)

    def of(self, path: KeyPath) -> Place:
        """Where a key stands, or the nearest thing around it."""
        number, there = self._stands.get(path[:2], (0, path[:2]))
        return self.within(number, (*there, *path[2:]))

    def within(self, number: int, path: KeyPath) -> Place:
        """Where a key of one file stands, by its path in that file."""
        return Place(number, self._files[number][1].of(path))

    def told(self, place: Place) -> str:
        """FILE:LINE."""
        return f"{self._files[place.number][0]}:{place.line}"

    def folder(self, path: KeyPath) -> Path:
        """The absolute folder that a path in this table is relative to: its file's."""
        return self._files[self.of(path).number][0].absolute().parent
