"""When the last backup was made, in a file of the data folder, so that others can tell."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from maild.bootstrap.running import FOLDER, run_folder
from maild.store.copying import belong

_NAME = "last-backup.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class LastBackup:
    """One backup that was finished."""

    at: datetime
    file: Path
    bytes: int


def note_backup(data: Path, made: LastBackup) -> None:
    """Remember it in place of the one before. Raises OSError."""
    folder = run_folder(data)
    new = folder / f"{_NAME}.new"
    new.write_text(json.dumps({"at": made.at.isoformat(), "file": str(made.file), "bytes": made.bytes}))
    new.chmod(0o640)
    belong(new, data)
    new.replace(folder / _NAME)


def last_backup(data: Path) -> LastBackup | None:
    """The last one that was finished; None when there was none, or nobody may know."""
    try:
        known = json.loads((data / FOLDER / _NAME).read_text())
        return LastBackup(at=datetime.fromisoformat(known["at"]), file=Path(known["file"]), bytes=int(known["bytes"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
