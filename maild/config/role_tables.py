"""The table of the configuration that says what agents may do, and how its words are read."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from maild.config.faults import nearest
from maild.config.routing_values import Some
from maild.config.section import Section
from maild.tickets.permissions import Permission


def read_permission(value: str) -> Permission:
    """A permission by its name; ValueError says which is meant or which there are."""
    if value in set(Permission):
        return Permission(value)
    meant = f"service.{value}" if f"service.{value}" in set(Permission) else nearest(value, set(Permission))
    hint = f"did you mean {meant}?" if meant else f"they are {', '.join(Permission)}"
    raise ValueError(f"there is no permission {value!r}; {hint}")


PermissionName = Annotated[str, AfterValidator(read_permission)]


class Role(Section):
    """What agents may do, and where. Any number of them."""

    name: str = Field(
        description="Its name. These are built in, and replaced by one of the same name: support (read, write,"
        " escalate, resolve), service (the same), installer and buyer (without resolve), executive (read, escalate,"
        " approve); manager, owner and admin (everything)."
    )
    permissions: Some[PermissionName] = Field(
        description="What it allows: service.read, .write (answers, notes, fields), .escalate, .resolve (close,"
        " reopen), .override, .approve.",
    )
    queues: Some[str] = Field(default=(), description="It holds only for tickets of these queues.")
    teams: Some[str] = Field(default=(), description="And only for tickets of these teams.")
