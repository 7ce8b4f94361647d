"""Reads the words of tickets into what is searched.

A change of a ticket leaves a row in `search_due`, in the transaction of the change. Whoever has time reads
such tickets anew, the latest changes first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, text

from maild.app.changes import Changes
from maild.app.ledger import SHOWN_ROLES
from maild.app.search_words import terms_of_all
from maild.store.among import among
from maild.store.insert_rows import insert_rows
from maild.store.reading import is_one_of
from maild.store.schema import contact, mail, search_due, ticket
from maild.tickets.events import EventKind

BEFORE_SEARCH = 100  # tickets that are read before a search looks; they take some 50 ms
BATCH = 25  # tickets that are in memory at a time
_MAILS = 100  # the newest mails of a ticket that are read
_LONGEST_MAIL = 10_000  # characters of each
_LOCK = 0x6D61696C73  # "mails": who reads alone cannot write what is older than what another has written

# What changes the words that a ticket is found by.
_WORDED = frozenset(
    {
        *(EventKind.OPENED, EventKind.MAIL, EventKind.ANSWER, EventKind.SET, EventKind.CUSTOMER, EventKind.STATUS),
        EventKind.LINKED,  # mails may have gone with it
    }
)
_FIELDS = ("subject", "order_reference", "serial_number", "product", "tags", "customer", "contact")

_DUE = select(search_due.c.ticket).order_by(search_due.c.id.desc()).limit(bindparam("most"))
_FORGET_DUE = delete(search_due).where(among(search_due.c.ticket))
_TICKETS = (
    select(ticket.c.number, ticket.c.description, *(ticket.c[name] for name in _FIELDS), contact.c.name)
    .outerjoin(contact, contact.c.address == ticket.c.contact)
    .where(among(ticket.c.number))
)
_NUMBERED = (
    select(
        mail.c.inbox,
        func.row_number().over(partition_by=mail.c.ticket, order_by=mail.c.inbox.desc()).label("newest"),
    )
    .where(among(mail.c.ticket), is_one_of(mail.c.role, *SHOWN_ROLES))
    .subquery()
)
_TEXTS = (
    select(
        mail.c.ticket,
        mail.c.from_name,
        mail.c.from_address,
        mail.c.subject,
        func.substr(mail.c.words, 1, _LONGEST_MAIL).label("words"),
    )
    .join(_NUMBERED, _NUMBERED.c.inbox == mail.c.inbox)
    .where(_NUMBERED.c.newest <= _MAILS)
    .order_by(mail.c.inbox.desc())
)
# FTS5 cannot replace a row in one step.
_REMOVE = text("DELETE FROM search_words WHERE rowid = :ticket")
_SAVE = {
    "sqlite": text("INSERT INTO search_words (rowid, words) VALUES (:ticket, :words)"),
    "postgresql": text(
        "INSERT INTO search_words (ticket, words) VALUES (:ticket, CAST(:words AS tsvector))"
        " ON CONFLICT (ticket) DO UPDATE SET words = EXCLUDED.words"
    ),
}
_MOST_PLACES = 255  # of one term that PostgreSQL keeps


def mark_words(connection: Connection, changes: Changes) -> None:
    """Note which tickets' words have changed: one statement, and nothing is read."""
    changed = {event.ticket for event in changes.events if event.kind in _WORDED}
    changed.update(changes.united, changes.united.values(), changes.moved.values())
    if changes.moved:  # from one to the other of two tickets that a link was recorded on
        changed.update(event.ticket for event in changes.events if event.kind is EventKind.LINKED)
    insert_rows(connection, search_due, [{"ticket": number} for number in sorted(changed)])


def read_words(connection: Connection, most: int) -> int:
    """Read the words of some tickets whose words have changed, the latest changes first; returns how many.

    Does nothing while another transaction does the same.
    """
    on_sqlite = connection.dialect.name == "sqlite"
    if not on_sqlite and not connection.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _LOCK}):
        return 0
    done = 0
    while done < most:
        due = list(dict.fromkeys(connection.execute(_DUE, {"most": min(BATCH, most - done)}).scalars()))
        if not due:
            break
        # Before they are read: what is changed meanwhile leaves a row that this does not see.
        connection.execute(_FORGET_DUE, {"keys": due})
        _store(connection, _words(connection, due), due)
        done += len(due)
    return done


def _store(connection: Connection, words: Mapping[int, list[str]], due: Sequence[int]) -> None:
    dialect = connection.dialect.name
    if dialect == "sqlite":
        connection.execute(_REMOVE, [{"ticket": number} for number in due])
    rows = [
        {"ticket": number, "words": " ".join(terms) if dialect == "sqlite" else as_vector(terms)}
        for number, terms in sorted(words.items())
    ]
    if rows:
        connection.execute(_SAVE[dialect], rows)


def as_vector(terms: Iterable[str]) -> str:
    """Terms as PostgreSQL writes a tsvector, so that its own idea of words does not matter."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for place, term in enumerate(terms, start=1):
        places[term].append(str(place))
    return " ".join(f"'{term}':{','.join(found[:_MOST_PLACES])}" for term, found in places.items())


def _words(connection: Connection, numbers: Sequence[int]) -> dict[int, list[str]]:
    """The terms of these tickets. An agent's note is not among them, nor a machine's words."""
    texts: defaultdict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(_TEXTS, {"keys": numbers}):
        texts[row.ticket].append(row)
    return {
        row.number: terms_of_all(_texts_of(row, texts[row.number]))
        for row in connection.execute(_TICKETS, {"keys": numbers})
    }


def _texts_of(row: Any, mails: Sequence[Any]) -> Iterable[str]:
    """What a ticket is found by, each text once."""
    yield str(row.number)
    yield from (getattr(row, name) for name in _FIELDS)
    yield row.name or ""
    if not any(each.words.startswith(row.description) for each in mails):
        yield row.description
    said: set[str] = set()
    for each in mails:
        for one in (each.from_name, each.from_address, each.subject):
            if one not in said and row.subject not in one:
                yield one
            said.add(one)
        yield each.words
