"""The worked examples of docs/sla.md: every command there gives what stands below it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from maild.cli.main import app

DOCUMENT = (Path(__file__).parents[2] / "docs" / "sla.md").read_text("utf-8")
TABLES = re.compile(r"(?m)^    \[\[\w+\]\]\n(?:    .*\n)+")
# What the tables of the document take for granted.
HOUSE = """
[desk]
address = "support@example.com"
secret = "0123456789abcdef"
[[agent]]
name = "Anna"
address = "anna@example.org"
[[agent]]
name = "Ben"
address = "ben@example.org"
[[organisation]]
name = "Acme"
domains = ["acme.example"]
"""
CONSOLE = re.compile(r"(?ms)^```console\n(.*?)^```$")


def examples() -> dict[str, str]:
    """Commands and what they print, in the order of the document."""
    return {
        command: output
        for block in CONSOLE.findall(DOCUMENT)
        for command, output in re.findall(r"(?m)^\$ (.*)\n((?:(?!\$ ).*\n)*)", block)
    }


EXAMPLES = {command: output for command, output in examples().items() if command.startswith("maild sla ")}
FILES = {command.split()[1]: output for command, output in examples().items() if command.startswith("cat ")}


def test_there_are_worked_examples() -> None:
    assert len(EXAMPLES) >= 16
    assert EXAMPLES.keys() | {f"cat {name}" for name in FILES} == examples().keys()


@pytest.mark.parametrize("command", EXAMPLES)
def test_a_worked_example_gives_what_stands_below_it(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = "".join(re.sub("(?m)^    ", "", found) for found in TABLES.findall(DOCUMENT))
    (tmp_path / "maild.toml").write_text(HOUSE + tables, "utf-8")
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.delenv("MAILD_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)

    result = CliRunner().invoke(app, shlex.split(command)[1:])

    assert result.output == EXAMPLES[command]
