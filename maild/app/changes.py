"""What a group of mails changes, for the store to save in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from maild.app.known import KeptReference, Seen
from maild.app.marks import HardBounce
from maild.app.outcome import Outcome, Role
from maild.app.staff import Absence, Awaiting
from maild.mail.model import Attachment, Invitation
from maild.sla.aftercare import Step
from maild.sla.clock import Clock
from maild.threading.match import ClueTo
from maild.tickets.events import Event

LEFT = "left"  # the role of who takes part no more


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRecord:
    """What is kept of a processed mail beside its raw bytes."""

    inbox: int
    ticket: int | None
    kind: str
    role: Role
    message_id: str
    from_name: str
    from_address: str
    subject: str
    words: str
    at: datetime
    attachments: tuple[Attachment, ...] = ()
    invitation: Invitation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLetter:
    """A letter to be written into the outbox."""

    nonce: str
    ticket: int | None
    cause: int | None
    template: str
    recipient: str
    automatic: bool
    envelope_from: str
    message_id: str
    subject: str
    raw: bytes
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Somebody who became a participant of a ticket, or is one no more."""

    ticket: int
    address: str  # in lower case, or "list:NAME"
    name: str
    role: str  # contact, copied, list, left
    answer_to: str  # their Reply-To, "" for the address itself


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """Letters that were not written because there were too many, and are told of in a digest."""

    recipient: str
    template: str
    ticket: int  # 0: about none
    mails: int = 1
    since: datetime


@dataclass(frozen=True, slots=True)
class ClockRow:
    """A clock as lists and the watcher want it: what may be asked of a million of them at once."""

    ticket: int
    clock: Clock
    next_at: datetime | None  # when somebody has to look at it again


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How the work on an inbox row ended."""

    inbox: int
    outcome: Outcome
    ticket: int | None
    why: tuple[str, ...]
    trouble: str = ""  # for quarantine


@dataclass(slots=True, kw_only=True)
class Changes:
    """Everything that a group of mails changes, saved in one transaction."""

    opened: set[int] = field(default_factory=set)  # tickets that are new
    tickets: dict[int, int] = field(default_factory=dict)  # ticket -> version that it was loaded with
    events: list[Event] = field(default_factory=list)
    keys: dict[str, int] = field(default_factory=dict)  # new Message-IDs -> ticket
    met: set[str] = field(default_factory=set)  # Message-IDs that were only referred to until now
    seen: dict[str, Seen] = field(default_factory=dict)
    clues: dict[str, ClueTo] = field(default_factory=dict)
    participants: list[Joined] = field(default_factory=list)
    united: dict[int, int] = field(default_factory=dict)  # ticket -> the one that its mails belong to from now on
    moved: dict[int, int] = field(default_factory=dict)  # inbox row of a mail -> the ticket that it belongs to now
    moved_keys: dict[str, int] = field(default_factory=dict)  # Message-ID -> the ticket that it leads to now
    unjoined: set[tuple[int, str]] = field(default_factory=set)  # ticket and address of participants who are so no more
    mails: list[MailRecord] = field(default_factory=list)
    letters: list[NewLetter] = field(default_factory=list)
    bounced: dict[int, str] = field(default_factory=dict)  # outbox row -> what the report said
    bounces: list[HardBounce] = field(default_factory=list)
    heard_from: set[str] = field(default_factory=set)  # addresses whose bounces are forgotten
    counted: dict[str, tuple[int, int]] = field(default_factory=dict)  # scope -> letters written, held back
    held: list[HeldBack] = field(default_factory=list)
    turns: dict[str, int] = field(default_factory=dict)  # agent -> number of the turn that he had now
    absences: dict[str, Absence | None] = field(default_factory=dict)  # agent -> the absence that begins; None: it ends
    awaiting: dict[int, Awaiting | None] = field(default_factory=dict)  # ticket -> what it waits for; None: no more
    clocks: list[ClockRow] = field(default_factory=list)
    clocks_gone: list[tuple[int, str, int]] = field(default_factory=list)  # ticket, kind, cycle
    clocks_anew: set[int] = field(default_factory=set)  # tickets of which no running clock but these is kept
    references: dict[tuple[int, str, str], KeptReference] = field(default_factory=dict)  # by ticket, sort and key
    steps: dict[int, Step | None] = field(default_factory=dict)  # ticket -> what is done next by itself; None: nothing
    # Customer -> when asked for a rating, and before when the last time must have been.
    asked: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    results: list[Result] = field(default_factory=list)
