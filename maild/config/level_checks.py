"""Checks of teams and policies against the other tables: names that must exist, promises that nobody could keep."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from maild.config import level_tables
from maild.config.calendar_checks import check_calendars, check_quiet, open_for
from maild.config.escalation_checks import check_escalation
from maild.config.level_names import Names, Sections, each_of, names_of
from maild.config.level_tables import Escalation, Policy, Targets, Team
from maild.config.lines import KeyPath
from maild.config.model import Queue
from maild.config.problems import Problems
from maild.config.role_checks import check_roles
from maild.config.values import write_duration
from maild.sla.calendar import Calendar
from maild.sla.policies import Condition, built_in_policies
from maild.sla.terms import ClockKind
from maild.tickets.priorities import ALIASES


def check_levels(sections: Sections, problems: Problems) -> Names:
    """Note every fault of service levels; paths are absolute. Gives the names that were found."""
    sound = check_calendars(sections, problems)
    calendars = {calendar.name for _, calendar in each_of(sections, level_tables.Calendar)} | set(sound)
    names = names_of(sections, calendars)
    _sla(names, sound, problems)
    for path, queue in each_of(sections, Queue):
        names.one((*path, "team"), "team", queue.team, names.teams, problems)
    for path, team in each_of(sections, Team):
        for i, address in enumerate(team.agents):
            names.agent((*path, "agents", i), address, problems)
        if team.manager is not None and team.manager.lower() in names.support:
            text = f"{team.manager} is a support address, and an alert to it would open a ticket; give a person's own"
            problems.add((*path, "manager"), text)
    for path, policy in each_of(sections, Policy):
        names.conditions(path, policy, problems)
        _policy(path, policy, names, sound, problems)
    _hidden(sections, names, problems)
    check_roles(sections, names, problems)
    for path, escalation in each_of(sections, Escalation):
        check_escalation(path, escalation, names, problems)
    return names


def _sla(names: Names, sound: Mapping[str, Calendar], problems: Problems) -> None:
    path, sla = ("sla",), names.sla
    names.one((*path, "calendar"), "calendar", sla.calendar, names.calendars, problems)
    names.recipients((*path, "at_risk_to"), sla.at_risk_to, problems)
    names.recipients((*path, "breach_to"), sla.breach_to, problems)
    check_quiet(path, sla, problems)
    if sla.built_in and sla.calendar in sound:
        built_in = built_in_policies(sla.calendar)
        longest = max(t for policy in built_in for targets in policy.targets.values() for t in targets.values())
        too_long = _too_long(longest, sound[sla.calendar])
        if too_long:
            problems.add((*path, "calendar"), f"of the built-in policies, {too_long}, or set built_in = false")


def _policy(path: KeyPath, policy: Policy, names: Names, sound: Mapping[str, Calendar], problems: Problems) -> None:
    names.one((*path, "calendar"), "calendar", policy.calendar, names.calendars, problems)
    names.recipients((*path, "at_risk_to"), policy.at_risk_to or (), problems)
    names.recipients((*path, "breach_to"), policy.breach_to or (), problems)
    calendar = sound.get(policy.calendar or names.sla.calendar)
    for kind in ClockKind:
        targets: Targets | None = getattr(policy, kind)
        for word, target in targets or ():
            other = ALIASES.get(word)
            if target is None:
                continue
            if other is not None and getattr(targets, other) is not None:
                text = f"{word} is another word for {other}, which is there as well; keep one of them"
                problems.add((*path, kind, word), text)
            too_long = _too_long(target, calendar) if calendar else ""
            if too_long:
                problems.add((*path, kind, word), too_long)
    if problems.has_in(path):
        return
    promised = {priority for by_priority in policy.targets().values() for priority in by_priority}
    if not promised:
        problems.add((*path, "name"), f'{policy.name} promises nothing; add [policy.resolution] with high = "8h", say')
    elif policy.priorities and promised.isdisjoint(policy.priorities):
        text = f"{policy.name} is for priority {' or '.join(policy.priorities)}, but has targets only for"
        problems.add((*path, "priorities"), f"{text} {', '.join(sorted(promised))}; add targets for it")


def _too_long(target: timedelta, calendar: Calendar) -> str:
    """What is wrong with a target that its calendar has no time for; "" when it has."""
    counted = open_for(calendar, target)
    if counted >= target:
        return ""
    hours = int(counted.total_seconds() / 3600)
    return (
        f"{write_duration(target)} cannot be reached within ten years on the calendar {calendar.name},"
        f" which is open for {hours} hours in them; write a shorter one, or give the calendar more hours"
    )


def _hidden(sections: Sections, names: Names, problems: Problems) -> None:
    """Policies that never get a ticket, because an earlier one takes everything that they could match."""
    earlier: list[tuple[KeyPath, Policy, Condition, set[str]]] = []
    for path, policy in each_of(sections, Policy):
        if problems.has_in(path):
            continue
        when = condition(policy)
        queues = {queue.name for queue in names.queues_of(policy)}
        for other_path, other, takes, its_queues in earlier:
            if queues <= its_queues and _covers(takes, when):
                where = problems.seen_from(path, (*other_path, "name"))
                text = f"{policy.name} never gets a ticket: {other.name} ({where}) takes all that it could match"
                problems.add((*path, "name"), f"{text}; put {policy.name} above it, or give {other.name} a condition")
                break
        earlier.append((path, policy, when, queues))


def condition(table: Policy | Escalation) -> Condition:
    """The conditions of a table as the core asks them."""
    return Condition(
        queues=frozenset(table.queues),
        customers=frozenset(name.lower() for name in table.customers),
        groups=frozenset(table.groups),
        types=frozenset(table.types),
        priorities=frozenset(table.priorities),
        tags=frozenset(table.tags),
        internal=table.internal,
    )


def _covers(earlier: Condition, later: Condition) -> bool:
    """Whether whatever fits the later condition fits the earlier one, queues aside."""
    for name in ("customers", "groups", "types", "priorities", "tags"):
        wanted: frozenset[str] = getattr(earlier, name)
        given: frozenset[str] = getattr(later, name)
        if wanted and (not given or not given <= wanted):
            return False
    return True
