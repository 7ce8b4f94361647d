"""Letters of which an earlier try may have arrived, and that were sent again all the same: agents' answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, text

from maild.store.reading import is_one_of
from maild.store.schema import outbox

_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """One of them."""

    id: int
    ticket: int | None
    at: datetime  # when it was sent, or written if that waits


@dataclass(frozen=True, slots=True, kw_only=True)
class SentAgain:
    """How many there are, and the newest of them."""

    count: int
    letters: Sequence[Again]


_AGAIN = (text("uncertain"), is_one_of(outbox.c.state, "sent", "waiting", "sending"))  # spelt as in its index
_COUNT = select(func.count()).select_from(outbox).where(*_AGAIN)
_NEWEST = (
    select(outbox.c.id, outbox.c.ticket, func.coalesce(outbox.c.sent_at, outbox.c.created_at).label("at"))
    .where(*_AGAIN)
    .order_by(outbox.c.id.desc())
    .limit(_SHOWN)
)


def sent_again(connection: Connection) -> SentAgain:
    """Look in the small index on uncertain letters."""
    return SentAgain(
        count=connection.execute(_COUNT).scalar_one(),
        letters=[Again(id=row.id, ticket=row.ticket, at=row.at) for row in connection.execute(_NEWEST)],
    )
