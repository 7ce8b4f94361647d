"""What is wrong with a set of rules: by itself, and by what it did on many mails."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import combinations, islice

from maild.routing.actions import SINGLE
from maild.routing.conditions import asks_for_reply
from maild.routing.covering import covers, marks, named, never
from maild.routing.decision import Tried
from maild.routing.rules import Rule, Then, When

_PAIRED = 50  # hits of one mail that are counted in pairs


class Trouble(StrEnum):
    """What may be wrong with a rule."""

    NEVER = "never"  # it can hit no mail
    SHADOWED = "shadowed"  # a rule above takes all that it could decide
    DUPLICATE = "duplicate"  # a rule above is the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One rule that does nothing, and why."""

    rule: str
    trouble: Trouble
    why: str
    other: str = ""  # the rule above
    where: str = ""


def remarks_on(rules: Sequence[Rule], today: date) -> tuple[Remark, ...]:
    """The rules that can do nothing, one remark for each, in order; only what is sure is said."""
    remarks: list[Remark] = []
    wholes = [_whole(rule) for rule in rules]
    by_mark: dict[str, list[int]] = defaultdict(list)  # so that not every pair is compared
    unmarked: list[int] = []
    first: dict[str, Rule] = {}  # by all that a rule asks and does
    for at, rule in enumerate(rules):
        if why := _never(rule, today):
            remarks.append(Remark(rule=rule.name, trouble=Trouble.NEVER, why=why, where=rule.where))
            continue
        same = first.setdefault(repr((rule.when, rule.then, rule.stop, rule.until)), rule)
        # What asks for a tag may hold only below the rule that sets it, and a note or a raise is done twice.
        if same is not rule and _beneath(rule, wholes[at], same, wholes[at]):
            why = f"rule {same.name} above is the same"
            remarks.append(
                Remark(rule=rule.name, trouble=Trouble.DUPLICATE, why=why, other=same.name, where=rule.where)
            )
            continue
        above = {*unmarked, *(other for value in named(wholes[at]) for other in by_mark.get(value, ()))}
        found = (_beneath(rule, wholes[at], rules[other], wholes[other]) for other in sorted(above))
        remarks += islice(filter(None, found), 1)
        needed = marks(wholes[at])
        if needed is None:
            unmarked.append(at)
        for value in needed or ():
            by_mark[value].append(at)
    return tuple(remarks)


def _never(rule: Rule, today: date) -> str:
    if not rule.enabled:
        return "it is disabled"
    if rule.until and rule.until < today:
        return f"it ended on {rule.until}"
    return never(rule.when)


def _whole(rule: Rule) -> When:
    """The conditions with the one that is not written: who says nothing of replies is for new tickets only."""
    return rule.when if asks_for_reply(rule.when) else replace(rule.when, reply=False)


def _beneath(rule: Rule, when: When, other: Rule, wider: When) -> Remark | None:
    """What is wrong with a rule because of another one above it; None when nothing is."""
    if other.until and (rule.until is None or rule.until > other.until):
        return None
    takes_all = _takes_all(other, rule)
    if not (other.stop or takes_all) or not covers(wider, when):
        return None
    why = f"rule {other.name} above hits every mail that it could, and {'stops' if other.stop else 'decides the same'}"
    return Remark(rule=rule.name, trouble=Trouble.SHADOWED, why=why, other=other.name, where=rule.where)


def _takes_all(other: Rule, rule: Rule) -> bool:
    """Whether nothing that a rule does is new where the other one hit before."""
    if rule.stop and not other.stop:
        return False
    mine, theirs = rule.then, other.then
    adds = (
        bool(mine.raised)
        or bool(mine.note)
        or not set(mine.tags) <= set(theirs.tags)
        or not set(mine.notify) <= set(theirs.notify)
        or mine.webhook not in {"", theirs.webhook}
    )
    return not adds and all(_gives(theirs, name) for name in (*SINGLE, "spam", "ignore") if _gives(mine, name))


def _gives(then: Then, name: str) -> bool:
    return bool(getattr(then, name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Two rules that hit the same mails."""

    first: str
    second: str  # the later one
    mails: int
    in_vain: int  # of them those where the second changed nothing


class Usage:
    """What rules did on many mails."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._names = tuple(rule.name for rule in rules)
        self._hits: Counter[str] = Counter()
        self._gave: Counter[str] = Counter()
        self._pairs: Counter[tuple[str, str]] = Counter()
        self._in_vain: Counter[tuple[str, str]] = Counter()
        self.mails = 0

    def add(self, tried: Sequence[Tried], mails: int = 1) -> None:
        """Counts one mail, or several that went the same way: `Decision.hits`, or all of `Router.try_all`."""
        hits = [one for one in tried if one.hit]
        self.mails += mails
        for hit in hits:
            self._hits[hit.rule] += mails
            self._gave[hit.rule] += mails if hit.gave else 0
        for first, second in combinations(hits[:_PAIRED], 2):
            self._pairs[first.rule, second.rule] += mails
            self._in_vain[first.rule, second.rule] += 0 if second.gave else mails

    @property
    def hits(self) -> dict[str, int]:
        """On how many mails each rule hit, in the order of the rules."""
        return {name: self._hits[name] for name in self._names}

    @property
    def never_hit(self) -> tuple[str, ...]:
        """Rules that hit no mail, in order."""
        return tuple(name for name in self._names if not self._hits[name])

    @property
    def shadowed(self) -> tuple[str, ...]:
        """Rules that hit, and never decided anything that was not decided before, in order."""
        return tuple(name for name in self._names if self._hits[name] and not self._gave[name])

    @property
    def overlaps(self) -> tuple[Overlap, ...]:
        """Pairs that hit the same mails, those first in which the later one was in vain most often."""
        overlaps = (
            Overlap(first=first, second=second, mails=mails, in_vain=self._in_vain[first, second])
            for (first, second), mails in self._pairs.items()
        )
        return tuple(sorted(overlaps, key=lambda one: (-one.in_vain, -one.mails, one.first, one.second)))
