"""A ticket and its clocks, lived through step by step beside a model that counts every ten minutes by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from maild.sla.calendar import Calendar
from maild.sla.clocks import Clocks, Rules, derive
from maild.sla.escalations import Escalation, Plan, due_now, next_moment
from maild.sla.policies import Subject
from maild.sla.terms import CONFIGURATION, ClockKind, Terms
from maild.testing.history import History, terms
from maild.tickets.lifecycle import Status

TICK = timedelta(minutes=10)
BEGIN = datetime(2026, 3, 25, 6, tzinfo=UTC)  # a Wednesday; on the Sunday after it Berlin's clocks go forward
AHEAD = 200  # ticks that the model looks into the future
RESPONSES = (ClockKind.FIRST_RESPONSE, ClockKind.NEXT_RESPONSE)
ENDED = (Status.RESOLVED, Status.CLOSED)
ORDER = ("low", "medium", "high", "critical")
TICKS = {"low": (30, 36, 60), "medium": (18, 20, 44), "high": (8, 10, 25), "critical": (3, 4, 10)}
CALENDARS = {
    "office": Calendar("office", ZoneInfo("Europe/Berlin"), dict.fromkeys(range(5), ((540, 750), (810, 1050)))),
    "nights": Calendar("nights", UTC, dict.fromkeys(range(7), ((1200, 1740),))),
}
QUIET = Calendar("quiet", UTC, dict.fromkeys(range(7), ((1080, 1860),)))  # 18:00-07:00
ESCALATIONS = (Escalation(name="early", after=6 * TICK), Escalation(name="late", at=150))


def shows_open(calendar: str, tick: int) -> bool:
    """Whether this tick counts, by the wall clock."""
    moment = BEGIN + tick * TICK
    if calendar == "nights":
        return moment.hour >= 20 or moment.hour < 5
    wall = moment.astimezone(ZoneInfo("Europe/Berlin"))
    minute = wall.hour * 60 + wall.minute
    return wall.weekday() < 5 and (540 <= minute < 750 or 810 <= minute < 1050)


OPEN = {name: [shows_open(name, tick) for tick in range(4000)] for name in CALENDARS}


def is_quiet(tick: int) -> bool:
    hour = (BEGIN + tick * TICK).hour
    return hour >= 18 or hour < 7


def promised(priority: str, calendar: str) -> Terms:
    first, following, resolution = (ticks * TICK for ticks in TICKS[priority])
    return terms(first=first, following=following, resolution=resolution, calendar=calendar)


@dataclass
class Counter:
    """A clock of the model: what it has counted by each tick, on each calendar."""

    kind: ClockKind
    cycle: int
    started: int
    ended: int | None = None
    answered: bool = False
    priority: str = ""  # and calendar, of the terms at its end
    calendar: str = ""
    used: dict[str, list[int]] = field(default_factory=lambda: {name: [] for name in CALENDARS})
    held: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CALENDARS, 0))
    held_wall: int = 0

    def used_at(self, calendar: str, tick: int) -> int:
        return self.used[calendar][tick - self.started]

    @property
    def target(self) -> int:
        return TICKS[self.priority][list(ClockKind).index(self.kind)]


@dataclass
class Model:
    """Plays a log of what happened, tick by tick."""

    restart: bool
    status: Status = Status.NEW
    is_paused: bool = False
    was_answered: bool = False
    last_mail: tuple[int, int] = (0, 0)  # its number, and its tick
    counters: list[Counter] = field(default_factory=list)
    priority: str = ""
    calendar: str = ""

    def start(self, kind: ClockKind, tick: int) -> Counter:
        counter = Counter(kind, 1 + sum(c.kind is kind for c in self.counters), tick)
        self.counters.append(counter)
        return counter

    def stop(self, counter: Counter, tick: int) -> None:
        if counter.ended is None:
            counter.ended, counter.priority, counter.calendar = tick, self.priority, self.calendar

    def wait(self, since: int) -> None:
        if self.was_answered and not any(c.ended is None for c in self.counters if c.kind in RESPONSES):
            counter = self.start(ClockKind.NEXT_RESPONSE, since)
            for at in range(since, self.tick):  # it reaches back to a mail that came before this tick
                self.count(counter, at, is_held=False)

    def take(self, tick: int, what: str, detail: str, mail: int) -> None:
        self.tick = tick
        if what == "terms":
            self.priority, self.calendar = detail.split()
            if not self.counters:
                self.start(ClockKind.RESOLUTION, tick)
                self.start(ClockKind.FIRST_RESPONSE, tick)
        elif what == "mail":
            self.last_mail = mail, tick
            if self.status is Status.ON_HOLD:
                self.is_paused = False
            if self.status not in ENDED:
                self.wait(tick)
        elif what == "answer":
            self.was_answered = True
            for counter in self.counters:
                if counter.kind in RESPONSES:
                    counter.answered = True
                    self.stop(counter, tick)
        elif what == "status":
            self.change(Status(detail), tick, mail)

    def change(self, to: Status, tick: int, mail: int) -> None:
        was_ended, self.status = self.status in ENDED, to
        self.is_paused = to is Status.ON_HOLD
        if to in ENDED:
            for counter in self.counters:
                self.stop(counter, tick)
        elif was_ended:
            for counter in {c.kind: c for c in self.counters}.values():
                if counter.kind is ClockKind.RESOLUTION and self.restart:
                    self.start(ClockKind.RESOLUTION, tick)
                elif not counter.answered:
                    counter.ended = None
            if mail and mail == self.last_mail[0]:
                self.wait(self.last_mail[1])

    def count(self, counter: Counter, tick: int, *, is_held: bool) -> None:
        for name, used in counter.used.items():
            used[:] = used or [0]
            counts = OPEN[name][tick]
            runs = counter.ended is None
            used.append(used[-1] + (counts and runs and not is_held))
            counter.held[name] += counts and runs and is_held and tick < self.now
        counter.held_wall += counter.ended is None and is_held and tick < self.now

    def play(self, log: list[tuple[int, int, str, str, int]], now: int) -> Model:
        self.now = now
        happens: dict[int, list[tuple[int, int, str, str, int]]] = {}
        for entry in sorted(log):
            happens.setdefault(entry[0], []).append(entry)
        for tick in range(now + AHEAD):
            for _, _, what, detail, mail in happens.get(tick, ()):
                self.take(tick, what, detail, mail)
            for counter in self.counters:
                self.count(counter, tick, is_held=self.is_paused)
        for counter in self.counters:
            if counter.ended is None:
                counter.priority, counter.calendar = self.priority, self.calendar
        return self


class TicketAndClocks(RuleBasedStateMachine):
    """What may happen to a ticket, and what must be true of its clocks at any time."""

    @initialize(restart=st.booleans(), priority=st.sampled_from(ORDER), calendar=st.sampled_from(sorted(CALENDARS)))
    def open(self, restart: bool, priority: str, calendar: str) -> None:
        self.desk = Rules(calendars=CALENDARS, restart=restart)
        self.history = History()
        self.log: list[tuple[int, int, str, str, int]] = []
        self.now, self.seq, self.mails, self.status, self.status_at = 0, 0, 1, Status.OPEN, 0
        self.priority, self.calendar = priority, calendar
        self.answers: list[int] = []
        self.told: dict[tuple[str, int], int] = {}
        self.done: set[tuple[str, int, str]] = set()
        self.promise = priority, calendar
        self.history.opened(BEGIN, promised(priority, calendar))
        self.write(0, "terms", f"{priority} {calendar}")
        self.write(0, "mail", mail=1)

    def write(self, tick: int, what: str, detail: str = "", mail: int = 0) -> None:
        self.seq += 1
        self.log.append((tick, self.seq, what, detail, mail))

    def move(self, to: Status, tick: int, mail: int | None = None) -> None:
        at = max(tick, self.status_at)
        self.history.status(BEGIN + tick * TICK, to, mail)
        self.write(at, "status", to, mail or 0)
        self.status, self.status_at = to, at

    @property
    def clocks(self) -> Clocks:
        return derive(self.history.facts, self.desk)

    @property
    def model(self) -> Model:
        return Model(self.desk.restart).play(self.log, self.now)

    @rule(ticks=st.integers(1, 40))
    def time_passes(self, ticks: int) -> None:
        self.now += ticks

    @rule(late=st.integers(0, 6) | st.just(0), thanks=st.booleans())
    def customer_writes(self, late: int, thanks: bool) -> None:
        """A mail is processed now; it may have arrived a while ago. One that says thanks reopens nothing."""
        arrived = max(self.now - late, 0)
        self.mails += 1
        self.history.mail(BEGIN + arrived * TICK, self.mails)
        self.write(arrived, "mail", mail=self.mails)
        if self.status is Status.ON_HOLD or (self.status in ENDED and not thanks):
            self.move(Status.OPEN, arrived, self.mails)

    @rule()
    def agent_answers(self) -> None:
        self.mails += 1
        self.answers.append(self.mails)
        self.history.answer(BEGIN + self.now * TICK, self.mails)
        self.write(self.now, "answer", mail=self.mails)

    @precondition(lambda self: self.answers)
    @rule(data=st.data(), again=st.booleans())
    def answer_bounces(self, data: st.DataObject, again: bool) -> None:
        """The model forgets the answer, as if it had not been; sent again, it is one of now."""
        answer = data.draw(st.sampled_from(self.answers))
        self.history.failed(BEGIN + self.now * TICK, answer)
        self.log = [entry for entry in self.log if (entry[2], entry[4]) != ("answer", answer)]
        if again:
            self.history.retried(BEGIN + self.now * TICK, answer)
            self.write(self.now, "answer", mail=answer)
        else:
            self.answers.remove(answer)

    @rule()
    def automatic_mails_and_other_letters_mean_nothing(self) -> None:
        self.history.failed(BEGIN + self.now * TICK, self.mails, template="acknowledgement")
        self.history.failed(BEGIN + self.now * TICK, self.mails, final=False)

    @precondition(lambda self: self.status is Status.OPEN)
    @rule(to=st.sampled_from((Status.ON_HOLD, Status.ON_HOLD, Status.RESOLVED, Status.CLOSED)))
    def agent_holds_or_ends(self, to: Status) -> None:
        self.move(to, self.now)

    @precondition(lambda self: self.status is not Status.OPEN)
    @rule()
    def agent_resumes_or_reopens(self) -> None:
        self.move(Status.OPEN, self.now)

    @rule(priority=st.sampled_from(ORDER), calendar=st.sampled_from(sorted(CALENDARS)), is_desk=st.booleans())
    def terms_change(self, priority: str, calendar: str, is_desk: bool) -> None:
        self.history.target(BEGIN + self.now * TICK, promised(priority, calendar), CONFIGURATION if is_desk else "type")
        self.write(self.now, "terms", f"{priority} {calendar}")
        (was, old_calendar), self.promise = self.promise, (priority, calendar)
        for counter in self.model.counters:
            key, place = (counter.kind, counter.cycle), list(ClockKind).index(counter.kind)
            target, told = TICKS[priority][place], self.told.get(key, 0)
            if (target, calendar) == (TICKS[was][place], old_calendar):
                continue  # what this clock promises is what it was
            is_breached = counter.used_at(calendar, self.now) >= target
            if is_desk:
                self.told[key] = 99 if told >= 100 and not is_breached else told
            else:
                self.told[key] = 100 if told >= 100 and is_breached else 0

    @rule()
    def watcher_looks(self) -> None:
        """It does what the model finds undone, and looking again finds nothing."""
        plan = Plan(subject=Subject(queue="support"), escalations=ESCALATIONS, quiet=QUIET)
        now, clocks = BEGIN + self.now * TICK, self.clocks
        expected = self.undone()
        for clock in clocks.running:
            due = due_now(clock, plan, clocks.reopened, now)
            moment = next_moment(clock, plan, clocks.reopened, now)
            assert (moment is not None and moment <= now) == bool(due.level or due.escalations)
            rules = {each.name for each in due.escalations}
            assert (due.level, rules) == expected[clock.kind, clock.cycle]
            if due.level:
                self.history.alert(now, clock.kind, due.level, cycle=clock.cycle)
                self.told[clock.kind, clock.cycle] = due.level
            for name in rules:
                self.history.escalated(now, clock.kind, name, cycle=clock.cycle)
                self.done.add((clock.kind, clock.cycle, name))
        assert not any(level or rules for level, rules in self.undone().values())
        clocks = self.clocks
        again = [due_now(clock, plan, clocks.reopened, now) for clock in clocks.running]
        assert not any(due.level or due.escalations for due in again)

    def undone(self) -> Mapping[tuple[str, int], tuple[int, set[str]]]:
        """By clock, the level that nobody was told of, and the rules that were not carried out."""
        result: dict[tuple[str, int], tuple[int, set[str]]] = {}
        for counter in self.model.counters:
            if counter.ended is None:
                key = (counter.kind, counter.cycle)
                share = counter.used_at(counter.calendar, self.now) * 100 / counter.target
                levels = (
                    [100] if share >= 100 else [] if is_quiet(self.now) else [n for n in (50, 75, 90) if share >= n]
                )
                level = max((n for n in levels if n > self.told.get(key, 0)), default=0)
                early = counter.used_at(counter.calendar, self.now) >= 6
                is_loud = not is_quiet(self.now) or counter.target <= 6  # after the breach nothing is held back
                names = {name for name, is_due in (("early", early and is_loud), ("late", share >= 150)) if is_due}
                result[key] = (level, {name for name in names if (*key, name) not in self.done})
        return result

    @invariant()
    def every_figure_is_the_models(self) -> None:
        if not hasattr(self, "log"):
            return
        now, model = BEGIN + self.now * TICK, self.model
        clocks = {(clock.kind, clock.cycle): clock for clock in self.clocks.each}
        assert clocks.keys() == {(c.kind, c.cycle) for c in model.counters}
        for counter in model.counters:
            clock = clocks[counter.kind, counter.cycle]
            used, target = counter.used[counter.calendar], counter.target
            assert clock.started_at == BEGIN + counter.started * TICK
            assert clock.ended_at == (None if counter.ended is None else BEGIN + counter.ended * TICK)
            assert clock.target == target * TICK
            assert clock.used(now) == used[self.now - counter.started] * TICK
            assert clock.held(now) == (counter.held_wall * TICK, counter.held[counter.calendar] * TICK)
            reached = next((tick for tick, each in enumerate(used, counter.started) if each >= target), None)
            if counter.ended is None:
                assert (clock.paused_at is not None) == model.is_paused
                assert clock.failed(now) == (reached is not None and reached <= self.now)
                if reached is not None:
                    assert clock.due_at == BEGIN + reached * TICK
                elif model.is_paused:
                    assert clock.due_at is None
                else:
                    assert clock.due_at is None or clock.due_at > BEGIN + (self.now + AHEAD) * TICK
            else:
                assert clock.failed(now) == (reached is not None and reached < counter.ended)


TestTicketAndClocks = TicketAndClocks.TestCase
TestTicketAndClocks.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)
