"""The tables of the configuration that say what is promised, when it counts and who hears of it (docs/sla.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field

from maild.config.level_values import (
    Assignee,
    Day,
    Folded,
    Percent,
    Priority,
    Recipient,
    Tag,
    Target,
    TeamStrategy,
    Thresholds,
    Wait,
    Window,
)
from maild.config.section import Section
from maild.config.values import MailAddress
from maild.sla.policies import THRESHOLDS
from maild.sla.terms import ClockKind
from maild.tickets.priorities import ALIASES, PRIORITIES

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Clock = Literal["first_response", "next_response", "resolution"]


class Team(Section):
    """Agents who share work. Any number of them."""

    name: str = Field(description="The team's name; queues and escalations call it so.")
    agents: tuple[MailAddress, ...] = Field(default=(), description="Its agents' addresses.")
    manager: MailAddress | None = Field(default=None, description="Who is told of breaches and escalations.")
    assign: TeamStrategy | None = Field(
        default=None, description="How its tickets find their agents: none, round_robin, or least_loaded."
    )
    sticky: bool | None = Field(
        default=None, description="Whether a customer's last agent is preferred; by default as [routing] says."
    )


class Sla(Section):
    """What holds for all service levels; docs/sla.md says more."""

    calendar: str = Field(
        default="24x7",
        description="The calendar of the built-in policies, and of those that name none; 24x7 counts every hour.",
    )
    built_in: bool = Field(
        default=True,
        description="Whether the built-in policies (internal, service, standard) stand behind your own.",
    )
    thresholds: Thresholds = Field(
        default=THRESHOLDS,
        description="Shares of the target, in percent, at which somebody is warned; the breach is always told.",
    )
    at_risk_to: tuple[Recipient, ...] = Field(
        default=("assignee",), description="Who is warned: assignee, team, manager, or addresses."
    )
    breach_to: tuple[Recipient, ...] = Field(
        default=("assignee", "manager"), description="Who is told of a breach: assignee, team, manager, or addresses."
    )
    paused_by: tuple[Literal["open", "in_progress", "responded", "on_hold"], ...] = Field(
        default=("on_hold",), description="Statuses in which no clock counts."
    )
    on_reopen: Literal["continue", "restart"] = Field(
        default="continue",
        description="Whether the resolution clock of a reopened ticket goes on (continue) or starts anew (restart).",
    )
    quiet: tuple[Window, ...] = Field(
        default=(), description="Hours of every day, in desk.timezone, in which only breaches are told."
    )
    grouped: bool = Field(default=False, description="Whether warnings come in one letter for each recipient.")


class Hours(Section):
    """The windows of each weekday; "22:00-06:00" goes over midnight, "00:00-24:00" is the whole day."""

    mon: tuple[Window, ...] = Field(default=(), description="Monday's windows.")
    tue: tuple[Window, ...] = Field(default=(), description="Tuesday's.")
    wed: tuple[Window, ...] = Field(default=(), description="Wednesday's.")
    thu: tuple[Window, ...] = Field(default=(), description="Thursday's.")
    fri: tuple[Window, ...] = Field(default=(), description="Friday's.")
    sat: tuple[Window, ...] = Field(default=(), description="Saturday's.")
    sun: tuple[Window, ...] = Field(default=(), description="Sunday's.")

    def by_weekday(self) -> dict[int, tuple[tuple[int, int], ...]]:
        """The windows of each day in order; 0 is Monday."""
        return {at: tuple(sorted(getattr(self, day))) for at, day in enumerate(WEEKDAYS)}


class Holidays(Section):
    """Days on which no window starts."""

    country: str | None = Field(default=None, description="Public holidays of a country, by its ISO code.")
    subdivision: str | None = Field(default=None, description="And of a part of it, such as a state.")
    dates: tuple[Day, ...] = Field(default=(), description="Own days, added.")
    open: tuple[Day, ...] = Field(default=(), description="Holidays on which you work.")


class Calendar(Section):
    """Working hours. Any number of them; 24x7 is built in."""

    name: str = Field(description="The calendar's name; policies call it so.")
    timezone: str = Field(description="IANA time zone of its hours and days.")
    hours: Hours = Field(description="The windows of the week that count.")
    holidays: Holidays | None = Field(default=None, description="Days that do not count.")


class Matching(Section):
    """Which tickets a policy or an escalation is for: all conditions must hold; one that is left out always does."""

    name: str = Field(description="Its name; tickets and letters show it.")
    queues: tuple[str, ...] = Field(default=(), description="Only tickets of these queues.")
    customers: tuple[str, ...] = Field(default=(), description="Only of these customers: names of organisations.")
    groups: tuple[Folded, ...] = Field(default=(), description="Only of customers in one of these groups.")
    types: tuple[Folded, ...] = Field(default=(), description="Only tickets with one of these types or case types.")
    priorities: tuple[Priority, ...] = Field(
        default=(), description="Only of these priorities: low, medium (or normal), high, critical (or urgent)."
    )
    tags: tuple[Tag, ...] = Field(default=(), description="Only with one of these tags, of the customer or the ticket.")
    internal: bool | None = Field(
        default=None, description="true: only of internal queues; false: only of the others; by default of all."
    )


class Targets(Section):
    """Counted time by priority; a d is 24 counted hours. A priority that is left out is promised nothing."""

    low: Target | None = Field(default=None, description="For priority low.")
    medium: Target | None = Field(default=None, description="For priority medium.")
    high: Target | None = Field(default=None, description="For priority high.")
    critical: Target | None = Field(default=None, description="For priority critical.")
    normal: Target | None = Field(default=None, description="Another word for medium.")
    urgent: Target | None = Field(default=None, description="Another word for critical.")

    def by_priority(self) -> dict[str, timedelta]:
        """The targets that are given, by the priority's own name."""
        words = (*PRIORITIES, *ALIASES)
        return {ALIASES.get(word, word): target for word in words if (target := getattr(self, word)) is not None}


