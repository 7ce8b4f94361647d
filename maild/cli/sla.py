"""`maild sla`: service levels. Each command is a file, imported when it is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import typer

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


sla = typer.Typer(
    cls=SlaCommands,
    help="Look at service levels: policies, due times, tickets at risk.\n\nExample: maild sla risk",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@sla.callback()
def _group() -> None:
    """Look at service levels: policies, due times, tickets at risk.

    Example: maild sla risk
    """
