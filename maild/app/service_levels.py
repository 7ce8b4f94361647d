"""What the use cases have to know of service levels: plain facts, made from the configuration once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from maild.sla.calendar import ALWAYS, Calendar
from maild.sla.clocks import Rules
from maild.sla.escalations import Escalation, Plan
from maild.sla.policies import THRESHOLDS, Policy, Subject, built_in_policies

ASSIGNEE, TEAM, MANAGER = "assignee", "team", "manager"  # recipients that depend on the ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertTo:
    """Who is told of a clock: `assignee`, `team`, `manager`, or addresses."""

    at_risk: tuple[str, ...] = (ASSIGNEE,)
    breach: tuple[str, ...] = (ASSIGNEE, MANAGER)


@dataclass(frozen=True, kw_only=True)
class ServiceLevels:
    """Policies, calendars and escalations, and who is told."""

    rules: Rules = field(default_factory=Rules)
    policies: tuple[Policy, ...] = built_in_policies(ALWAYS.name)
    escalations: tuple[Escalation, ...] = ()
    alert_to: AlertTo = AlertTo()
    alert_to_by_policy: dict[str, AlertTo] = field(default_factory=dict)
    quiet: Calendar | None = None  # open in the hours in which only breaches are told of
    grouped: bool = False  # alerts before the breach come in a digest
    fingerprint: str = ""  # of all that clocks follow from; a changed one has open clocks derived again

    @property
    def addresses(self) -> frozenset[str]:
        """Every address that is told of clocks whatever the ticket."""
        every = (self.alert_to, *self.alert_to_by_policy.values())
        words = [word for each in every for word in (*each.at_risk, *each.breach)]
        words += [word for rule in self.escalations for word in (*rule.notify, rule.assign)]
        return frozenset(word.lower() for word in words if "@" in word)

    def plan(self, subject: Subject, policy: str) -> Plan:
        """What is done by itself about the clocks of a ticket with this policy."""
        thresholds: Sequence[int] = next((p.thresholds for p in self.policies if p.name == policy), THRESHOLDS)
        return Plan(thresholds=thresholds, escalations=self.escalations, subject=subject, quiet=self.quiet)

    def told(self, policy: str) -> AlertTo:
        """Who is told of the clocks of a policy."""
        return self.alert_to_by_policy.get(policy, self.alert_to)
