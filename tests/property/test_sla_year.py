"""A simulated year of 10,000 tickets: every figure of every clock is the one of a table of the year's minutes."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import accumulate
from zoneinfo import ZoneInfo

from maild.sla.calendar import Calendar
from maild.sla.clock import Clock
from maild.sla.clocks import Rules, derive
from maild.sla.terms import ClockKind, Terms
from maild.testing.history import History, terms
from maild.tickets.lifecycle import Status

TICKETS = 10_000
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = 365 * 1440  # minutes
SLOT = 30  # minutes between two looks at a wall clock; clocks are changed on the hour or half past
SLOTS = 2 * YEAR // SLOT
FIRST, NEXT, RESOLUTION = ClockKind
Hours = Mapping[int, Sequence[tuple[int, int]]]  # by weekday, in minutes after midnight
HOURS: dict[str, tuple[str, Hours, set[tuple[int, int]]]] = {
    "berlin": ("Europe/Berlin", dict.fromkeys(range(5), ((540, 750), (810, 1050))), {(12, 24), (12, 25), (5, 1)}),
    "new york": ("America/New_York", dict.fromkeys(range(6), ((480, 1080),)), {(7, 4), (11, 26)}),
    "kolkata": ("Asia/Kolkata", dict.fromkeys(range(6), ((570, 1110),)), {(1, 26)}),
    "nights": ("Europe/Berlin", dict.fromkeys(range(7), ((1320, 1800),)), set()),
    "lord howe": ("Australia/Lord_Howe", dict.fromkeys(range(7), ((0, 1440),)), {(4, 5)}),
}
TARGETS = {"low": (2880, 1440, 10080), "medium": (1440, 960, 4320), "high": (240, 240, 1440), "critical": (60, 45, 240)}


def closed(name: str, year: int) -> frozenset[date]:
    return frozenset(date(year, *day) for day in HOURS[name][2])


def moment(minute: int) -> datetime:
    return BEGIN + timedelta(minutes=minute)


def table(name: str) -> list[int]:
    """For each minute since the year began, how many of those before it counted."""
    zone, hours = ZoneInfo(HOURS[name][0]), HOURS[name][1]
    flags = bytearray()
    days: dict[date, bytearray] = {}
    for slot in range(SLOTS):
        wall = moment(slot * SLOT).astimezone(zone)
        if wall.date() not in days:
            days[wall.date()] = day = bytearray(1440)
            for each, shift in ((wall.date(), 0), (wall.date() - timedelta(days=1), 1440)):
                if each not in closed(name, each.year):
                    for begin, end in hours.get(each.weekday(), ()):
                        for minute in range(max(begin - shift, 0), min(max(end - shift, 0), 1440)):
                            day[minute] = 1
        at = wall.hour * 60 + wall.minute
        # In the hour that comes twice, the clock stands where the first one ended.
        flags += flags[-1:] * SLOT if wall.fold else days[wall.date()][at : at + SLOT]
    return [0, *accumulate(flags)]


@dataclass
class Counted:
    """A clock as the oracle keeps it: the stretches in which it ran, and those on hold, in minutes."""

    kind: ClockKind
    started: int
    ran: list[list[int]] = field(default_factory=list)
    held: list[list[int]] = field(default_factory=list)
    ended: int | None = None
    is_answered: bool = False
    terms: tuple[str, str] = ("", "")  # calendar and priority, that hold or held at its end

    def begin(self, stretches: list[list[int]], at: int) -> None:
        stretches.append([at, 2 * YEAR])

    def cut(self, at: int) -> None:
        for stretches in (self.ran, self.held):
            if stretches and stretches[-1][1] > at:
                stretches[-1][1] = at


def summed(counts: Sequence[int], stretches: Sequence[Sequence[int]], until: int) -> int:
    return sum(counts[min(b, until)] - counts[a] for a, b in stretches if a < until)


def runs_out(counts: Sequence[int], stretches: Sequence[Sequence[int]], target: int) -> int | None:
    """The minute at whose beginning the target is counted; None: not while it ran."""
    for begin, end in stretches:
        if counts[end] - counts[begin] >= target:
            return bisect_left(counts, counts[begin] + target, begin, end + 1)
        target -= counts[end] - counts[begin]
    return None


class Life:
    """A ticket at random: what it tells maild, and beside it what the oracle makes of that."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.history = History()
        self.clocks: list[Counted] = []
        self.calendar, self.priority = chance.choice(sorted(HOURS)), chance.choice(sorted(TARGETS))
        self.status = Status.OPEN
        self.is_answered = False
        self.mails = 1
        self.now = chance.randrange(YEAR - 1440)
        self.history.opened(moment(self.now), self.promised())
        for kind in (RESOLUTION, FIRST):
            self.start(kind)
        for _ in range(chance.randrange(9)):
            self.now += 1 + int(chance.expovariate(1 / chance.choice((30, 600, 4000))))
            if self.now >= YEAR:
                break
            self.live(chance.random())
        for clock in self.clocks:
            if clock.ended is None:
                clock.terms = self.calendar, self.priority

    def promised(self) -> Terms:
        first, following, resolution = (timedelta(minutes=each) for each in TARGETS[self.priority])
        return terms(first=first, following=following, resolution=resolution, calendar=self.calendar)

    def live(self, dice: float) -> None:
        """The next thing happens."""
        ended = self.status in (Status.RESOLVED, Status.CLOSED)
        if dice < 0.3:
            self.customer_writes(is_thanks=ended and dice < 0.06)
        elif dice < 0.55:
            self.agent_answers(arrives=dice < 0.48)
        elif dice < 0.65:
            if self.chance.random() < 0.3:
                self.calendar = self.chance.choice(sorted(HOURS))
            self.priority = self.chance.choice(sorted(TARGETS))
            self.history.target(moment(self.now), self.promised())
        elif self.status is Status.OPEN:
            self.move(Status.ON_HOLD if dice < 0.85 else Status.RESOLVED)
        else:
            self.move(Status.OPEN)

    def start(self, kind: ClockKind) -> None:
        clock = Counted(kind, self.now)
        clock.begin(clock.ran if self.status is not Status.ON_HOLD else clock.held, self.now)
        self.clocks.append(clock)

    def stop(self, clock: Counted) -> None:
        if clock.ended is None:
            clock.ended, clock.terms = self.now, (self.calendar, self.priority)
            clock.cut(self.now)

    def customer_writes(self, *, is_thanks: bool) -> None:
        """Sometimes it is processed hours later, which is seen in nothing but the order in which it is learned."""
        self.mails += 1
        self.history.mail(moment(self.now), self.mails)
        if self.status is not Status.OPEN and not is_thanks:
            self.move(Status.OPEN, self.mails)
        responses = [clock for clock in self.clocks if clock.kind is not RESOLUTION and clock.ended is None]
        if self.is_answered and not responses and not is_thanks:
            self.start(NEXT)

    def agent_answers(self, *, arrives: bool) -> None:
        self.mails += 1
        self.history.answer(moment(self.now), self.mails)
        if not arrives:  # for the oracle it never was
            self.history.failed(moment(self.now + self.chance.randrange(1, 5000)), self.mails)
            if self.chance.random() < 0.5:
                return
            self.now += 5000
            self.history.retried(moment(self.now), self.mails)
        self.is_answered = True
        for clock in self.clocks:
            if clock.kind is not RESOLUTION:
                clock.is_answered = True
                self.stop(clock)

    def move(self, to: Status, mail: int | None = None) -> None:
        self.history.status(moment(self.now), to, mail)
        was, self.status = self.status, to
        last = {clock.kind: clock for clock in self.clocks}.values()
        for clock in last:
            if to is Status.RESOLVED:
                self.stop(clock)
            elif was is Status.RESOLVED and clock.ended is not None and not clock.is_answered:
                clock.ended = None
                clock.begin(clock.ran, self.now)
            elif clock.ended is None:
                clock.cut(self.now)
                clock.begin(clock.held if to is Status.ON_HOLD else clock.ran, self.now)


