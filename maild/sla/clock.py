"""One promise about a ticket, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from maild.sla import spans
from maild.sla.calendar import Calendar
from maild.sla.policies import BREACH
from maild.sla.spans import Sort, Span
from maild.sla.terms import ClockKind


@dataclass(frozen=True, kw_only=True)
class Clock:
    """One promise about a ticket, and where it stands."""

    kind: ClockKind
    cycle: int  # 1, 2, … of its kind
    started_at: datetime
    ended_at: datetime | None  # None: it runs, or is paused
    why_ended: str  # "answered", or the status that ended it; "" while it runs
    policy: str
    calendar: Calendar
    target: timedelta
    revision: int  # how many times the ticket had got terms when this target came to hold
    spans: tuple[Span, ...]  # what does not count, in order, apart; the last one may be open
    told: int = 0  # the highest threshold in percent that was alerted of
    escalated: frozenset[str] = frozenset()  # the rules that have been carried out for it

    @cached_property
    def due_at(self) -> datetime | None:
        """When the target runs out; None while a hold is open that began before that."""
        return self.crossing(BREACH)

    @property
    def paused_at(self) -> datetime | None:
        """Since when it stands still; None when it does not."""
        last = self.spans[-1] if self.spans else None
        return last.start if self.ended_at is None and last is not None and last.end is None else None

    def crossing(self, percent: int) -> datetime | None:
        """When this share of the target is used up; None while nobody can tell."""
        return self.after(self.target * percent / 100)

    def after(self, counted: timedelta) -> datetime | None:
        """When so much time has been counted; None while nobody can tell."""
        return spans.due(self.calendar, self.started_at, counted, self.spans)

    def used(self, now: datetime) -> timedelta:
        """The time counted until now, or until its end."""
        return spans.used(self.calendar, self.started_at, self._until(now), self.spans)

    def failed(self, now: datetime) -> bool:
        """Whether the target ran out before its end, or has by now."""
        if self.due_at is None:
            return False
        return self.ended_at > self.due_at if self.ended_at is not None else now >= self.due_at

    def held(self, now: datetime) -> tuple[timedelta, timedelta]:
        """The time on hold until now, or until its end: on the wall, and of it what would have counted."""
        until = self._until(now)
        wall = counted = timedelta()
        for span in self.spans:
            end = until if span.end is None else min(span.end, until)
            if span.sort is Sort.HELD and end > span.start:
                wall += end - span.start
                counted += self.calendar.worked(span.start, end)
        return wall, counted

    def _until(self, now: datetime) -> datetime:
        return now if self.ended_at is None else min(self.ended_at, now)
