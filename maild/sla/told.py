"""What people were told of a clock, and what was done about it, as its ticket's events say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from maild.sla.calendar import Calendar
from maild.sla.clock import Clock
from maild.sla.facts import Fact
from maild.sla.policies import BREACH
from maild.sla.terms import CONFIGURATION, read_terms
from maild.tickets.events import EventKind

_TOLD = frozenset({EventKind.ALERT, EventKind.ESCALATED})
TELLING = frozenset({EventKind.OPENED, EventKind.TARGET}) | _TOLD


def with_told(clock: Clock, decisions: Sequence[Fact], calendar: Callable[[str], Calendar]) -> Clock:
    """The clock with what people were told of it, and what was done.

    A new target begins to warn anew, but a breach that it leaves a breach is not told again; and one that
    only the configuration has changed repeats nothing (SLA.md, Thresholds; issue 4.7). `decisions` are
    those of TELLING, in the order in which they were made; `calendar` finds one by its name.
    """
    if not any(fact.kind in _TOLD for fact in decisions):  # the usual case, and terms alone say nothing
        return clock
    told, done = 0, set[str]()
    by_now = clock.started_at  # terms may count from a mail that arrived before people were told of a breach
    last: tuple[str, timedelta | None] | None = None
    for fact in decisions:
        by_now = max(by_now, fact.at)
        about = fact.data.get("clock") == clock.kind and fact.data.get("cycle") == clock.cycle
        if fact.kind is EventKind.ALERT and about:
            told = max(told, int(fact.data.get("level") or 0))
        elif fact.kind is EventKind.ESCALATED and about:
            done.add(str(fact.data.get("rule")))
        elif terms := read_terms(fact.data):
            before, last = last, (terms.calendar, terms.targets.get(clock.kind))
            if told and last != before:
                counted = replace(clock, calendar=calendar(terms.calendar)).used(by_now)
                was_breach, is_breach = told >= BREACH, last[1] is not None and counted >= last[1]
                if fact.data.get("reason") == CONFIGURATION:
                    told = told if is_breach or not was_breach else BREACH - 1
                else:
                    told = BREACH if was_breach and is_breach else 0
    return replace(clock, told=told, escalated=frozenset(done)) if told or done else clock
