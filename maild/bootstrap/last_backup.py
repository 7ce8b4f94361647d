"""When the last backup was made, in a file of the data folder, so that others can tell."""

from __future__ import annotations

import json
import os
from contextlib import suppress
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
    new = f"{_NAME}.new"
    with run_folder(data) as folder:
        with suppress(FileNotFoundError):
            os.unlink(new, dir_fd=folder)
        opened = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o640, dir_fd=folder)
        with os.fdopen(opened, "w", encoding="utf-8") as out:
            json.dump({"at": made.at.isoformat(), "file": str(made.file), "bytes": made.bytes}, out)
            os.fchmod(opened, 0o640)
            belong(opened, data)
        os.replace(new, _NAME, src_dir_fd=folder, dst_dir_fd=folder)


def last_backup(data: Path) -> LastBackup | None:
    """The last one that was finished; None when there was none, or nobody may know."""
    try:
        known = json.loads((data / FOLDER / _NAME).read_text())
        return LastBackup(at=datetime.fromisoformat(known["at"]), file=Path(known["file"]), bytes=int(known["bytes"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
