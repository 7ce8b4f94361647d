"""The facts by which trouble is seen, read from small indexes: a few milliseconds at any number of tickets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, literal_column, select

from maild.app.trouble_facts import Facts, MailboxFacts
from maild.store.processes import database_now, read_processes
from maild.store.reading import is_one_of
from maild.store.schema import clock, inbox, mailbox, outbox

MOST = 100_000  # rows of a state that are counted; beyond it the number says "at least"
_LOOKED_AT = 1000  # waiting rows among which the oldest is looked for
_NEWEST = 1000  # mails among which the latest of a door or a mailbox is looked for


def _counted(found: Select[Any]) -> Select[Any]:
    """How many rows there are, up to MOST; nothing but an index is read."""
    return select(func.count()).select_from(found.limit(MOST).subquery())


# Each selects the column that its index has.
_INBOX = {
    "waiting": _counted(select(inbox.c.id).where(is_one_of(inbox.c.state, "waiting"))),
    "working": _counted(select(inbox.c.lease_until).where(is_one_of(inbox.c.state, "working"))),
    "quarantined": _counted(select(inbox.c.id).where(is_one_of(inbox.c.state, "quarantined"))),
}
_UNSENT = outbox.c.state != literal_column("'sent'")  # spelt as in the index on unsent letters
_OUTBOX = {
    state: _counted(select(outbox.c.state).where(_UNSENT, is_one_of(outbox.c.state, state)))
    for state in ("waiting", "sending", "uncertain", "failed", "dropped")
}
_FIRST_MAILS = (
    select(inbox.c.due_at, inbox.c.received_at)
    .where(is_one_of(inbox.c.state, "waiting"))
    .order_by(inbox.c.id)
    .limit(_LOOKED_AT)
    .subquery()
)
_MAILS = select(func.min(_FIRST_MAILS.c.due_at), func.min(_FIRST_MAILS.c.received_at))
_FIRST_LETTERS = (
    select(outbox.c.due_at, outbox.c.created_at)
    .where(is_one_of(outbox.c.state, "waiting"), outbox.c.claim.is_(None))
    .order_by(outbox.c.due_at)
    .limit(_LOOKED_AT)
    .subquery()
)
_LETTERS = select(func.min(_FIRST_LETTERS.c.due_at), func.min(_FIRST_LETTERS.c.created_at))
_NEXT_LOOK = select(func.min(clock.c.next_at)).where(clock.c.next_at.is_not(None))
_MAILBOXES = select(mailbox)
_LATEST = select(inbox.c.door, inbox.c.transport_key, inbox.c.done_at, inbox.c.received_at).order_by(inbox.c.id.desc())


def read_facts(connection: Connection, now: datetime, since: datetime, mailboxes: Sequence[str]) -> Facts:
    """Everything that the database knows; what only this machine knows is added by whoever asks.

    `mailboxes` are the names of those that are configured; `since` is when somebody began to look.
    """
    due_mail, _ = connection.execute(_MAILS).one()
    due_letter, written = connection.execute(_LETTERS).one()
    return Facts(
        now=now,
        since=since,
        mailboxes=_mailboxes(connection, mailboxes),
        inbox={state: connection.execute(query).scalar_one() for state, query in _INBOX.items()},
        mail_due=due_mail,
        outbox={state: count for state, query in _OUTBOX.items() if (count := connection.execute(query).scalar_one())},
        letter_due=due_letter,
        letter_written=written,
        next_look=connection.execute(_NEXT_LOOK).scalar(),
        processes=read_processes(connection, database_now(connection)),
    )


def latest_mails(connection: Connection) -> dict[str, datetime]:
    """When the latest mail came in by each door, and by each mailbox ("imap:NAME"), among the last thousand."""
    found: dict[str, datetime] = {}
    for row in connection.execute(_LATEST.limit(_NEWEST)):
        found.setdefault(row.door, row.received_at)
        if row.transport_key and row.transport_key.startswith("imap:"):
            found.setdefault(":".join(row.transport_key.split(":")[:2]), row.received_at)
    return found


def _mailboxes(connection: Connection, names: Sequence[str]) -> list[MailboxFacts]:
    """Those that are configured, as they were left."""
    if not names:
        return []
    known = {row.name: row for row in connection.execute(_MAILBOXES)}
    found = []
    for name in names:
        box, row = MailboxFacts(name=name, read_at=None), known.get(name)
        if row is not None:
            box = replace(box, read_at=row.last_success)
            if row.trouble_at and (row.last_success is None or row.trouble_at > row.last_success):
                box = replace(box, trouble=row.trouble or "", trouble_at=row.trouble_at)
        found.append(box)
    return found
