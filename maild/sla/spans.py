"""Time that does not count although the calendar is open: holds, and the time between an end and a reopening."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from maild.sla.calendar import Calendar


class Sort(StrEnum):
    """Why a span does not count."""

    HELD = "held"  # the ticket was on hold
    ENDED = "ended"  # it was resolved, and opened again


@dataclass(frozen=True, slots=True)
class Span:
    """From one moment to another; None: it is not over yet."""

    start: datetime
    end: datetime | None
    sort: Sort = Sort.HELD
    reason: str = ""


def apart(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time as spans in order of which none overlap; what lies inside another one goes on with it."""
    result: list[Span] = []
    for span in sorted(spans, key=lambda each: each.start):
        if span.end is not None and span.end <= span.start:
            continue
        last = result[-1] if result else None
        if last is None or (last.end is not None and last.end <= span.start):
            result.append(span)
        elif last.end is not None and (span.end is None or span.end > last.end):
            result.append(Span(last.end, span.end, span.sort, span.reason))
    return tuple(result)


def used(calendar: Calendar, start: datetime, until: datetime, spans: Sequence[Span]) -> timedelta:
    """The counted time from `start` to `until` without the spans, which do not overlap."""
    total = calendar.worked(start, until)
    for span in spans:
        end = until if span.end is None else min(span.end, until)
        total -= calendar.worked(max(span.start, start), end)
    return total


def due(calendar: Calendar, start: datetime, target: timedelta, spans: Sequence[Span]) -> datetime | None:
    """The earliest moment by which the target was counted; None when that cannot be told while a span is open.

    `spans` are in order and do not overlap. SLA.md: worked(start, t) minus worked over the spans up to t >= target.
    """
    left = target
    for span in spans:
        if span.end is not None and span.end <= start:
            continue
        counted = calendar.worked(start, span.start)
        if counted >= left:
            break
        left -= counted
        if span.end is None:
            return None
        start = span.end
    return calendar.due(start, left)
