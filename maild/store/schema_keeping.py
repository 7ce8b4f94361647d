"""The tables of what is to be kept, and of what is not: erasures that were ordered, and holds that forbid them."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Table, Text

from maild.store.schema_types import BigId, Key, Moment, metadata

# Who had a person erased, and when; the person is only a number and a pseudonym once it is done.
erasure = Table(
    "erasure",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("contact", BigInteger),  # NULL: the address was nobody's whom we know
    Column("address", Key, nullable=False),  # once it is done: their pseudonym, see `Signer.pseudonyms`
    Column("ordered_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("ordered_at", Moment, nullable=False),
    Column("finished_at", Moment),  # NULL: it goes on when it is called again
    Column("counts", JSON, nullable=False),
)

# What must be kept whatever anybody orders, until somebody says otherwise.
legal_hold = Table(
    "legal_hold",
    metadata,
    Column("name", Key, primary_key=True),  # "ticket:42", "contact:17"
    Column("since", Moment, nullable=False),
    Column("ordered_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    sqlite_with_rowid=False,
)

# How far each sort of retention has come, so that what was let go is not looked at again.
retention = Table(
    "retention",
    metadata,
    Column("what", Key, primary_key=True),
    Column("at", Moment),  # of tickets: when the last one was closed
    Column("position", BigInteger, nullable=False),  # the last ticket, inbox or outbox row
    Column("gone", BigInteger, nullable=False),  # how many were let go so far
    sqlite_with_rowid=False,
)
