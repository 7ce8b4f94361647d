"""`maild route`: where mails go, and why. Each command is a file, imported when it is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from maild.cli.group import group
from maild.cli.main import Commands, Entry


class RouteCommands(Commands):
    """The commands of `maild route`."""

    entries: ClassVar[Mapping[str, Entry]] = {
        "test": Entry("maild.cli.route_test:where", "Say where mails would go, with every rule that hit or missed."),
        "explain": Entry("maild.cli.route_explain:explain", "Explain why a ticket went where it is."),
        "try": Entry("maild.cli.route_try:try_changed", "Try changed rules on stored mail, and show what would move."),
        "test-suite": Entry("maild.cli.route_suite:suite", "Run the tests that stand beside the rules."),
    }


route = group("Test rules, and try changed ones on last month's mail.", "maild route test mail.eml", RouteCommands)
