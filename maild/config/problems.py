"""Collects what is wrong with a configuration file, so that everything is told at once."""

from __future__ import annotations

from maild.config.lines import KeyPath, Lines
from maild.errors import ConfigError


class Problems:
    """The faults of one file, each with its line. The first fault of a key hides later ones of it."""

    def __init__(self, file: str, lines: Lines) -> None:
        self._file = file
        self._lines = lines
        self._found: dict[KeyPath, str] = {}

    def add(self, path: KeyPath, text: str) -> None:
        """Note a fault; `text` is "what is wrong; what would be right" and holds no secret."""
        self._found.setdefault(path, text)

    def has(self, path: KeyPath) -> bool:
        """Whether a fault of this key is known."""
        return path in self._found

    def has_in(self, path: KeyPath) -> bool:
        """Whether a fault of this table or anything in it is known."""
        return any(found[: len(path)] == path for found in self._found)

    def line(self, path: KeyPath) -> int:
        """The line of a key, for a message that points to a second place."""
        return self._lines.of(path)

    def told(self) -> list[str]:
        """`FILE:LINE: table.key: text` for each, from the top of the file to its end."""
        inside = [path for path in self._found if path and path[:-1] in self._found]
        faults = [(self._lines.of(path), path, text) for path, text in self._found.items() if path not in inside]
        return [f"{self._file}:{line}: {_name(path)}{text}" for line, path, text in sorted(faults, key=_first)]

    def stop(self) -> None:
        """Raise ConfigError when there is any."""
        if self._found:
            raise ConfigError(self.told())


def _first(fault: tuple[int, KeyPath, str]) -> int:
    return fault[0]


def _name(path: KeyPath) -> str:
    """("mailbox", 0, "host") is "mailbox.host: "; the line tells which mailbox."""
    keys = [str(key) for key in path if isinstance(key, str)]
    return ".".join(keys) + ": " if keys else ""
