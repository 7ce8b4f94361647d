"""The tables of mails: their bytes, the queue in which they wait, and what they say."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from maild.mail.pieces import SMALLEST
from maild.store.schema_types import BigId, Key, Moment, metadata, partial_index

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
partial_index("raw_whole", raw.c.id, where=f"pieces IS NULL AND size >= {WORTH_PACKING}")

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
partial_index("inbox_waiting", inbox.c.id, where="state = 'waiting'")
partial_index("inbox_working", inbox.c.lease_until, where="state = 'working'")
partial_index("inbox_quarantined", inbox.c.id, where="state = 'quarantined'")
partial_index("inbox_rejected", inbox.c.id, where="outcome = 'rejected'")
partial_index("inbox_undone_message_id", inbox.c.message_id, where=_UNDONE)
partial_index("inbox_undone_thread_hint", inbox.c.thread_hint, where=_UNDONE)
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
partial_index("attachment_unscanned", attachment.c.scan_tries, where="scan = 'unscanned'")
