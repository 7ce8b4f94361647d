"""What was decided about one mail, with every reason that was written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from maild.store.schema import inbox, mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One inbox row and its trace."""

    inbox: int
    door: str
    received_at: datetime
    message_id: str
    state: str
    attempts: int
    outcome: str | None
    ticket: int | None
    kind: str | None
    subject: str | None
    why: list[str]
    trouble: str | None
    done_at: datetime | None


def read_decision(connection: Connection, number: int) -> Decision | None:
    """The decision about inbox row `number`; None when there is no such row."""
    names = [n for n in Decision.__slots__ if n not in ("inbox", "kind", "subject")]
    query = (
        select(inbox.c.id.label("inbox"), *(inbox.c[name] for name in names), mail.c.kind, mail.c.subject)
        .outerjoin(mail, mail.c.inbox == inbox.c.id)
        .where(inbox.c.id == number)
    )
    row = connection.execute(query).first()
    return None if row is None else Decision(**{**row._mapping, "why": row.why or []})
