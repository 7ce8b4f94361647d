"""Which policy a ticket gets: the first that fits, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from maild.sla.terms import ClockKind, Terms
from maild.tickets.priorities import PRIORITIES

SERVICE_CASES = frozenset({"warranty", "damage", "repair", "complaint"})
THRESHOLDS = (50, 75, 90)
BREACH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What policies and escalations ask of a ticket and its customer."""

    queue: str
    internal: bool = False  # the queue is for our own people
    priority: str = "medium"
    type: str = ""
    case_type: str = ""
    customer: str = ""
    groups: frozenset[str] = frozenset()  # of the customer
    tags: frozenset[str] = frozenset()  # of the customer and of the ticket
    wished: str = ""  # the policy that a rule or an agent named


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What has to hold; an empty set asks for nothing."""

    queues: frozenset[str] = frozenset()
    customers: frozenset[str] = frozenset()  # in lower case
    groups: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()  # of the ticket's type or its case type
    priorities: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    internal: bool | None = None

    def missing(self, subject: Subject) -> str:
        """What does not hold, in words; "" when all of it does."""
        asked: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
            ("queue", self.queues, frozenset({subject.queue})),
            ("customer", self.customers, frozenset({subject.customer.lower()})),
            ("group", self.groups, subject.groups),
            ("type", self.types, frozenset({subject.type, subject.case_type})),
            ("priority", self.priorities, frozenset({subject.priority})),
            ("tag", self.tags, subject.tags),
        )
        for name, wanted, given in asked:
            if wanted and not wanted & given:
                is_one = " or ".join(sorted(given - {""})) or "not set"
                return f"its {name} is {is_one}, not {' or '.join(sorted(wanted))}"
        if self.internal is not None and self.internal is not subject.internal:
            return "its queue is for customers" if self.internal else "its queue is internal"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Targets by clock and priority, and when to warn."""

    name: str
    when: Condition = field(default_factory=Condition)
    calendar: str
    targets: Mapping[ClockKind, Mapping[str, timedelta]]  # clock -> priority -> target
    thresholds: tuple[int, ...] = THRESHOLDS  # percent of the target, ascending, without the breach

    def terms(self, priority: str) -> Terms:
        """What a ticket of this priority is promised; one that is unknown counts as medium."""
        return Terms(
            self.name,
            self.calendar,
            {
                kind: by_priority[p]
                for kind, by_priority in self.targets.items()
                if (p := priority if priority in PRIORITIES else "medium") in by_priority
            },
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """The policy of a ticket, and what was asked of each one on the way to it."""

    policy: Policy | None
    why: tuple[str, ...]


def choose(subject: Subject, policies: Sequence[Policy]) -> Choice:
    """The policy that is wished for, else the first that fits; None when none does, and then no clock runs."""
    why: list[str] = []
    if subject.wished:
        wished = next((policy for policy in policies if policy.name == subject.wished), None)
        if wished is not None:
            return Choice(wished, (f"policy {wished.name}: a rule or an agent chose it",))
        why.append(f"policy {subject.wished}: a rule or an agent chose it, but there is no such policy")
    for policy in policies:
        missing = policy.when.missing(subject)
        if not missing:
            return Choice(policy, (*why, f"policy {policy.name}: fits"))
        why.append(f"policy {policy.name}: {missing}")
    return Choice(None, (*why, "no policy fits, so no clock runs"))


def _hours(*hours: int) -> Mapping[str, timedelta]:
    """Targets for low, medium, high and critical."""
    return dict(zip(PRIORITIES, (timedelta(hours=h) for h in hours), strict=True))


_FIRST_RESPONSE = _hours(48, 24, 4, 1)


def built_in_policies(calendar: str, thresholds: tuple[int, ...] = THRESHOLDS) -> tuple[Policy, ...]:
    """The policies of a desk that has written none (SLA.md, Defaults), on one calendar.

    What SLA.md leaves open is the internal one: twice the time of a customer's.
    """
    tables = (
        ("internal", Condition(internal=True), _hours(96, 48, 8, 2), _hours(336, 144, 48, 8)),
        ("service", Condition(types=SERVICE_CASES), _FIRST_RESPONSE, _hours(168, 72, 24, 4)),
        ("standard", Condition(), _FIRST_RESPONSE, _hours(168, 72, 24, 4)),
    )
    return tuple(
        Policy(
            name=name,
            when=when,
            calendar=calendar,
            targets={ClockKind.FIRST_RESPONSE: first_response, ClockKind.RESOLUTION: resolution},
            thresholds=thresholds,
        )
        for name, when, first_response, resolution in tables
    )