class Policy(Matching):
    """What is promised for some tickets. Any number of them; the first that fits counts."""

    calendar: str | None = Field(default=None, description="The calendar; by default sla.calendar.")
    thresholds: Thresholds | None = Field(default=None, description="Instead of sla.thresholds.")
    at_risk_to: tuple[Recipient, ...] | None = Field(default=None, description="Instead of sla.at_risk_to.")
    breach_to: tuple[Recipient, ...] | None = Field(default=None, description="Instead of sla.breach_to.")
    first_response: Targets | None = Field(default=None, description="The first answer of a person.")
    next_response: Targets | None = Field(default=None, description="An answer to the oldest mail that has none.")
    resolution: Targets | None = Field(default=None, description="The solution.")

    def targets(self) -> dict[ClockKind, dict[str, timedelta]]:
        """Targets by clock and priority; a clock without any is left out."""
        each = {kind: getattr(self, kind) for kind in ClockKind}
        return {kind: targets.by_priority() for kind, targets in each.items() if targets and targets.by_priority()}


class Task(Section):
    """A ticket of our own that is opened and linked."""

    queue: str = Field(description="The queue of the task.")
    subject: str = Field(description="What it says.")


class Escalation(Matching):
    """What is done by itself about a ticket whose clock runs low, once for each clock. Any number of them."""

    policies: tuple[str, ...] = Field(default=(), description="Only tickets with one of these policies.")
    clocks: tuple[Clock, ...] = Field(
        default=("first_response", "next_response", "resolution"),
        description="The clocks that are looked at.",
    )
    at: Percent | None = Field(
        default=None, description='When this share of the target is used up; "100%" is the breach, more is after it.'
    )
    after: Wait | None = Field(default=None, description="Or after so much counted time.")
    reopened: int | None = Field(
        default=None, ge=1, description="Not before the ticket was reopened so many times; alone: as soon as it was."
    )
    assign: Assignee | None = Field(default=None, description="Give the ticket to this agent, or to the manager.")
    team: str | None = Field(default=None, description="Give it to this team.")
    raise_priority: bool = Field(
        default=False, description="Raise its priority to high, or to the next one up; targets follow."
    )
    notify: tuple[Recipient, ...] = Field(default=(), description="Tell these: assignee, team, manager, or addresses.")
    status: Literal["open", "in_progress", "on_hold", "resolved", "closed"] | None = Field(
        default=None, description="Set this status."
    )
    tag: Tag | None = Field(default=None, description="Add this tag.")
    task: Task | None = Field(default=None, description="Open a linked ticket of our own.")
