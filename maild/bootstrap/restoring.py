"""The mark of a restore that is under way: nobody opens the store before it is finished.

`DATA/restoring` stays when the power goes in the middle; the same restore, run again, finishes and removes it. It
names the backup, and then what was ordered since: the store that knew may be gone by then.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from maild.errors import Permanent
from maild.store.carried_holds import CarriedHold
from maild.store.copying import belong, sync
from maild.store.erasures import Order

_NAME = "restoring"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """What people have ordered after a backup, which does not know of it."""

    erasures: Sequence[Order]
    holds: Sequence[CarriedHold]


_ORDERED = TypeAdapter(Ordered)


def refuse_while_restoring(data: Path) -> None:
    """Raises Permanent when a restore runs, or was not finished."""
    if mark := _read(data):
        backup = mark.partition(b"\n")[0].decode(errors="replace")
        raise Permanent(f"a restore of {backup} is not finished: wait for it, or run it again if it was interrupted")


def interrupted(data: Path) -> Ordered | None:
    """What a restore that was interrupted has to do again; None when none was interrupted.

    Raises Permanent when another version of maild has left the mark: to forget whom to erase would be worse.
    """
    mark = _read(data)
    if not mark:
        return None
    try:
        return _ORDERED.validate_json(mark.rstrip(b"\n").rpartition(b"\n")[2])
    except ValidationError:
        what = f"{data / _NAME}: a restore that another version of maild began is not finished"
        raise Permanent(f"{what}; finish it by that version") from None


def _read(data: Path) -> bytes:
    try:
        return (data / _NAME).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return b""


@contextmanager
def marked(data: Path, file: Path, ordered: Ordered) -> Iterator[None]:
    """Leave the mark, and take it away only when all went well, or when nothing was done."""
    mark, new = data / _NAME, data / f"{_NAME}.new"
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(b"%b\n%b\n" % (os.fsencode(file.absolute()), _ORDERED.dump_json(ordered)))
        belong(out.fileno(), data)  # whom it keeps out must be able to read why
    sync(new)
    new.replace(mark)  # as a whole: the one of before may name people whom nothing else names
    sync(data)  # or the power may leave what was restored, and not the mark
    yield
    mark.unlink()


def unmark(data: Path) -> None:
    """Take the mark away: the store was not touched."""
    (data / _NAME).unlink(missing_ok=True)
