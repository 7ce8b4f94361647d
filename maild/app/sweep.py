"""Finds what was forgotten: claims of workers that died, work whose doorbell was lost; and what time has settled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from maild.app.ports import Doorbell, Log
from maild.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep found."""

    mails_freed: int  # claimed by workers that are gone
    letters_freed: int
    letters_uncertain: int  # a worker died over them; automatic ones stay unsent


class Forgotten(Protocol):
    """The store, as the sweep sees it."""

    def due(self, now: datetime) -> frozenset[str]:
        """The bells to ring for what is due: mails, letters, clocks; three look-ups in small indexes."""

    def set_right(self, now: datetime, mail_wait: timedelta, letter_wait: timedelta) -> int:
        """Make due what waits longer than the longest wait: a clock was ahead; how many mails and letters."""

    def anybody_waits(self) -> bool:
        """Whether a ticket waits for an agent: one look at a table that is mostly empty."""

    def sweep(self, now: datetime, gone: Callable[[str], bool]) -> Swept:
        """Free the claims whose lease has ended or whose owner is `gone`."""

    def forget(self, now: datetime, bounces_before: datetime) -> None:
        """Remove counts that no budget asks for any more, and bounces that make no mark."""


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """The use case; runs at start and every minute, in as many processes as like to."""

    forgotten: Forgotten
    doorbell: Doorbell
    log: Log
    clock: Clock
    gone: Callable[[str], bool]
    bounces_kept: timedelta
    mail_wait: timedelta  # the longest between two tries
    letter_wait: timedelta
    digests: Callable[[], int] = lambda: 0  # writes those that are due

    def run(self) -> Swept:
        """Sweep once."""
        swept = self.forgotten.sweep(self.clock(), self.gone)
        if swept.mails_freed or swept.letters_freed or swept.letters_uncertain:
            self.log(
                "work of a dead worker freed",
                mails=swept.mails_freed,
                letters=swept.letters_freed,
                uncertain=swept.letters_uncertain,
            )
        if early := self.forgotten.set_right(self.clock(), self.mail_wait, self.letter_wait):
            self.log("a clock was ahead: what waited for its time is due now", mails_and_letters=early)
        self.forgotten.forget(self.clock(), self.clock() - self.bounces_kept)
        if self.digests():
            self.doorbell.ring("deliver")
        if self.forgotten.anybody_waits():  # a shift may have begun, or an absence ended
            self.doorbell.ring("watch")
        self.ring_if_due()
        return swept

    def ring_if_due(self) -> None:
        """Ring for work whose own ring was lost, or whose wait is over."""
        for bell in sorted(self.forgotten.due(self.clock())):
            self.doorbell.ring(bell)
