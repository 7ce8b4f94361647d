"""What people have set on a ticket by hand, which nothing automatic takes back."""

from __future__ import annotations

from collections.abc import Iterable

from maild.tickets.events import Event, EventKind
from maild.tickets.priorities import PRIORITIES

_PEOPLE = ("agent:", "admin")


def priority_by_hand(events: Iterable[Event]) -> str:
    """The priority that a person set last, by a command or an escalation; "" when nobody has."""
    set_by_people = (
        str(event.data["priority"])
        for event in events
        if event.kind is EventKind.SET and "priority" in event.data and event.actor.startswith(_PEOPLE)
    )
    return next(reversed([*set_by_people]), "")


def is_by_hand(events: Iterable[Event], field: str) -> bool:
    """Whether it was a person who set a field last; of fields that the chain itself holds (team, queue)."""
    actors = [event.actor for event in events if event.kind is EventKind.SET and field in event.data]
    return bool(actors) and actors[-1].startswith(_PEOPLE)


def is_lower(priority: str, than: str) -> bool:
    """Whether a priority stands below another; one that is unknown stands nowhere."""
    known = priority in PRIORITIES and than in PRIORITIES
    return known and PRIORITIES.index(priority) < PRIORITIES.index(than)
