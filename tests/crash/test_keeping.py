"""The power goes while a backup, a restore or an erasure is made: what is there can be used, and it is run again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from maild.app.arrival import Arrival, Door
from maild.bootstrap import Parts
from maild.cli.main import app
from maild.cli.no_bell import NoBell
from maild.clock import utc_now
from maild.config.load import load
from maild.store import schema
from maild.store.engine import Database
from maild.testing.databases import PostgresCopies, SqliteCopies
from maild.testing.mails import envelope_of, new_mail
from maild.testing.nursery import Nursery
from maild.testing.stops import Stop
from maild.testing.waiting import wait_until

CONFIG = """
[desk]
address = "support@example.com"
secret = "0123456789abcdef0123456789abcdef"
[store]
url = "{url}"
[[agent]]
name = "Anna Agent"
address = "anna@example.com"
"""


class House:
    """An installation whose commands are killed."""

    def __init__(self, folder: Path, url: str, nursery: Nursery) -> None:
        """Kim and Lee have a ticket each, and Kim wrote on Lee's as well."""
        self.folder, self.nursery = folder, nursery
        self.file = folder / "maild.toml"
        self.file.write_text(CONFIG.format(url=url))
        self.file.chmod(0o600)
        self.database = Database(url)
        self.parts = Parts(load(self.file, {}), self.database, NoBell())
        for sender in ("kim@x.example", "lee@y.example", "kim@x.example"):
            self.accept(new_mail("it leaks", sender=sender))
        self.parts.ingest.run()
        self.parts.send_all()
        self.database.close()

    def accept(self, raw: bytes) -> None:
        """A mail is taken in."""
        came = Arrival(
            door=Door.SMTP,
            raw=raw,
            received_at=utc_now(),
            envelope_from=envelope_of(raw)[0],
            envelope_to=("support@example.com",),
        )
        self.parts.inbox.accept([came])

    def killed(self, stop: Stop, *words: object) -> None:
        """Run a command that dies at a point."""
        arguments = ["-c", str(self.file), *map(str, words)]
        pid = self.nursery.start(arguments, self.folder / "log", stop.environment())
        wait_until(lambda: _ended(pid), "the command's end")
        assert stop.reached, (self.folder / "log").read_text()

    def maild(self, *words: object) -> Any:
        """Run a command to its end."""
        return CliRunner().invoke(app, ["-c", str(self.file), *map(str, words)])

    def count(self, table: Any, *where: Any) -> int:
        """Rows of a table."""
        with self.database.read() as connection:
            return len(connection.execute(select(table).where(*where)).all())

    def everything(self) -> str:
        """All rows of all tables."""
        with self.database.read() as connection:
            return repr([connection.execute(select(table)).all() for table in schema.metadata.sorted_tables])


def _ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.fixture
def house(request: pytest.FixtureRequest, tmp_path: Path, nursery: Nursery) -> Iterator[House]:
    """On SQLite, unless the test says otherwise."""
    if getattr(request, "param", "sqlite") == "sqlite":
        copies: SqliteCopies = request.getfixturevalue("sqlite_copies")
        (tmp_path / "data").mkdir()
        made = House(tmp_path, copies.make(tmp_path / "data"), nursery)
        yield made
        made.database.close()
        return
    server: PostgresCopies = request.getfixturevalue("postgres_copies")
    with server.one() as url:
        made = House(tmp_path, url, nursery)
        yield made
        made.database.close()


on_postgresql = pytest.mark.parametrize("house", ["postgresql"], indirect=True)


