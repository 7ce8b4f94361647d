"""An issuer on loopback, and a configuration that has one account there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from maild.bootstrap.accounts import make_account
from maild.cli.main import app
from maild.config.load import load
from maild.config.model import Config
from maild.oauth.account import Account
from maild.testing.issuer import FakeIssuer

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

SETTINGS = """
[desk]
address = "support@example.com"
secret = "0123456789abcdef0123456789abcdef"
[[oauth]]
name = "office"
provider = "other"
client_id = "maild-test"
client_secret = "the-secret-of-maild-test"
username = "support@example.com"
token_url = "{url}/token"
scopes = ["mail", "offline_access"]
{more}
"""
BY_DEVICE = 'device_url = "{url}/device"'
BY_BROWSER = 'browser_url = "{url}/authorize"'


@pytest.fixture
def issuer() -> Iterator[FakeIssuer]:
    with FakeIssuer().running() as running:
        yield running


class Office:
    """A configuration with one account, and the commands a person types."""

    def __init__(self, folder: Path, issuer: FakeIssuer, more: str = BY_DEVICE) -> None:
        self.file = folder / "maild.toml"
        self.file.write_text(SETTINGS.format(url=issuer.url, more=more.format(url=issuer.url)))
        self.file.chmod(0o600)
        self.now = NOON

    @property
    def config(self) -> Config:
        return load(self.file, {})

    @property
    def kept(self) -> Path:
        return self.config.desk.data / "oauth" / "office.json"

    def account(self) -> Account:
        [table] = self.config.oauth
        return make_account(self.config, table, lambda: self.now)

    def maild(self, *words: str, typed: str = "") -> Any:
        return CliRunner().invoke(app, ["--config", str(self.file), *words], input=typed)


@pytest.fixture
def office(tmp_path: Path, issuer: FakeIssuer) -> Office:
    return Office(tmp_path, issuer)
