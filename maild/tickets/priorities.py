"""Priorities, from the lowest to the highest, and their other names."""

from __future__ import annotations

from collections.abc import Mapping

PRIORITIES = ("low", "medium", "high", "critical")
ALIASES: Mapping[str, str] = {"normal": "medium", "urgent": "critical"}


def raised(priority: str) -> str:
    """The priority after an escalation: high, or the next one up; the top one stays (SLA.md, Clocks)."""
    if priority not in PRIORITIES:
        return priority
    at = max(PRIORITIES.index(priority) + 1, PRIORITIES.index("high"))
    return PRIORITIES[min(at, len(PRIORITIES) - 1)]
