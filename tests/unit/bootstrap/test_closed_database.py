"""The mode of the database, whoever makes it: the first start, or `maild check` before it."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from maild.bootstrap.needed import check_store
from maild.bootstrap.parts import open_database
from maild.config.load import load
from maild.config.model import Config
from maild.testing.databases import SqliteCopies


def check(config: Config) -> None:
    assert check_store(config) == []


def start(config: Config) -> None:
    open_database(config).close()


@pytest.mark.parametrize("first", [start, check])
def test_a_new_database_is_closed_to_others(
    tmp_path: Path, sqlite_copies: SqliteCopies, first: Callable[[Config], None]
) -> None:
    config = tmp_path / "maild.toml"
    config.write_text(
        f"""\
[desk]
name = "Example Support"
address = "support@example.com"
secret = "0123456789abcdef0123456789abcdef"
data = "{tmp_path / "data"}"
"""
    )
    config.chmod(0o600)
    sqlite_copies.make(tmp_path)  # whatever tests share of the database's driver, this they must not lose
    first(load(config, {}))
    files = list((tmp_path / "data").glob("maild.db*"))
    assert files
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
