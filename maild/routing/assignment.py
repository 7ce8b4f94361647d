"""Chooses the agent who gets a ticket, and says why everybody else did not; pure, over plain facts.

every candidate -> who can do it -> who is there -> who has room -> the one who knows the customer -> the strategy
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from maild.tickets.priorities import PRIORITIES

NONE, FIXED, ROUND_ROBIN, LEAST_LOADED = "none", "fixed", "round_robin", "least_loaded"
STRATEGIES = (NONE, FIXED, ROUND_ROBIN, LEAST_LOADED)

# Each step up doubles: somebody who fights one critical ticket gets as much rest as somebody with eight small ones.
WEIGHTS: Mapping[str, int] = {name: 1 << step for step, name in enumerate(PRIORITIES)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a ticket wants of its agent; "" and an empty set want nothing. Case does not count."""

    strategy: str = NONE
    fixed: str = ""  # the only address that will do, for the strategy `fixed`
    skill: str = ""
    type: str = ""
    case_type: str = ""
    customer: str = ""  # the organisation
    groups: frozenset[str] = frozenset()  # of the organisation
    priority: str = ""
    language: str = ""  # "" when it is not known: everybody reads it
    last_agent: str = ""  # who knows this customer or thread, if he is to be preferred


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An agent at this moment. Sets are in lower case, and an empty one limits nothing; but a skill has to be named."""

    address: str
    skills: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    customers: frozenset[str] = frozenset()  # organisations or groups of them
    types: frozenset[str] = frozenset()  # types or case types
    priorities: frozenset[str] = frozenset()
    load: int = 0  # the sum of `WEIGHTS` over his open tickets
    open: int = 0  # how many those are
    capacity: int | None = None  # the most that he may have open; None: no limit
    turn: int = 0  # the number of his last turn; 0: he never had one
    absent: str = ""  # until when, or why, he is away; "" when he is not
    off_shift: str = ""  # the same of his working hours


@dataclass(frozen=True, slots=True)
class Choice:
    """Who gets the ticket. `waits`: nobody can take it now, but somebody is to, later."""

    agent: str  # "" for nobody
    why: tuple[str, ...]
    waits: bool = False
    reason: str = ""  # of the choice, without anybody's address


def weight_of(priority: str) -> int:
    """What one open ticket of this priority weighs; an unknown priority weighs as the usual one."""
    return WEIGHTS.get(priority, WEIGHTS["medium"])


def choose_agent(wish: Wish, candidates: Sequence[Candidate]) -> Choice:
    """The agent for a ticket, out of candidates in the order of the configuration.

    Ties go to whoever had a turn longest ago, then to the first. Where a configuration names the one
    agent (`fixed`), what he can do is not asked, but whether he is there and has room.
    """
    if wish.strategy not in STRATEGIES:
        return Choice("", (f"assigned to nobody: {wish.strategy} is no strategy",))
    if wish.strategy == NONE or (wish.strategy == FIXED and not wish.fixed):
        return Choice("", (f"assigned to nobody: the strategy is {wish.strategy}",))
    pool = [each for each in candidates if wish.strategy != FIXED or each.address == wish.fixed.lower()]
    left_out: dict[str, list[str]] = {}
    remaining = []
    for each in pool:
        why = _unable(wish, each) if wish.strategy != FIXED else ""
        if why := why or _not_now(each):
            left_out.setdefault(why, []).append(each.address)
        else:
            remaining.append(each)
    lines = tuple(f"not to {', '.join(who)}: {why}" for why, who in left_out.items())
    if not remaining:
        nobody = "assigned to nobody yet: " + ("no agent can take it now" if pool else "there is no agent to choose")
        return Choice("", (*lines, nobody), waits=True)
    chosen, why = _by_strategy(wish, remaining)
    return Choice(chosen.address, (*lines, f"assigned to {chosen.address}: {why}"), reason=why)


def _unable(wish: Wish, agent: Candidate) -> str:
    """Why an agent never gets a ticket like this one; "" when he may."""
    if wish.skill and wish.skill.lower() not in agent.skills:
        return f"without the skill {wish.skill}"
    if wish.language and agent.languages and wish.language.lower() not in agent.languages:
        return f"the language {wish.language} is not theirs"
    sorts = {wish.type.lower(), wish.case_type.lower()} - {""}
    if agent.types and not sorts & agent.types:
        return f"the type {' / '.join(sorted(sorts)) or '(none)'} is not theirs"
    customers = {wish.customer.lower(), *(group.lower() for group in wish.groups)} - {""}
    if agent.customers and not customers & agent.customers:
        return f"the customer {wish.customer or '(none)'} is not theirs"
    if agent.priorities and wish.priority.lower() not in agent.priorities:
        return f"the priority {wish.priority or '(none)'} is not theirs"
    return ""


def _not_now(agent: Candidate) -> str:
    """Why an agent gets no ticket at this moment; "" when he may."""
    if agent.absent:
        return f"absent {agent.absent}"
    if agent.off_shift:
        return f"off shift {agent.off_shift}"
    if agent.capacity is not None and agent.open >= agent.capacity:
        return f"at capacity, {agent.open} of {agent.capacity}"
    return ""


def _by_strategy(wish: Wish, remaining: Sequence[Candidate]) -> tuple[Candidate, str]:
    """One of those who remain, of whom there is at least one; and why."""
    if wish.strategy == FIXED:
        return remaining[0], "the configuration names this agent"
    for each in remaining:
        if wish.last_agent and each.address == wish.last_agent.lower():
            return each, "the customer's last agent"
    if wish.strategy == LEAST_LOADED:
        chosen = min(remaining, key=lambda each: (each.load, each.turn))  # min keeps the first of equals
        return chosen, f"least loaded of {len(remaining)}, with {chosen.load}"
    chosen = min(remaining, key=lambda each: each.turn)
    return chosen, f"round robin, longest without a turn of {len(remaining)}"
