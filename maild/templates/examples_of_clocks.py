"""Example facts for the letters that tell of promises to customers: at risk, broken, escalated."""

from __future__ import annotations

from maild.templates.example_ticket import GLANCE, MARK, OTHER_ROW, REPLY_TO, ROW, Facts, only

_CLOCK: Facts = {
    **GLANCE,
    **MARK,
    "clock_label": "first_response",
    "used_percent": 90,
    "used": "3 h 36 min",
    "left": "24 min",
    "due": "2024-03-04 14:42",
    "zone": "Europe/Berlin",
    "started": "2024-03-04 09:12",
    "policy": "standard",
    "calendar": "office",
    "hold_reason": "waiting for parts",
    "others": [{"clock_label": "resolution", "standing": "due", "due": "2024-03-05 17:30", "left": "9 h"}],
}
_OVER = {"used_percent": 110, "used": "4 h 24 min", "left": "24 min"}

OF_CLOCKS: dict[str, Facts] = {
    "at_risk": _CLOCK,
    "breach": {**_CLOCK, **_OVER, "assignee": ""},
    "escalation": {
        **_CLOCK,
        **_OVER,
        "clock_label": "resolution",
        "others": [{"clock_label": "first_response", "standing": "failed", "due": "2024-03-04 10:12", "left": "4 h"}],
        "rule": "vip waits",
        "why": "",
        "by": "",
        "actions": [
            {"what": "assigned", "value": "Mia Manager"},
            {"what": "priority", "value": "critical"},
            {"what": "task", "value": "[ACME #19]"},
        ],
        "blocker": "",
        "owner": "Ada Agent",
        "eta": "",
    },
    "sla_digest": {
        "subject_with_tag": "[ACME Help] 17, 18",
        "desk_name": "ACME Help",
        "count": 3,
        "tickets": [
            {
                **only(ROW, "tag subject contact due"),
                "clock_label": "first_response",
                "used_percent": 90,
                "breached": False,
                "address": REPLY_TO,
            },
            {
                **only(OTHER_ROW, "tag subject contact"),
                "clock_label": "resolution",
                "used_percent": 104,
                "due": "2024-03-04 13:00",
                "breached": True,
                "address": "",
            },
        ],
        "more": 1,
        "zone": "Europe/Berlin",
    },
}