def test_a_backup_is_there_as_a_whole_or_not_at_all(house: House, tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    half = Stop(at="maild.bootstrap.backup_file:_add", when="after", nth=2, marker=str(tmp_path / "stop"))

    house.killed(half, "backup", shelf)

    assert not list(shelf.glob("maild-*"))
    assert house.maild("backup", shelf).exit_code == 0
    [file] = shelf.iterdir()  # nothing is left of the first one
    assert house.maild("backup", "--verify", file).exit_code == 0


@pytest.mark.parametrize(("at", "when"), [("put_in_place", "before"), ("put_in_place", "after")])
def test_a_restore_that_was_cut_leaves_one_whole_store(house: House, tmp_path: Path, at: str, when: Any) -> None:
    assert house.maild("backup", tmp_path / "b.tar").exit_code == 0
    house.accept(new_mail("later", sender="nia@z.example"))
    house.parts.ingest.run()
    assert house.maild("erase", "kim@x.example", "--yes").exit_code == 0
    assert house.maild("hold", "lee@y.example").exit_code == 0
    house.database.close()

    house.killed(
        Stop(at=f"maild.bootstrap.restore:{at}", when=when, marker=str(tmp_path / "stop")),
        *("restore", tmp_path / "b.tar", "--replace"),
    )

    assert "a restore of" in house.maild("status").output  # no daemon starts on it
    assert house.count(schema.ticket) == (3 if when == "after" else 4)
    house.database.close()
    again = house.maild("restore", tmp_path / "b.tar", "--replace")
    assert again.exit_code == 0, again.output
    assert house.count(schema.ticket) == 3
    assert house.maild("audit", "verify").exit_code == 0
    assert "kim@x" not in house.everything()
    assert "lee@y" in house.everything()
    assert house.count(schema.legal_hold) == 1


@on_postgresql
def test_a_restored_dump_whose_letters_were_not_held_is_used_by_nobody(house: House, tmp_path: Path) -> None:
    house.accept(new_mail("waits", sender="nia@z.example"))
    assert house.maild("backup", tmp_path / "b.tar").exit_code == 0
    assert house.maild("erase", "kim@x.example", "--yes").exit_code == 0
    assert house.maild("hold", "lee@y.example").exit_code == 0
    house.database.close()

    house.killed(
        Stop(at="maild.bootstrap.restore:take_in", when="after", marker=str(tmp_path / "stop")),
        *("restore", tmp_path / "b.tar", "--replace"),
    )

    assert "is not finished" in house.maild("status").output
    house.database.close()
    again = house.maild("restore", tmp_path / "b.tar", "--replace")
    assert again.exit_code == 0, again.output
    assert house.count(schema.inbox, schema.inbox.c.state == "waiting") == 0
    assert house.count(schema.outbox, schema.outbox.c.state == "waiting") == 0
    assert house.maild("audit", "verify").exit_code == 0
    assert "erased after the backup, and again now: contact 1" in again.output
    assert "kim@x" not in house.everything()  # the store that knew of it was put aside by the first run
    assert house.count(schema.legal_hold) == 1  # so was that


@pytest.mark.parametrize(
    ("at", "nth"),
    [("erase_ticket", 1), ("Erasing._own", 1), ("finish_erasure", 1)],
)
def test_an_erasure_goes_on_where_it_was_cut(house: House, tmp_path: Path, at: str, nth: int) -> None:
    stop = Stop(at=f"maild.store.erasing:{at}", when="after", nth=nth, marker=str(tmp_path / "stop"))

    house.killed(stop, "erase", "kim@x.example", "--yes")

    assert house.maild("audit", "verify").exit_code == 0
    assert house.maild("erase", "kim@x.example", "--yes").exit_code == 0
    assert house.maild("audit", "verify").exit_code == 0
    assert "kim@x" not in house.everything()
    assert "lee@y" in house.everything()


def test_a_rotation_that_was_cut_loses_no_key(house: House, tmp_path: Path) -> None:
    key = tmp_path / "secret.key"
    key.write_text("0123456789abcdef0123456789abcdef\n")
    key.chmod(0o600)
    house.file.write_text(
        house.file.read_text().replace('secret = "0123456789abcdef0123456789abcdef"', 'secret_file = "secret.key"')
    )

    house.killed(
        Stop(at="maild.bootstrap.rotate:_write", when="after", marker=str(tmp_path / "stop")), "rotate-secrets"
    )

    assert key.read_text() == "0123456789abcdef0123456789abcdef\n"
    assert house.maild("rotate-secrets").exit_code == 0
    assert (tmp_path / "secret.key.old").read_text().count("0123456789abcdef0123456789abcdef") == 1
