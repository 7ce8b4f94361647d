"""The mark of a restore that is under way: nobody opens the store before it is finished.

`DATA/restoring` stays when the power goes in the middle; the same restore, run again, finishes and removes it. It
names the backup, and in a line each the people who were erased since: the store that knew may be gone by then.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from maild.errors import Permanent
from maild.store.copying import belong, sync
from maild.store.erasures import Order

_NAME = "restoring"


def refuse_while_restoring(data: Path) -> None:
    """Raises Permanent when a restore runs, or was not finished."""
    if lines := _read(data):
        raise Permanent(f"a restore of {lines[0]} is not finished: wait for it, or run it again if it was interrupted")


def interrupted(data: Path) -> list[Order] | None:
    """The erasures that a restore which was interrupted has to do again; None when none was interrupted."""
    lines = _read(data)
    return [_order(line) for line in lines[1:]] if lines else None


def _read(data: Path) -> list[str]:
    try:
        return (data / _NAME).read_text("utf-8").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []


def _order(line: str) -> Order:
    known = json.loads(line)
    return Order(**known | {"ordered_at": datetime.fromisoformat(known["ordered_at"])})


@contextmanager
def marked(data: Path, file: Path, erased: Sequence[Order] = ()) -> Iterator[None]:
    """Leave the mark, and take it away only when all went well, or when nothing was done."""
    mark, new = data / _NAME, data / f"{_NAME}.new"
    lines = [str(file.absolute()), *(json.dumps(asdict(order), default=str) for order in erased)]
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.writelines(f"{line}\n" for line in lines)
        belong(out.fileno(), data)  # whom it keeps out must be able to read why
    sync(new)
    new.replace(mark)  # as a whole: the one of before may name people whom nothing else names
    sync(data)  # or the power may leave what was restored, and not the mark
    yield
    mark.unlink()


def unmark(data: Path) -> None:
    """Take the mark away: the store was not touched."""
    (data / _NAME).unlink(missing_ok=True)
