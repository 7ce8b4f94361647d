"""The migrations make exactly the tables that the program uses, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from maild.errors import MaildError
from maild.store.engine import Database
from maild.store.migrate import current, newest, upgrade
from maild.store.schema import metadata


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'maild.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    opened = Database(url)
    yield opened
    opened.close()


def test_the_sum_of_the_migrations_is_the_schema(database: Database) -> None:
    assert upgrade(database) == ""
    # What is searched is each database's own affair, with tables that FTS5 makes for itself.
    options = {"include_name": lambda name, sort, _parents: sort != "table" or not name.startswith("search_words")}
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []


def test_a_database_at_this_version_is_left_alone(database: Database) -> None:
    upgrade(database)
    assert upgrade(database) == newest() == current(database)


@pytest.mark.parametrize("change", ["UPDATE event SET actor = 'nobody'", "DELETE FROM event"])
def test_the_database_refuses_to_change_or_remove_an_event(database: Database, change: str) -> None:
    upgrade(database)
    with database.write() as connection:
        connection.execute(
            text(
                "INSERT INTO event (ticket, seq, at, kind, actor, data, digest, prev, hash)"
                " VALUES (1, 1, '2026-11-22 12:00:00+00', 'mail', 'system', '{}', '', '', '')"
            )
        )
    with pytest.raises(MaildError, match="events are never"), database.write() as connection:
        connection.execute(text(change))
