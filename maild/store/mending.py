"""Finds and mends what follows from something else and differs from it: rows of tickets, the words of the search."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, text, update

from maild.store.audit import audit
from maild.store.engine import Database
from maild.store.events_read import events_of
from maild.store.reading import snapshot
from maild.store.schema import search_due, ticket
from maild.store.ticket_rows import as_ticket
from maild.tickets.mending import mended

_BATCH = 1000
_COLUMNS = [column.name for column in ticket.columns if column.name != "number"]
_ROW = select(ticket).where(ticket.c.number == bindparam("number"))
_MEND: Any = (
    update(ticket)
    .where(ticket.c.number == bindparam("b_number"), ticket.c.version == bindparam("b_version"))
    .values({name: bindparam(f"v_{name}") for name in _COLUMNS})
)
_UNSEARCHED = {
    "sqlite": text(
        "SELECT number FROM ticket WHERE number NOT IN (SELECT rowid FROM search_words)"
        " AND number NOT IN (SELECT ticket FROM search_due)"
    ),
    "postgresql": text(
        "SELECT number FROM ticket WHERE NOT EXISTS (SELECT FROM search_words w WHERE w.ticket = number)"
        " AND NOT EXISTS (SELECT FROM search_due d WHERE d.ticket = number)"
    ),
}


@dataclass(frozen=True, slots=True)
class Differs:
    """A ticket that is not what its events say."""

    ticket: int
    faults: tuple[str, ...]
    mendable: bool  # its chain is whole, so its row can be made anew


def differing(database: Database) -> Iterator[Differs]:
    """Check every ticket; reads the whole store once, in constant memory."""
    with snapshot(database) as connection:
        found = [checked for checked in audit(connection) if checked.faults]
    for checked in found:
        with snapshot(database) as connection:
            can = _rebuilt(connection, checked.ticket) is not None
        yield Differs(checked.ticket, checked.faults, can)


def mend_ticket(database: Database, number: int) -> bool:
    """Make a ticket's row anew from its events; False: its chain is not whole, or it was changed meanwhile."""
    with database.write() as connection:
        found = _rebuilt(connection, number)
        if found is None:
            return False
        before, values = found
        changed = {f"v_{name}": values[name] for name in _COLUMNS}
        connection.execute(insert(search_due).values(ticket=number))
        done = connection.execute(_MEND, changed | {"b_number": number, "b_version": before})
        return bool(done.rowcount)


def _rebuilt(connection: Connection, number: int) -> tuple[int, dict[str, Any]] | None:
    """The version in the row, and the columns as the events say."""
    row = connection.execute(_ROW, {"number": number}).first()
    if row is None:
        return None
    try:
        whole = mended(events_of(connection, number), as_ticket(row))
    except (ValueError, TypeError, KeyError, AttributeError):  # a value that no program of ours has written
        return None
    return None if whole is None else (row.version, {name: getattr(whole, name) for name in _COLUMNS})


def unsearched(database: Database) -> list[int]:
    """Tickets whose words are not searched, and are not about to be."""
    with database.read() as connection:
        return sorted(connection.execute(_UNSEARCHED[connection.dialect.name]).scalars())


def search_again(database: Database, numbers: list[int]) -> None:
    """Have the words of these tickets read anew by the daemon, in quiet moments."""
    for start in range(0, len(numbers), _BATCH):
        with database.write() as connection:
            rows = [{"ticket": number} for number in numbers[start : start + _BATCH]]
            connection.execute(insert(search_due), rows)
