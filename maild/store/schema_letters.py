"""The tables of letters: those that wait, how many were written, those held back and those that came back."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from maild.store.schema_types import BigId, Key, Moment, metadata, partial_index

# Letters: written with the change that causes them, sent by nothing else.
outbox = Table(
    "outbox",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("nonce", String(16), nullable=False, unique=True),  # of cause, template and recipient: never twice
    Column("ticket", BigInteger),
    Column("cause", BigInteger),  # inbox row
    Column("template", String(20), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("automatic", Boolean, nullable=False),
    Column("envelope_from", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("raw", BigInteger, nullable=False),
    Column("size", Integer, nullable=False),  # of the raw letter
    Column("state", String(12), nullable=False),  # waiting, sending, sent, uncertain, failed, dropped
    Column("uncertain", Boolean, nullable=False, default=False),  # a try of it may have arrived
    Column("attempts", Integer, nullable=False, default=0),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("claim", Text),
    Column("lease_until", Moment),
    Column("sent_at", Moment),
    Column("answer", Text, nullable=False, default=""),  # the last words of the next mail system
    Column("bounced", Text),  # what a later delivery report said
    Column("told", Boolean, nullable=False, default=False),  # people know that it failed
)
partial_index("outbox_waiting", outbox.c.due_at, where="state = 'waiting' AND claim IS NULL")
partial_index("outbox_claimed", outbox.c.lease_until, where="claim IS NOT NULL")
partial_index("outbox_unsent", outbox.c.state, where="state <> 'sent'")
partial_index("outbox_untold", outbox.c.id, where="state = 'failed' AND NOT told")
partial_index("outbox_uncertain", outbox.c.id, where="uncertain")  # few, and looked for by `maild doctor`
Index("outbox_ticket", outbox.c.ticket)

# How many letters were written, and held back, in a minute: what budgets are judged by.
lately = Table(
    "lately",
    metadata,
    Column("scope", Key, primary_key=True),  # "to kim@x.example", "ticket 42", "total"
    Column("minute", Integer, primary_key=True, autoincrement=False),  # since 1970
    Column("written", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    sqlite_with_rowid=False,
)
Index("lately_minute", lately.c.minute)

# Letters that were too many, until a digest tells of them.
held_back = Table(
    "held_back",
    metadata,
    Column("recipient", Key, primary_key=True),
    Column("template", String(20), primary_key=True),
    Column("ticket", BigInteger, primary_key=True, autoincrement=False),  # 0: about none
    Column("mails", Integer, nullable=False),
    Column("since", Moment, nullable=False),
    sqlite_with_rowid=False,
)
Index("held_back_since", held_back.c.since)

# Letters that came back for good, by the address that they were for: what its mark follows from.
hard_bounce = Table(
    "hard_bounce",
    metadata,
    Column("address", Key, primary_key=True),
    Column("letter", BigInteger, primary_key=True, autoincrement=False),  # outbox row
    Column("at", Moment, nullable=False),
    Column("said", Text, nullable=False),
    sqlite_with_rowid=False,
)
Index("hard_bounce_at", hard_bounce.c.at)
