"""The tables. Migrations make them; a test proves that the two agree."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)

from maild.clock import to_utc
from maild.mail.pieces import SMALLEST
from maild.tickets.model import SETTABLE


class Moment(TypeDecorator[datetime]):
    """An aware moment in UTC; SQLite would give naive ones back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # the signature is SQLAlchemy's
        """Refuse naive moments; SQLite compares texts, so all are written in UTC."""
        return None if value is None else to_utc(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # the signature is SQLAlchemy's
        """Give every moment its zone."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


metadata = MetaData()
# SQLite numbers rows itself only in a column that is called INTEGER.
BigId = BigInteger().with_variant(Integer, "sqlite")
# Keys are compared byte by byte on both databases; a locale's order would break ranges over them.
Key = Text().with_variant(Text(collation="C"), "postgresql")


def _partial(name: str, column: Column[Any], where: str) -> Index:
    """An index over the few rows that still need work, so that it stays small at any number of rows."""
    return Index(name, column, sqlite_where=text(where), postgresql_where=text(where))


# The bytes of every mail in or out, kept once, compressed with zlib.
raw = Table(
    "raw",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("size", Integer, nullable=False),  # before compression
    Column("body", LargeBinary, nullable=False),  # without what was taken out into `blob`
    Column("pieces", Integer),  # how many were taken out; NULL: not looked at yet
    Column("gone", Text),  # why the body is empty, and since when: "retention, 2026-11-23"
)
WORTH_PACKING = SMALLEST * 4 // 3  # bytes: a smaller mail holds no file of that size in base64
_partial("raw_whole", raw.c.id, f"pieces IS NULL AND size >= {WORTH_PACKING}")

# Files that mails hold, each content once, compressed with zlib.
blob = Table(
    "blob",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size", Integer, nullable=False),  # before compression
    Column("body", LargeBinary, nullable=False),
)

# Where a file was taken out of a raw mail. A blob without a piece is in no mail any more.
piece = Table(
    "piece",
    metadata,
    Column("raw", BigInteger, primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),  # 0 is the first one of the mail
    Column("at", Integer, nullable=False),  # offset in the body that is left
    Column("blob", String(64), nullable=False),
    Column("width", Integer, nullable=False),  # characters of a line of base64
    Column("crlf", Boolean, nullable=False),  # its line ends
)
Index("piece_blob", piece.c.blob)

# Every mail that was accepted, and what became of it.
inbox = Table(
    "inbox",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("door", String(8), nullable=False),
    Column("transport_key", Key, unique=True),
    Column("envelope_from", Text),
    Column("envelope_to", JSON, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("raw", BigInteger, nullable=False),
    Column("size", Integer, nullable=False),  # of the raw mail
    Column("message_id", Key, nullable=False, default=""),  # from a quick look, to see waiting parents
    Column("thread_hint", Key, nullable=False, default=""),
    Column("silent", Boolean, nullable=False, default=False),
    Column("handling", String(8), nullable=False, default="normal"),  # normal, forced (replay), bare (release)
    Column("state", String(12), nullable=False),  # waiting, working, done, quarantined
    Column("attempts", Integer, nullable=False, default=0),
    Column("due_at", Moment, nullable=False),
    Column("claim", Text),
    Column("lease_until", Moment),
    Column("outcome", String(16)),
    Column("ticket", BigInteger),
    Column("why", JSON),  # the trace: every reason, in order
    Column("trouble", Text),  # why it failed or was quarantined
    Column("done_at", Moment),
)
_UNDONE = "state IN ('waiting', 'working')"
_partial("inbox_waiting", inbox.c.id, "state = 'waiting'")
_partial("inbox_working", inbox.c.lease_until, "state = 'working'")
_partial("inbox_quarantined", inbox.c.id, "state = 'quarantined'")
_partial("inbox_rejected", inbox.c.id, "outcome = 'rejected'")
_partial("inbox_undone_message_id", inbox.c.message_id, _UNDONE)
_partial("inbox_undone_thread_hint", inbox.c.thread_hint, _UNDONE)
Index("inbox_ticket", inbox.c.ticket)
Index("inbox_received", inbox.c.received_at)

# Content keys of mails that had an effect: what makes a second copy a duplicate.
seen = Table(
    "seen",
    metadata,
    Column("content_key", String(32), primary_key=True),
    Column("inbox", BigInteger, nullable=False),
    Column("ticket", BigInteger),
    sqlite_with_rowid=False,
)

# What a processed mail says: enough for a timeline without reading the raw mail again.
mail = Table(
    "mail",
    metadata,
    Column("inbox", BigInteger, primary_key=True, autoincrement=False),
    Column("ticket", BigInteger),
    Column("kind", String(12), nullable=False),
    Column("role", String(12), nullable=False),  # whose words: customer, answer, internal, unproved, automatic
    Column("message_id", Text, nullable=False),
    Column("from_name", Text, nullable=False),
    Column("from_address", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("words", Text, nullable=False),  # the new text, without what it quotes
    Column("at", Moment, nullable=False),
    Column("invitation", JSON(none_as_null=True)),  # as `invitation_json` of the mail room makes it
)
Index("mail_ticket", mail.c.ticket, mail.c.role, mail.c.inbox)

# Files in mails; the bytes stay in the raw mail, `part` says where.
attachment = Table(
    "attachment",
    metadata,
    Column("inbox", BigInteger, primary_key=True, autoincrement=False),
    Column("part", String(200), primary_key=True),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("inline", Boolean, nullable=False),
    Column("runs", Text, nullable=False, server_default=""),  # what sort of program it is, "" for none
    Column("scan", String(12), nullable=False, server_default=""),  # clean, infected, unscanned, unscannable, or ""
    Column("scan_says", Text, nullable=False, server_default=""),  # the virus, or why it was not scanned
    Column("scan_tries", Integer, nullable=False, server_default="0"),  # after the first one
)
_partial("attachment_unscanned", attachment.c.scan_tries, "scan = 'unscanned'")

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
Index(  # the newest ticket of a contact that anybody has
    "ticket_last_agent",
    ticket.c.contact,
    ticket.c.number,
    sqlite_where=text("assignee <> ''"),
    postgresql_where=text("assignee <> ''"),
)
Index(  # what was closed longest ago, for retention
    "ticket_closed",
    ticket.c.closed_at,
    ticket.c.number,
    sqlite_where=text("closed_at IS NOT NULL"),
    postgresql_where=text("closed_at IS NOT NULL"),
)

Index(  # the newest tickets of an organisation
    "ticket_customer",
    ticket.c.customer,
    ticket.c.number,
    sqlite_where=text("customer <> ''"),
    postgresql_where=text("customer <> ''"),
)

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
_partial("clock_next", clock.c.next_at, "next_at IS NOT NULL")
_partial("clock_due", clock.c.due_at, "ended_at IS NULL AND due_at IS NOT NULL")
_partial("clock_paused", clock.c.ticket, "paused_at IS NOT NULL")
_partial("clock_failed", clock.c.ticket, "failed")

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
_partial("reference_next", reference.c.next_at, "next_at IS NOT NULL")

# What of the configuration is built into stored rows, to see when they have to be derived again.
built_on = Table(
    "built_on",
    metadata,
    Column("name", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
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
_partial("outbox_waiting", outbox.c.due_at, "state = 'waiting' AND claim IS NULL")
_partial("outbox_claimed", outbox.c.lease_until, "claim IS NOT NULL")
_partial("outbox_unsent", outbox.c.state, "state <> 'sent'")
_partial("outbox_untold", outbox.c.id, "state = 'failed' AND NOT told")
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

mailbox = Table(
    "mailbox",
    metadata,
    Column("name", Text, primary_key=True),
    Column("uidvalidity", BigInteger),
    Column("last_uid", BigInteger),
    Column("last_success", Moment),
    Column("trouble", Text),
    Column("trouble_at", Moment),
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
