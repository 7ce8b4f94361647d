"""The store on either database; every test of this folder runs on both."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from maild.store.engine import Database
from maild.testing.conversation import Conversation
from maild.testing.databases import PostgresCopies, SqliteCopies


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either sort."""
    if request.param == "sqlite":
        copies: SqliteCopies = request.getfixturevalue("sqlite_copies")
        return copies.make(tmp_path)
    server: PostgresCopies = request.getfixturevalue("postgres_copies")
    return server.emptied()


@pytest.fixture
def database(store_url: str) -> Iterator[Database]:
    made = Database(store_url)
    yield made
    made.close()


@pytest.fixture
def talk(store_url: str, tmp_path: Path) -> Iterator[Conversation]:
    """A desk on the database, to have something in it."""
    made = Conversation(store_url, tmp_path)
    yield made
    made.close()
