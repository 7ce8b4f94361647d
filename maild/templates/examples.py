"""Example facts for every letter, with everything in them that it may show: for previews, checks and the manual."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from maild.templates.examples_for_agents import FOR_AGENTS
from maild.templates.examples_for_customers import FOR_CUSTOMERS
from maild.templates.examples_of_clocks import OF_CLOCKS

_FOR_ADMINS = {
    "alert": {
        "subject_with_tag": "[maild] A mail is in quarantine (inbox 4711)",
        "headline": "A mail is in quarantine (inbox 4711)",
        "lines": [["Inbox", "4711"], ["Arrived", "2024-03-04 09:12"], ["Why", "ValueError: bad"]],
        "advice": "It is kept whole and holds nothing up. Look at it and decide:",
        "command": "maild quarantine show 4711",
    },
}

EXAMPLES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {**FOR_CUSTOMERS, **FOR_AGENTS, **OF_CLOCKS, **_FOR_ADMINS}
)
