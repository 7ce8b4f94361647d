"""Mails that were set aside, in quarantine or rejected by a rule: what they are, and their way back into the work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, and_, or_, select, update

from maild.app.outcome import Outcome
from maild.errors import NotKept
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
    """A mail that was set aside, without its bytes."""

    inbox: int
    door: str
    received_at: datetime
    envelope_from: str | None
    envelope_to: list[str]
    message_id: str
    size: int
    attempts: int
    trouble: str


_FIELDS = ("door", "received_at", "envelope_from", "envelope_to", "message_id", "attempts", "trouble", "why")
_QUERY = select(inbox.c.id.label("inbox"), *(inbox.c[name] for name in _FIELDS), raw.c.size).join(
    raw, raw.c.id == inbox.c.raw
)
_QUARANTINED = is_one_of(inbox.c.state, "quarantined")
_REJECTED = and_(is_one_of(inbox.c.state, "done"), is_one_of(inbox.c.outcome, Outcome.REJECTED))


def list_quarantine(connection: Connection, *, limit: int = 50) -> list[Quarantined]:
    """What has been in quarantine longest, first."""
    return [_set_aside(row) for row in connection.execute(_QUERY.where(_QUARANTINED).order_by(inbox.c.id).limit(limit))]


def list_rejected(connection: Connection, *, limit: int = 50) -> list[Quarantined]:
    """What rules turned away, the latest first."""
    query = _QUERY.where(_REJECTED).order_by(inbox.c.id.desc()).limit(limit)
    return [_set_aside(row) for row in connection.execute(query)]


def read_quarantined(connection: Connection, number: int) -> tuple[Quarantined, bytes] | None:
    """A mail that was set aside and its bytes; None when inbox row `number` was not."""
    query = _QUERY.add_columns(inbox.c.raw).where(inbox.c.id == number, or_(_QUARANTINED, _REJECTED))
    row = connection.execute(query).first()
    return None if row is None else (_set_aside(row), load_raw(connection, [row.raw])[row.raw])


def _set_aside(row: Any) -> Quarantined:
    fields = {name: getattr(row, name) for name in ("inbox", "size", *_FIELDS) if name != "why"}
    # Of a mail that a rule turned away, the last lines of the trace say it: which rule, and what is done about it.
    said = next((line for line in row.why or () if " by rule " in line or " by a rule" in line), "")
    return Quarantined(**{**fields, "trouble": row.trouble or said})


def leave_quarantine(database: Database, mails: Sequence[int] | None, handling: Handling, now: datetime) -> list[int]:
    """Let mails wait for work again; returns which. None for `mails` means all that are in quarantine.

    What a rule turned away has to be named: spam does not come back with the rest. Raises NotKept for a mail
    whose bytes are gone.
    """
    chosen = _QUARANTINED if mails is None else and_(inbox.c.id.in_(mails), or_(_QUARANTINED, _REJECTED))
    values = {"state": "waiting", "handling": handling.value, "attempts": 0, "due_at": now}
    with database.write() as connection:
        gone = select(inbox.c.id, raw.c.gone).join(raw, raw.c.id == inbox.c.raw).where(chosen, raw.c.gone.is_not(None))
        if lost := connection.execute(gone.limit(1)).first():
            raise NotKept(f"inbox {lost.id}: the mail itself is no longer kept ({lost.gone})")
        freed = connection.execute(
            update(inbox).where(chosen).values(**values, outcome=None, done_at=None).returning(inbox.c.id)
        )
        return sorted(row.id for row in freed)
