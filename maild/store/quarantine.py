"""Mails in quarantine: what they are, and their way back into the work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select, update

from maild.store.engine import Database
from maild.store.reading import is_one_of
from maild.store.rows import load_raw
from maild.store.schema import inbox, raw


class Handling(StrEnum):
    """How a mail that comes out of quarantine is read."""

    REPLAY = "forced"  # as any other, but no limit sends it back
    RELEASE = "bare"  # not read at all: a ticket that only points to it


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A mail in quarantine, without its bytes."""

    inbox: int
    door: str
    received_at: datetime
    envelope_from: str | None
    envelope_to: list[str]
    message_id: str
    size: int
    attempts: int
    trouble: str


_FIELDS = ("door", "received_at", "envelope_from", "envelope_to", "message_id", "attempts", "trouble")
_QUERY = (
    select(inbox.c.id.label("inbox"), *(inbox.c[name] for name in _FIELDS), raw.c.size)
    .join(raw, raw.c.id == inbox.c.raw)
    .where(is_one_of(inbox.c.state, "quarantined"))
)


def list_quarantine(connection: Connection, *, limit: int = 50) -> list[Quarantined]:
    """What has been in quarantine longest, first."""
    rows = connection.execute(_QUERY.order_by(inbox.c.id).limit(limit))
    return [Quarantined(**{**row._mapping, "trouble": row.trouble or ""}) for row in rows]


def read_quarantined(connection: Connection, number: int) -> tuple[Quarantined, bytes] | None:
    """A mail in quarantine and its bytes; None when inbox row `number` is not there."""
    row = connection.execute(_QUERY.add_columns(inbox.c.raw).where(inbox.c.id == number)).first()
    if row is None:
        return None
    fields = {name: value for name, value in row._mapping.items() if name != "raw"}
    return Quarantined(**{**fields, "trouble": row.trouble or ""}), load_raw(connection, [row.raw])[row.raw]


def leave_quarantine(database: Database, mails: Sequence[int] | None, handling: Handling, now: datetime) -> list[int]:
    """Let mails wait for work again; returns which. None for `mails` means all of them."""
    chosen = is_one_of(inbox.c.state, "quarantined")
    if mails is not None:
        chosen &= inbox.c.id.in_(mails)
    values = {"state": "waiting", "handling": handling.value, "attempts": 0, "due_at": now}
    with database.write() as connection:
        freed = connection.execute(
            update(inbox).where(chosen).values(**values, outcome=None, done_at=None).returning(inbox.c.id)
        )
        return sorted(row.id for row in freed)
