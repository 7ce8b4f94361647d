"""The tables of monitoring: which processes live, what was counted, what is in trouble."""

from __future__ import annotations

from sqlalchemy import Column, Float, Integer, String, Table, Text

from maild.store.schema_types import Key, Moment, metadata

# Each running process, by the name that stands in its claims. All moments are the database's, so that processes on
# machines whose clocks differ are judged alike.
process = Table(
    "process",
    metadata,
    Column("owner", Key, primary_key=True),
    Column("place", Text, nullable=False),  # the machine
    Column("pid", Integer, nullable=False),
    Column("roles", String(40), nullable=False),  # "doors worker"
    Column("started_at", Moment, nullable=False),
    Column("beat_at", Moment, nullable=False),
    Column("worked_at", Moment),  # when it finished a mail or a letter last
)

# Counters of all processes, added up: they survive restarts, and whichever process is asked says the same.
meter = Table(
    "meter",
    metadata,
    Column("name", Key, primary_key=True),
    Column("labels", Key, primary_key=True),  # as Prometheus writes them: outcome="reply"
    Column("value", Float(53), nullable=False),
    sqlite_with_rowid=False,
)

# What is in trouble and who was told when, so that people hear of it once and not at every look.
trouble = Table(
    "trouble",
    metadata,
    Column("name", Key, primary_key=True),  # "mailbox office"
    Column("says", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("told_at", Moment, nullable=False),
    Column("gone_at", Moment),  # seems to be over, since then
    sqlite_with_rowid=False,
)
