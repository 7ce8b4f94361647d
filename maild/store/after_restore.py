"""What must not be done a second time after a store was set back to an earlier moment.

Letters that wait in a backup were probably sent after it was made. An automatic letter is not worth a second
copy, and whether an answer should go again is for a person to say: all of them are held as uncertain.
Written as plain SQL, because a backup may be of an older version, and since psql carries it out on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from maild.store.mailboxes import upsert_mailbox
from maild.store.reading import is_one_of
from maild.store.schema import mailbox, outbox

_SLACK = timedelta(hours=1)  # between the clocks of a mail server and ours; a mail too many is recognised
_SAYS = "held back: it may have been sent after the backup"


def settling(schema: str = "") -> list[str]:
    """Statements that end every claim, and hold every letter that is not sent; `schema` is "public." for psql."""
    held = "state = 'uncertain', uncertain = TRUE, claim = NULL, lease_until = NULL"
    return [
        f"UPDATE {schema}outbox SET {held}, answer = '{_SAYS}' WHERE state IN ('waiting', 'sending')",  # noqa: S608
        f"UPDATE {schema}inbox SET state = 'waiting', claim = NULL, lease_until = NULL WHERE state = 'working'",  # noqa: S608
        f"DELETE FROM {schema}lease",  # noqa: S608
    ]


def have_looked_back(connection: Connection, names: Sequence[str], backup_at: datetime) -> dict[str, datetime]:
    """Have each of these mailboxes look for mails that came after the backup; since when, by name.

    A mailbox that was not read for some time before the backup may hold older ones that the backup does not have.
    """
    read = {row.name: row.last_success for row in connection.execute(select(mailbox))}
    since = {name: min(backup_at, read.get(name) or backup_at) - _SLACK for name in names}
    for name, moment in since.items():
        upsert_mailbox(connection, name, look_back=moment)
    return since


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A letter that a person has to decide on."""

    id: int
    ticket: int | None
    recipient: str
    automatic: bool


def held_letters(connection: Connection) -> Sequence[Held]:
    """The letters that were held, by their ids."""
    query = select(outbox.c.id, outbox.c.ticket, outbox.c.recipient, outbox.c.automatic).where(
        is_one_of(outbox.c.state, "uncertain"), outbox.c.answer == _SAYS
    )
    return [
        Held(id=row.id, ticket=row.ticket, recipient=row.recipient, automatic=row.automatic)
        for row in connection.execute(query.order_by(outbox.c.id))
    ]
