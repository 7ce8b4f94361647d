"""Checks of escalations: when they happen, whether they do anything, and whether anybody hears of it."""

from __future__ import annotations

from maild.config.level_names import Names
from maild.config.level_tables import Escalation, Team
from maild.config.lines import KeyPath
from maild.config.problems import Problems


def check_escalation(path: KeyPath, escalation: Escalation, names: Names, problems: Problems) -> None:
    """Note every fault of one escalation."""
    names.conditions(path, escalation, problems)
    for i, policy in enumerate(escalation.policies):
        names.one((*path, "policies", i), "policy", policy, names.policies, problems)
    names.one((*path, "team"), "team", escalation.team, names.teams, problems)
    if escalation.task is not None:
        names.one((*path, "task", "queue"), "queue", escalation.task.queue, names.queues, problems)
    names.recipients((*path, "notify"), escalation.notify, problems)
    if escalation.assign is not None and escalation.assign != "manager":
        names.agent((*path, "assign"), escalation.assign, problems)
    if problems.has_in(path):
        return
    if not escalation.clocks:
        problems.add((*path, "clocks"), "no clock is looked at; name one, or leave the key out for all of them")
    _trigger(path, escalation, problems)
    _action(path, escalation, problems)
    _reaches_somebody(path, escalation, names, problems)


def _trigger(path: KeyPath, escalation: Escalation, problems: Problems) -> None:
    if escalation.at is not None and escalation.after is not None:
        problems.add((*path, "after"), "there is already at; keep one of them")
    elif escalation.at is None and escalation.after is None and escalation.reopened is None:
        text = 'it never happens; add at = "90%" (of the target), after = "2h" or reopened = 2'
        problems.add((*path, "name"), text)


def _action(path: KeyPath, escalation: Escalation, problems: Problems) -> None:
    done = (
        escalation.assign,
        escalation.team,
        escalation.raise_priority,
        escalation.notify,
        escalation.status,
        escalation.tag,
        escalation.task,
    )
    if not any(done):
        text = 'it does nothing; add notify = ["manager"], assign, team, raise_priority, status, tag or task'
        problems.add((*path, "notify"), text)


def _reaches_somebody(path: KeyPath, escalation: Escalation, names: Names, problems: Problems) -> None:
    """Words for people who are not there: nobody would hear of it."""
    queues = list(names.queues_of(escalation))
    called = {queue.team for queue in queues if queue.team} | set(names.handed_to)
    teams = [names.teams[name] for name in sorted(called & names.teams.keys())]
    for i, word in enumerate(escalation.notify):
        place: KeyPath = (*path, "notify", i)
        if word == "manager":
            _manager(place, teams, problems)
        elif word == "team" and not any(team.agents for team in teams) and not any(queue.agents for queue in queues):
            text = 'nobody is "team" here; give [[team]] agents and set team in [[queue]], or give the queue agents'
            problems.add(place, text)
        elif word == "assignee" and not names.agents:
            problems.add(place, "nobody can be the assignee, for there are no agents; add [[agent]]")
    if escalation.assign == "manager":
        _manager((*path, "assign"), teams, problems)
        for manager in (team.manager for team in teams if team.manager):
            if manager.lower() not in names.agents:
                text = f"{manager}, a manager, is no agent and cannot be given tickets; add [[agent]] with this address"
                problems.add((*path, "assign"), text)


def _manager(place: KeyPath, teams: list[Team], problems: Problems) -> None:
    if any(team.manager for team in teams):
        return
    if teams:
        named = " or ".join(team.name for team in teams)
        problems.add(place, f'nobody is "manager", for {named} has none; add manager = "ADDRESS" to [[team]]')
    else:
        text = 'nobody is "manager", for no queue here has a team; set team in [[queue]], and manager in [[team]]'
        problems.add(place, text)
