"""Finds everything that is stored about a person; only reads.

A person's own tickets are those that are for them, and those that a mail of theirs opened. Addresses are in
lower case. No index leads from an address to its mails: a look reads a row of each mail, which takes a tenth
of a second of processor time at 30,000 tickets; mails are opened only where nothing but the raw mail was kept.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, exists, func, or_, select

from maild.store.reading import is_one_of, stream
from maild.store.schema import clue, contact, event, inbox, mail, outbox, participant, raw, seen, thread_key, ticket
from maild.store.tombstones import batched

_HEAD = 64 << 10  # compressed bytes in which the header surely is
_SENDERS = re.compile(rb"(?im)^(?:from|sender|reply-to|return-path):(.*(?:\r?\n[ \t].*)*)")
# What `_unread_of` takes for an address ends where these end, and may begin after a sign that an address may hold.
_ADDRESS = re.compile(rb"[^\s<>()\[\],:;\"\\@]+@[\w.\x80-\xff-]+")
_PART_OF_ADDRESS = re.compile(rb"[\w.+\x80-\xff-]+@[\w.\x80-\xff-]+")
_SETTLED = ("done", "quarantined")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What there is of a person."""

    tickets: tuple[int, ...]  # their own
    others: tuple[int, ...]  # other people's, that they took part in
    mails: frozenset[int]  # inbox rows that they wrote
    undone: int  # mails of theirs that wait for work
    letters: frozenset[int]  # outbox rows to them about other people's tickets, or none

    @property
    def anything(self) -> bool:
        """Is there anything of them?"""
        return bool(self.tickets or self.others or self.mails or self.undone or self.letters)


def find_person(connection: Connection, address: str) -> Found:
    """Everything of the person who writes from this address."""
    written = set(connection.execute(select(mail.c.inbox).where(mail.c.from_address == address)).scalars())
    written.update(_unread_of(connection, address))
    own = set(connection.execute(select(ticket.c.number).where(ticket.c.contact == address)).scalars())
    took_part = set(connection.execute(select(participant.c.ticket).where(participant.c.address == address)).scalars())
    for some in batched(sorted(written)):
        opened = select(event.c.ticket).join(inbox, and_(inbox.c.ticket == event.c.ticket, event.c.mail == inbox.c.id))
        own.update(connection.execute(opened.where(event.c.seq == 1, inbox.c.id.in_(some))).scalars())
        joined = select(mail.c.ticket).where(mail.c.inbox.in_(some), mail.c.ticket.is_not(None))
        took_part.update(connection.execute(joined).scalars())
    letters = select(outbox.c.id, outbox.c.ticket).where(func.lower(outbox.c.recipient) == address)
    undone = (
        select(func.count())
        .select_from(inbox)
        .where(
            or_(is_one_of(inbox.c.state, "waiting"), is_one_of(inbox.c.state, "working")),  # each has a small index
            func.lower(inbox.c.envelope_from) == address,
        )
    )
    return Found(
        tickets=tuple(sorted(own)),
        others=tuple(sorted(took_part - own)),
        mails=frozenset(written),
        undone=connection.execute(undone).scalar_one(),
        letters=frozenset(row.id for row in connection.execute(letters) if row.ticket not in own),
    )


def mails_on(connection: Connection, number: int, address: str) -> list[int]:
    """The mails on a person's own ticket, agents' and machines' as well; not those of other customers."""
    theirs = or_(mail.c.role.is_(None), mail.c.role != "customer", mail.c.from_address == address)
    query = (
        select(inbox.c.id)
        .outerjoin(mail, mail.c.inbox == inbox.c.id)
        .where(inbox.c.ticket == number, theirs, inbox.c.state.in_(_SETTLED))
    )
    moved = select(mail.c.inbox).where(mail.c.ticket == number, theirs)
    return sorted({*connection.execute(query).scalars(), *connection.execute(moved).scalars()})


