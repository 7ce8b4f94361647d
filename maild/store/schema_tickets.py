"""The tables of tickets: who takes part, what happened, and by what they are found again."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from maild.store.schema_types import BigId, Key, Moment, metadata, partial_index
from maild.tickets.model import SETTABLE

contact = Table(
    "contact",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("address", Text, nullable=False, unique=True),  # lower case
    Column("name", Text, nullable=False, default=""),
    Column("created_at", Moment, nullable=False),
)

ticket = Table(
    "ticket",
    metadata,
    Column("number", BigId, primary_key=True),
    Column("status", String(16), nullable=False),
    *[Column(name, Text, nullable=False, default="") for name in SETTABLE],
    Column("contact", Text, nullable=False, default=""),
    Column("source", String(16), nullable=False, default="email"),
    Column("opened_at", Moment),
    Column("responded_at", Moment),
    Column("resolved_at", Moment),
    Column("closed_at", Moment),
    Column("held_at", Moment),
    Column("hold_reason", Text, nullable=False, default=""),
    Column("continued_by", BigInteger),
    Column("version", Integer, nullable=False),
    Column("head", String(64), nullable=False),
)
Index("ticket_status", ticket.c.status, ticket.c.number)
Index("ticket_assignee", ticket.c.assignee, ticket.c.status, ticket.c.priority)
Index("ticket_contact", ticket.c.contact)
# The newest ticket of a contact that anybody has:
partial_index("ticket_last_agent", ticket.c.contact, ticket.c.number, where="assignee <> ''")
# What was closed longest ago, for retention:
partial_index("ticket_closed", ticket.c.closed_at, ticket.c.number, where="closed_at IS NOT NULL")
# The newest tickets of an organisation:
partial_index("ticket_customer", ticket.c.customer, ticket.c.number, where="customer <> ''")

participant = Table(
    "participant",
    metadata,
    Column("ticket", BigInteger, primary_key=True, autoincrement=False),
    Column("address", Text, primary_key=True),
    Column("name", Text, nullable=False, default=""),
    Column("role", String(8), nullable=False),  # contact, copied, list, or left
    Column("answer_to", Text, nullable=False, server_default=""),  # their Reply-To
    sqlite_with_rowid=False,
)

# The chain. Triggers refuse UPDATE and DELETE.
event = Table(
    "event",
    metadata,
    Column("ticket", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("actor", String(40), nullable=False),
    Column("mail", BigInteger),
    Column("data", JSON, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("prev", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

# Personal content of events, beside the chain so that it can be erased.
event_content = Table(
    "event_content",
    metadata,
    Column("ticket", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("salt", String(32), nullable=False),
    Column("content", JSON, nullable=False),
)

# Message-IDs by which a ticket is known, those only referred to as well.
thread_key = Table(
    "thread_key",
    metadata,
    Column("key", Key, primary_key=True),
    Column("ticket", BigInteger, nullable=False),
    Column("own", Boolean, nullable=False),  # a mail or letter has this id; false: it is only referred to
    sqlite_with_rowid=False,
)

# Digests of what a person's mails have in common: where it leads when no id and no address says so.
clue = Table(
    "clue",
    metadata,
    Column("key", Key, primary_key=True),
    Column("ticket", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    sqlite_with_rowid=False,
)

# Orders, serial numbers and products that tickets name, as directories know them.
reference = Table(
    "reference",
    metadata,
    Column("ticket", BigInteger, primary_key=True, autoincrement=False),
    Column("sort", String(16), primary_key=True),
    Column("key", Key, primary_key=True),
    Column("fit", String(16), nullable=False),
    Column("directory", Text, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("why", Text, nullable=False),
    Column("checked_at", Moment, nullable=False),
    Column("fitted_at", Moment),  # when it fitted last
    Column("next_at", Moment),  # when it is looked up again; NULL: the ticket is closed
    sqlite_with_rowid=False,
)
partial_index("reference_next", reference.c.next_at, where="next_at IS NOT NULL")

# Search. The words themselves are in `search_words`, which each database makes in its own way (migration
# 0011): FTS5 on SQLite, a tsvector on PostgreSQL. Here is what has to be read into it again: a row for each
# change, never changed itself, so that nobody who writes mails waits for whoever reads them.
search_due = Table(
    "search_due",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("ticket", BigInteger, nullable=False),
)
Index("search_due_ticket", search_due.c.ticket)
