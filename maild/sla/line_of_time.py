"""The line of time of a clock: what counted, what did not and why, without gaps, so that the numbers add up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from maild.sla.clock import Clock
from maild.sla.facts import Fact, in_order
from maild.sla.spans import Sort, Span
from maild.sla.terms import Terms, read_terms
from maild.tickets.events import EventKind

_ZERO = timedelta()


class Part(StrEnum):
    """What a stretch of the line is."""

    COUNTED = "counted"
    CLOSED = "closed"  # nobody works
    HELD = "held"
    ENDED = "ended"  # between a resolution and the reopening


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One stretch; `wall` is the sum of `counted`, `closed`, `held` and `ended`."""

    start: datetime
    end: datetime
    part: Part
    counted: timedelta = _ZERO
    would_count: timedelta = _ZERO  # of a hold: what would have counted without it
    reason: str = ""

    @property
    def wall(self) -> timedelta:
        """Its length on the wall."""
        return self.end - self.start

    @property
    def closed(self) -> timedelta:
        """The time in which nobody worked."""
        return self.wall - self.counted if self.part in (Part.COUNTED, Part.CLOSED) else _ZERO

    @property
    def held(self) -> timedelta:
        """The time on hold, on the wall."""
        return self.wall if self.part is Part.HELD else _ZERO

    @property
    def ended(self) -> timedelta:
        """The time in which the ticket had ended, on the wall."""
        return self.wall if self.part is Part.ENDED else _ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """The rows added up: `wall` is counted + closed + held + ended, and `counted` is what the clock has used."""

    wall: timedelta
    counted: timedelta
    closed: timedelta
    held: timedelta
    would_count: timedelta  # of the holds
    ended: timedelta


