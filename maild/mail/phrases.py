"""Writes long lists of phrases as readable tables, for patterns over many programs and languages."""

from __future__ import annotations


def one_of(table: str) -> str:
    """A regular expression group that matches any entry of a table.

    Entries are expressions themselves, separated by " | " or a line end: "out of office | abwesend".
    """
    lines = (line.strip().strip("|") for line in table.strip().split("\n"))
    entries = (entry.strip() for line in lines for entry in line.split(" | "))
    return "(?:" + "|".join(entry for entry in entries if entry) + ")"
