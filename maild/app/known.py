"""What ingest looks up for a group of mails, and keeps up to date while it works on them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from maild.app.budgets import Lately
from maild.app.lookups import folded
from maild.app.marks import HardBounce
from maild.app.outcome import Role
from maild.app.staff import Absence
from maild.routing.facts import Fit, Reference
from maild.sla.facts import Fact
from maild.threading.match import ClueTo
from maild.tickets.model import Ticket

_K = TypeVar("_K")
_V = TypeVar("_V")


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
