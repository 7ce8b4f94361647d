"""Escalations: what happens to a ticket whose clock runs low, and which of them fit it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from maild.sla.calendar import Calendar
from maild.sla.clock import Clock
from maild.sla.policies import BREACH, THRESHOLDS, Condition, Subject
from maild.sla.terms import ClockKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A ticket of our own that an escalation opens, linked to the one that is escalated."""

    queue: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """When something is done about a ticket by itself, and what; once for each cycle of a clock."""

    name: str
    when: Condition = field(default_factory=Condition)
    policies: frozenset[str] = frozenset()
    clocks: frozenset[ClockKind] = frozenset(ClockKind)
    at: int | None = None  # percent of the target; 100 is the breach, more is after it
    after: timedelta | None = None  # counted time since the clock started
    reopened: int = 0  # not before the ticket was reopened so many times
    # What is done:
    assign: str = ""  # an agent's address, or "manager"
    team: str = ""
    raise_priority: bool = False
    notify: tuple[str, ...] = ()  # assignee, team, manager, or an address
    status: str = ""
    tag: str = ""
    task: Task | None = None

    def fits(self, subject: Subject, clock: Clock, reopened: int) -> bool:
        """Whether it may be carried out for this clock at all."""
        return (
            clock.kind in self.clocks
            and reopened >= self.reopened
            and (not self.policies or clock.policy in self.policies)
            and not self.when.missing(subject)
        )

    def moment(self, clock: Clock) -> datetime | None:
        """When it is due; None while nobody can tell."""
        if self.at is not None:
            return clock.crossing(self.at)
        if self.after is not None:
            return clock.after(self.after)
        return clock.started_at  # as soon as its condition holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is done by itself about the clocks of one ticket."""

    thresholds: Sequence[int] = THRESHOLDS  # percent, ascending, below the breach
    escalations: Sequence[Escalation] = ()  # those that are configured
    subject: Subject
    quiet: Calendar | None = None  # open in the hours in which only a breach is told of


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be done about one clock now."""

    clock: Clock
    level: int  # the highest threshold that was crossed and not told of; 0 for none
    escalations: tuple[Escalation, ...]


def next_moment(clock: Clock, plan: Plan, reopened: int, now: datetime) -> datetime | None:
    """When the clock has to be looked at again; None: not before something else happens."""
    return min((moment for moment, _ in _moments(clock, plan, reopened, now)), default=None)


def due_now(clock: Clock, plan: Plan, reopened: int, now: datetime) -> Due:
    """What is to be done by now; several thresholds that were crossed at once count as the highest."""
    level = 0
    escalations = []
    for moment, what in _moments(clock, plan, reopened, now):
        if moment > now:
            continue
        if isinstance(what, Escalation):
            escalations.append(what)
        else:
            level = max(level, what)
    return Due(clock, level, tuple(escalations))


def _moments(clock: Clock, plan: Plan, reopened: int, now: datetime) -> Iterable[tuple[datetime, int | Escalation]]:
    """Everything that is still to come for a clock, each with its moment.

    Quiet hours are those of the moment at which somebody would be told: what was crossed by day and is found
    at night (a raised priority, an outage) waits for the morning, too.
    """
    if clock.ended_at is not None:
        return
    for level in (*plan.thresholds, BREACH):
        moment = clock.crossing(level) if level > clock.told else None
        if moment is not None:
            yield _loud(max(moment, now), plan) if level < BREACH else moment, level
    for escalation in plan.escalations:
        if escalation.name in clock.escalated or not escalation.fits(plan.subject, clock, reopened):
            continue
        moment = escalation.moment(clock)
        if moment is not None:
            is_breach = clock.due_at is not None and moment >= clock.due_at
            yield moment if is_breach else _loud(max(moment, now), plan), escalation


def _loud(moment: datetime, plan: Plan) -> datetime:
    """The moment, or the end of the quiet hours that it falls into."""
    return plan.quiet.closing(moment) if plan.quiet is not None else moment
