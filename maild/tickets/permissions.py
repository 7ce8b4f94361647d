"""What agents may do, and on which tickets: permissions, roles, and one question that is asked of them.

Who has several roles may what any of them allows. A role, and an agent, may be limited to queues and to
teams: it holds where all of its limits fit. An assignee reads and writes the own ticket wherever it
stands, if a role has that permission at all; to give somebody a ticket is to show it.

The built-in roles, and why they are so:

    role       read  write  escalate  resolve  override  approve
    support     x      x       x         x                        first line: all of the everyday work
    service     x      x       x         x                        second line: the same, where it goes deeper
    installer   x      x       x                                  on site; the desk says when it is solved
    buyer       x      x       x                                  purchasing: gets the part, ends no ticket
    manager     x      x       x         x        x         x     answers for a team and its promises
    owner       x      x       x         x        x         x     answers for the service as a whole
    admin       x      x       x         x        x         x     runs maild, and could take all of it anyway
    executive   x              x                            x     looks, presses and approves; others answer
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

_NAMED = 5  # people that a refusal names


Limits = tuple[frozenset[str], frozenset[str]]  # queues and teams; an empty set limits nothing


class Permission(StrEnum):
    """What an agent may do with a ticket."""

    READ = "service.read"  # be told of it, and see it
    WRITE = "service.write"  # answer the customer, note, hold, assign, set fields
    ESCALATE = "service.escalate"  # raise it and tell the manager
    RESOLVE = "service.resolve"  # resolve, close, open again
    OVERRIDE = "service.override"  # set aside what rules and policies decided
    APPROVE = "service.approve"  # agree to what needs a second person


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A name for permissions, and where they hold; no queues and no teams: everywhere."""

    name: str
    permissions: frozenset[Permission]
    queues: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with roles; the limits are the person's own and hold for each of them."""

    address: str  # in lower case
    roles: tuple[Role, ...]
    queues: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Where a ticket is: what limits ask for."""

    queue: str
    team: str = ""  # its own, else its queue's
    assignee: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """On which tickets a person may do something: what `may` asks of one, to be asked of a database."""

    own: str  # the assignee's tickets wherever they stand; "": not even those
    places: tuple[tuple[Limits, Limits], ...]  # any of these will do, and of each both


_WORK = (Permission.READ, Permission.WRITE, Permission.ESCALATE)
BUILT_IN: Mapping[str, Role] = {
    name: Role(name=name, permissions=frozenset(permissions))
    for name, permissions in (
        ("support", (*_WORK, Permission.RESOLVE)),
        ("service", (*_WORK, Permission.RESOLVE)),
        ("installer", _WORK),
        ("buyer", _WORK),
        ("manager", tuple(Permission)),
        ("owner", tuple(Permission)),
        ("admin", tuple(Permission)),
        ("executive", (Permission.READ, Permission.ESCALATE, Permission.APPROVE)),
    )
}
DEFAULT = "support"  # the role of an agent who was given none


def may(person: Person, permission: Permission, ticket: Held, people: Iterable[Person] = ()) -> str:
    """Why a person may not do this with a ticket, and which of `people` may; "" when it is allowed."""
    missing = _missing(person, permission, ticket)
    if not missing:
        return ""
    able = [other.address for other in people if not _missing(other, permission, ticket)]
    if not able:
        return f"{missing}; nobody here may: the configuration has to give somebody a role with it"
    more = f" and {len(able) - _NAMED} more" if len(able) > _NAMED else ""
    return f"{missing}; who may: {', '.join(able[:_NAMED])}{more}"


def reach(person: Person, permission: Permission) -> Reach:
    """Where a person may do this, for lists of tickets; `may` says the same of each."""
    granting = [role for role in person.roles if permission in role.permissions]
    is_everyday = permission in (Permission.READ, Permission.WRITE)
    return Reach(
        own=person.address if granting and is_everyday else "",
        places=tuple(((person.queues, person.teams), (role.queues, role.teams)) for role in granting),
    )


def _missing(person: Person, permission: Permission, ticket: Held) -> str:
    granting = [role for role in person.roles if permission in role.permissions]
    if not granting:
        return f"{permission} is missing: {person.address} is {_roles(person)}"
    if permission in (Permission.READ, Permission.WRITE) and ticket.assignee == person.address:
        return ""
    if not _fits(person.queues, person.teams, ticket):
        return f"{permission} is missing here: {person.address} has it only in {limits(person.queues, person.teams)}"
    if any(_fits(role.queues, role.teams, ticket) for role in granting):
        return ""
    where = " or ".join(f"in {limits(role.queues, role.teams)} (role {role.name})" for role in granting)
    return f"{permission} is missing here: {person.address} has it only {where}"


def _fits(queues: frozenset[str], teams: frozenset[str], ticket: Held) -> bool:
    return (not queues or ticket.queue in queues) and (not teams or ticket.team in teams)


def limits(queues: frozenset[str], teams: frozenset[str]) -> str:
    """Where a role or a person is limited to, in words; "" for no limit."""
    sorts = (("queue", queues), ("team", teams))
    return " and ".join(f"{sort} {' or '.join(sorted(names))}" for sort, names in sorts if names)


def _roles(person: Person) -> str:
    if not person.roles:
        return "no agent"
    return "; ".join(f"{role.name}, with {', '.join(sorted(role.permissions))}" for role in person.roles)
