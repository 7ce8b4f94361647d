"""`maild roles`: what agents may do, where, and who has which role."""

from __future__ import annotations

import typer

from maild.app.desk import Desk
from maild.bootstrap import make_desk
from maild.cli.config_file import read_config
from maild.cli.options import Json
from maild.cli.terminal import print_json, table
from maild.tickets.permissions import Permission, Person, Role, limits


def roles(ctx: typer.Context, *, as_json: Json = False) -> None:
    """List the roles, built in and configured: what they allow, where they hold, and who has them.

    An agent's own limits stand behind the address; with --json one object a line.

    Example: maild roles
    """
    desk = make_desk(read_config(ctx))
    if as_json:
        for role in desk.roles.values():
            print_json(_as_json(role, desk))
        return
    words = [permission.name.lower() for permission in Permission]
    table(
        ["role", *words, "only in", "agents"],
        [
            [
                role.name,
                *("x" if permission in role.permissions else "" for permission in Permission),
                limits(role.queues, role.teams) or "-",
                ", ".join(map(_shown, _having(role, desk))) or "-",
            ]
            for role in desk.roles.values()
        ],
    )


def _having(role: Role, desk: Desk) -> list[Person]:
    return [person for person in map(desk.person, desk.agents) if role in person.roles]


def _shown(person: Person) -> str:
    own = limits(person.queues, person.teams)
    return f"{person.address} (only {own})" if own else person.address


def _as_json(role: Role, desk: Desk) -> dict[str, object]:
    return {
        "role": role.name,
        "permissions": [permission.value for permission in Permission if permission in role.permissions],
        "queues": sorted(role.queues),
        "teams": sorted(role.teams),
        "agents": [
            {"address": person.address, "queues": sorted(person.queues), "teams": sorted(person.teams)}
            for person in _having(role, desk)
        ],
    }
