"""A whole installation with a small story in its store, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import text
from typer.testing import CliRunner, Result

from maild.app.arrival import Arrival, Door
from maild.bootstrap import Parts, open_database
from maild.cli.main import app
from maild.cli.no_bell import NoBell
from maild.config.load import load
from maild.store.engine import Database
from maild.testing.databases import PostgresCopies, SqliteCopies

CONFIG = """
[desk]
name = "Example Support"
address = "support@example.com"
secret = "0123456789abcdef0123456789abcdef"
[store]
url = "{url}"
[[agent]]
name = "Anna Agent"
address = "anna@example.com"
"""

FIRST = """\
From: Kim <kim@customer.example>
To: support@example.com
Subject: The pump \x1b]0;owned\x07leaks
Message-ID: <1@customer.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

one
two
three
four
five
six
seven
eight
--b
Content-Type: application/pdf; name=drawing.pdf
Content-Disposition: attachment; filename=drawing.pdf

PDF
--b--
"""
REPLY = """\
From: Kim <kim@customer.example>
To: support@example.com
Subject: Re: The pump leaks
Message-ID: <2@customer.example>
In-Reply-To: <1@customer.example>

it leaks more

On 2 March 2026 at 10:00, Support <support@example.com> wrote:
> What leaks?
"""
OTHER = """\
From: Lee <lee@other.example>
To: support@example.com
Subject: Invoice
Message-ID: <3@other.example>

where is it
"""
TOO_MUCH = (
    "From: evil@other.example\nTo: support@example.com\nMessage-ID: <4@other.example>\n"
    + "".join(f"X-{n}: \x1b[2J\n" for n in range(1001))
    + "\nthe body\n"
)


@dataclass
class House:
    """One installation: its command line, and what the daemon would do."""

    file: Path
    database: Database
    parts: Parts

    def maild(self, *words: object, given: str | bytes | None = None) -> Result:
        """Run a command."""
        return CliRunner().invoke(app, ["-c", str(self.file), *map(str, words)], input=given)

    def lines(self, *words: object, given: str | bytes | None = None) -> list[dict[str, Any]]:
        """Run a command with --json and read what it prints."""
        result = self.maild(*words, "--json", given=given)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    def configure(self, more: str) -> None:
        """Add to the configuration and begin again with it."""
        self.file.write_text(self.file.read_text() + more)
        self.parts = Parts(load(self.file, {}), self.database, NoBell())

    def accept(self, *mails: str) -> None:
        """Put mails into the inbox."""
        self.parts.inbox.accept(
            [
                Arrival(
                    door=Door.SMTP,
                    raw=mail.replace("\n", "\r\n").encode(),
                    received_at=datetime.now(UTC),
                    envelope_from="kim@customer.example",
                    envelope_to=("support@example.com",),
                )
                for mail in mails
            ]
        )

    def work(self) -> None:
        """Do what the daemon does until nothing is left."""
        self.parts.ingest.run()
        self.parts.send_all()

    def sql(self, statement: str, **values: object) -> list[Any]:
        """Do something that no program should."""
        with self.database.write() as connection:
            done = connection.execute(text(statement), values)
            return list(done) if done.returns_rows else []

    def tamper(self, statement: str, **values: object) -> None:
        """Change events, with the triggers that refuse it out of the way; other tests will use the same PostgreSQL."""
        if self.database.sqlite:
            self.sql("DROP TRIGGER IF EXISTS event_no_update")
            self.sql("DROP TRIGGER IF EXISTS event_no_delete")
            self.sql(statement, **values)
        else:
            self.sql("ALTER TABLE event DISABLE TRIGGER USER")
            self.sql(statement, **values)
            self.sql("ALTER TABLE event ENABLE TRIGGER USER")


@pytest.fixture
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """Gives the URL of an empty database of a sort, "sqlite" or "postgresql"."""

    def new(sort: str) -> str:
        if sort == "sqlite":
            copies: SqliteCopies = request.getfixturevalue("sqlite_copies")
            (tmp_path / "data").mkdir()
            return copies.make(tmp_path / "data")
        server: PostgresCopies = request.getfixturevalue("postgres_copies")
        return server.emptied()

    return new


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, new_store: Callable[[str], str]) -> str:
    """The URL of an empty database. On PostgreSQL the next test gets the same one: leave its tables as they are."""
    return new_store(request.param)


@pytest.fixture
def empty(tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """An installation without mail."""
    for name in ("MAILD_CONFIG", "MAILD_AGENT"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "maild.toml"
    file.write_text(CONFIG.format(url=store_url))
    file.chmod(0o600)
    config = load(file, {})
    database = open_database(config)
    yield House(file, database, Parts(config, database, NoBell()))
    database.close()
    structlog.reset_defaults()


@pytest.fixture
def house(empty: House) -> House:
    """Two tickets, a reply, a duplicate, a mail in quarantine; every letter sent."""
    empty.accept(FIRST)
    empty.work()
    empty.accept(REPLY, OTHER, FIRST, TOO_MUCH)
    empty.work()
    return empty
