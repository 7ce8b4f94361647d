"""A mail at the door: raw bytes and what the transport knows, before anything is parsed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LARGE = 4 << 20  # bytes; a larger mail is handled alone, and so many are handled together


class Door(StrEnum):
    """Which way a mail came in."""

    SMTP = "smtp"
    LMTP = "lmtp"
    IMAP = "imap"
    PIPE = "pipe"
    IMPORT = "import"  # history: makes tickets, sends nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One mail to be made durable.

    `received_at` is when it reached us: for SMTP the end of DATA, for IMAP the INTERNALDATE. It
    starts clocks and ends holds, so it is never the Date header (SLA.md).
    """

    door: Door
    raw: bytes
    received_at: datetime
    envelope_from: str | None = None  # None: unknown (IMAP, pipe without it); "": the null reverse-path
    envelope_to: tuple[str, ...] = ()
    transport_key: str | None = None  # "imap:NAME:UIDVALIDITY:UID": the same key is taken in once
    silent: bool = False  # history: no letters for it


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a mailbox has been read (RFC 9051 §2.3.1.1)."""

    mailbox: str
    uidvalidity: int
    last_uid: int
