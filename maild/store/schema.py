"""Every table, whichever file it stands in. Migrations make them; a test proves that the two agree."""

from __future__ import annotations

from maild.store.schema_clocks import asked, built_on, clock, step
from maild.store.schema_keeping import erasure, legal_hold, retention
from maild.store.schema_letters import hard_bounce, held_back, lately, outbox
from maild.store.schema_mailboxes import failed_uid, lease, mailbox
from maild.store.schema_mails import WORTH_PACKING, attachment, blob, inbox, mail, piece, raw, seen
from maild.store.schema_monitoring import meter, process, trouble
from maild.store.schema_staff import absence, awaiting, turn
from maild.store.schema_tickets import (
    clue,
    contact,
    event,
    event_content,
    participant,
    reference,
    search_due,
    thread_key,
    ticket,
)
from maild.store.schema_types import Moment, metadata

__all__ = [
    "WORTH_PACKING",
    "Moment",
    "absence",
    "asked",
    "attachment",
    "awaiting",
    "blob",
    "built_on",
    "clock",
    "clue",
    "contact",
    "erasure",
    "event",
    "event_content",
    "failed_uid",
    "hard_bounce",
    "held_back",
    "inbox",
    "lately",
    "lease",
    "legal_hold",
    "mail",
    "mailbox",
    "metadata",
    "meter",
    "outbox",
    "participant",
    "piece",
    "process",
    "raw",
    "reference",
    "retention",
    "search_due",
    "seen",
    "step",
    "thread_key",
    "ticket",
    "trouble",
    "turn",
]
