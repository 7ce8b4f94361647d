"""How the store stands: what waits, what is in trouble, what came lately."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, func, literal_column, select, text

from maild.store.at_risk import ClockCounts, count_clocks
from maild.store.reading import is_one_of
from maild.store.schema import inbox, mailbox, outbox, ticket
from maild.tickets.lifecycle import Status

# Spelt as in the index on unsent letters.
_UNSENT = outbox.c.state != literal_column("'sent'")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxLine:
    """An IMAP mailbox as it was left."""

    name: str
    uidvalidity: int | None
    last_uid: int | None
    last_success: datetime | None
    trouble: str | None
    trouble_at: datetime | None

    @property
    def in_trouble(self) -> bool:
        """Whether the last thing that happened was trouble."""
        if self.trouble_at is None:
            return False
        return self.last_success is None or self.trouble_at > self.last_success


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The store at one moment."""

    database_bytes: int
    inbox: dict[str, int]  # waiting, working, quarantined; what is done is only in `tickets`
    oldest_mail: datetime | None  # that waits
    outbox: dict[str, int]  # every state but sent
    oldest_letter: datetime | None  # that waits
    last_failure: str  # the last words about a letter that was given up
    untold: int  # letters that failed, and nobody knows
    tickets: dict[str, int]  # by status; closed ones are not counted
    mailboxes: tuple[MailboxLine, ...]
    last_hour: int  # mails that came
    last_day: int
    clocks: ClockCounts = field(default_factory=ClockCounts)


def read_overview(connection: Connection, now: datetime) -> Overview:
    """Look at the store; uses the small indexes on unfinished work, so that a large store answers quickly."""
    letters = select(outbox.c.state, func.count()).where(_UNSENT).group_by(outbox.c.state)
    failed = (
        select(outbox.c.answer)
        .where(_UNSENT, is_one_of(outbox.c.state, "failed", "uncertain"))
        .order_by(outbox.c.id.desc())
        .limit(1)
    )
    untold = is_one_of(outbox.c.state, "failed") & text("NOT told")
    lines = select(*(mailbox.c[name] for name in MailboxLine.__slots__)).order_by(mailbox.c.name)
    return Overview(
        database_bytes=_size(connection),
        inbox={state: _count(connection, inbox, state) for state in ("waiting", "working", "quarantined")},
        oldest_mail=connection.execute(_OLDEST_MAIL).scalar(),
        outbox=_pairs(connection, letters),
        oldest_letter=connection.execute(_OLDEST_LETTER).scalar(),
        last_failure=connection.execute(failed).scalar() or "",
        untold=connection.execute(select(func.count()).select_from(outbox).where(untold)).scalar_one(),
        tickets=_tickets(connection),
        mailboxes=tuple(MailboxLine(**row._mapping) for row in connection.execute(lines)),
        last_hour=_since(connection, now - timedelta(hours=1)),
        last_day=_since(connection, now - timedelta(days=1)),
        clocks=count_clocks(connection, now),
    )


def _count(connection: Connection, table: Table, state: str) -> int:
    query = select(func.count()).select_from(table).where(is_one_of(table.c.state, state))
    return int(connection.execute(query).scalar_one())


def _pairs(connection: Connection, query: Any) -> dict[str, int]:
    return {row[0]: row[1] for row in connection.execute(query)}


# In the order in which they came: `min` would read all of them, or walk an index over every mail there ever was.
_OLDEST_MAIL = select(inbox.c.received_at).where(is_one_of(inbox.c.state, "waiting")).order_by(inbox.c.id).limit(1)
_OLDEST_LETTER = (
    select(outbox.c.created_at).where(_UNSENT, is_one_of(outbox.c.state, "waiting")).order_by(outbox.c.id).limit(1)
)


def _tickets(connection: Connection) -> dict[str, int]:
    """Tickets by status, without the closed ones: there are ever more of them, and nobody has to do anything."""
    others = [status for status in Status if status is not Status.CLOSED]
    counted = select(ticket.c.status, func.count()).where(is_one_of(ticket.c.status, *others))
    return _pairs(connection, counted.group_by(ticket.c.status))


def _since(connection: Connection, moment: datetime) -> int:
    query = select(func.count()).select_from(inbox).where(inbox.c.received_at > moment)
    return int(connection.execute(query).scalar_one())


def _size(connection: Connection) -> int:
    if connection.dialect.name == "sqlite":
        pages = connection.execute(text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"))
        return int(pages.scalar_one())
    return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
