"""The tables of mailboxes that are polled, how far they were read, and of who may do what alone."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from maild.store.schema_types import Moment, metadata

mailbox = Table(
    "mailbox",
    metadata,
    Column("name", Text, primary_key=True),
    Column("uidvalidity", BigInteger),
    Column("last_uid", BigInteger),
    Column("last_success", Moment),
    Column("trouble", Text),
    Column("trouble_at", Moment),
    Column("look_back", Moment),  # after a restore: mails that came since then may be unknown here; else NULL
)

failed_uid = Table(
    "failed_uid",
    metadata,
    Column("mailbox", Text, primary_key=True),
    Column("uidvalidity", BigInteger, primary_key=True, autoincrement=False),
    Column("uid", BigInteger, primary_key=True, autoincrement=False),
    Column("attempts", Integer, nullable=False),
    Column("trouble", Text, nullable=False),
)

lease = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("until", Moment, nullable=False),
)
