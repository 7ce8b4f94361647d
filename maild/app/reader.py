"""Where claimed mails are read: what follows from their bytes alone, and what routing says of them.

Here, one after the other when they are asked for; or elsewhere and ahead of that (`maild.reader`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from maild.app.desk import Desk
from maild.app.ports import PackageOpener
from maild.app.prepare import Prepared, prepare
from maild.app.routed_ahead import Routed
from maild.app.work import Claimed


@dataclass(frozen=True, slots=True)
class Order:
    """By what mails are read; compared by identity, for one is made for each configuration."""

    desk: Desk
    open_package: PackageOpener
    route: bool  # whether nobody has to be asked between reading and routing: no scanner, no DNS, no directory


@dataclass(frozen=True, slots=True)
class Read:
    """A mail that was read."""

    prepared: Prepared
    routed: Routed | None = None  # if it was routed, and is likely to open a ticket
    done: bool = False  # whether nothing of it is left to be routed before the transaction


class Reading(Protocol):
    """A group that is being read."""

    @property
    def ahead(self) -> bool:
        """Whether it is read while this process does other things."""

    def of(self, row: Claimed) -> Read:
        """One mail of the group; they are asked for in their order. Raises whatever `prepare` raises."""


class Reader(Protocol):
    """Reads groups of mails."""

    def begin(self, rows: Sequence[Claimed], order: Order) -> Reading:
        """Begin with a group; never raises."""


@dataclass(frozen=True, slots=True)
class _Here:
    order: Order
    ahead: bool = False

    def of(self, row: Claimed) -> Read:
        return Read(prepare(row, self.order.desk, self.order.open_package))


class ReadHere:
    """The port `Reader`: reads each mail when it is asked for."""

    def begin(self, rows: Sequence[Claimed], order: Order) -> Reading:  # noqa: ARG002  # nothing to begin with
        """See the port."""
        return _Here(order)