def others_mails_on(connection: Connection, numbers: Collection[int], address: str) -> list[int]:
    """Tickets of a person's own on which other customers wrote: those mails stay."""
    query = select(mail.c.ticket).where(mail.c.role == "customer", mail.c.from_address != address, mail.c.words != "")
    return sorted(
        number
        for some in batched(sorted(numbers))
        for number in set(connection.execute(query.where(mail.c.ticket.in_(some))).scalars())
    )


def ids_of(connection: Connection, mails: Collection[int]) -> list[str]:
    """The Message-IDs of mails."""
    found: set[str] = set()
    for some in batched(sorted(mails)):
        found.update(connection.execute(select(mail.c.message_id).where(mail.c.inbox.in_(some))).scalars())
    return sorted(found - {""})


def keys_of(
    connection: Connection, mails: Collection[int], tickets: Collection[int]
) -> tuple[list[str], list[str], list[str]]:
    """(content keys of mails, Message-IDs of mails and tickets, clues of tickets): nothing indexes them."""
    contents: list[str] = []
    ids = set(ids_of(connection, mails))
    clues: list[str] = []
    for some in batched(sorted(mails)):
        contents += connection.execute(select(seen.c.content_key).where(seen.c.inbox.in_(some))).scalars()
    for some in batched(sorted(tickets)):
        ids.update(connection.execute(select(thread_key.c.key).where(thread_key.c.ticket.in_(some))).scalars())
        clues += connection.execute(select(clue.c.key).where(clue.c.ticket.in_(some))).scalars()
    return contents, sorted(ids), clues


def mentions(connection: Connection, words: Sequence[str], besides: Found) -> Iterator[tuple[int, int | None]]:
    """(inbox row, ticket) of mails by others in which any of these words stands, in any case."""
    said = func.lower(mail.c.subject + "\n" + mail.c.words)
    any_of = or_(*(said.contains(word.lower(), autoescape=True) for word in words))
    gone = {*besides.tickets}
    for row in stream(
        connection, select(mail.c.inbox, mail.c.ticket, mail.c.role).where(any_of).order_by(mail.c.inbox)
    ):
        if row.inbox not in besides.mails and (row.ticket not in gone or row.role == "customer"):
            yield row.inbox, row.ticket


def unread_writers(connection: Connection) -> Iterator[str]:
    """Every address by which `find_person` finds a mail that was not read, in lower case; opens each of them."""
    for row in _unread(connection):
        senders = _senders(row.head)
        for found in {*_ADDRESS.findall(senders), *_PART_OF_ADDRESS.findall(senders)}:
            yield found.decode("utf-8", "replace")


def _unread_of(connection: Connection, address: str) -> Iterator[int]:
    wanted = re.compile(rb"(?<![\w.+-])" + re.escape(address.encode()) + rb"(?![\w.-])")
    for row in _unread(connection):
        if (row.envelope_from or "").lower() == address or wanted.search(_senders(row.head)):
            yield row.id


def _unread(connection: Connection) -> Iterator[Any]:
    """Mails of which only the raw mail was kept: in quarantine, turned away, second copies."""
    was_read = exists().where(mail.c.inbox == inbox.c.id)  # asked before the raw mail is looked up
    query: Any = (
        select(inbox.c.id, inbox.c.envelope_from, func.substr(raw.c.body, 1, _HEAD).label("head"))
        .join(raw, raw.c.id == inbox.c.raw)
        .where(and_(~was_read, inbox.c.state.in_(_SETTLED), raw.c.gone.is_(None)))
    )
    return stream(connection, query)


def _senders(head: bytes) -> bytes:
    """The fields of a header that say who wrote, in lower case."""
    try:
        text = zlib.decompressobj().decompress(head, 4 * _HEAD)
    except zlib.error:
        return b""
    header = re.split(rb"\r?\n\r?\n", text, maxsplit=1)[0]
    return b"\n".join(_SENDERS.findall(header)).lower()


def name_of(connection: Connection, address: str) -> str:
    """The name of a contact; "" when nobody knows it."""
    return connection.execute(select(contact.c.name).where(contact.c.address == address)).scalar() or ""
