"""`maild webhook-key`: what an admin gives to the receiver of webhooks."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner, Result

from maild.cli.main import app
from maild.ids import Signer

SECRET = "0123456789abcdef"


def webhook_key(folder: Path, url: str) -> Result:
    file = folder / "maild.toml"
    file.write_text(f'[desk]\naddress = "support@example.com"\nsecret = "{SECRET}"\n')
    return CliRunner().invoke(app, ["webhook-key", "--config", str(file), url])


def test_the_key_is_the_one_that_signs(tmp_path: Path) -> None:
    [key] = Signer([SECRET.encode()]).webhook_keys("hooks.example.com")
    assert webhook_key(tmp_path, "https://Hooks.example.com/a?b=c").stdout == f"{key}\n"
    assert webhook_key(tmp_path, "https://other.example.com/a").stdout != f"{key}\n"


def test_there_is_none_for_what_is_never_called(tmp_path: Path) -> None:
    refused = webhook_key(tmp_path, "http://hooks.example.com/")
    assert refused.exit_code == 2
    assert "use https://" in refused.output.replace("\n", " ")