class Sign(StrEnum):
    """What happens at one moment of the line."""

    STARTED = "started"
    TARGET = "target"  # another one, from now on
    TOLD = "told"
    ESCALATED = "escalated"
    DUE = "due"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A moment of the line; `target` with the first two signs, None when nothing is promised any more."""

    at: datetime
    sign: Sign
    target: timedelta | None = None
    policy: str = ""
    facts: Mapping[str, str | int | bool | None]  # of the event, {} when there is none


def line_of_time(clock: Clock, now: datetime) -> tuple[Row, ...]:
    """The stretches of a clock from its start until now, or until its end; each begins where the last one ended.

    The sum of `counted` is `clock.used(now)`.
    """
    until = now if clock.ended_at is None else min(clock.ended_at, now)
    rows: list[Row] = []
    at = clock.started_at
    for span in clock.spans:
        start, end = max(span.start, at), until if span.end is None else min(span.end, until)
        if start >= end:
            continue
        rows += _working(clock, at, start)
        rows.append(_spared(clock, span, start, end))
        at = end
    rows += _working(clock, at, until)
    return tuple(rows)


def _spared(clock: Clock, span: Span, start: datetime, end: datetime) -> Row:
    if span.sort is Sort.ENDED:
        return Row(start=start, end=end, part=Part.ENDED, reason=span.reason)
    would = clock.calendar.worked(start, end)
    return Row(start=start, end=end, part=Part.HELD, would_count=would, reason=span.reason)


def _working(clock: Clock, start: datetime, end: datetime) -> Iterator[Row]:
    """The time between two spans, open and closed by turns."""
    at = start
    for opening, closing in clock.calendar.stretches(start, end) if start < end else ():
        if at < opening:
            yield Row(start=at, end=opening, part=Part.CLOSED)
        yield Row(start=opening, end=closing, part=Part.COUNTED, counted=closing - opening)
        at = closing
    if at < end:
        yield Row(start=at, end=end, part=Part.CLOSED)


def marks(clock: Clock, facts: Iterable[Fact]) -> tuple[Mark, ...]:
    """What happened to a clock, in order of time; the due time stands among it, also when it is still to come."""
    known = in_order(facts)
    found: list[Mark] = []
    promised: Terms | None = None
    started: Mark | None = None
    for fact in known:
        if fact.kind in (EventKind.OPENED, EventKind.TARGET):
            terms = read_terms(fact.data)
            if terms is None or (clock.ended_at is not None and fact.at > clock.ended_at):
                continue
            if started is None or fact.at <= clock.started_at:
                started = _promise(Sign.STARTED, clock.started_at, clock, terms, fact)
            elif promised is None or _of(clock, terms) != _of(clock, promised):
                found.append(_promise(Sign.TARGET, fact.at, clock, terms, fact))
            promised = terms
        elif fact.data.get("clock") == clock.kind and fact.data.get("cycle") == clock.cycle:
            sign = Sign.TOLD if fact.kind is EventKind.ALERT else Sign.ESCALATED
            found.append(Mark(at=fact.at, sign=sign, facts=fact.data))
    if started is not None:
        found.append(started)
    if clock.due_at is not None:
        found.append(Mark(at=clock.due_at, sign=Sign.DUE, facts={}))
    if clock.ended_at is not None:
        found.append(Mark(at=clock.ended_at, sign=Sign.ENDED, facts={"why": clock.why_ended}))
    order = list(Sign)
    return tuple(sorted(found, key=lambda mark: (mark.at, order.index(mark.sign))))


def _promise(sign: Sign, at: datetime, clock: Clock, terms: Terms, fact: Fact) -> Mark:
    return Mark(at=at, sign=sign, target=terms.targets.get(clock.kind), policy=terms.policy, facts=fact.data)


def _of(clock: Clock, terms: Terms) -> tuple[str, str, timedelta | None]:
    """What of the terms the clock runs by."""
    return terms.policy, terms.calendar, terms.targets.get(clock.kind)


def summed(rows: Iterable[Row]) -> Sums:
    """The rows added up."""
    rows = list(rows)
    return Sums(
        wall=sum((row.wall for row in rows), _ZERO),
        counted=sum((row.counted for row in rows), _ZERO),
        closed=sum((row.closed for row in rows), _ZERO),
        held=sum((row.held for row in rows), _ZERO),
        would_count=sum((row.would_count for row in rows), _ZERO),
        ended=sum((row.ended for row in rows), _ZERO),
    )


def in_seconds(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows cut to whole seconds at their ends, so that what is shown of them adds up as well."""
    cut = []
    for row in rows:
        start, end = row.start.replace(microsecond=0), row.end.replace(microsecond=0)
        counted = end - start if row.part is Part.COUNTED else _ZERO
        would_count = min(timedelta(seconds=row.would_count // timedelta(seconds=1)), end - start)
        cut.append(replace(row, start=start, end=end, counted=counted, would_count=would_count))
    return tuple(cut)


def by_day(rows: Iterable[Row], zone: tzinfo) -> tuple[Row, ...]:
    """Counted and closed time that begins on the same day as one row."""
    return _joined(rows, lambda moment: moment.astimezone(zone).date())


def by_week(rows: Iterable[Row], zone: tzinfo) -> tuple[Row, ...]:
    """Counted and closed time that begins in the same week as one row."""
    return _joined(rows, lambda moment: _monday(moment.astimezone(zone).date()))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _joined(rows: Iterable[Row], day: Callable[[datetime], date]) -> tuple[Row, ...]:
    joined: list[Row] = []
    for row in rows:
        last = joined[-1] if joined else None
        if last is None or {last.part, row.part} - _OF_CALENDAR or day(last.start) != day(row.start):
            joined.append(row)
            continue
        part = Part.COUNTED if last.counted or row.counted else Part.CLOSED
        joined[-1] = replace(last, end=row.end, part=part, counted=last.counted + row.counted)
    return tuple(joined)


_OF_CALENDAR = {Part.COUNTED, Part.CLOSED}
