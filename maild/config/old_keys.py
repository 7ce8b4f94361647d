"""The file of earlier signing keys: one a line, each with the day on which it was replaced, if that is known.

# replaced 2026-03-02
K7F3…
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from maild.config.model import Desk

_REPLACED = "# replaced "


def old_keys_file(desk: Desk) -> Path | None:
    """Where earlier keys are: the file that is named, else `secret.key.old` beside `secret.key`, if it exists."""
    if desk.old_secrets_file is not None:
        return desk.old_secrets_file
    beside = beside_key(desk)
    return beside if beside is not None and beside.exists() else None


def beside_key(desk: Desk) -> Path | None:
    """The name that the file of earlier keys has when the configuration names none."""
    return desk.secret_file.with_name(f"{desk.secret_file.name}.old") if desk.secret_file else None


def read_old_keys(text: str) -> list[tuple[str, date | None]]:
    """The keys with the days on which they were replaced."""
    found: list[tuple[str, date | None]] = []
    day: date | None = None
    for line in map(str.strip, text.splitlines()):
        if line.startswith(_REPLACED):
            day = _day(line.removeprefix(_REPLACED))
        elif line:
            found.append((line, day))
            day = None
    return found


def write_old_keys(keys: Sequence[tuple[str, date | None]]) -> str:
    """The file for these keys."""
    return "".join((f"{_REPLACED}{day}\n" if day else "") + f"{key}\n" for key, day in keys)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
