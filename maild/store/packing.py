"""Keeps a file that came in many mails once, by its content; done in quiet moments, long after a mail is safe.

A raw mail is stored whole when it is accepted: nothing may delay that commit or make it more
delicate. Later its large files move into `blob`, each content once, and `piece` says where they
belong. The change is one transaction, which reads the mail back and compares it before it commits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from datetime import timedelta

from sqlalchemy import Connection, insert, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite

from maild.app.ports import Log, Room
from maild.clock import Clock
from maild.errors import NotKept, Permanent
from maild.mail.pieces import Piece, cut_out
from maild.store.engine import Database, forget_large
from maild.store.rows import Damaged, load_raw, pack, read_blocks
from maild.store.schema import WORTH_PACKING, blob, piece, raw
from maild.store.tombstones import lock_files

TIME = timedelta(seconds=5)  # of one run; the rest waits for the next one
_WHOLE = (
    select(raw.c.id, raw.c.size)
    .where(raw.c.pieces.is_(None), raw.c.size >= literal_column(str(WORTH_PACKING)))  # as in its index
    .order_by(raw.c.id)
    .limit(1)
)
_KEEP_ONCE = {
    name: dialect.insert(blob).on_conflict_do_nothing(index_elements=["sha256"])
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}


class Packing:
    """Packs raw mails; may run in as many processes as like to."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Clock,
        log: Log,
        busy: Callable[[], bool] = lambda: False,
        stopping: Callable[[], bool] = lambda: False,
        room: Room = nullcontext,
    ) -> None:
        """`busy` says whether there is anything better to do: mails and letters come first."""
        self._database = database
        self._clock = clock
        self._log = log
        self._busy = busy
        self._stopping = stopping
        self._room = room

    def run(self) -> int:
        """Pack some of the mails that were not looked at yet, the oldest first; returns how many it looked at."""
        until, done = self._clock() + TIME, 0
        while not self._stopping() and self._clock() < until and not self._busy():
            if not self._pack_next():
                break
            done += 1
        return done

    def _pack_next(self) -> bool:
        """Pack one mail; False: there is none."""
        with self._database.read() as connection:
            found = connection.execute(_WHOLE).first()
        if found is None:
            return False
        with self._room(found.size):
            self._pack(found.id, found.size)
        return True

    def _pack(self, raw_id: int, size: int) -> None:
        """A large mail is in memory once, and never beside what it becomes."""
        with self._database.read() as connection:
            forget_large(connection, size)
            try:
                whole = load_raw(connection, [raw_id])[raw_id]
            except NotKept:  # erased meanwhile
                return
        digest = hashlib.sha256(whole).digest()
        pieces, rest, blobs = _cut(whole)
        del whole
        try:
            with self._database.write() as connection:
                forget_large(connection, size)
                if _mark(connection, raw_id, pieces=len(pieces), **rest) and pieces:
                    _save(connection, raw_id, pieces, blobs)
                    blobs.clear()
                    _compare(connection, raw_id, digest)
        except Permanent as error:
            self._log("mail left whole", raw=raw_id, trouble=str(error))
            with self._database.write() as connection:
                _mark(connection, raw_id, pieces=0)


def _cut(whole: bytes) -> tuple[Sequence[Piece], dict[str, object], list[dict[str, object]]]:
    """What is taken out of a mail, the rest of it, and the contents as they are kept: all that the transaction needs.

    Compressed before it, so that the database is held for as short as possible.
    """
    cut = cut_out(whole)
    rest: dict[str, object] = {"body": pack(cut.rest)} if cut.pieces else {}
    # In order, so that two workers with the same contents wait for each other instead of deadlocking.
    contents = sorted(cut.contents.items())
    return cut.pieces, rest, [{"sha256": d, "size": len(content), "body": pack(content)} for d, content in contents]


def _mark(connection: Connection, raw_id: int, **values: object) -> bool:
    """Note that a mail was looked at; False: another worker was faster."""
    mine = update(raw).where(raw.c.id == raw_id, raw.c.pieces.is_(None)).values(values)
    return connection.execute(mine).rowcount > 0


def _save(connection: Connection, raw_id: int, pieces: Sequence[Piece], blobs: Sequence[dict[str, object]]) -> None:
    lock_files(connection, alone=False)
    connection.execute(_KEEP_ONCE[connection.dialect.name], blobs)
    places = [
        {"raw": raw_id, "place": place, "at": p.at, "blob": p.sha256, "width": p.width, "crlf": p.crlf}
        for place, p in enumerate(pieces)
    ]
    connection.execute(insert(piece), places)


def _compare(connection: Connection, raw_id: int, digest: bytes) -> None:
    """Raises Permanent, which undoes the transaction, when a mail does not come back as it was."""
    again = hashlib.sha256()
    with suppress(Damaged):
        for block in read_blocks(connection, raw_id):
            again.update(block)
        if again.digest() == digest:
            return
    raise Permanent("a file that it holds is stored already, and damaged")
