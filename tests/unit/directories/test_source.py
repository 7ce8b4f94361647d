"""How rows of others become entries: bounded, and clean in every part that people see."""

from __future__ import annotations

import pytest

from maild.directories.source import LONGEST_KEY, Reading, Trouble, entry_of


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("ship\r\nBcc: x", "ship Bcc: x"),  # another line
        ("a\x00b\ud800\u202ec", "abc"),  # what no database and no letter can hold
        ("y" * 10_000_000, "y" * LONGEST_KEY),
    ],
)
def test_names_of_facts_are_as_clean_and_as_short_as_keys(name: str, shown: str) -> None:
    """Without a mapping the names are theirs, and they are shown and stored like the values."""
    assert entry_of({"key": "SO-1", name: "soon"}, Reading()).facts == {shown: "soon"}


def test_a_fact_without_a_name_is_left_out() -> None:
    assert entry_of({"key": "SO-1", "\x00": "x", "": "y"}, Reading()).facts == {}


def test_a_row_without_its_key_is_refused() -> None:
    with pytest.raises(Trouble, match="has no 'key'"):
        entry_of({"key": " \x00 "}, Reading())
