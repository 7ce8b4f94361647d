"""`maild sla`: service levels. Each command is a file, imported when it is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from maild.cli.group import group
from maild.cli.main import Commands, Entry


class SlaCommands(Commands):
    """The commands of `maild sla`."""

    entries: ClassVar[Mapping[str, Entry]] = {
        "explain": Entry(
            "maild.cli.sla_explain:explain", "Explain a ticket's clocks: the line of time, with its sums."
        ),
        "risk": Entry("maild.cli.sla_risk:risk", "List running clocks, the most urgent first."),
        "due": Entry("maild.cli.sla_due:due", "Say when something would be due: a target, a start, holds."),
        "policies": Entry("maild.cli.sla_policies:policies", "Show which policy tickets get, and its targets."),
    }


sla = group("Look at service levels: policies, due times, tickets at risk.", "maild sla risk", SlaCommands)
