"""The ticket that all example letters are about: Kim's printer is on fire."""

from __future__ import annotations

from typing import Any

Facts = dict[str, Any]

TAG = "[ACME #17]"
DESK: Facts = {"subject_with_tag": f"Printer on fire {TAG}", "desk_name": "ACME Help"}
MARK = {"mark": "[t17.2f8a3b]"}
REPLY_TO = "help+a17.2f8a3b@example.com"


def mailto(command: str) -> str:
    """The link by which an agent gives a command."""
    return f"mailto:{REPLY_TO}?subject=Printer%20on%20fire%20%5BACME%20%2317%5D&body=%23{command}"


def only(facts: Facts, names: str) -> Facts:
    """The facts with these names."""
    return {name: facts[name] for name in names.split()}


ABOUT: Facts = {**DESK, "number": "17", "tag": TAG, "subject": "Printer on fire"}
HISTORY = [
    {"who": "Kim Müller", "when": "2024-03-03 17:40", "text": "It smokes.\nIs that normal?"},
    {"who": "Ada Agent", "when": "2024-03-03 18:02", "text": "A little."},
]
# As letters to agents begin.
GLANCE: Facts = {
    **ABOUT,
    "customer_name": "Kim Müller",
    "customer_address": "kim@example.org",
    "status_label": "open",
    "queue": "Hardware",
    "priority": "high",
    "assignee": "Ada Agent",
    "history": HISTORY,
}
ROW: Facts = {
    "tag": TAG,
    "subject": "Printer on fire",
    "contact": "kim@example.org",
    "status_label": "open",
    "priority": "high",
    "assignee": "Ada Agent",
    "opened": "2024-03-04 09:12",
    "standing": "due",
    "due": "2024-03-04 14:42",
    "href": mailto("show"),
}
OTHER_ROW = {**ROW, "tag": "[ACME #18]", "subject": "Printer <wet>", "contact": "lee@example.org", "assignee": ""}
