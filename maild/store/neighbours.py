"""What a transaction of ingest asks of other tickets: those with some words, and those of the same customer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select, text

from maild.app.story import Story
from maild.mail.model import Attachment, Scan
from maild.store.among import among
from maild.store.schema import attachment, ticket
from maild.store.searching import holders_of
from maild.store.story import read_story
from maild.tickets.lifecycle import Status
from maild.tickets.model import Ticket

# What letters tell of another ticket, and what tells who may read it.
_SHORT = (
    *("number", "status", "subject", "queue", "team", "assignee", "contact", "customer", "opened_at"),
    *("resolution_code", "resolution_notes"),
)
_COLUMNS = [ticket.c[name] for name in _SHORT]
_TOLD = select(*_COLUMNS).where(among(ticket.c.number))

_NEWEST = "SELECT number FROM (SELECT number FROM ticket WHERE {} ORDER BY number DESC LIMIT :most) AS found"
_OF_CONTACT = _NEWEST.format("contact = :contact")
_OF_CUSTOMER = _NEWEST.format("customer = :customer AND customer <> ''")  # spelt as in its index
# One index each; with OR, the newest ones would be sorted out of all that there are. As text, because SQLAlchemy
# takes longer to recognise it otherwise than SQLite to run it.
_OTHERS = text(
    f"SELECT {', '.join(_SHORT)} FROM ticket WHERE number IN ({_OF_CONTACT} UNION {_OF_CUSTOMER})"  # noqa: S608  # ours
    " ORDER BY number DESC LIMIT :most"
).columns(*_COLUMNS)
_FILE = ("name", "type", "size", "sha256", "inline", "part", "runs", "scan", "scan_says")
_FILES = (
    select(*(attachment.c[name] for name in _FILE))
    .where(attachment.c.inbox == bindparam("inbox"))
    .order_by(attachment.c.part)
)


class StoredNeighbours:
    """The ports `NeighbourUnit` and `StoryUnit` on an open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def holders(self, terms: Sequence[str], *, most: int) -> dict[str, list[int]]:
        """See the port `NeighbourUnit`."""
        return holders_of(self._connection, terms, most=most)

    def tickets(self, numbers: Sequence[int]) -> dict[int, Ticket]:
        """See the port `NeighbourUnit`."""
        return {row.number: _told(row) for row in self._connection.execute(_TOLD, {"keys": numbers})}

    def others(self, contact: str, customer: str, *, most: int) -> list[Ticket]:
        """See the port `NeighbourUnit`."""
        rows = self._connection.execute(_OTHERS, {"contact": contact, "customer": customer, "most": most})
        return [_told(row) for row in rows]

    def story(self, number: int) -> Story | None:
        """See the port `StoryUnit`."""
        return read_story(self._connection, number)

    def files(self, inbox: int) -> list[Attachment]:
        """See the port `NeighbourUnit`."""
        return [
            Attachment(**{**row._mapping, "scan": Scan(row.scan)})
            for row in self._connection.execute(_FILES, {"inbox": inbox})
        ]


def _told(row: Any) -> Ticket:
    return Ticket(**{**row._mapping, "status": Status(row.status)})
