"""Where a ticket stands with its promises, in one word and one moment (SLA.md, Status shown)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from maild.sla.terms import ClockKind


class Standing(StrEnum):
    """What lists, letters and filters say."""

    FIRST_RESPONSE_DUE = "first response due"
    NEXT_RESPONSE_DUE = "next response due"
    RESOLUTION_DUE = "resolution due"
    PAUSED = "paused"
    FULFILLED = "fulfilled"
    FAILED = "failed"
    NONE = "none"  # nothing was promised


class Promise(Protocol):
    """A clock, derived from events or read from the row that was kept of it."""

    @property
    def kind(self) -> ClockKind:
        """What it waits for."""

    @property
    def started_at(self) -> datetime:
        """When it began."""

    @property
    def ended_at(self) -> datetime | None:
        """None while it runs or is paused."""

    @property
    def paused_at(self) -> datetime | None:
        """None while it is not."""

    @property
    def due_at(self) -> datetime | None:
        """None while nobody can tell."""

    def failed(self, now: datetime) -> bool:
        """Whether the target ran out before its end, or has by now."""


DUE = {
    ClockKind.FIRST_RESPONSE: Standing.FIRST_RESPONSE_DUE,
    ClockKind.NEXT_RESPONSE: Standing.NEXT_RESPONSE_DUE,
    ClockKind.RESOLUTION: Standing.RESOLUTION_DUE,
}


@dataclass(frozen=True, slots=True)
class Stands:
    """The word, the clock that it is about, and when that is or was due."""

    standing: Standing
    clock: ClockKind | None
    due_at: datetime | None


def standing(clocks: Sequence[Promise], now: datetime) -> Stands:
    """The word for a ticket: a promise that was not kept, else that nothing counts, else what is due next.

    It does not depend on the order of the clocks. `maild.store.standings` asks the same of the database.
    """
    failed = [clock for clock in clocks if clock.failed(now)]
    if failed:
        worst = max(failed, key=lambda clock: (clock.ended_at is None, clock.started_at, clock.kind))
        return Stands(Standing.FAILED, worst.kind, worst.due_at)
    running = [clock for clock in clocks if clock.ended_at is None]
    if not running:
        return Stands(Standing.FULFILLED if clocks else Standing.NONE, None, None)
    if any(clock.paused_at is not None for clock in running):
        return Stands(Standing.PAUSED, None, None)
    first = min(running, key=lambda clock: (clock.due_at is None, clock.due_at, clock.kind))
    return Stands(DUE[first.kind], first.kind, first.due_at)
