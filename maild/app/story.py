"""Everything that happened on one ticket, as it is read for its timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from maild.app.marks import HardBounce
from maild.mail.model import Scan
from maild.tickets.events import Event
from maild.tickets.model import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterLine:
    """A letter without its bytes."""

    id: int
    ticket: int | None
    cause: int | None  # the inbox row that caused it; below 0: a letter that failed
    template: str
    recipient: str
    automatic: bool
    envelope_from: str
    message_id: str
    subject: str
    state: str
    uncertain: bool
    attempts: int
    created_at: datetime
    due_at: datetime
    expires_at: datetime
    sent_at: datetime | None
    answer: str  # the last words of the next mail system
    bounced: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file in a mail; its bytes are in the raw mail at `part`."""

    part: str
    name: str
    type: str
    size: int
    sha256: str
    inline: bool
    runs: str
    scan: Scan
    scan_says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMail:
    """A mail of the ticket, as far as its timeline shows it."""

    inbox: int
    kind: str
    role: str
    message_id: str
    from_name: str
    from_address: str
    subject: str
    words: str
    at: datetime
    files: tuple[StoredFile, ...]
    invitation: dict[str, Any] | None  # as `invitation_json` of the mail room makes it


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A participant."""

    address: str
    name: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A ticket with all that belongs to it."""

    ticket: Ticket
    people: tuple[Person, ...]
    events: tuple[Event, ...]
    names: dict[str, str]  # actor, such as "contact:17" -> the address
    mails: dict[int, StoredMail]  # by inbox row: those that it has now, and those that its events speak of
    letters: tuple[LetterLine, ...]
    bounces: dict[str, list[HardBounce]]  # letters to these people that came back for good


class StoryUnit(Protocol):
    """A transaction that tells stories."""

    def story(self, number: int) -> Story | None:
        """All that is stored of a ticket; None when there is none of this number."""
