"""Translates the tables of service levels into what the use cases take."""

from __future__ import annotations

import hashlib
import json
from zoneinfo import ZoneInfo

from maild.app.desk_structure import Agent, Team
from maild.app.service_levels import AlertTo, ServiceLevels
from maild.config import calendars, level_tables
from maild.config.level_checks import condition
from maild.config.model import Config
from maild.config.values import unique
from maild.sla.calendar import Calendar
from maild.sla.clocks import Rules
from maild.sla.escalations import Escalation, Task
from maild.sla.policies import Policy, built_in_policies
from maild.sla.terms import ClockKind
from maild.tickets.lifecycle import Status


def make_calendars(config: Config) -> dict[str, Calendar]:
    """Calendars by name, 24x7 among them; a country's holidays are worked out year by year."""
    return calendars.make_calendars(config.calendar)


def make_levels(config: Config) -> ServiceLevels:
    """Policies, calendars and escalations, and who is told."""
    sla = config.sla
    policies = _policies(config)
    alert_to = AlertTo(at_risk=unique(sla.at_risk_to), breach=unique(sla.breach_to))
    return ServiceLevels(
        rules=Rules(
            calendars=make_calendars(config),
            paused_by=frozenset(Status(status) for status in sla.paused_by),
            restart=sla.on_reopen == "restart",
        ),
        policies=policies,
        escalations=tuple(_escalation(each) for each in config.escalation),
        alert_to=alert_to,
        alert_to_by_policy={
            policy.name: AlertTo(
                at_risk=alert_to.at_risk if policy.at_risk_to is None else unique(policy.at_risk_to),
                breach=alert_to.breach if policy.breach_to is None else unique(policy.breach_to),
            )
            for policy in config.policy
            if policy.at_risk_to is not None or policy.breach_to is not None
        },
        quiet=_quiet(config),
        grouped=sla.grouped,
        fingerprint=_fingerprint(config, policies),
    )


def make_teams(config: Config) -> tuple[Team, ...]:
    """Agents who share work, and their managers."""
    return tuple(
        Team(
            name=team.name,
            agents=unique(team.agents),
            manager=(team.manager or "").lower(),
            assign=team.assign or "",
            sticky=team.sticky,
        )
        for team in config.team
    )


def make_agents(config: Config) -> dict[str, Agent]:
    """What each agent can do, when, and how much; by address."""
    return {
        agent.address.lower(): Agent(
            address=agent.address.lower(),
            name=agent.name,
            skills=frozenset(agent.skills),
            languages=frozenset(agent.languages),
            customers=frozenset(agent.customers),
            types=frozenset(agent.types),
            priorities=frozenset(agent.priorities),
            shift=agent.shift or "",
            capacity=agent.capacity,
            zone=ZoneInfo(agent.timezone) if agent.timezone else None,
            language=agent.language or "",
        )
        for agent in config.agent
    }


def _policies(config: Config) -> tuple[Policy, ...]:
    """The configured ones, and behind them the built-in ones whose names are not taken."""
    sla = config.sla
    own = tuple(
        Policy(
            name=policy.name,
            when=condition(policy),
            calendar=policy.calendar or sla.calendar,
            targets=policy.targets(),
            thresholds=sla.thresholds if policy.thresholds is None else policy.thresholds,
        )
        for policy in config.policy
    )
    taken = {policy.name.casefold() for policy in own}
    built_in = built_in_policies(sla.calendar, sla.thresholds) if sla.built_in else ()
    return (*own, *(policy for policy in built_in if policy.name not in taken))


def _escalation(table: level_tables.Escalation) -> Escalation:
    return Escalation(
        name=table.name,
        when=condition(table),
        policies=frozenset(table.policies),
        clocks=frozenset(ClockKind(clock) for clock in table.clocks),
        at=table.at,
        after=table.after,
        reopened=table.reopened or 0,
        assign=(table.assign or "").lower(),
        team=table.team or "",
        raise_priority=table.raise_priority,
        notify=unique(table.notify),
        status=table.status or "",
        tag=table.tag or "",
        task=Task(queue=table.task.queue, subject=table.task.subject) if table.task else None,
    )


def _quiet(config: Config) -> Calendar | None:
    if not config.sla.quiet:
        return None
    return Calendar("quiet", ZoneInfo(config.desk.timezone), dict.fromkeys(range(7), tuple(sorted(config.sla.quiet))))


def _fingerprint(config: Config, policies: tuple[Policy, ...]) -> str:
    """A digest of all that clocks and their next moments follow from, the same over restarts."""
    tables = (config.sla, *config.calendar, *config.policy, *config.escalation, *config.organisation)
    facts = {
        # What a ticket's priority begins as is for its opening; no clock follows from it later.
        "tables": [table.model_dump(mode="json", exclude={"priority"}) for table in tables],
        "queues": [[queue.name, queue.internal] for queue in config.queue],
        "zone": config.desk.timezone,  # of the quiet hours
        "targets": [  # of the built-in policies as well, which another version of maild may change
            [policy.name, kind, priority, target.total_seconds()]
            for policy in policies
            for kind, targets in policy.targets.items()
            for priority, target in targets.items()
        ],
    }
    if any(calendar.holidays and calendar.holidays.country for calendar in config.calendar):
        from maild.config.public_holidays import library_version  # takes half a second to load

        facts["holidays"] = library_version()
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