def test_a_year_of_tickets_in_which_every_figure_is_the_oracles() -> None:
    chance = random.Random("a year")
    tables = {name: table(name) for name in HOURS}
    calendars = {
        name: Calendar(name, ZoneInfo(zone), hours, partial(closed, name)) for name, (zone, hours, _) in HOURS.items()
    }
    seen = dict.fromkeys((*ClockKind, "failed", "held", "paused", "due"), 0)
    for number in range(TICKETS):
        life = Life(chance)
        derived = derive(chance.sample(life.history.facts, len(life.history.facts)), Rules(calendars=calendars))
        assert len(derived.each) == len(life.clocks)
        now = max(life.now, 1) + chance.randrange(1000)
        for counted, clock in zip(life.clocks, derived.each, strict=True):
            assert figures(clock, now) == expected(counted, tables, now), f"ticket {number}: {life.history.facts}"
            seen[clock.kind] += 1
            seen["failed"] += clock.failed(moment(now))
            seen["held"] += clock.held(moment(now))[1] > timedelta()
            seen["paused"] += clock.paused_at is not None
            seen["due"] += clock.ended_at is None and clock.due_at is not None
    assert min(seen.values()) > 500, seen  # the year had something of everything


def figures(clock: Clock, now: int) -> tuple[object, ...]:
    """What a clock says, in minutes of the year."""

    def minute(at: datetime | None) -> float | None:
        return None if at is None else (at - BEGIN) / timedelta(minutes=1)

    wall, held = clock.held(moment(now))
    is_reached = clock.failed(moment(now)) or clock.ended_at is None
    return (
        clock.kind,
        minute(clock.started_at),
        minute(clock.ended_at),
        clock.used(moment(now)) / timedelta(minutes=1),
        clock.used(moment((now + counted_from(clock)) // 2)) / timedelta(minutes=1),
        (wall / timedelta(minutes=1), held / timedelta(minutes=1)),
        clock.failed(moment(now)),
        minute(clock.due_at) if is_reached else None,
    )


def counted_from(clock: Clock) -> int:
    return (clock.started_at - BEGIN) // timedelta(minutes=1)


def expected(clock: Counted, tables: dict[str, list[int]], now: int) -> tuple[object, ...]:
    counts = tables[clock.terms[0]]
    target = TARGETS[clock.terms[1]][list(ClockKind).index(clock.kind)]
    due = runs_out(counts, clock.ran, target)
    # A clock that ended at its due time was in time.
    failed = due is not None and (due < clock.ended if clock.ended is not None else due <= now)
    return (
        clock.kind,
        clock.started,
        clock.ended,
        summed(counts, clock.ran, now),
        summed(counts, clock.ran, (now + clock.started) // 2),
        (sum(max(min(b, now) - a, 0) for a, b in clock.held), summed(counts, clock.held, now)),
        failed,
        due if failed or clock.ended is None else None,
    )
