"""What a ticket is promised: the targets of the policy that it got, as its events keep them.

The targets themselves are kept, not only the policy's name: a policy that is changed later must not
turn an answer that was in time into one that was late.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class ClockKind(StrEnum):
    """What a clock waits for."""

    FIRST_RESPONSE = "first_response"  # the first answer of a person
    NEXT_RESPONSE = "next_response"  # an answer to the oldest mail that has none
    RESOLUTION = "resolution"  # the solution


_KINDS = tuple(ClockKind)  # an enumeration makes its members anew each time it is walked through
LABELS: Mapping[ClockKind, str] = {kind: kind.value.replace("_", " ") for kind in ClockKind}

Targets = Mapping[ClockKind, timedelta]
CONFIGURATION = "configuration"  # the reason for new terms that is nobody's doing on the ticket


@dataclass(frozen=True, slots=True)
class Terms:
    """The policy of a ticket, its calendar, and its targets by clock; a clock without a target does not run."""

    policy: str
    calendar: str
    targets: Targets

    def facts(self) -> dict[str, str | int | None]:
        """As an event keeps them, in whole seconds; the chain may hold them, they are nothing personal."""
        seconds = {kind.value: int(target.total_seconds()) for kind, target in self.targets.items()}
        return {"policy": self.policy, "calendar": self.calendar, **seconds}


def read_terms(facts: Mapping[str, object]) -> Terms | None:
    """The terms that an event brings; None when it brings none."""
    policy = facts.get("policy")
    if not isinstance(policy, str):
        return None
    targets = {}
    for kind in _KINDS:
        seconds = facts.get(kind)
        if isinstance(seconds, int):
            targets[kind] = timedelta(seconds=seconds)
    return Terms(policy, str(facts.get("calendar", "")), targets)
