"""What ingest asks of the store: mails to work on, and a transaction for what follows from them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from maild.app.arrival import Door
from maild.app.changes import Changes
from maild.app.known import Known, Wanted
from maild.app.list_lines import ListUnit
from maild.app.neighbours import NeighbourUnit
from maild.app.staff import StaffUnit
from maild.app.story import StoryUnit
from maild.tickets.events import Event


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


@dataclass(frozen=True, slots=True)
class Due:
    """The next mail that is due."""

    size: int  # bytes
    tried: bool  # whether it was worked on before


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

    def next_due(self, now: datetime) -> Due | None:
        """The next mail that is due; None: there is none. It disturbs no writer."""

    def claim(self, now: datetime, owner: str, lease: timedelta, limit: int) -> list[Claimed]:
        """Take the next mails that are due, oldest first, and count the attempt.

        A row that was tried before comes alone: if it was the one that killed a worker, its
        neighbours must not be counted out with it. So does a large one.
        """

    def unit(self) -> AbstractContextManager[Unit]:
        """Begin a transaction; it commits at its end."""

    def put_back(self, ids: Sequence[int] | None, due_at: datetime, owner: str, *, counted: bool) -> None:
        """These (None: all that `owner` has claimed) wait until due_at; `counted`: this attempt stays counted."""

    def failed(self, inbox: int, due_at: datetime, owner: str, trouble: str) -> None:
        """This one is tried again at due_at."""
