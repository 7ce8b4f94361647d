"""Keeps what a directory said last on disk: after a start while it is away, agents must still be agents."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from maild.app.lookups import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class LastWords:
    """What the file of a directory says, for a process that does not ask it."""

    at: datetime | None
    entries: int
    trouble: str
    since: datetime | None


class NothingKept:
    """For a directory whose answers are only remembered in memory."""

    def read(self) -> tuple[datetime, Sequence[Entry]] | None:
        """Nothing."""
        return None

    def write(self, at: datetime, entries: Sequence[Entry]) -> None:
        """Nothing is written."""

    def note_trouble(self, trouble: str, at: datetime) -> None:
        """Nor is this."""


class Kept:
    """One file in the data folder, which only maild can read; a fault of the disk costs the copy, no more."""

    def __init__(self, path: Path, fingerprint: str, *, whole: bool) -> None:
        """`fingerprint` tells whether it was written under the same settings; `whole`: entries are kept, too."""
        self._path = path
        self._fingerprint = fingerprint
        self._whole = whole

    def read(self) -> tuple[datetime, Sequence[Entry]] | None:
        """When the list was read last, and the list; None when there is none of these settings."""
        found = _document(self._path)
        if not self._whole or found.get("fingerprint") != self._fingerprint:
            return None
        with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):
            entries = [Entry(str(key), {str(k): str(v) for k, v in facts.items()}) for key, facts in found["entries"]]
            return datetime.fromisoformat(found["at"]), entries
        return None

    def write(self, at: datetime, entries: Sequence[Entry]) -> None:
        """Keep the list."""
        kept = [[entry.key, dict(entry.facts)] for entry in entries] if self._whole else []
        about = {"fingerprint": self._fingerprint, "at": at.isoformat(), "count": len(entries), "entries": kept}
        self._replace(about | {"trouble": "", "since": None})

    def note_trouble(self, trouble: str, at: datetime) -> None:
        """Keep what it is in trouble with since when; "" when it is not any more."""
        self._replace(_document(self._path) | {"trouble": trouble, "since": at.isoformat() if trouble else None})

    def _replace(self, document: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            number, name = tempfile.mkstemp(dir=self._path.parent, prefix=".")  # 0600
            with os.fdopen(number, "w", encoding="utf-8") as file:
                json.dump(document, file)
            Path(name).replace(self._path)


def last_words(path: Path) -> LastWords | None:
    """What the file of a directory says; None when there is none."""
    found = _document(path)
    if not found:
        return None
    with contextlib.suppress(TypeError, ValueError):
        at, since = found.get("at"), found.get("since")
        return LastWords(
            at=datetime.fromisoformat(at) if at else None,
            entries=int(found.get("count", 0)),
            trouble=str(found.get("trouble", "")),
            since=datetime.fromisoformat(since) if since else None,
        )
    return None


def _document(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
