"""Which priority a person set last."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from maild.tickets.by_hand import is_by_hand, is_lower, priority_by_hand
from maild.tickets.events import Event, EventKind, record
from maild.tickets.model import Ticket


def events(*said: tuple[str, dict[str, str]]) -> list[Event]:
    ticket, found = Ticket(number=1), []
    for actor, data in said:
        at = datetime(2026, 3, 2, tzinfo=UTC)
        ticket, event = record(ticket, EventKind.SET, at=at, actor=actor, salt="", data=data)
        found.append(event)
    return found


@pytest.mark.parametrize(
    ("said", "priority"),
    [
        ([], ""),
        ([("system", {"priority": "high"})], ""),
        ([("agent:3", {"team": "x"})], ""),
        ([("agent:3", {"priority": "high"}), ("system", {"priority": "critical"})], "high"),
        ([("agent:3", {"priority": "high"}), ("admin", {"priority": "low"})], "low"),
    ],
)
def test_priority_by_hand(said: list[tuple[str, dict[str, str]]], priority: str) -> None:
    assert priority_by_hand(events(*said)) == priority


def test_lower() -> None:
    assert is_lower("low", "high")
    assert not is_lower("high", "high")
    assert not is_lower("low", "")


def test_who_set_a_field_last_counts() -> None:
    mine, routed = ("agent:3", {"team": "a"}), ("system", {"team": "b"})
    assert is_by_hand(events(routed, mine), "team")
    assert not is_by_hand(events(mine, routed), "team")
    assert not is_by_hand(events(mine), "queue")
