"""How the words of `maild ticket` become commands."""

from __future__ import annotations

import pytest

from maild.cli.ticket import split_words
from maild.tickets.orders import Command


@pytest.mark.parametrize(
    ("words", "commands"),
    [
        (["hold", "waiting", "for", "a", "part"], [Command("hold", "waiting for a part")]),
        (["#hold", "waiting"], [Command("hold", "waiting")]),
        (["hold waiting"], [Command("hold", "waiting")]),
        (["HOLD:", "x"], [Command("hold", "x")]),
        (["resume", "+", "priority", "high"], [Command("resume", ""), Command("priority", "high")]),
        (["hold a + b"], [Command("hold", "a + b")]),
        (["+", "resume", "+"], [Command("resume", "")]),
        (["+"], []),
    ],
    ids=["one", "as in a mail", "quoted", "as typed", "two", "a plus in quotes", "pluses too many", "none"],
)
def test_words_become_commands(words: list[str], commands: list[Command]) -> None:
    assert split_words(words) == commands
