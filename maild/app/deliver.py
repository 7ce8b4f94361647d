"""Sends what the outbox holds: nothing else sends (HOUSE invariant 4).

SMTP cannot be exactly-once: a relay may have taken a letter when we die before writing that down. So
each letter is marked `sending` in a durable transaction right before it is tried, and that transaction
also records how those went that have ended meanwhile: at most one commit a letter, and after a crash only
the letters under way are uncertain, no more than there are lanes. An automatic letter that is uncertain is
not sent again; an agent's answer is, under the same Message-ID and with the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from maild.app.arrival import LARGE
from maild.app.ports import Delivery, Doorbell, Lanes, Letter, Log
from maild.clock import Clock

GROUP = 50
LEASE = timedelta(minutes=30)  # longer than the slowest relay takes over one letter: ten answers and a final one
PATIENCE = 1.0  # seconds
LINGER = 0.005  # seconds in which letters that end share a commit


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

    def step(self, ended: Sequence[Sent], begin: Sequence[Due], owner: str, lease_until: datetime) -> frozenset[int]:
        """In one durable transaction: record how letters went, and mark others as being sent.

        The ids of those that may be sent; the rest of `begin` is no longer ours (dropped by an admin, or its
        lease ended). Recording twice what was recorded changes nothing.
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


@dataclass
class Hand:
    """The letters that a worker has claimed, by how far they are."""

    waiting: list[Due] = field(default_factory=list)  # not begun; oldest first
    under_way: dict[int, Due] = field(default_factory=dict)  # on a lane
    ended: list[Sent] = field(default_factory=list)  # not recorded yet
    doubtful: list[Due] = field(default_factory=list)  # begun, or not: the answer to the commit was lost
    claims_doubtful: bool = False  # the answer to a claim was lost: nobody knows which letters it was
    retired: bool = False  # another configuration sends now

    @property
    def busy(self) -> bool:
        """Whether there is anything that only this worker knows of: nobody else looks for what bears its claim."""
        return bool(self.waiting or self.under_way or self.ended or self.doubtful or self.claims_doubtful)


@dataclass(frozen=True, kw_only=True)
class Deliver:
    """The use case; one thread runs it at a time."""

    outbox: Outbox
    lanes: Lanes
    doorbell: Doorbell
    log: Log
    clock: Clock
    owner: str
    waits: tuple[timedelta, ...]
    stopping: Callable[[], bool] = lambda: False
    hand: Hand = field(default_factory=Hand)

    def run(self) -> int:
        """Send everything that is due; returns how many letters were taken by the relay."""
        self._settle()
        hand, taken = self.hand, 0
        while not hand.retired or self.stopping():
            begin = self._choose()
            if begin or hand.ended:
                self._step(begin)
            elif not hand.under_way:
                return taken
            if hand.under_way:
                taken += self._collect(PATIENCE)
        return taken + self._leave()

    def retire(self) -> None:
        """Begin nothing more: what is claimed goes back at the next run, what is under way is recorded as it ends."""
        self.hand.retired = True

    def _leave(self) -> int:
        """What a retired worker does at each run; a relay that hangs must not hold up those who took its place."""
        taken = self._collect(0)
        if self.hand.ended:
            self._step([])
        self._give_back_waiting()
        return taken

    def _give_back_waiting(self) -> None:
        if self.hand.waiting:
            self._give_back(self.hand.waiting)
            self.hand.waiting = []

    def _choose(self) -> list[Due]:
        """What may be begun now; claims more when there is nothing."""
        if self.stopping():
            self._give_back_waiting()
            return []
        if not self.lanes.free:
            return []
        chosen = list(self._ready())
        if not chosen and self._has_room():
            self.hand.waiting += self._claim()
            chosen = list(self._ready())
        return chosen

    def _has_room(self) -> bool:
        """Many letters are in hand when they are to one recipient, and wait for each other."""
        waiting = self.hand.waiting
        return len(waiting) < GROUP and sum(len(due.letter.raw) for due in waiting) < LARGE

    def _ready(self) -> Iterator[Due]:
        """The oldest, one for each free lane; never two to one recipient at once: they are to arrive in order."""
        taken = {due.letter.envelope_to for due in self.hand.under_way.values()}
        free = self.lanes.free
        for due in self.hand.waiting:
            if not free:
                return
            if due.letter.envelope_to not in taken:
                taken.add(due.letter.envelope_to)
                free -= 1
                yield due

    def _claim(self) -> list[Due]:
        try:
            return self.outbox.claim(self.clock(), self.owner, LEASE, GROUP)
        except Exception:
            self.hand.claims_doubtful = True  # it may have been committed all the same
            raise

    def _step(self, begin: list[Due]) -> None:
        """Record and begin; what the database cannot take now stays in hand for when it is back.

        Without this, letters that were sent just before the database went away would count as uncertain,
        and those behind them would wait for the end of their lease.
        """
        hand = self.hand
        chosen = {due.id for due in begin}
        hand.waiting = [due for due in hand.waiting if due.id not in chosen]
        try:
            begun = self.outbox.step(hand.ended, begin, self.owner, self.clock() + LEASE)
        except Exception:
            hand.doubtful += begin
            raise
        hand.ended = []
        ours = [due for due in begin if due.id in begun]
        for place, due in enumerate(ours):
            try:
                self.lanes.begin(due.id, due.letter)
            except Exception:
                hand.doubtful += ours[place:]  # marked, and certainly not tried
                raise
            hand.under_way[due.id] = due

    def _collect(self, wait: float) -> int:
        """Wait for a letter to end, so long at most: a slow relay must not keep new letters from free lanes."""
        ended = self.lanes.ended(wait)
        while ended and len(ended) < len(self.hand.under_way) and (more := self.lanes.ended(LINGER)):
            ended += more  # a commit costs more than a near relay takes
        now = self.clock()
        results = [
            judge(self.hand.under_way.pop(letter_id), delivery, now, self.waits) for letter_id, delivery in ended
        ]
        self.hand.ended += results
        for sent in results:
            self._log(sent)
        return sum(sent.state is LetterState.SENT for sent in results)

    def _settle(self) -> None:
        """Record and give back what the database could not take; raises while it is still away."""
        hand = self.hand
        if hand.doubtful or hand.claims_doubtful:
            if hand.ended:
                self.outbox.step(hand.ended, [], self.owner, self.clock() + LEASE)
                hand.ended = []
            self._give_back([*hand.doubtful, *hand.waiting])
            hand.doubtful, hand.waiting = [], []
        if hand.claims_doubtful:
            self._give_back(None)
            hand.claims_doubtful = False

    def _give_back(self, letters: Sequence[Due] | None) -> None:
        self.outbox.let_go(letters, self.owner)

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
