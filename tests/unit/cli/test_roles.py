"""`maild roles`: who may what, where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from maild.cli.main import app

CONFIG = """
[desk]
address = "support@example.com"
secret = "0123456789abcdef"
[[role]]
name = "clerk"
permissions = ["service.write", "service.read"]
queues = ["support"]
[[agent]]
name = "Anna"
address = "anna@example.com"
[[agent]]
name = "Ben"
address = "ben@example.com"
role = ["clerk", "buyer"]
queues = ["support"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "maild.toml"
    path.write_text(CONFIG)
    return path


def roles(file: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["roles", "--config", str(file), *words])


def test_the_table_says_what_where_and_who(file: Path) -> None:
    lines = {line.split()[0]: line.split() for line in roles(file).stdout.splitlines()}
    assert lines["support"] == ["support", "x", "x", "x", "x", "-", "anna@example.com"]
    assert lines["clerk"] == ["clerk", "x", "x", "queue", "support", "ben@example.com", "(only", "queue", "support)"]
    assert lines["admin"] == ["admin", *"xxxxxx", "-", "-"]


def test_programs_get_a_role_a_line(file: Path) -> None:
    found = {role["role"]: role for role in map(json.loads, roles(file, "--json").stdout.splitlines())}
    assert len(found) == 9
    assert found["clerk"] == {
        "role": "clerk",
        "permissions": ["service.read", "service.write"],
        "queues": ["support"],
        "teams": [],
        "agents": [{"address": "ben@example.com", "queues": ["support"], "teams": []}],
    }
