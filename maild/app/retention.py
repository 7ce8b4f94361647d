"""Lets go of what need not be kept any longer, in quiet moments, a little at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from maild.app.ports import Log
from maild.clock import Clock

TIME = timedelta(seconds=5)  # of one run; the rest waits for the next one


class What(StrEnum):
    """What is kept for how long, as [retention] calls it; in the order in which it is let go."""

    MAILS = "mails"
    CLOSED_TICKETS = "closed_tickets"
    LETTERS = "letters"
    QUARANTINE = "quarantine"
    REJECTED = "rejected"
    WEBHOOKS = "webhooks"


class Kept(Protocol):
    """What the store can let go."""

    def let_go(self, what: What, before: datetime, now: datetime) -> int:
        """Let a batch go of what is older, in small transactions; returns how many were looked at, 0 at the end.

        What must be kept stays (`maild hold`). It goes on where the last batch ended.
        """


@dataclass(frozen=True, kw_only=True)
class Retention:
    """The use case; may run in as many processes as like to."""

    kept: Kept
    ages: Mapping[What, timedelta]  # 0: for ever
    clock: Clock
    log: Log
    busy: Callable[[], bool] = lambda: False  # mails and letters come first
    stopping: Callable[[], bool] = lambda: False

    def due(self, now: datetime) -> Iterator[tuple[What, datetime]]:
        """What is let go, and how old it has to be."""
        return ((what, now - self.ages[what]) for what in What if self.ages.get(what))

    def run(self) -> int:
        """Let some of it go; returns how many tickets, mails or letters were looked at."""
        until, total = self.clock() + TIME, 0
        for what, before in self.due(self.clock()):
            count = 0
            while not self.stopping() and self.clock() < until and not self.busy():
                looked = self.kept.let_go(what, before, self.clock())
                if not looked:
                    break
                count += looked
            if count:
                self.log("retention", what=what.value, count=count, before=before.isoformat())
            total += count
        return total
