"""Sends what the outbox holds: nothing else sends (HOUSE invariant 4).

SMTP cannot be exactly-once: a relay may have taken a letter when we die before writing that down. So
each letter is marked `sending` in a durable transaction of its own right before it is tried, and that
transaction also records how the one before it went: one commit a letter, and after a crash exactly one
letter of a worker is uncertain. An automatic letter that is uncertain is not sent again; an agent's
answer is, under the same Message-ID and with the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from maild.app.ports import Delivery, Doorbell, Letter, Log, Sender
from maild.clock import Clock

GROUP = 50
LEASE = timedelta(minutes=15)  # longer than the slowest relay takes over one letter


class LetterState(StrEnum):
    """Where a letter stands."""

    WAITING = "waiting"
    SENDING = "sending"  # being tried right now, or its worker died over it
    SENT = "sent"
    UNCERTAIN = "uncertain"  # automatic, may have arrived, not tried again
    FAILED = "failed"  # refused for good, or expired
    DROPPED = "dropped"  # by an admin


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A letter that this worker has to itself."""

    id: int
    letter: Letter
    automatic: bool
    template: str
    ticket: int | None
    attempts: int  # before this one
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """How one try went, as it is recorded."""

    due: Due
    state: LetterState
    answer: str
    at: datetime
    uncertain: bool = False
    retry_at: datetime | None = None


class Outbox(Protocol):
    """The durable store of letters, as the sender sees it."""

    def claim(self, now: datetime, owner: str, lease: timedelta, limit: int) -> list[Due]:
        """Take the next letters that are due, oldest first."""

    def step(self, done: Sent | None, begin: Due | None, owner: str, lease_until: datetime) -> bool:
        """In one durable transaction: record how one letter went, and mark the next as being sent.

        False: `begin` is no longer ours (dropped by an admin, or its lease ended): do not send it.
        """

    def let_go(self, rest: Sequence[Due] | None, owner: str) -> None:
        """Give letters back that were claimed and certainly not tried; None: all that `owner` has not begun."""


def judge(due: Due, delivery: Delivery, now: datetime, waits: tuple[timedelta, ...]) -> Sent:
    """What follows from the relay's answer: pure."""
    if delivery.sent:
        refused = "; ".join(f"{address}: {answer}" for address, answer in delivery.refused)
        answer = f"{delivery.answer}; refused: {refused}" if refused else delivery.answer
        return Sent(due=due, state=LetterState.SENT, answer=answer, at=now)
    if delivery.uncertain and due.automatic:
        return Sent(due=due, state=LetterState.UNCERTAIN, answer=delivery.answer, at=now, uncertain=True)
    if not delivery.temporary:
        return Sent(due=due, state=LetterState.FAILED, answer=delivery.answer, at=now)
    retry_at = now + waits[min(due.attempts, len(waits) - 1)]
    if retry_at > due.expires_at:
        answer = f"given up after {due.attempts + 1} tries: {delivery.answer}"
        return Sent(due=due, state=LetterState.FAILED, answer=answer, at=now, uncertain=delivery.uncertain)
    return Sent(
        due=due,
        state=LetterState.WAITING,
        answer=delivery.answer,
        at=now,
        uncertain=delivery.uncertain,
        retry_at=retry_at,
    )


@dataclass(frozen=True, slots=True)
class _Open:
    """What could not be recorded because the database was away."""

    last: Sent | None
    rest: Sequence[Due] | None  # claimed, not tried; None: nobody knows which, the answer to the claim was lost


@dataclass(frozen=True, kw_only=True)
class Deliver:
    """The use case; one thread runs it at a time."""

    outbox: Outbox
    sender: Callable[[], Sender]
    doorbell: Doorbell
    log: Log
    clock: Clock
    owner: str
    waits: tuple[timedelta, ...]
    stopping: Callable[[], bool] = lambda: False
    open: list[_Open] = field(default_factory=list)

    def run(self) -> int:
        """Send everything that is due; returns how many letters were taken by the relay."""
        self._settle()
        sent = 0
        sender = self.sender()
        while not self.stopping() and (batch := self._claim()):
            sent += self._send(batch, sender)
        return sent

    def _claim(self) -> list[Due]:
        try:
            return self.outbox.claim(self.clock(), self.owner, LEASE, GROUP)
        except Exception:
            self.open.append(_Open(None, None))  # it may have been committed all the same
            raise

    def _send(self, batch: list[Due], sender: Sender) -> int:
        taken = 0
        last: Sent | None = None
        for at, due in enumerate(batch):
            if self.stopping():
                self.outbox.let_go(batch[at:], self.owner)
                break
            if self._step(last, due, batch[at:]):
                last = judge(due, sender.send(due.letter), self.clock(), self.waits)
                taken += last.state is LetterState.SENT
                self._log(last)
            else:
                last = None
        if last is not None:
            self._step(last, None, [])
        return taken

    def _step(self, last: Sent | None, due: Due | None, rest: Sequence[Due]) -> bool:
        """Record and begin; what the database cannot take now is kept for when it is back.

        Without this, a letter that was sent just before the database went away would count as
        uncertain, and those behind it would wait for the end of their lease.
        """
        try:
            return self.outbox.step(last, due, self.owner, self.clock() + LEASE)
        except Exception:
            self.open.append(_Open(last, rest))
            raise

    def _settle(self) -> None:
        """Record what was left open; raises while the database is still away."""
        while self.open:
            left = self.open[-1]
            if left.last is not None:
                self.outbox.step(left.last, None, self.owner, self.clock() + LEASE)
            self.outbox.let_go(left.rest, self.owner)
            self.open.pop()

    def _log(self, sent: Sent) -> None:
        self.log(
            "letter",
            letter=sent.due.id,
            template=sent.due.template,
            state=sent.state.value,
            ticket=sent.due.ticket,
            code=sent.answer[:3] if sent.answer[:3].isdecimal() else "",
        )
        if sent.retry_at is not None:
            self.doorbell.ring("deliver", sent.retry_at - sent.at)
