"""Laws of a ticket's clocks: what must be true whatever happens to it, in whatever order that is learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from maild.sla.calendar import Calendar
from maild.sla.clock import Clock
from maild.sla.clocks import Clocks, Rules, derive
from maild.sla.escalations import Plan, due_now, next_moment
from maild.sla.facts import Fact
from maild.sla.policies import Subject
from maild.sla.terms import CONFIGURATION, ClockKind, Terms
from maild.testing.history import History, terms
from maild.tickets.events import EventKind
from maild.tickets.lifecycle import Status

BEGIN = datetime(2026, 3, 26, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
ENDED = (Status.RESOLVED, Status.CLOSED)
RULES = Rules(
    calendars={
        "office": Calendar("office", ZoneInfo("Europe/Berlin"), dict.fromkeys(range(5), ((540, 750), (810, 1050)))),
        "nights": Calendar("nights", ZoneInfo("Europe/Berlin"), dict.fromkeys(range(7), ((1320, 1800),))),
    }
)
TERMS = st.builds(
    lambda first, calendar: terms(
        first=first * HOUR, following=2 * first * HOUR, resolution=5 * first * HOUR, calendar=calendar
    ),
    st.sampled_from((1, 3, 4, 10)),
    st.sampled_from(("office", "nights", "24x7")),
)
ACTIONS = ("mail", "thanks", "answer", "answer", "bounce", "retry", "move", "move")
STEPS = st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(1, 1500)), max_size=9)


def lived(promised: Terms, steps: Sequence[tuple[str, int]]) -> History:
    """What a ticket goes through, with some minutes before each step, so that no two are at the same moment."""
    history, now, status, mails = History(), BEGIN, Status.OPEN, 1
    waiting: list[int] = []  # answers that have not come back
    failed: list[int] = []
    history.opened(now, promised)
    for number, (what, minutes) in enumerate(steps):
        now += timedelta(minutes=minutes)
        mails += 1
        if what in ("mail", "thanks"):
            history.mail(now, mails)
            if status is Status.ON_HOLD or (status in ENDED and what == "mail"):
                status = Status.OPEN
                history.status(now, status, mails)
        elif what == "answer":
            history.answer(now, mails)
            waiting.append(mails)
        elif what == "bounce" and waiting:
            failed.append(waiting.pop())
            history.failed(now, failed[-1])
        elif what == "retry" and failed:
            waiting.append(failed.pop())
            history.retried(now, waiting[-1])
        elif what == "move":
            aside = (Status.ON_HOLD, Status.RESOLVED)[number % 2]
            status = aside if status is Status.OPEN else Status.OPEN
            history.status(now, status)
    return history


HISTORIES = st.builds(lived, TERMS, STEPS)
MOMENTS = st.lists(st.integers(0, 20_000).map(lambda m: BEGIN + timedelta(minutes=m)), min_size=2, max_size=6)


def figures(clock: Clock) -> Clock:
    """A clock without the number of its terms."""
    return replace(clock, revision=0)


def learned_in(order: Sequence[Fact]) -> list[Fact]:
    return [replace(fact, seq=seq) for seq, fact in enumerate(order, 1)]


@given(history=HISTORIES, data=st.data())
def test_the_order_in_which_mails_and_answers_are_learned_does_not_matter(
    history: History, data: st.DataObject
) -> None:
    """Decisions keep their order, and so does what becomes of one answer; in between everything may come late."""
    opened, *rest = history.facts
    places = data.draw(st.lists(st.integers(0, len(rest)), min_size=len(rest), max_size=len(rest)))
    latest: dict[object, tuple[int, int]] = {}
    keys = []
    for at, (fact, place) in enumerate(zip(rest, places, strict=True)):
        thread: object = fact.kind
        if fact.kind in (EventKind.ANSWER, EventKind.FAILED, EventKind.RETRIED):
            thread = fact.mail or fact.data["cause"]
        elif fact.kind is EventKind.MAIL:
            thread = at  # a mail waits for nothing
        latest[thread] = max(latest.get(thread, (0, 0)), (place, at))
        keys.append(latest[thread])
    shuffled = [fact for _, fact in sorted(zip(keys, rest, strict=True), key=lambda pair: pair[0])]
    assert derive(learned_in([opened, *shuffled]), RULES) == derive(history.facts, RULES)


@given(history=HISTORIES, data=st.data())
def test_facts_may_be_handed_over_in_any_order(history: History, data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(history.facts))
    assert derive(shuffled, RULES) == derive(history.facts, RULES)


@given(history=HISTORIES, moments=MOMENTS)
def test_used_and_held_never_fall_and_used_is_within_the_time_that_passed(
    history: History, moments: list[datetime]
) -> None:
    for clock in derive(history.facts, RULES).each:
        figures = [(clock.used(now), *clock.held(now)) for now in sorted(moments)]
        for each in zip(*figures, strict=True):
            assert list(each) == sorted(each)
        for now in moments:
            wall, counted = clock.held(now)
            assert timedelta() <= counted <= wall
            assert timedelta() <= clock.used(now) <= max(now - clock.started_at, timedelta())


@given(history=HISTORIES, more=STEPS.map(lambda steps: steps[:2]))
def test_used_never_falls_when_a_ticket_lives_on(history: History, more: list[tuple[str, int]]) -> None:
    """Without a bounce, what was counted by now stays counted, whatever happens later."""
    now = max(fact.at for fact in history.facts)
    before = {(c.kind, c.cycle): c.used(now) for c in derive(history.facts, RULES).each}
    for number, (_, minutes) in enumerate(more):
        now += timedelta(minutes=minutes)
        history.status(now, (Status.ON_HOLD, Status.RESOLVED, Status.OPEN)[(number + minutes) % 3])
        history.mail(now + timedelta(seconds=1), 1000 + number)
    after = {(c.kind, c.cycle): c.used(now) for c in derive(history.facts, RULES).each}
    assert all(after[key] >= used for key, used in before.items())


@given(promised=TERMS, steps=STEPS, at=st.integers(1, 9000))
def test_an_answer_that_did_not_arrive_is_as_if_it_had_not_been(
    promised: Terms, steps: list[tuple[str, int]], at: int
) -> None:
    steps = [step for step in steps if step[0] != "retry"]
    without, with_it = lived(promised, steps), lived(promised, steps)
    with_it.answer(BEGIN + timedelta(minutes=at, seconds=30), 999)
    with_it.failed(BEGIN + timedelta(minutes=at + 500), 999)
    assert derive(with_it.facts, RULES) == derive(without.facts, RULES)


@given(history=HISTORIES, at=st.integers(1, 9000), later=st.integers(1, 3000))
def test_an_answer_that_is_sent_again_is_as_if_it_had_been_given_then(history: History, at: int, later: int) -> None:
    again = BEGIN + timedelta(minutes=at + later, seconds=30)
    once = History([*history.facts])
    once.answer(again, 999)
    history.answer(BEGIN + timedelta(minutes=at, seconds=20), 999)
    history.failed(BEGIN + timedelta(minutes=at, seconds=25), 999)
    history.retried(again, 999)
    assert derive(history.facts, RULES) == derive(once.facts, RULES)


@given(
    history=HISTORIES,
    at=st.integers(1, 9000),
    kind=st.sampled_from((EventKind.AUTOMATIC, EventKind.NOTE, EventKind.SET)),
)
def test_automatic_mails_and_notes_never_matter(history: History, at: int, kind: EventKind) -> None:
    before = derive(history.facts, RULES)
    history.facts.append(Fact(len(history.facts) + 1, BEGIN + timedelta(minutes=at), kind, 999, {}))
    assert derive(history.facts, RULES) == before


@given(promised=TERMS, new=TERMS, steps=STEPS, at=st.integers(1, 9000))
def test_a_running_clock_has_its_new_target_from_its_old_start(
    promised: Terms, new: Terms, steps: list[tuple[str, int]], at: int
) -> None:
    """As if it had been promised so from the beginning; one that had ended keeps what it was promised then."""
    history, always = lived(promised, steps), derive(lived(new, steps).facts, RULES).each
    before = derive(history.facts, RULES).each
    changed_at = BEGIN + timedelta(minutes=at, seconds=30)
    history.target(changed_at, new)
    after = derive(history.facts, RULES).each
    assert len(before) == len(after) == len(always)
    for was, now, wanted in zip(before, after, always, strict=True):
        had_ended = was.ended_at is not None and was.ended_at < changed_at
        assert figures(now) == figures(was if had_ended else wanted)


@given(promised=TERMS, steps=STEPS)
def test_reopening_goes_on_with_the_resolution_clock_or_begins_another(
    promised: Terms, steps: list[tuple[str, int]]
) -> None:
    history = lived(promised, steps)
    go_on, restart = derive(history.facts, RULES), derive(history.facts, replace(RULES, restart=True))

    def resolutions(clocks: Clocks) -> list[Clock]:
        return [clock for clock in clocks.each if clock.kind is ClockKind.RESOLUTION]

    (one,), cycles = resolutions(go_on), resolutions(restart)
    assert go_on.reopened == restart.reopened == len(cycles) - 1
    now = BEGIN + timedelta(minutes=20_000)
    assert one.used(now) == sum((clock.used(now) for clock in cycles), timedelta())
    assert one.held(now) == tuple(map(sum, zip(*(c.held(now) for c in cycles), strict=True), [timedelta()] * 2))
    assert (one.ended_at, one.started_at) == (cycles[-1].ended_at, cycles[0].started_at)


LOOKS = st.lists(
    st.tuples(st.integers(0, 900), st.sampled_from(("look", "look", "priority", CONFIGURATION)), TERMS),
    min_size=1,
    max_size=14,
)


@given(history=HISTORIES, looks=LOOKS)
@settings(max_examples=60)
def test_each_level_of_each_target_is_told_at_most_once(history: History, looks: list[tuple[int, str, Terms]]) -> None:
    plan = Plan(subject=Subject(queue="support"))
    now = max(fact.at for fact in history.facts)
    told: dict[tuple[object, ...], list[int]] = {}
    levels: dict[tuple[str, int], int] = {}  # the highest since the ticket got other terms by its own doing
    for minutes, what, new in looks:
        now += timedelta(minutes=minutes)
        if what != "look":
            before = derive(history.facts, RULES)
            history.target(now, new, what)
            clocks = {(c.kind, c.cycle): c for c in derive(history.facts, RULES).each}
            for was in before.running:
                key = (was.kind, was.cycle)
                if (was.target, was.calendar) == (clocks[key].target, clocks[key].calendar):
                    continue  # its promise is what it was
                if levels.get(key, 0) >= 100 and not clocks[key].failed(now):
                    levels[key] = 99  # a longer target may be missed again
                if what == "priority" and levels.get(key, 0) < 100:
                    levels[key] = 0
            continue
        for clock in derive(history.facts, RULES).running:
            key = (clock.kind, clock.cycle)
            level = due_now(clock, plan, 0, now).level
            moment = next_moment(clock, plan, 0, now)
            assert bool(level) == (moment is not None and moment <= now)
            if level:
                assert level > levels.get(key, 0)  # so neither a breach nor the configuration repeats anything
                assert clock.used(now) * 100 >= clock.target * level
                told.setdefault((*key, clock.revision), []).append(level)
                levels[key] = level
                history.alert(now, clock.kind, level, cycle=clock.cycle)
        assert not any(due_now(clock, plan, 0, now).level for clock in derive(history.facts, RULES).running)
    assert all(len(each) == len(set(each)) and each == sorted(each) for each in told.values())
