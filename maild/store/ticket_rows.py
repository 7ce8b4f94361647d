"""A row of the ticket table as a Ticket."""

from __future__ import annotations

from typing import Any

from maild.store.schema import ticket
from maild.tickets.lifecycle import Status
from maild.tickets.model import Ticket

_COLUMNS = [c.name for c in ticket.columns]


def as_ticket(row: Any) -> Ticket:
    """A row of the ticket table, with its columns in their order, as the ticket that it keeps."""
    return Ticket(**dict(zip(_COLUMNS, row, strict=True)) | {"status": Status(row.status)})
