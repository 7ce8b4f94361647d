"""The roles of a file and who has them, as the core asks them; the checks take them as the daemon does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from maild.config import role_tables
from maild.config.model import Agent
from maild.tickets.permissions import BUILT_IN, Permission, Person, Role


def make_roles(tables: Iterable[role_tables.Role]) -> dict[str, Role]:
    """Roles by name, the built-in ones whose names are not taken among them."""
    own = {
        role.name: Role(
            name=role.name,
            permissions=frozenset(Permission(name) for name in role.permissions),
            queues=frozenset(role.queues),
            teams=frozenset(role.teams),
        )
        for role in tables
    }
    return {**BUILT_IN, **own}


def make_person(agent: Agent, roles: Mapping[str, Role]) -> Person:
    """An agent with roles and limits."""
    return Person(
        address=agent.address.lower(),
        roles=tuple(roles[name] for name in agent.role),
        queues=frozenset(agent.queues),
        teams=frozenset(agent.teams),
    )


def make_people(agents: Iterable[Agent], roles: Mapping[str, Role]) -> dict[str, Person]:
    """All agents, by address in lower case."""
    people = (make_person(agent, roles) for agent in agents)
    return {person.address: person for person in people}
