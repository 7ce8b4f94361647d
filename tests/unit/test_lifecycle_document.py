"""docs/lifecycle.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from maild.tickets.command_readers import HELP
from maild.tickets.lifecycle import LABELS, TRANSITIONS, Status
from maild.tickets.resolutions import BUILT_IN

TEXT = (Path(__file__).parents[2] / "docs" / "lifecycle.md").read_text("utf-8")


def test_the_table_of_moves_is_the_table_of_moves() -> None:
    rows = [line.strip("| ").split(" | ") for line in TEXT.split("\n") if line.startswith("| ")]
    told = {row[0]: set(row[1].split(", ")) for row in rows if row[0] in LABELS.values()}
    assert told == {LABELS[before]: {LABELS[to] for to in moves} for before, moves in TRANSITIONS.items()}
    assert len(told) == len(Status)


def test_every_command_and_every_code_exists() -> None:
    assert set(re.findall(r"#([a-z]+)\b(?!\))", TEXT)) <= HELP.keys()
    assert [each.code for each in BUILT_IN if f"`{each.code}`" not in TEXT] == []
