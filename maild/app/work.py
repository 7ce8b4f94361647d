"""What passes between ingest and the store: the facts that are looked up, the changes that are saved."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar

from maild.app.arrival import Door
from maild.app.budgets import Lately
from maild.app.list_lines import ListUnit
from maild.app.lookups import folded
from maild.app.marks import HardBounce
from maild.app.neighbours import NeighbourUnit
from maild.app.staff import Absence, Awaiting, StaffUnit
from maild.app.story import StoryUnit
from maild.mail.model import Attachment, Invitation
from maild.routing.facts import Fit, Reference
from maild.sla.aftercare import Step
from maild.sla.clock import Clock
from maild.sla.facts import Fact
from maild.threading.match import ClueTo
from maild.tickets.events import Event
from maild.tickets.model import Ticket

_K = TypeVar("_K")
_V = TypeVar("_V")


class Outcome(StrEnum):
    """What became of a mail; every mail gets exactly one (HOUSE invariant 2)."""

    NEW_TICKET = "new_ticket"
    REPLY = "reply"
    COMMAND = "command"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"


LEFT = "left"  # the role of who takes part no more


class Role(StrEnum):
    """Whose words a mail brings to its ticket; decides who may ever read them again."""

    CUSTOMER = "customer"  # quoted to the customer, shown to agents
    ANSWER = "answer"  # an agent's words for the customer; shown to agents
    INTERNAL = "internal"  # a note, or commands: in no letter
    UNPROVED = "unproved"  # in an agent's name, without proof: in no letter
    AUTOMATIC = "automatic"  # a machine's: in no letter


@dataclass(frozen=True, slots=True)
class Taken:
    """What one mail's way came to."""

    outcome: Outcome
    ticket: int | None
    why: tuple[str, ...]
    role: Role
    words: str | None = None  # what later letters may say of the mail, where that is not its own text as a whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """An inbox row that this worker has to itself until its lease ends."""

    id: int
    door: Door
    raw: bytes
    received_at: datetime
    envelope_from: str | None
    envelope_to: tuple[str, ...]
    message_id: str
    thread_hint: str
    silent: bool
    handling: str  # "normal"; "forced": limits do not quarantine; "bare": not parsed at all
    attempts: int  # this one included


@dataclass(slots=True, kw_only=True)
class Wanted:
    """The keys of a group of mails; one look-up fetches everything that they name."""

    content_keys: set[str] = field(default_factory=set)
    message_ids: set[str] = field(default_factory=set)
    tickets: set[int] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)  # who may get a letter: for the marks
    scopes: set[str] = field(default_factory=set)  # what is counted, beside the scopes of the tickets: for the budgets
    people: dict[str, str] = field(default_factory=dict)  # address -> name; contacts, made when missing
    nonces: set[str] = field(default_factory=set)
    clues: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentLetter:
    """A letter in the outbox that a bounce may be about."""

    id: int
    ticket: int | None
    template: str
    recipient: str
    subject: str
    cause: int | None
    created_at: datetime | None = None  # None where nobody asks for it


@dataclass(frozen=True, slots=True, kw_only=True)
class PastMail:
    """A customer's mail or an agent's answer on a ticket, as letters may show it."""

    inbox: int
    role: Role
    message_id: str
    from_name: str
    from_address: str
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """The first mail with a content; later ones are its duplicates."""

    inbox: int
    ticket: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReference:
    """An order, a serial number or a product that a ticket's mails name, and what was said of it last."""

    ticket: int
    reference: Reference
    checked_at: datetime
    fitted_at: datetime | None  # when it fitted last; None: never
    next_at: datetime | None  # when it is looked up again; None: not while the ticket is closed

    def is_about(self, other: Reference) -> bool:
        """Whether this is the same thing."""
        return (self.reference.sort, folded(self.reference.key)) == (other.sort, folded(other.key))

    @property
    def is_lost(self) -> bool:
        """Whether it has fitted, and does no longer."""
        return self.fitted_at is not None and self.reference.fit in (Fit.UNKNOWN, Fit.MISMATCH)


