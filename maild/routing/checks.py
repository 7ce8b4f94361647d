"""The sorts of checks that conditions are made of; each can say what held and what did not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from maild.routing.globs import matches_glob
from maild.routing.named import either, quoted
from maild.routing.rules import Score
from maild.routing.trial import Trial


class Check(Protocol):
    """Something that holds of a mail, or does not."""

    def held(self, trial: Trial) -> str:
        """What held, in words; "" when it does not hold."""

    def missed(self, trial: Trial) -> str:
        """What did not hold, in words; "" when it holds."""


class OneOf:
    """A value of the mail is one of those that are wanted; case does not count."""

    def __init__(self, name: str, wanted: Sequence[str], given: Callable[[Trial], Collection[str]]) -> None:
        self._name, self._wanted, self._given = name, wanted, given
        self._lower = frozenset(value.lower() for value in wanted)

    def held(self, trial: Trial) -> str:  # noqa: D102
        for value in self._given(trial):
            if value.lower() in self._lower:
                return f"{self._name} {value}"
        return ""

    def missed(self, trial: Trial) -> str:  # noqa: D102
        if self.held(trial):
            return ""
        is_one = either(sorted(value for value in self._given(trial) if value)) or "not known"
        return f"its {self._name} is {is_one}, not {either(self._wanted)}"


class Like:
    """A value of the mail fits one of some globs."""

    def __init__(self, name: str, globs: Sequence[str], given: Callable[[Trial], Collection[str]]) -> None:
        self._name, self._globs, self._given = name, globs, given

    def held(self, trial: Trial) -> str:  # noqa: D102
        for value in self._given(trial):
            for glob in self._globs:
                if matches_glob(glob, value):
                    return f"{self._name} {glob}"
        return ""

    def missed(self, trial: Trial) -> str:  # noqa: D102
        if self.held(trial):
            return ""
        given = either(value[:80] for value in self._given(trial) if value)
        return f"its {self._name} is {given}, not {either(self._globs)}" if given else f"it has no {self._name}"


class Domain:
    """The sender's domain is one of these, or a subdomain of one."""

    def __init__(self, wanted: Sequence[str]) -> None:
        self._wanted = tuple(bare_domain(domain) for domain in wanted)
        self._ends = tuple(f".{domain}" for domain in self._wanted)

    def held(self, trial: Trial) -> str:  # noqa: D102
        host = trial.host
        if host in self._wanted or host.endswith(self._ends):
            return f"domain {host}"
        return ""

    def missed(self, trial: Trial) -> str:  # noqa: D102
        if self.held(trial):
            return ""
        return f"its domain is {trial.host or 'not known'}, not {either(self._wanted)}"


def bare_domain(domain: str) -> str:
    """A domain as it is compared."""
    return domain.lower().lstrip("@.")


class Finds:
    """One of some keywords or regular expressions was found."""

    def __init__(
        self, name: str, wanted: Sequence[str], where: str, found: Callable[[Trial], Collection[frozenset[str]]]
    ) -> None:
        """`found` may give several sets: of subject and of text."""
        self._name, self._order, self._where, self._found = name, wanted, where, found
        self._wanted = frozenset(wanted)

    def held(self, trial: Trial) -> str:  # noqa: D102
        here = self._wanted.intersection
        held = frozenset[str]().union(*(here(found) for found in self._found(trial)))
        return f"{self._name} {quoted([word for word in self._order if word in held])}" if held else ""

    def missed(self, trial: Trial) -> str:  # noqa: D102
        return "" if self.held(trial) else f"its {self._where} has no {quoted(self._order)}"


class Reaches:
    """Keywords with weights reach a threshold together."""

    def __init__(self, score: Score) -> None:
        self._weights, self._at_least = score.words, score.at_least

    def _hits(self, trial: Trial) -> tuple[int, str]:
        hits = [(word, weight) for word, weight in self._weights.items() if word in trial.found.words]
        said = ", ".join(f'"{word}" {weight:+d}' for word, weight in hits[:5])
        return sum(weight for _, weight in hits), f" ({said})" if said else ""

    def held(self, trial: Trial) -> str:  # noqa: D102
        points, hits = self._hits(trial)
        return f"score {points}, at least {self._at_least}{hits}" if points >= self._at_least else ""

    def missed(self, trial: Trial) -> str:  # noqa: D102
        points, hits = self._hits(trial)
        return f"its score is {points}, not {self._at_least} or more{hits}" if points < self._at_least else ""


@dataclass(frozen=True, slots=True)
class Is:
    """Something is so, or is not."""

    wanted: bool
    given: Callable[[Trial], bool]
    when_so: str  # in words
    when_not: str

    def held(self, trial: Trial) -> str:  # noqa: D102
        given = self.given(trial)
        return (self.when_so if given else self.when_not) if given is self.wanted else ""

    def missed(self, trial: Trial) -> str:  # noqa: D102
        given = self.given(trial)
        return "" if given is self.wanted else (self.when_so if given else self.when_not)


class ForReplies:
    """The mail is a reply on a ticket, or it is not."""

    def __init__(self, wanted: bool) -> None:  # noqa: FBT001
        self._wanted = wanted

    def held(self, trial: Trial) -> str:  # noqa: D102
        if trial.facts.is_reply is not self._wanted:
            return ""
        return "a reply" if self._wanted else "a new ticket"

    def missed(self, trial: Trial) -> str:  # noqa: D102
        if trial.facts.is_reply is self._wanted:
            return ""
        return "for replies only" if self._wanted else "for new tickets only"


class All:
    """Everything holds; of nothing, always."""

    def __init__(self, checks: Sequence[Check]) -> None:
        self._checks = checks

    def held(self, trial: Trial) -> str:  # noqa: D102
        words = []
        for check in self._checks:
            held = check.held(trial)
            if not held:
                return ""
            words.append(held)
        return "; ".join(words) or "every mail"

    def missed(self, trial: Trial) -> str:  # noqa: D102
        return next((missed for check in self._checks if (missed := check.missed(trial))), "")


class AnyOf:
    """One of several alternatives holds."""

    def __init__(self, checks: Sequence[Check]) -> None:
        self._checks = checks

    def held(self, trial: Trial) -> str:  # noqa: D102
        return next((held for check in self._checks if (held := check.held(trial))), "")

    def missed(self, trial: Trial) -> str:  # noqa: D102
        if self.held(trial):
            return ""
        return f"none of {len(self._checks)}: {'; '.join(check.missed(trial) for check in self._checks[:3])}"


class Not:
    """Something does not hold."""

    def __init__(self, check: Check) -> None:
        self._check = check

    def held(self, trial: Trial) -> str:  # noqa: D102
        return self._check.missed(trial)

    def missed(self, trial: Trial) -> str:  # noqa: D102
        held = self._check.held(trial)
        return f"excluded: {held}" if held else ""
