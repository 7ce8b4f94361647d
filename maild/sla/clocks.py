"""A ticket's clocks, from its events: one pure function that is asked again whenever there is something new.

Nothing is counted up and stored: what is learned late, a mail that arrived yesterday or an answer that came
back, needs no correction, because the clocks follow from all that is known (SLA.md, Clocks).

    first response   from the opening to the first answer that was delivered
    next response    from the oldest mail without an answer to the next answer
    resolution       from the opening to the resolution; goes on, or begins anew, when the ticket is reopened
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from maild.sla import spans
from maild.sla.calendar import ALWAYS, Calendar
from maild.sla.clock import Clock
from maild.sla.facts import Fact, in_order, still_here, undelivered
from maild.sla.spans import Sort, Span
from maild.sla.terms import ClockKind, Terms, read_terms
from maild.sla.told import TELLING, with_told
from maild.tickets.events import EventKind
from maild.tickets.lifecycle import ENDED, ON_CUSTOMER_MAIL, Status
from maild.tickets.undo import REASON

_ANSWERED = "answered"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What the configuration says of all clocks."""

    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    paused_by: frozenset[Status] = frozenset({Status.ON_HOLD})
    restart: bool = False  # a reopened ticket gets a new resolution clock; else the old one goes on

    def calendar(self, name: str) -> Calendar:
        """A calendar by its name; one that is configured no more counts every hour."""
        return self.calendars.get(name, ALWAYS)


@dataclass(frozen=True, slots=True)
class Clocks:
    """All clocks of a ticket, in the order in which they started."""

    each: tuple[Clock, ...]
    terms: Terms | None  # that hold now
    reopened: int  # how many times

    @property
    def running(self) -> tuple[Clock, ...]:
        """Those that have not ended; a paused one is among them."""
        return tuple(clock for clock in self.each if clock.ended_at is None)


def derive(facts: Iterable[Fact], rules: Rules) -> Clocks:
    """The clocks of a ticket from what is known of it, in whatever order it was learned."""
    known = still_here(facts)
    walk = _Walk(restart=rules.restart, paused_by=rules.paused_by, void=undelivered(known))
    for fact in in_order(known):
        walk.take(fact)
    decisions = sorted((f for f in known if f.kind in TELLING), key=lambda fact: fact.seq)
    holds = walk.all_holds()
    finished = (_finished(running, walk, holds, rules) for running in walk.clocks)
    each = tuple(with_told(clock, decisions, rules.calendar) for clock in finished if clock is not None)
    return Clocks(each, walk.terms, walk.reopened)


@dataclass(slots=True, kw_only=True)
class _Running:
    """A clock while the events are walked through."""

    kind: ClockKind
    cycle: int
    started_at: datetime
    gaps: list[Span] = field(default_factory=list)
    ended_at: datetime | None = None
    why_ended: str = ""
    answered: bool = False  # also when the answer came after its end
    terms: tuple[Terms, int] | None = None  # those that held at its end, and their number

    def end(self, at: datetime, why: str, terms: tuple[Terms, int] | None) -> None:
        if self.ended_at is None:
            self.ended_at, self.why_ended, self.terms = at, why, terms

    def go_on(self, at: datetime) -> None:
        if self.ended_at is not None:
            self.gaps.append(Span(self.ended_at, at, Sort.ENDED, self.why_ended))
            self.ended_at, self.why_ended, self.terms = None, "", None


