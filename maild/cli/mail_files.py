"""Finds the mails in files, folders and mboxes, one after another, whatever the files are called."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from maild.intake.history import history
from maild.intake.pipe import without_from_line

_LARGEST = 256 << 20  # bytes: what is larger is no mail, and must not fill the memory

Found = tuple[str, bytes | str]  # the name, and the mail or why it could not be read


def mails_at(path: Path) -> Iterator[Found]:
    """Every mail of a path, folders in the order of names and with the folders in them.

    The name is relative to a folder given, and NAME#3 for the third mail of an mbox. Raises nothing:
    what cannot be read is told in place of the mail.
    """
    if str(path) == "-":
        yield "-", without_from_line(sys.stdin.buffer.read(_LARGEST))
    elif path.is_dir():
        for folder, inner, files in os.walk(path):
            inner.sort()
            for name in sorted(files):
                file = Path(folder, name)
                if not name.startswith(".") and file.is_file():
                    yield from _mails_in(file, file.relative_to(path).as_posix())
    else:
        yield from _mails_in(path, path.name)


def _mails_in(file: Path, name: str) -> Iterator[Found]:
    try:
        if _is_mbox(file):
            for number, (_, raw) in enumerate(history(file), 1):
                yield f"{name}#{number}", raw
        elif file.stat().st_size > _LARGEST:
            yield name, f"it is larger than {_LARGEST >> 20} MiB"
        else:
            yield name, without_from_line(file.read_bytes())
    except (OSError, ValueError) as error:
        yield name, str(error)


def _is_mbox(file: Path) -> bool:
    """As `history` sees it: begins with a From line, and is not named as a single mail."""
    if file.suffix.lower() == ".eml":
        return False
    with file.open("rb") as opened:
        return opened.read(5) == b"From "
