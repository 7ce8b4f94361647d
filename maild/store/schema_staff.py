"""The tables of who works: whose turn it is, who is away, and which tickets wait for somebody."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table, Text

from maild.store.schema_types import Key, Moment, metadata

# Whose turn it was last, of agents whom tickets are shared out among.
turn = Table(
    "turn",
    metadata,
    Column("agent", Key, primary_key=True),
    Column("number", BigInteger, nullable=False),  # turns are numbered over all agents
    Column("at", Moment, nullable=False),
    sqlite_with_rowid=False,
)

# Agents who are away, by their own automatic replies or by an admin's word; it may be over.
absence = Table(
    "absence",
    metadata,
    Column("address", Key, primary_key=True),
    Column("since", Moment, nullable=False),
    Column("until", Moment),  # NULL: until an admin says otherwise
    Column("source", String(8), nullable=False),  # mail, admin
    Column("mail", BigInteger),  # inbox row
    sqlite_with_rowid=False,
)

# Tickets that wait for an agent who can take them, and what was asked for.
awaiting = Table(
    "awaiting",
    metadata,
    Column("ticket", BigInteger, primary_key=True, autoincrement=False),
    Column("since", Moment, nullable=False),
    Column("why", Text, nullable=False),
    Column("fixed", Text, nullable=False),  # the only agent who will do, if a rule says so
    Column("strategy", String(16), nullable=False),
    Column("skill", Text, nullable=False),
    sqlite_with_rowid=False,
)
