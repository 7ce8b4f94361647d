"""What a use case asks of other tickets than its own, within the transaction that it works in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from maild.mail.model import Attachment
from maild.tickets.model import Ticket


class NeighbourUnit(Protocol):
    """A transaction that knows other tickets, as they are stored: what it has not saved yet is not among them.

    Of these tickets only what letters tell of them is loaded: number, status, subject, queue, team, assignee,
    contact, customer, resolution code and notes, and when they were opened.
    """

    def holders(self, terms: Sequence[str], *, most: int) -> Mapping[str, Sequence[int]]:
        """The tickets that hold each term; terms that none has, or more than `most`, are left out."""

    def tickets(self, numbers: Sequence[int]) -> Mapping[int, Ticket]:
        """These tickets."""

    def others(self, contact: str, customer: str, *, most: int) -> Sequence[Ticket]:
        """The newest tickets of a person, and of an organisation if that is not ""."""

    def files(self, inbox: int) -> Sequence[Attachment]:
        """The files of a mail that was taken in before; `attachment_bytes` of its raw mail reads them."""
