"""What was decided when a ticket came: the mail that opened it, and what was set by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from maild.store.events_read import events_of
from maild.store.schema import inbox
from maild.tickets.events import EventKind

_SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBySystem:
    """A field that nobody set by hand."""

    at: datetime
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How a ticket began."""

    inbox: int | None  # None: no mail opened it
    at: datetime
    facts: dict[str, Any]  # what it was opened with
    why: tuple[str, ...]
    since: tuple[SetBySystem, ...]  # what was set by itself later


def read_opening(connection: Connection, number: int) -> Opening | None:
    """How a ticket began; None when there is no such ticket."""
    events = events_of(connection, number)
    if not events:
        return None
    first, rest = events[0], events[1:]
    why = connection.execute(select(inbox.c.why).where(inbox.c.id == first.mail)).scalar() if first.mail else None
    return Opening(
        inbox=first.mail,
        at=first.at,
        facts={**first.data, **(first.content or {})},
        why=tuple(why or ()),
        since=tuple(
            SetBySystem(at=each.at, facts={**each.data, **(each.content or {})})
            for each in rest
            if each.kind is EventKind.SET and each.actor == _SYSTEM
        ),
    )
