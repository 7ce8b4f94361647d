"""Rows in and out: raw mails, and inserts that tell their ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from isal import isal_zlib
from sqlalchemy import Connection, bindparam, func, insert, select

from maild.app.arrival import LARGE, Door
from maild.app.work import Claimed
from maild.errors import NotKept
from maild.mail.pieces import Piece, written_again
from maild.store.among import among
from maild.store.many import execute_many
from maild.store.schema import blob, inbox, piece, raw

_FILE = b"\nContent-Disposition:"  # as `maild.outbound` writes it for each file
_BLOCK = 1 << 20
_LEVEL = 1  # of ISA-L, which writes what zlib reads: a fifth of the time of zlib's own level 1, and no larger
_BUFFER = 1 << 14  # bytes

# What is kept is not what was written. Its stub says that this is an exception, not a class of them.
Damaged: type[Exception] = isal_zlib.error  # type: ignore[assignment]

# Statements are made once: SQLAlchemy takes longer to make and recognise one than SQLite to run it.
_BODIES = select(raw.c.id, raw.c.body, raw.c.pieces, raw.c.size).where(among(raw.c.id))
_PIECES = (
    select(piece, blob.c.body, blob.c.size)
    .join(blob, blob.c.sha256 == piece.c.blob)
    .where(piece.c.raw == bindparam("raw"))
    .order_by(piece.c.place)
)


def pack(body: bytes) -> bytes | bytearray:
    """A raw mail as it is kept."""
    if len(body) <= LARGE:
        return isal_zlib.compress(body, _LEVEL)
    # In one go it would hold the result twice.
    packer, packed = isal_zlib.compressobj(_LEVEL), bytearray()
    for start in range(0, len(body), _BLOCK):
        packed += packer.compress(body[start : start + _BLOCK])
    packed += packer.flush()
    return packed


def unpack(body: bytes, size: int = _BUFFER) -> bytes:
    """A raw mail as it came. With its right size it is not copied while it grows; another one is no fault.

    Raises Damaged.
    """
    return isal_zlib.decompress(body, bufsize=max(size, _BUFFER) + 1)  # it grows as soon as it is full


def insert_many(connection: Connection, table: Any, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert rows and return their ids in order."""
    if not rows:
        return []
    if connection.dialect.name != "sqlite":
        return [row[0] for row in connection.execute(_returning(table), rows)]
    # SQLite tells ids only of single rows. It numbers on from the highest, and nobody else writes meanwhile.
    key = table.primary_key.columns[0]
    first = (connection.execute(_highest(table)).scalar() or 0) + 1
    ids = range(first, first + len(rows))
    execute_many(connection, _plain(table), [{**row, key.name: number} for number, row in zip(ids, rows, strict=True)])
    return list(ids)


@cache
def _returning(table: Any) -> Any:
    return insert(table).returning(table.primary_key.columns[0], sort_by_parameter_order=True)


@cache
def _highest(table: Any) -> Any:
    return select(func.max(table.primary_key.columns[0]))


@cache
def _plain(table: Any) -> Any:
    return insert(table)


def store_raw(connection: Connection, bodies: Sequence[bytes], *, ours: bool = False) -> list[int]:
    """Keep raw mails; returns their ids in order. A letter of `ours` without files is never looked at to pack it."""
    rows = [
        {"size": len(body), "body": pack(body), "pieces": 0 if ours and _FILE not in body else None} for body in bodies
    ]
    return insert_many(connection, raw, rows)


def load_raw(connection: Connection, ids: Sequence[int]) -> dict[int, bytes]:
    """Raw mails by their ids. Raises NotKept when one was erased."""
    return {row.id: whole(connection, row.id, row) for row in connection.execute(_BODIES, {"keys": ids})}


def read_blocks(connection: Connection, raw_id: int) -> Iterator[bytes]:
    """One raw mail, block by block. Raises NotKept when it was erased, KeyError when one of its files is missing."""
    row = connection.execute(_BODIES, {"keys": [raw_id]}).one()
    return _blocks(connection, raw_id, row)


def whole(connection: Connection, raw_id: int, row: Any) -> bytes:
    """A raw mail as it came, from its `body`, `pieces` and `size`: with the files that are kept apart.

    Raises NotKept when it was erased, KeyError when one of its files is missing, Damaged.
    """
    return b"".join(_blocks(connection, raw_id, row))


def _blocks(connection: Connection, raw_id: int, row: Any) -> Iterator[bytes]:
    if not row.body:
        gone = connection.execute(select(raw.c.gone).where(raw.c.id == raw_id)).scalar()
        raise NotKept(f"the mail itself is no longer kept ({gone})")
    if not row.pieces:
        yield unpack(row.body, row.size)
        return
    yield from written_again(unpack(row.body), *_files(connection, raw_id))


def _files(connection: Connection, raw_id: int) -> tuple[list[Piece], dict[str, bytes]]:
    """The files of a mail that are kept apart: their places, and their contents by SHA-256."""
    pieces: list[Piece] = []
    contents: dict[str, bytes] = {}
    # One after the other: a file as it is stored need not stay beside the one that is open.
    for file in connection.execute(_PIECES, {"raw": raw_id}):
        pieces.append(Piece(at=file.at, sha256=file.blob, width=file.width, crlf=file.crlf))
        contents[file.blob] = unpack(file.body, file.size)
    return pieces, contents


def within_memory(rows: Sequence[Any]) -> list[int]:
    """The ids of the first rows whose raw mails fit into memory together, but at least of one."""
    ids: list[int] = []
    room = LARGE
    for row in rows:
        room -= row.size
        if ids and room < 0:
            break
        ids.append(row.id)
    return ids


def raw_of_inbox(connection: Connection, number: int) -> bytes | None:
    """The mail of an inbox row as it came; None when there is no such row. Raises NotKept when it was erased."""
    found = connection.execute(select(inbox.c.raw).where(inbox.c.id == number)).scalar()
    return None if found is None else load_raw(connection, [found])[found]


def as_claimed(row: Any, raw_mail: bytes) -> Claimed:
    """An inbox row with its mail, as a worker sees it."""
    return Claimed(
        id=row.id,
        door=Door(row.door),
        raw=raw_mail,
        received_at=row.received_at,
        envelope_from=row.envelope_from,
        envelope_to=tuple(row.envelope_to),
        message_id=row.message_id,
        thread_hint=row.thread_hint,
        silent=row.silent,
        handling=row.handling,
        attempts=row.attempts,
    )


def claimed_before(connection: Connection, number: int) -> Claimed | None:
    """An inbox row with its mail, whatever became of it; None when either is kept no more."""
    query = select(inbox, raw.c.body, raw.c.pieces).join(raw, raw.c.id == inbox.c.raw).where(inbox.c.id == number)
    row = connection.execute(query).first()
    return None if row is None or not row.body else as_claimed(row, whole(connection, row.raw, row))
