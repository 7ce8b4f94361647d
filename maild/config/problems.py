"""Collects what is wrong with a configuration, so that everything is told at once."""

from __future__ import annotations

import re

from maild.config.lines import KeyPath
from maild.config.places import Place, Places
from maild.errors import ConfigError

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Problems:
    """The faults of a file and of those it includes, each with its place. The first fault of a key hides later ones."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.incomplete = False  # a file could not be read, so that names may be missing
        self._found: dict[KeyPath, str] = {}
        self._elsewhere: list[tuple[Place, str]] = []

    def add(self, path: KeyPath, text: str) -> None:
        """Note a fault; `text` is "what is wrong; what would be right" and holds no secret."""
        self._found.setdefault(path, text)

    def add_at(self, place: Place, path: KeyPath, text: str) -> None:
        """Note a fault of what is not among the tables: a file, or a table that cannot stand where it does."""
        self._elsewhere.append((place, f"{_name(path)}{text}"))

    def has(self, path: KeyPath) -> bool:
        """Whether a fault of this key is known."""
        return path in self._found

    def has_in(self, path: KeyPath) -> bool:
        """Whether a fault of this table or anything in it is known."""
        return any(found[: len(path)] == path for found in self._found)

    def where(self, path: KeyPath) -> str:
        """FILE:LINE of a key."""
        return self.places.told(self.places.of(path))

    def seen_from(self, path: KeyPath, other: KeyPath) -> str:
        """The place of another key, for a message about this one: "line 7", or FILE:LINE in another file."""
        place = self.places.of(other)
        return f"line {place.line}" if place.number == self.places.of(path).number else self.places.told(place)

    def told(self) -> list[str]:
        """`FILE:LINE: table.key: text` for each, file by file, from the top of each to its end."""
        inside = [path for path in self._found if path and path[:-1] in self._found]
        faults = [
            (self.places.of(path), f"{_name(path)}{text}") for path, text in self._found.items() if path not in inside
        ]
        told = (f"{self.places.told(at)}: {text}" for at, text in sorted([*self._elsewhere, *faults], key=_place))
        return [_CONTROL.sub(" ", line) for line in told]  # a name that is wrong for its line break is one line here

    def stop(self) -> None:
        """Raise ConfigError when there is any."""
        if self._found or self._elsewhere:
            raise ConfigError(self.told())


def _place(fault: tuple[Place, str]) -> Place:
    return fault[0]


def _name(path: KeyPath) -> str:
    """("mailbox", 0, "host") is "mailbox.host: "; the line tells which mailbox."""
    keys = [str(key) for key in path if isinstance(key, str)]
    return ".".join(keys) + ": " if keys else ""
