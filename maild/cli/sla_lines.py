"""Gathers what `maild sla explain` tells of a ticket: each clock with its line of time, and why it is what it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from maild.app.clocks import subject_of
from maild.app.desk import Desk
from maild.cli.standing_words import stands_json
from maild.sla.clock import Clock
from maild.sla.clocks import derive
from maild.sla.facts import CLOCK_EVENTS, Fact
from maild.sla.line_of_time import Mark, Row, Sign, Sums, in_seconds, line_of_time, marks, summed
from maild.sla.policies import Choice, choose
from maild.sla.standing import Stands, standing
from maild.store.events_read import events_of
from maild.store.standings import KeptClock, kept_clocks
from maild.store.story import read_ticket
from maild.tickets.model import Ticket

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockLine:
    """One clock; its rows are in whole seconds and add up to `sums`."""

    clock: Clock
    rows: tuple[Row, ...]
    sums: Sums
    marks: tuple[Mark, ...]
    kept: KeptClock | None  # how it was counted when it ended, if that is not how it is counted today

    @property
    def used(self) -> timedelta:
        """The counted time; what was kept when it ended stays true."""
        return self.kept.used if self.kept and self.kept.used is not None else self.sums.counted

    def failed(self, now: datetime) -> bool:
        """Whether the promise was broken, as it was judged when the clock ended."""
        return (self.kept or self.clock).failed(now)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketLines:
    """A ticket's promises."""

    ticket: Ticket
    choice: Choice  # the policy that it would get now, and why
    stands: Stands
    clocks: tuple[ClockLine, ...]


def read_lines(connection: Connection, number: int, desk: Desk, now: datetime) -> TicketLines | None:
    """Everything about a ticket's clocks; None when there is no such ticket."""
    ticket = read_ticket(connection, number)
    if ticket is None:
        return None
    facts = [
        # With the content beside the chain: reasons of holds, and who was told.
        Fact(event.seq, event.at, event.kind, event.mail, {**event.data, **(event.content or {})})
        for event in events_of(connection, number)
        if event.kind in CLOCK_EVENTS
    ]
    kept = {(row.kind, row.cycle): row for row in kept_clocks(connection, [number]).get(number, ())}
    clocks = sorted(derive(facts, desk.levels.rules).each, key=lambda clock: (clock.started_at, clock.kind))
    lines = [_line(clock, facts, kept.get((clock.kind, clock.cycle)), now) for clock in clocks]
    judged = [line.kept or line.clock for line in lines]
    return TicketLines(
        ticket=ticket,
        choice=choose(subject_of(ticket, desk), desk.levels.policies),
        stands=standing(judged, now),
        clocks=tuple(lines),
    )


def _line(clock: Clock, facts: Sequence[Fact], kept: KeptClock | None, now: datetime) -> ClockLine:
    rows = in_seconds(line_of_time(clock, now))
    differs = kept if kept is not None and _differs(clock, kept, now) else None
    return ClockLine(clock=clock, rows=rows, sums=summed(rows), marks=marks(clock, facts), kept=differs)


def _differs(clock: Clock, kept: KeptClock, now: datetime) -> bool:
    """Whether a clock that has ended was counted otherwise then: its calendar has changed since."""
    if kept.ended_at is None or kept.used is None or clock.ended_at is None:
        return False
    return kept.used != clock.used(now) // _SECOND * _SECOND or kept.failed(now) != clock.failed(now)


def document(lines: TicketLines, desk: Desk, now: datetime) -> dict[str, object]:
    """Everything as one JSON document; lengths are in seconds."""
    return {
        "ticket": lines.ticket.number,
        "subject": lines.ticket.subject,
        "at": now,
        "timezone": str(desk.zone),
        "sla": stands_json(lines.stands),
        "policy": lines.choice.policy.name if lines.choice.policy else None,
        "why": lines.choice.why,
        "clocks": [_clock(line, now) for line in lines.clocks],
    }


def _clock(line: ClockLine, now: datetime) -> dict[str, object]:
    clock = line.clock
    names = ("kind", "cycle", "policy", "target", "started_at", "due_at", "paused_at", "ended_at", "why_ended")
    facts: dict[str, object] = {name: getattr(clock, name) for name in names}
    return facts | {
        "calendar": clock.calendar.name,
        "calendar_timezone": str(clock.calendar.zone),
        "used": line.used,
        "left": clock.target - line.used,
        "failed": line.failed(now),
        "told": clock.told,
        "escalated": sorted(clock.escalated),
        "sums": asdict(line.sums),
        "kept": {"used": line.kept.used, "failed": line.kept.failed(now)} if line.kept else None,
        "line": [asdict(row) | {"wall": row.wall} for row in line.rows],
        "marks": [_mark(mark) for mark in line.marks],
    }


def _mark(mark: Mark) -> dict[str, object]:
    """A mark with what its event says of it; not all that an event says is about clocks."""
    names = ("reason", "level", "told", "rule", "done", "why")
    said = {name: mark.facts[name] for name in names if mark.facts.get(name) is not None}
    promised = {"target": mark.target, "policy": mark.policy} if mark.sign in (Sign.STARTED, Sign.TARGET) else {}
    return {"at": mark.at, "sign": mark.sign, **promised, **said}
