"""What a store holds, in a few figures: by these a copy of it is known to be whole."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select, text

from maild.store.reading import stream
from maild.store.schema import event, inbox, outbox, ticket

_COUNTED: dict[str, Any] = {"tickets": ticket, "events": event, "mails": inbox, "letters": outbox}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """The figures of one moment."""

    schema: str  # the version of the tables
    counts: dict[str, int]
    heads: str  # SHA-256 over the head of every ticket's chain, in the order of tickets


def fingerprint(connection: Connection) -> Fingerprint:
    """The figures of the store as a transaction sees it: give it a `snapshot`."""
    digest = hashlib.sha256()
    for row in stream(connection, select(ticket.c.number, ticket.c.version, ticket.c.head).order_by(ticket.c.number)):
        digest.update(f"{row.number} {row.version} {row.head}\n".encode())
    return Fingerprint(
        schema=connection.scalar(text("SELECT version_num FROM alembic_version")) or "",
        counts={
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in _COUNTED.items()
        },
        heads=digest.hexdigest(),
    )
