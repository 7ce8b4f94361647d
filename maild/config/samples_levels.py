"""Samples for the tables of service levels: calendars, policies, escalations."""

from __future__ import annotations

from typing import Any

from maild.config.level_tables import WEEKDAYS


def _targets(*each: str) -> dict[str, str]:
    low, medium, high, critical = each
    return {
        "low": low,
        "medium": medium,
        "high": high,
        "critical": critical,
        "normal": medium,
        "urgent": critical,
    }


LEVELS: dict[str, Any] = {
    "sla": {"quiet": ["22:00-07:00"]},
    "calendar": {
        "name": "office",
        "timezone": "Europe/Berlin",
        "hours": {day: ["09:00-12:30", "13:30-17:30"] for day in WEEKDAYS[:5]}
        | {"sat": ["10:00-14:00"], "sun": ["22:00-06:00"]},
        "holidays": {
            "country": "DE",
            "subdivision": "BE",
            "dates": ["2026-12-24"],
            "open": ["2026-10-03"],
        },
    },
    "policy": {
        "name": "vip",
        "queues": ["support"],
        "customers": ["Acme"],
        "groups": ["key accounts"],
        "types": ["incident", "complaint"],
        "priorities": ["high", "critical"],
        "tags": ["vip"],
        "internal": False,
        "calendar": "office",
        "thresholds": [75, 90],
        "at_risk_to": ["assignee", "team"],
        "breach_to": ["manager", "boss@example.org"],
        "first_response": _targets("16h", "8h", "2h", "30m"),
        "next_response": _targets("24h", "16h", "4h", "1h"),
        "resolution": _targets("56h", "40h", "16h", "4h"),
    },
    "escalation": {
        "name": "vip at risk",
        "queues": ["support"],
        "customers": ["Acme"],
        "groups": ["key accounts"],
        "types": ["incident"],
        "priorities": ["high", "critical"],
        "tags": ["vip"],
        "internal": False,
        "policies": ["vip"],
        "at": "90%",
        "after": "2h",
        "reopened": 2,
        "assign": "manager",
        "team": "service",
        "notify": ["manager", "boss@example.org"],
        "status": "in_progress",
        "tag": "escalated",
        "task": {"queue": "support", "subject": "Call the customer"},
    },
}
