"""Letters as people see them, and what an admin may change about them: try again, or drop."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, case, exists, select, update

from maild.app.deliver import LetterState
from maild.app.known import SentLetter
from maild.app.story import LetterLine
from maild.store.engine import Database
from maild.store.reading import is_one_of
from maild.store.rows import load_raw
from maild.store.schema import outbox, raw

RETRIED = (LetterState.WAITING, LetterState.FAILED, LetterState.UNCERTAIN, LetterState.DROPPED)
DROPPED = (LetterState.WAITING, LetterState.FAILED, LetterState.UNCERTAIN)


_COLUMNS = [outbox.c[name] for name in LetterLine.__slots__]


def list_letters(connection: Connection, states: Sequence[LetterState], *, limit: int = 50) -> list[LetterLine]:
    """The newest letters in these states first; no states: in any."""
    query = select(*_COLUMNS).order_by(outbox.c.id.desc()).limit(limit)
    if states:
        query = query.where(is_one_of(outbox.c.state, *states))
    if LetterState.SENT not in states and states:
        query = query.where(outbox.c.state != "sent")
    return [LetterLine(**row._mapping) for row in connection.execute(query)]


def letters_of_ticket(connection: Connection, number: int) -> list[LetterLine]:
    """The letters of a ticket, oldest first."""
    query = select(*_COLUMNS).where(outbox.c.ticket == number).order_by(outbox.c.id)
    return [LetterLine(**row._mapping) for row in connection.execute(query)]


def read_letter(connection: Connection, letter: int) -> tuple[LetterLine, bytes] | None:
    """A letter and its bytes; None when there is none."""
    row = connection.execute(select(*_COLUMNS, outbox.c.raw).where(outbox.c.id == letter)).first()
    if row is None:
        return None
    fields = {name: value for name, value in row._mapping.items() if name != "raw"}
    return LetterLine(**fields), load_raw(connection, [row.raw])[row.raw]


def wait_again(
    connection: Connection, letters: Sequence[int] | None, now: datetime, until: datetime
) -> list[SentLetter]:
    """See the port `RetryUnit`. The bytes and the Message-ID stay, so that a second copy can be recognised."""
    values = {
        "state": "waiting",
        "due_at": now,
        "expires_at": case((outbox.c.expires_at > until, outbox.c.expires_at), else_=until),
        "told": False,  # if it fails again, people are to know again
        "bounced": None,
    }
    chosen = _in_trouble()
    if letters is not None:
        came_back = is_one_of(outbox.c.state, LetterState.SENT) & outbox.c.bounced.is_not(None)
        chosen = (is_one_of(outbox.c.state, *RETRIED) | came_back) & outbox.c.id.in_(letters)
    # What was erased, or is no longer kept, cannot be sent.
    chosen &= exists().where(raw.c.id == outbox.c.raw, raw.c.gone.is_(None))
    columns = [outbox.c[name] for name in SentLetter.__slots__]
    changed = connection.execute(update(outbox).where(chosen).values(values).returning(*columns))
    return sorted((SentLetter(**row._mapping) for row in changed), key=lambda letter: letter.id)


def drop_letters(database: Database, letters: Sequence[int] | None) -> list[int]:
    """Never send these; returns which were dropped. None means every one that failed or is uncertain."""
    chosen = _in_trouble()
    if letters is not None:
        chosen = is_one_of(outbox.c.state, *DROPPED) & outbox.c.id.in_(letters)
    values = {"state": "dropped", "claim": None, "lease_until": None}
    with database.write() as connection:
        changed = connection.execute(update(outbox).where(chosen).values(values).returning(outbox.c.id))
        return sorted(row.id for row in changed)


def _in_trouble() -> ColumnElement[bool]:
    return is_one_of(outbox.c.state, LetterState.FAILED, LetterState.UNCERTAIN)
