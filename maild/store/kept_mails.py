"""Mails that went through routing, in batches, for trying other rules on them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from maild.app.outcome import Outcome
from maild.app.replay import Kept
from maild.errors import NotKept
from maild.mail.model import Attachment, Kind
from maild.routing.facts import Reference
from maild.store.reading import is_one_of
from maild.store.references import load_references
from maild.store.rows import Damaged, load_raw
from maild.store.schema import attachment, inbox, mail, raw, ticket

BATCH = 250  # mails that are loaded with three queries
_HEAD = 64 << 10  # compressed bytes in which the header of a mail surely is
_LONGEST_HEAD = 256 << 10  # bytes; as much of a header as is read at all

_ROUTED = is_one_of(inbox.c.outcome, Outcome.NEW_TICKET, Outcome.REJECTED)
_PAGE = (
    select(inbox.c.id)
    .where(_ROUTED, inbox.c.received_at >= bindparam("since"), inbox.c.id > bindparam("after"))
    .order_by(inbox.c.id)
    .limit(BATCH)
)
_FILE = ("name", "type", "size", "sha256", "inline", "part")
_FILES = select(attachment.c.inbox, *(attachment.c[name] for name in _FILE))


def routed_mails(connection: Connection, since: datetime) -> Iterator[list[int]]:
    """The inbox rows, in batches, of mails since then that opened a ticket or were turned away by a rule."""
    after = 0
    while ids := list(connection.execute(_PAGE, {"since": since, "after": after}).scalars()):
        yield ids
        after = ids[-1]


def count_routed(connection: Connection, since: datetime) -> int:
    """How many those are."""
    query = select(func.count()).select_from(inbox).where(_ROUTED, inbox.c.received_at >= since)
    return connection.execute(query).scalar_one()


def load_kept(connection: Connection, ids: Sequence[int]) -> Iterator[Kept]:
    """These mails, by their inbox rows; what was not kept whole, or cannot be read, is left out.

    Those that a rule turned away come last, one after the other: they are whole, and may be large.
    """
    files: dict[int, list[Attachment]] = {}
    for row in connection.execute(_FILES.where(attachment.c.inbox.in_(ids)).order_by(attachment.c.part)):
        files.setdefault(row.inbox, []).append(Attachment(**{name: getattr(row, name) for name in _FILE}))
    query = (
        select(
            inbox.c.id,
            inbox.c.ticket,
            inbox.c.received_at,
            inbox.c.envelope_from,
            inbox.c.envelope_to,
            inbox.c.silent,
            inbox.c.why,
            inbox.c.raw,
            mail.c.kind,
            mail.c.from_address,
            mail.c.subject,
            mail.c.words,
            ticket.c.source,
            func.substr(raw.c.body, 1, _HEAD).label("head"),
        )
        .join(mail, mail.c.inbox == inbox.c.id)
        .join(raw, raw.c.id == inbox.c.raw)
        .outerjoin(ticket, ticket.c.number == inbox.c.ticket)
        .where(inbox.c.id.in_(ids))
        .order_by(inbox.c.id)
    )
    rows = connection.execute(query).all()
    named = load_references(connection, {row.ticket for row in rows if row.ticket})
    for row in rows:
        head = _head(connection, row)
        if head is not None:
            references = tuple(each.reference for each in named.get(row.ticket, ()))
            yield _kept(row, head, tuple(files.get(row.id, ())), references)
    yield from _turned_away(connection, ids)


def _turned_away(connection: Connection, ids: Sequence[int]) -> Iterator[Kept]:
    """Those of these mails of which only the raw mail is kept."""
    rejected = is_one_of(inbox.c.outcome, Outcome.REJECTED)
    for row in connection.execute(select(inbox).where(inbox.c.id.in_(ids), rejected).order_by(inbox.c.id)).all():
        try:
            whole = load_raw(connection, [row.raw])[row.raw]
        except (Damaged, KeyError, NotKept):
            continue
        yield Kept(
            inbox=row.id,
            ticket=None,
            received_at=row.received_at,
            envelope_from=row.envelope_from,
            envelope_to=tuple(row.envelope_to),
            silent=row.silent,
            why=tuple(row.why or ()),
            raw=whole,
        )


def _kept(row: Any, head: bytes, files: tuple[Attachment, ...], references: tuple[Reference, ...]) -> Kept:
    return Kept(
        inbox=row.id,
        ticket=row.ticket,
        received_at=row.received_at,
        envelope_from=row.envelope_from,
        envelope_to=tuple(row.envelope_to),
        silent=row.silent,
        why=tuple(row.why or ()),
        kind=Kind(row.kind),
        sender=row.from_address,
        subject=row.subject,
        words=row.words,
        files=files,
        head=head,
        source=row.source or "",
        references=references,
    )


def _head(connection: Connection, row: Any) -> bytes | None:
    """The raw mail up to the end of its header; None when it cannot be read."""
    try:
        if not row.head:
            return None  # its time was over
        found = zlib.decompressobj().decompress(row.head, _LONGEST_HEAD)
        ends = [end for end in (found.find(b"\n\n"), found.find(b"\n\r\n")) if end >= 0]
        head = found[: min(ends) + 1] if ends else found
        if head.isascii():
            return head
        # Bytes without a charset are read by the charset of the text, which is below.
        return load_raw(connection, [row.raw])[row.raw]
    except (zlib.error, Damaged, KeyError):
        return None