@dataclass(slots=True, kw_only=True)
class _Walk:
    """The state of a ticket between two facts."""

    restart: bool
    paused_by: frozenset[Status]
    void: frozenset[int]  # the answers, by seq, that did not arrive
    terms: Terms | None = None
    revision: int = 0
    clocks: list[_Running] = field(default_factory=list)
    last: dict[ClockKind, _Running] = field(default_factory=dict)  # of each kind; no other one can run
    holds: list[Span] = field(default_factory=list)
    status: Status = Status.NEW
    paused: tuple[datetime, str] | None = None
    ended: str = ""  # the status that ended the ticket
    reopened: int = 0
    answered: bool = False
    last_mail: Fact | None = None

    def take(self, fact: Fact) -> None:
        match fact.kind:
            case EventKind.OPENED | EventKind.TARGET:
                self._take_terms(fact)
            case EventKind.MAIL:
                self.last_mail = fact
                if self.status in ON_CUSTOMER_MAIL:  # learned late, it ends a hold that somebody has ended since
                    self._resume(fact.at)
                if not self.ended:
                    self._wait_for_answer(fact.at)
            case EventKind.ANSWER | EventKind.RETRIED if fact.seq not in self.void:
                self.answered = True
                for clock in self.last.values():
                    if clock.kind is not ClockKind.RESOLUTION:
                        clock.answered = True
                        clock.end(fact.at, _ANSWERED, self._terms)
            case EventKind.STATUS:
                self._take_status(Status(str(fact.data["to"])), fact)
            case _:
                pass

    @property
    def _terms(self) -> tuple[Terms, int] | None:
        return (self.terms, self.revision) if self.terms else None

    def _take_terms(self, fact: Fact) -> None:
        terms = read_terms(fact.data)
        if terms is None:
            return
        self.terms = terms
        self.revision += 1
        if self.revision == 1 and not self.ended:
            self._start(ClockKind.RESOLUTION, fact.at)
            if not self.answered:  # else its first answer was given before it was promised anything
                self._start(ClockKind.FIRST_RESPONSE, fact.at)

    def _take_status(self, to: Status, fact: Fact) -> None:
        at, self.status = fact.at, to
        if to not in self.paused_by:
            self._resume(at)
        elif not self.paused and to in self.paused_by:
            self.paused = (at, str(fact.data.get("hold_reason") or ""))
        if to in ENDED:
            self.ended = to
            for clock in self.last.values():
                clock.end(at, to, self._terms)
        elif self.ended:
            self._reopen(fact)

    def _resume(self, at: datetime) -> None:
        if self.paused:
            self.holds.append(Span(self.paused[0], at, Sort.HELD, self.paused[1]))
            self.paused = None

    def _reopen(self, fact: Fact) -> None:
        self.ended = ""
        by_mistake = fact.data.get("reason") == REASON  # it should never have ended, so it goes on as if it had not
        self.reopened += not by_mistake
        for clock in list(self.last.values()):
            if clock.kind is ClockKind.RESOLUTION and self.restart and not by_mistake:
                self._start(ClockKind.RESOLUTION, fact.at)
            elif not clock.answered:
                clock.go_on(fact.at)
        if self.terms and ClockKind.RESOLUTION not in self.last:
            self._start(ClockKind.RESOLUTION, fact.at)  # it was promised nothing before
        if self.last_mail is not None and fact.mail is not None and self.last_mail.mail == fact.mail:
            self._wait_for_answer(self.last_mail.at)

    def _wait_for_answer(self, since: datetime) -> None:
        """A mail came: from the oldest one without an answer the next response is waited for."""
        running = any(c.ended_at is None and c.kind is not ClockKind.RESOLUTION for c in self.last.values())
        if self.answered and not running and self.terms:
            self._start(ClockKind.NEXT_RESPONSE, since)

    def _start(self, kind: ClockKind, at: datetime) -> None:
        cycle = 1 + (self.last[kind].cycle if kind in self.last else 0)
        self.last[kind] = _Running(kind=kind, cycle=cycle, started_at=at)
        self.clocks.append(self.last[kind])

    def all_holds(self) -> list[Span]:
        """In order, with the one that is open."""
        open_one = [Span(self.paused[0], None, Sort.HELD, self.paused[1])] if self.paused else []
        return [*self.holds, *open_one]


def _finished(running: _Running, walk: _Walk, holds: Sequence[Span], rules: Rules) -> Clock | None:
    """A clock with what it was spared; None when nothing was promised of its kind."""
    terms, revision = running.terms or (walk.terms, walk.revision)
    target = terms.targets.get(running.kind) if terms else None
    if terms is None or target is None:
        return None
    end = running.ended_at
    first = max(bisect_right(holds, running.started_at, key=_start_of) - 1, 0)  # a ticket may have been held often
    held = holds[first : None if end is None else bisect_left(holds, end, key=_start_of)]
    spans_of_it = [
        replace(span, start=max(span.start, running.started_at), end=_earlier(span.end, end))
        for span in (*held, *running.gaps)
        if (span.end is None or span.end > running.started_at) and (end is None or span.start < end)
    ]
    return Clock(
        kind=running.kind,
        cycle=running.cycle,
        started_at=running.started_at,
        ended_at=end,
        why_ended=running.why_ended,
        policy=terms.policy,
        calendar=rules.calendar(terms.calendar),
        target=target,
        revision=revision,
        spans=spans.apart(spans_of_it),
    )


def _start_of(span: Span) -> datetime:
    return span.start


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    """The earlier of two moments; None is later than any."""
    return min((each for each in (one, other) if each is not None), default=None)
