"""A mailbox is opened by a password or by the token of a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from maild.config.load import load
from maild.errors import ConfigError

HEAD = """\
[desk]
address = "support@example.com"
secret = "0123456789abcdef"
[[mailbox]]
name = "gmail"
host = "imap.gmail.example"
username = "desk@gmail.example"
"""


def written(folder: Path, more: str) -> Path:
    file = folder / "maild.toml"
    file.write_text(HEAD + more, "utf-8")
    file.chmod(0o600)
    return file


def test_a_token_command_takes_the_passwords_place(tmp_path: Path) -> None:
    config = load(written(tmp_path, 'token_command = ["oama", "access", "desk@gmail.example"]\n'), {})
    assert config.mailbox[0].token_command == ("oama", "access", "desk@gmail.example")
    assert config.mailbox[0].password is None


@pytest.mark.parametrize("more", ["", "token_command = []\n"])
def test_one_of_the_two_is_needed(tmp_path: Path, more: str) -> None:
    with pytest.raises(ConfigError):
        load(written(tmp_path, more), {})
