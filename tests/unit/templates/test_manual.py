"""docs/templates.md lists every letter and variable; `python tests/unit/templates/test_manual.py` renews the lists."""

from __future__ import annotations

from pathlib import Path

from maild.templates.facts import LETTERS
from maild.templates.meanings import ABOUT, MEANINGS, variables

MANUAL = Path(__file__).parents[3] / "docs" / "templates.md"
BEGIN, END = "<!-- written by tests/unit/templates/test_manual.py -->\n", "<!-- end -->"
OF_ALL = {"desk_name", "language", "direction", "marker", "mark", "subject_line", "subject_with_tag"}


def tables() -> str:
    """Both lists, from what the program itself knows."""
    letters = ["| letter | goes to | when | variables |", "|---|---|---|---|"]
    for name, about in ABOUT.items():
        own = [
            f"`{each}`{'*' if each in LETTERS[name].required else ''}" for each in variables(name) if each not in OF_ALL
        ]
        letters.append(f"| `{name}` | {about.to} | {about.when} | {', '.join(own)} |")
    meanings = ["| variable | meaning |", "|---|---|"]
    for name, words in sorted(MEANINGS.items(), key=lambda each: (each[0].rpartition(".")[2], "." in each[0])):
        letter, _, variable = name.rpartition(".")
        where = f" of {letter}" if letter else ""
        meanings.append(f"| `{variable}`{where} | {words.replace('|', ' or ')} |")
    return "\n".join(["", *letters, "", *meanings, "", ""])


def test_the_manual_lists_every_letter_and_variable() -> None:
    text = MANUAL.read_text("utf-8")
    assert text.partition(BEGIN)[2].partition(END)[0] == tables(), (
        "python tests/unit/templates/test_manual.py renews it"
    )


def test_the_manual_names_the_limits_as_they_are() -> None:
    from maild.templates import filling, own_process

    text = MANUAL.read_text("utf-8")
    assert f"longer than {own_process.SECONDS:g} seconds" in text
    assert f"{filling.MEMORY >> 20} MiB" in text
    assert filling.LETTER == 2_000_000
    assert "two million characters" in text


if __name__ == "__main__":
    before, _, rest = MANUAL.read_text("utf-8").partition(BEGIN)
    MANUAL.write_text(before + BEGIN + tables() + END + rest.partition(END)[2], encoding="utf-8")
