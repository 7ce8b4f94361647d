"""What lists by mail are made of: which tickets, for whom, and a line of each; and the port that finds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from maild.mail.asked_lists import Asked
from maild.sla.standing import Stands
from maild.tickets.lifecycle import Status
from maild.tickets.permissions import Reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Readable:
    """The tickets that an agent may read, and what has to be known of the desk to tell."""

    reach: Reach
    teams: Mapping[str, str] = field(
        default_factory=dict
    )  # queue -> the team of its tickets, unless one says otherwise
    other_team: str = ""  # of tickets whose queue is configured no more


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLine:
    """One ticket of a list."""

    number: int
    subject: str
    contact: str
    contact_name: str
    status: Status
    priority: str
    assignee: str
    queue: str
    opened_at: datetime | None
    language: str
    stands: Stands  # with what was promised


class ListUnit(Protocol):
    """What of a transaction of ingest lists are read from: the tickets as they were when it began."""

    def listed(
        self, asked: Asked, agent: str, readable: Readable, now: datetime, *, limit: int
    ) -> tuple[Sequence[ListLine], int, int]:
        """A page of `limit` tickets that an agent may read, the number of that page, and how many tickets there are.

        A page behind the last one is the last one.
        """

    def open_tickets_of(
        self, contact: str, organisation: str, now: datetime, *, limit: int
    ) -> tuple[Sequence[ListLine], int]:
        """Open tickets of a customer, the newest first, and how many there are.

        Those of a person, or of everybody in an organisation unless that is "".
        """
