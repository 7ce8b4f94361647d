"""The mark of a restore that is under way: nobody opens the store before it is finished.

`DATA/restoring` stays when the power goes in the middle; the same restore, run again, finishes and removes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from maild.errors import Permanent
from maild.store.copying import sync

_NAME = "restoring"


def refuse_while_restoring(data: Path) -> None:
    """Raises Permanent when a restore runs, or was not finished."""
    try:
        file = (data / _NAME).read_text("utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        return
    raise Permanent(f"a restore of {file} is not finished: wait for it, or run it again if it was interrupted")


@contextmanager
def marked(data: Path, file: Path) -> Iterator[None]:
    """Leave the mark, and take it away only when all went well, or when nothing was done."""
    mark = data / _NAME
    mark.write_text(f"{file.absolute()}\n", "utf-8")
    sync(mark)
    sync(data)  # or the power may leave what was restored, and not the mark
    yield
    mark.unlink()


def unmark(data: Path) -> None:
    """Take the mark away: the store was not touched."""
    (data / _NAME).unlink(missing_ok=True)
