"""Decides on a mail by rules, reason codes and priorities: from facts to a decision with its reasons."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, tzinfo

from maild.routing.actions import carry_out, singles
from maild.routing.catalogue import Catalogue
from maild.routing.codes import Codes
from maild.routing.conditions import asks_for_reply, check_of, wanted_by, within
from maild.routing.decision import Decision, Tried
from maild.routing.facts import MailFacts
from maild.routing.found import Found, Search
from maild.routing.needs import Signal, needs, signals_of
from maild.routing.outcome import outcome
from maild.routing.rules import Rule
from maild.routing.trial import Trial


class Router:
    """Rules and catalogue, made ready once; `decide` is pure and may be called by many threads."""

    def __init__(
        self,
        rules: Sequence[Rule] = (),
        catalogue: Catalogue | None = None,
        is_open: Callable[[str, datetime], bool] = lambda _calendar, _at: True,
        zone: tzinfo = UTC,
    ) -> None:
        """`is_open` says whether a calendar is open at a moment; `zone` is the desk's, for `until`.

        Raises ValueError for a keyword or a regular expression that `check_keyword` or `check_pattern` refuses.
        """
        self.rules = tuple(rules)
        self.catalogue = catalogue or Catalogue()
        self._is_open, self._zone = is_open, zone
        self._codes = Codes(self.catalogue)
        self._checks = tuple(check_of(rule.when) for rule in self.rules)
        self._given = tuple(singles(rule.then) for rule in self.rules)
        self._for_replies = tuple(asks_for_reply(rule.when) for rule in self.rules)
        self._search = Search((self._codes.wanted, *(wanted_by(rule.when) for rule in self.rules)))
        enabled = [at for at, rule in enumerate(self.rules) if rule.enabled]
        self._counted = {False: enabled, True: [at for at in enabled if self._for_replies[at]]}
        self._by_signal: dict[Signal, list[int]] = defaultdict(list)
        self._always: list[int] = []
        for at in enabled:
            signals = needs(self.rules[at].when)
            if signals is None:
                self._always.append(at)
            for signal in signals or ():
                self._by_signal[signal].append(at)
        self._asks_language = any(_asks_language(self.rules[at]) for at in enabled)

    def __reduce__(self) -> tuple[object, ...]:
        """As it was made: another process makes it ready again."""
        return Router, (self.rules, self.catalogue, self._is_open, self._zone)

    def decide(self, facts: MailFacts, language: str = "en") -> Decision:
        """Where this mail's ticket goes; `language` is that of what the customer is asked for."""
        trial = self._begin(facts)
        hits: list[Tried] = []
        last = len(self.rules)
        for at in self._candidates(trial):
            if self._left_out(at, trial) or not (held := self._checks[at].held(trial)):
                continue
            rule = self.rules[at]
            hits.append(
                Tried(
                    rule=rule.name,
                    hit=True,
                    why=held,
                    gave=carry_out(rule, self._given[at], held, trial),
                    where=rule.where,
                )
            )
            if rule.stop:
                last = at
                break
        tried = bisect_right(self._counted[facts.is_reply], last)
        return outcome(trial, hits, tried - len(hits), language)

    def try_all(self, facts: MailFacts) -> tuple[Tried, ...]:
        """Every rule in order, those after a `stop` as well, and why each hit or missed; slow."""
        trial = self._begin(facts)
        tried: list[Tried] = []
        stopped = ""
        for at, rule in enumerate(self.rules):
            missed = self._left_out(at, trial) or self._checks[at].missed(trial)
            if stopped and not missed:
                missed = f"after rule {stopped}, which stops; else it would hit ({self._checks[at].held(trial)})"
            if missed:
                tried.append(Tried(rule=rule.name, hit=False, why=missed, where=rule.where))
                continue
            held = self._checks[at].held(trial)
            gave = carry_out(rule, self._given[at], held, trial)
            tried.append(Tried(rule=rule.name, hit=True, why=held, gave=gave, where=rule.where))
            stopped = rule.name if rule.stop else ""
        return tuple(tried)

    @property
    def asks_language(self) -> bool:
        """Whether anything here depends on the language of a mail."""
        return self._asks_language

    def _begin(self, facts: MailFacts) -> Trial:
        found = self._find(facts)
        return Trial(facts, found, self._codes, facts.at.astimezone(self._zone).date(), self._is_open)

    def _find(self, facts: MailFacts) -> Found:
        return self._search.find(facts.subject, facts.text)

    def _candidates(self, trial: Trial) -> Iterable[int]:
        """The rules that can hit, in order."""
        candidates = set(self._always)
        for signal in signals_of(trial):
            candidates.update(self._by_signal.get(signal, ()))
        return sorted(candidates)

    def _left_out(self, at: int, trial: Trial) -> str:
        """Why a rule is not tried at all; "" when it is."""
        rule = self.rules[at]
        if not rule.enabled:
            return "disabled"
        if rule.until and trial.day > rule.until:
            return f"ended on {rule.until}"
        if trial.facts.is_reply and not self._for_replies[at]:
            return "for new tickets only"
        return ""


def _asks_language(rule: Rule) -> bool:
    return any(when.language for when in within(rule.when))
