"""What is configured and commands are checked against: names, and what a desk asks for; the nearest to a wrong name."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass, field

from maild.tickets.lifecycle_policy import LifecyclePolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What is configured. These names go into the chain of events, where nobody's own words may stand.

    None where nobody has said what there is: any word will do.
    """

    queues: tuple[str, ...] | None = None
    teams: tuple[str, ...] | None = None
    reasons: tuple[str, ...] | None = None
    types: tuple[str, ...] | None = None
    case_types: tuple[str, ...] | None = None
    policies: tuple[str, ...] | None = None
    branches: tuple[str, ...] | None = None
    agents: tuple[tuple[str, str], ...] = ()  # address and name of each
    lifecycle: LifecyclePolicy = field(default_factory=LifecyclePolicy)


ANY_NAMES = Names()


def spelled(word: str, known: Collection[str] | None) -> str:
    """A name as it is configured, whatever its case; "" when there is none. Of None, the word itself."""
    if known is None:
        return word
    return next((name for name in known if name.casefold() == word.casefold()), "")


def nearest(word: str, known: Collection[str], sign: str = "") -> str:
    """What may have been meant, as half a sentence."""
    if not known:
        return "none is configured"
    folded = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.5)
    return f"did you mean {sign}{folded[near[0]]}?" if near else f"known are {', '.join(sign + k for k in known)}"
