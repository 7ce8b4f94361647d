"""What the documents name exists: files, commands, keys of the configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from maild.cli.main import COMMANDS
from maild.config.faults import inner_table
from maild.config.section import Section
from maild.config.tables import TABLES

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FOR_ADMINS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
COMMAND = re.compile(r"(?m)(?:`|^ {4}|bin/)maild ([a-z]+(?:-[a-z]+)*)")
_TABLE = "|".join(TABLES)
KEY = re.compile(rf"`(?:\[(?P<in>{_TABLE})\] )?(?:(?P<of>{_TABLE})\.)?(?P<key>[a-z_0-9]+)(?P<value> = [^`]*)?`")
# Keys of Postfix and columns, written the same way; and the one key that stands in no table.
NOT_OURS = {"recipient_delimiter", "told", "include"}
HEADING = re.compile(r"^ {4}\[\[?([a-z_.]+)\]\]?")
SETTING = re.compile(r"^ {4}([a-z_0-9]+) = ")
CODE = re.compile(r"`([a-z]+/[a-z_0-9*]+\.py)`")


def of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", DOCUMENTS, ids=of)
def test_links_lead_somewhere(path: Path) -> None:
    missing = [link for link in LINK.findall(path.read_text("utf-8")) if not (path.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=of)
def test_commands_can_be_typed(path: Path) -> None:
    assert {name for name in COMMAND.findall(path.read_text("utf-8")) if name not in COMMANDS} == set()


@pytest.mark.parametrize("path", FOR_ADMINS, ids=of)
def test_keys_can_be_set(path: Path) -> None:
    unknown = [(table, key) for table, key in keys_in(path.read_text("utf-8")) if not is_key(table, key)]
    assert unknown == []


def test_the_standards_are_where_it_is_said() -> None:
    named = CODE.findall((ROOT / "docs" / "rfc.md").read_text("utf-8"))
    assert len(named) > 50
    assert [name for name in named if not list((ROOT / "maild").glob(name))] == []


def is_key(table: str, key: str) -> bool:
    """Whether the table, or with "" any table, has that key."""
    return any(key in kind.model_fields for name, kind in all_tables() if table in ("", name))


def all_tables() -> Iterator[tuple[str, type[Section]]]:
    """The tables of the file, and those inside them."""
    for name, (kind, _) in TABLES.items():
        yield name, kind
        for key, field in kind.model_fields.items():
            if inner := inner_table(field):
                yield f"{name}.{key}", inner


def keys_in(text: str) -> Iterator[tuple[str, str]]:
    """Every key that is named: `table.key`, `[table] key`, `key = value`, and in a block below its [table]."""
    for found in KEY.finditer(text):
        if found["in"] or found["of"] or (found["value"] and found["key"] not in NOT_OURS):
            yield found["in"] or found["of"] or "", found["key"]
    table = ""
    for line in text.split("\n"):
        if heading := HEADING.match(line):
            table = heading[1]
        elif not line.startswith("    "):
            table = ""
        elif table and (setting := SETTING.match(line)):
            yield table, setting[1]