@dataclass(slots=True, kw_only=True)
class Known:
    """What the store knows of a group's keys; ingest keeps it up to date while it works on the group."""

    seen: dict[str, Seen] = field(default_factory=dict)  # content key -> the first mail that had it
    threads: dict[str, int] = field(default_factory=dict)  # Message-ID -> ticket
    only_referred: set[str] = field(default_factory=set)  # those of them that no mail has brought yet
    clues: dict[str, ClueTo] = field(default_factory=dict)
    tickets: dict[int, Ticket] = field(default_factory=dict)
    participants: dict[int, dict[str, str]] = field(default_factory=dict)  # ticket -> address -> name
    left: dict[int, set[str]] = field(default_factory=dict)  # ticket -> who was a participant, and left
    answer_to: dict[tuple[int, str], str] = field(default_factory=dict)  # where a participant wants answers
    contacts: dict[str, int] = field(default_factory=dict)  # address -> id
    letters: dict[str, SentLetter] = field(default_factory=dict)  # nonce -> letter
    past: dict[int, list[PastMail]] = field(default_factory=dict)  # ticket -> its last mails, oldest first
    lately: dict[str, Lately] = field(default_factory=dict)  # scope -> letters counted in it
    bounces: dict[str, list[HardBounce]] = field(default_factory=dict)  # address -> hard bounces of it
    facts: dict[int, list[Fact]] = field(default_factory=dict)  # ticket -> what its clocks follow from
    references: dict[int, list[KeptReference]] = field(default_factory=dict)  # ticket -> what its mails name
    absences: dict[str, Absence] = field(default_factory=dict)  # assignee of one of the tickets -> is, or was, away

    def add(self, found: Known) -> None:
        """Take in what was looked up later; what is known already stands, with all that was changed since."""
        new = found.tickets.keys() - self.tickets.keys()
        self.answer_to |= {key: to for key, to in found.answer_to.items() if key[0] in new}
        _add(self.participants, found.participants, new)
        _add(self.left, found.left, new)
        _add(self.past, found.past, new)
        _add(self.facts, found.facts, new)
        _add(self.references, found.references, new)
        _add(self.tickets, found.tickets, new)
        _add(self.lately, found.lately)
        _add(self.bounces, found.bounces)
        _add(self.contacts, found.contacts)
        _add(self.letters, found.letters)
        _add(self.absences, found.absences)


def _add(known: dict[_K, _V], found: Mapping[_K, _V], keys: Collection[_K] | None = None) -> None:
    """Take in what is not known yet, of these keys only."""
    known.update((k, v) for k, v in found.items() if k not in known and (keys is None or k in keys))


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


class Unit(StaffUnit, ListUnit, NeighbourUnit, StoryUnit, Protocol):
    """One transaction of ingest."""

    def undone_before(self, claimed: Sequence[Claimed], refers: Sequence[frozenset[str]]) -> set[int]:
        """Those of `claimed` that must wait: an earlier mail of their thread is still being worked on.

        `refers` has, for each, the ids it answers and its hint. Only rows in their first try count, so
        that a failing mail blocks nothing for long.
        """

    def load(self, wanted: Wanted, now: datetime) -> Known:
        """Look everything up, a few queries in all."""

    def events(self, ticket: int) -> Sequence[Event]:
        """The events of a ticket that are stored, with their content, in order."""

    def addresses(self, contacts: Collection[int]) -> dict[int, str]:
        """The addresses of contacts that events name by number."""

    def busy_tickets(self, agent: str, limit: int) -> list[int]:
        """What an agent has open that is not on hold, the highest priority first, then the oldest."""

    def mail(self, inbox: int) -> Claimed | None:
        """A mail that was taken in before, as it came; None when it is kept no more."""

    def asked_at(self, address: str) -> datetime | None:
        """When a customer was asked for a rating last, as far as that is still known."""

    def next_number(self) -> int:
        """The number of a new ticket."""

    def save(self, changes: Changes, known: Known, now: datetime) -> None:
        """Write everything; raises Conflict when another worker was faster with any of it."""


class Desktop(Protocol):
    """The inbox as a worker sees it."""

    def claim(self, now: datetime, owner: str, lease: timedelta, limit: int) -> list[Claimed]:
        """Take the next mails that are due, oldest first, and count the attempt.

        A row that was tried before comes alone: if it was the one that killed a worker, its
        neighbours must not be counted out with it.
        """

    def unit(self) -> AbstractContextManager[Unit]:
        """Begin a transaction; it commits at its end."""

    def put_back(self, ids: Sequence[int] | None, due_at: datetime, owner: str, *, counted: bool) -> None:
        """These (None: all that `owner` has claimed) wait until due_at; `counted`: this attempt stays counted."""

    def failed(self, inbox: int, due_at: datetime, owner: str, trouble: str) -> None:
        """This one is tried again at due_at."""
