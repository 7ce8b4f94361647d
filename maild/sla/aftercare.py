"""What is to be done by itself about a ticket that waits for its customer, or has ended: one step, and when.

    next_step(facts, policy, calendar, now)    -> Step | None

A pure function of the ticket's events, like its clocks: it is asked again after every change of the ticket, and
once more when the step is due. So whatever happens meanwhile (a customer's mail, another answer, a bounce, a
changed configuration) begins anew or ends what was planned, and nothing has to be taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from maild.sla.calendar import Calendar
from maild.sla.facts import Fact, undelivered
from maild.sla.working_days import working_days_later
from maild.tickets.events import EventKind
from maild.tickets.lifecycle import ENDED, Status

# What should have been done longer ago is not made up for: a reminder after a daemon that stood still for weeks, or
# the whole of last year's silent customers once follow-ups are switched on, would surprise everybody.
LATE = timedelta(days=14)
NEVER = timedelta()

NO_ANSWER, BY_TIME, CONFIRMED = "no answer", "time", "confirmed"  # why a ticket was closed, as its event says


class StepKind(StrEnum):
    """What is done."""

    FOLLOW_UP = "follow_up"  # the silent customer is written to again
    GIVE_UP = "give_up"  # the customer stays silent: it is closed
    CLOSE = "close"  # a resolved ticket is closed
    ASK = "ask"  # the customer is asked to rate it
    REMIND = "remind"  # and reminded of that, once
    LOOK = "look"  # the configuration changed: see what is to be done


@dataclass(frozen=True, slots=True)
class Step:
    """The next thing to do about a ticket."""

    kind: StepKind
    due_at: datetime
    count: int = 0  # of a follow-up: the how many-th it is

    def is_late(self, now: datetime) -> bool:
        """Whether it should have been done so long ago that nobody expects a letter about it any more."""
        return now - self.due_at > LATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """When customers are asked to rate how their ticket was dealt with. Lengths of zero mean never."""

    enabled: bool = False
    ask: Status = Status.CLOSED  # or RESOLVED: what has to come first
    after: timedelta = timedelta(hours=1)
    remind_after: timedelta = timedelta(days=5)
    pause: timedelta = timedelta(days=14)  # in which one customer is asked once, whatever the tickets
    low: int = 2  # a rating up to this is told to the manager
    not_for: tuple[str, ...] = ("no_answer", "duplicate", "spam")  # resolution codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftercare:
    """What is done by itself after an answer, and after the end. Lengths of zero mean never."""

    after_answer: Status | None = None  # the status of an answered ticket; None: the desk's
    follow_ups: int = 0  # how often a silent customer is written to
    follow_up_days: int = 3  # working days before each, and before it is given up
    follow_up_on_hold: bool = False  # also while it is on hold for the customer
    close_unanswered: bool = True
    close_after: timedelta = timedelta(days=7)
    confirm: bool = False  # the customer is asked whether it is solved, also below an agent's words
    tell_resolved: bool = True  # when the agent had no words for him
    tell_closed: bool = False
    tell_of_hold: bool = False
    feedback: Feedback = field(default_factory=Feedback)
    queues: Mapping[str, Aftercare] = field(default_factory=dict)  # queues with a policy of their own

    def of(self, queue: str) -> Aftercare:
        """The policy of a queue."""
        return self.queues.get(queue, self)


@dataclass(slots=True, kw_only=True)
class Aftermath:
    """Where a ticket stands between us and its customer."""

    status: Status = Status.NEW
    since: datetime | None = None  # when it came to this status; None: before we cared for it
    ended_at: datetime | None = None  # when it was resolved or closed first since it was last open
    why: str = ""  # it is in this status
    answered_at: datetime | None = None  # when the last word was said, if it was ours and arrived
    was_answered: bool = False  # ever
    follow_ups: int = 0  # since the last word
    followed_up_at: datetime | None = None
    asked: int = 0  # how often a rating was asked for
    asked_at: datetime | None = None
    stars: tuple[int, ...] = ()  # what it was rated, the newest last
    is_reached: bool = True  # no automatic letter has come back since the customer wrote


def aftermath(facts: Iterable[Fact]) -> Aftermath:
    """Where the events of a ticket leave it.

    What history brought that was imported silently is nobody's to follow up: a ticket is cared for from the moment
    it is promised anything.
    """
    known = sorted(facts, key=lambda fact: fact.seq)
    void = undelivered(known)
    found, cared_for = Aftermath(), False
    for fact in known:
        match fact.kind:
            case EventKind.OPENED | EventKind.TARGET:
                cared_for = cared_for or "policy" in fact.data
            case EventKind.MAIL:
                found.answered_at, found.follow_ups, found.is_reached = None, 0, True
            case EventKind.CUSTOMER:  # whoever it is for now has got no answer, and is reminded of none
                found.answered_at, found.was_answered, found.follow_ups, found.is_reached = None, False, 0, True
            case EventKind.ANSWER | EventKind.RETRIED if cared_for and fact.seq not in void:
                found.answered_at, found.was_answered, found.follow_ups = fact.at, True, 0
            case EventKind.STATUS:
                _take_status(found, fact, cared_for=cared_for)
            case EventKind.FOLLOWED_UP:
                found.follow_ups, found.followed_up_at = found.follow_ups + 1, fact.at
            case EventKind.ASKED:
                found.asked, found.asked_at = found.asked + 1, fact.at
            case EventKind.RATED:
                found.stars = (*found.stars, int(fact.data.get("stars") or 0))
            case EventKind.FAILED if fact.data.get("final") and fact.data.get("template") != "answer":
                found.is_reached = found.is_reached and fact.data.get("template") not in _TO_CUSTOMERS
            case _:
                pass
    return found


_TO_CUSTOMERS = frozenset({"follow_up", "resolution", "closing", "feedback"})


def _take_status(found: Aftermath, fact: Fact, *, cared_for: bool) -> None:
    status = Status(str(fact.data["to"]))
    if status not in ENDED:
        found.ended_at = None
    elif found.status not in ENDED:
        found.ended_at = fact.at
    found.status, found.why, found.follow_ups = status, str(fact.data.get("reason") or ""), 0
    found.since = fact.at if cared_for else None


def next_step(facts: Iterable[Fact], policy: Aftercare, calendar: Calendar, now: datetime) -> Step | None:
    """What is done next by itself, and when; None while there is nothing.

    It is never due before what it follows from, and nothing is planned for a ticket on which it is our turn.
    """
    found = aftermath(facts)
    steps = [step for step in _steps(found, policy, calendar) if not (step.kind in _LETTERS_ONLY and step.is_late(now))]
    return min(steps, key=lambda step: step.due_at, default=None)


_LETTERS_ONLY = frozenset({StepKind.FOLLOW_UP, StepKind.ASK, StepKind.REMIND})


def _steps(found: Aftermath, policy: Aftercare, calendar: Calendar) -> Iterable[Step]:
    if found.since is None:
        return
    if found.status is Status.RESPONDED or (found.status is Status.ON_HOLD and _waits_on_hold(policy)):
        yield from _about_silence(found, policy, calendar)
    if found.status is Status.RESOLVED and policy.close_after > NEVER:
        yield Step(StepKind.CLOSE, found.since + policy.close_after)
    if found.status in (Status.RESOLVED, Status.CLOSED) and policy.feedback.enabled:
        yield from _about_rating(found, policy.feedback)


def _waits_on_hold(policy: Aftercare) -> bool:
    return policy.follow_up_on_hold or policy.after_answer is Status.ON_HOLD


def _about_silence(found: Aftermath, policy: Aftercare, calendar: Calendar) -> Iterable[Step]:
    if not policy.follow_ups or found.answered_at is None or found.since is None or not found.is_reached:
        return
    last = max(found.answered_at, found.since)
    if found.follow_ups and found.followed_up_at is not None:
        last = max(last, found.followed_up_at)
    due = working_days_later(calendar, last, policy.follow_up_days)
    if due is None:
        return
    if found.follow_ups < policy.follow_ups:
        yield Step(StepKind.FOLLOW_UP, due, found.follow_ups + 1)
    elif policy.close_unanswered:
        yield Step(StepKind.GIVE_UP, due)


def _about_rating(found: Aftermath, feedback: Feedback) -> Iterable[Step]:
    """Once for each ticket, and only if somebody has answered it; who is asked at the closing is not asked again."""
    if found.stars or not found.was_answered or found.ended_at is None or found.since is None:
        return
    if not found.asked:
        settled = found.status is Status.CLOSED and found.why in (NO_ANSWER, BY_TIME)
        if not settled and (found.status is Status.CLOSED or feedback.ask is Status.RESOLVED):
            begun = found.ended_at if feedback.ask is Status.RESOLVED else found.since
            yield Step(StepKind.ASK, begun + feedback.after)
    elif (
        found.asked == 1
        and found.asked_at is not None
        and found.asked_at >= found.ended_at
        and feedback.remind_after > NEVER
        and found.is_reached
    ):
        yield Step(StepKind.REMIND, found.asked_at + feedback.remind_after)
