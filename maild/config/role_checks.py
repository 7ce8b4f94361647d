"""Checks of roles against the other tables, so that no ticket is shown to nobody by a slip of the pen."""

from __future__ import annotations

from collections.abc import Mapping

from maild.config.level_names import Names, Sections, each_of
from maild.config.lines import KeyPath
from maild.config.model import Agent, Queue
from maild.config.problems import Problems
from maild.config.role_tables import Role
from maild.config.roles import make_person, make_roles
from maild.tickets.permissions import Held, Permission, Person, may


def check_roles(sections: Sections, names: Names, problems: Problems) -> None:
    """Note every fault of roles and of those who have them."""
    tables = [role for _, role in each_of(sections, Role)]
    roles = make_roles(tables)
    for path, role in each_of(sections, Role):
        if Permission.READ not in role.permissions and not problems.has_in(path):
            text = f"{role.name} cannot read what it is for; add {Permission.READ}"
            problems.add((*path, "permissions"), text)
    limited: list[tuple[KeyPath, Role | Agent]] = [*each_of(sections, Role), *each_of(sections, Agent)]
    for path, table in limited:
        for i, queue in enumerate(table.queues):
            names.one((*path, "queues", i), "queue", queue, names.queues, problems)
        for i, team in enumerate(table.teams):
            names.one((*path, "teams", i), "team", team, names.teams, problems)
    people: dict[str, Person] = {}
    for path, agent in each_of(sections, Agent):
        for i, name in enumerate(agent.role):
            names.one((*path, "role", i), "role", name, roles, problems)
        if not problems.has_in(path):
            people[agent.address.lower()] = make_person(agent, roles)
    _unread(sections, people, problems)


def _unread(sections: Sections, people: Mapping[str, Person], problems: Problems) -> None:
    """Agents whom a queue names although they may not read its tickets: they would be told of nothing."""
    for path, queue in each_of(sections, Queue):
        held = Held(queue=queue.name, team=queue.team or "")
        for i, address in enumerate(queue.agents):
            person = people.get(address.lower())
            why = may(person, Permission.READ, held).partition(";")[0] if person else ""
            if why:
                problems.add((*path, "agents", i), f"{why}; take the address out, or change the role")
