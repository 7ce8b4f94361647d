"""Where a priority comes from when no rule sets one: the highest of what keywords, matrix, headers and customer say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from maild.routing.catalogue import Priorities
from maild.routing.found import Found
from maild.routing.named import Named, quoted
from maild.tickets.priorities import PRIORITIES

# Header -> the beginning of a value -> what it says (RFC 2156 §5.3.4 for Importance and Priority; X- ones are
# Outlook's and Eudora's: 1 is the highest of five).
_IMPORTANCE: Mapping[str, Mapping[str, str]] = {
    "importance": {"high": "high", "low": "low"},
    "x-priority": {"1": "high", "2": "high", "4": "low", "5": "low"},
    "x-msmail-priority": {"high": "high", "low": "low"},
    "priority": {"urgent": "high", "non-urgent": "low"},
}
_LEVELS = ("high", "medium", "low")  # of urgency and impact, the first that is found counts


def importance_of(headers: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """The importance that the sender gave a mail, "high", "low" or "", and the header that says so."""
    given = dict(reversed(tuple(headers)))
    for name, values in _IMPORTANCE.items():
        value = given.get(name, "").strip().lower()
        for beginning, importance in values.items():
            if value.startswith(beginning):
                return importance, f"{name}: {value[:20]}"
    return "", ""


def shifted(priority: str, steps: int) -> str:
    """The priority some steps up, or down when negative; it stays within the known ones."""
    if priority not in PRIORITIES:
        return priority
    at = PRIORITIES.index(priority) + steps
    return PRIORITIES[min(max(at, 0), len(PRIORITIES) - 1)]


class Weighing:
    """The configured `Priorities`, made ready."""

    def __init__(self, priorities: Priorities) -> None:
        self._priorities = priorities
        self._keywords = {level: frozenset(words) for level, words in priorities.keywords.items()}
        self._urgency = _by_level(priorities.urgency)
        self._impact = _by_level(priorities.impact)
        self.words = frozenset[str]().union(*self._keywords.values(), *self._urgency.values(), *self._impact.values())

    @property
    def default(self) -> str:
        """What a ticket begins with of which nobody says anything."""
        return self._priorities.default

    def urgency(self, found: Found) -> Named:
        """How urgent a mail is by its keywords."""
        return _first(self._urgency, found)

    def impact(self, found: Found) -> Named:
        """How many a mail is about, by its keywords."""
        return _first(self._impact, found)

    def weigh(self, found: Found, importance: tuple[str, str], customer: str, urgency: str, impact: str) -> Named:
        """The highest priority that anything names; the default when nothing does."""
        says = [
            Named(level, "keywords", f"words {quoted(sorted(hits))}")
            for level, words in self._keywords.items()
            if (hits := words & found.words)
        ]
        if by_matrix := self._priorities.matrix.get(urgency, {}).get(impact):
            says.append(Named(by_matrix, "matrix", f"urgency {urgency}, impact {impact}"))
        if by_header := self._priorities.importance.get(importance[0]):
            says.append(Named(by_header, "importance", importance[1]))
        if customer:
            says.append(Named(customer, "customer", "what this customer's tickets begin with"))
        return max(says, key=_height) if says else Named(self.default, "default", "the default")


def _height(named: Named) -> int:
    """Of equals the first stays; a priority that is unknown is the lowest."""
    return PRIORITIES.index(named.value) if named.value in PRIORITIES else -1


def _by_level(keywords: Mapping[str, Sequence[str]]) -> Mapping[str, frozenset[str]]:
    return {level: frozenset(keywords[level]) for level in _LEVELS if level in keywords}


def _first(by_level: Mapping[str, frozenset[str]], found: Found) -> Named:
    for level, words in by_level.items():
        if hits := words & found.words:
            return Named(level, "keywords", f"words {quoted(sorted(hits))}")
    return Named()
