"""The tables of what becomes due about a ticket: promises, and what is done next by itself."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from maild.store.schema_types import Key, Moment, metadata, partial_index

# Clocks of tickets, as they were derived from the events last. `next_at`: when the watcher has to look again.
clock = Table(
    "clock",
    metadata,
    Column("ticket", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), primary_key=True),
    Column("cycle", Integer, primary_key=True, autoincrement=False),
    Column("policy", Text, nullable=False),
    Column("calendar", Text, nullable=False),
    Column("target", Integer, nullable=False),  # seconds, as all lengths here
    Column("started_at", Moment, nullable=False),
    Column("due_at", Moment),  # NULL while it is paused
    Column("paused_at", Moment),
    Column("ended_at", Moment),
    Column("why_ended", String(16), nullable=False),
    Column("used", Integer),  # once it has ended
    Column("held", Integer, nullable=False),  # on the wall
    Column("held_counted", Integer, nullable=False),  # of it, what would have counted
    Column("failed", Boolean),  # once it has ended
    Column("next_at", Moment),
    sqlite_with_rowid=False,
)
partial_index("clock_next", clock.c.next_at, where="next_at IS NOT NULL")
partial_index("clock_due", clock.c.due_at, where="ended_at IS NULL AND due_at IS NOT NULL")
partial_index("clock_paused", clock.c.ticket, where="paused_at IS NOT NULL")
partial_index("clock_failed", clock.c.ticket, where="failed")

# What of the configuration is built into stored rows, to see when they have to be derived again.
built_on = Table(
    "built_on",
    metadata,
    Column("name", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
)

# What is to be done next by itself about a ticket that waits for its customer or has ended; most tickets have no row.
step = Table(
    "step",
    metadata,
    Column("ticket", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(12), nullable=False),
    Column("due_at", Moment, nullable=False),
    sqlite_with_rowid=False,
)
Index("step_due", step.c.due_at)

# When customers were asked for a rating, as long as it matters.
asked = Table(
    "asked",
    metadata,
    Column("address", Key, primary_key=True),  # in lower case
    Column("at", Moment, nullable=False),
    sqlite_with_rowid=False,
)
Index("asked_at", asked.c.at)
