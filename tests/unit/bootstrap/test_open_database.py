"""What the first start makes of the store."""

from __future__ import annotations

import stat
from pathlib import Path

from maild.bootstrap.parts import open_database
from maild.config.load import load


def test_a_new_database_is_closed_to_others(tmp_path: Path) -> None:
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
    open_database(load(config, {})).close()
    files = list((tmp_path / "data").glob("maild.db*"))
    assert files
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
