"""The page for agents names everything that they can write, and fits on a page."""

from __future__ import annotations

import re
from pathlib import Path

from maild.mail.asked_lists import FORMS
from maild.tickets.command_lines import read_line
from maild.tickets.command_readers import HELP, READERS
from maild.tickets.commands import MOST_COMMANDS
from maild.tickets.escalation_note import LONGEST

PAGE = (Path(__file__).parents[2] / "docs" / "agents.md").read_text("utf-8")
EXAMPLES = re.findall(r"`(#[^`]+)`", PAGE)


def test_every_command_is_on_the_page() -> None:
    named = {command.name for example in EXAMPLES if (command := read_line(example, READERS))}
    assert HELP.keys() - named == set()
    assert {name for name in named if name not in READERS} == set()


def test_every_list_is_on_the_page() -> None:
    missing = [form for form in FORMS if f"`{form.partition(' ')[0].lower()}" not in PAGE]
    assert missing == []


def test_what_is_bounded_is_on_the_page() -> None:
    assert f"{MOST_COMMANDS} commands" in PAGE
    assert f"{LONGEST:,} characters" in PAGE


def test_it_can_be_printed_on_one_page() -> None:
    assert len(PAGE.splitlines()) < 100
