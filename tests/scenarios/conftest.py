"""Desks to talk to: in this process on both databases, and as real processes in both set-ups."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from maild.testing.conversation import Conversation, Talk
from maild.testing.databases import PostgresCopies, SqliteCopies
from maild.testing.desk import Desk, SetUp, running_desk
from maild.testing.invariants import check
from maild.testing.nursery import Nursery
from maild.testing.servers import RedisServer


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either sort."""
    if request.param == "sqlite":
        copies: SqliteCopies = request.getfixturevalue("sqlite_copies")
        return copies.make(tmp_path)
    server: PostgresCopies = request.getfixturevalue("postgres_copies")
    return server.emptied()


@pytest.fixture
def new_talk(store_url: str, tmp_path: Path) -> Iterator[Talk]:
    """Makes conversations on the test's database, with settings or an owner of their own.

    At the end every invariant must hold, whatever the test was about.
    """
    made: list[Conversation] = []

    def make(**facts: Any) -> Conversation:
        made.append(Conversation(store_url, tmp_path, **facts))
        return made[-1]

    yield make
    faults = check(made[0].database, posted=[p for talk in made for p in talk.sender.posted]) if made else []
    for talk in made:
        talk.close()
    assert faults == []


@pytest.fixture
def talk(new_talk: Talk) -> Conversation:
    """A desk in this process."""
    return new_talk()


@pytest.fixture(params=["sqlite", "postgresql+redis"])
def setup(request: pytest.FixtureRequest) -> Iterator[SetUp]:
    """Both set-ups: everything in one process, or PostgreSQL, Redis and two worker processes."""
    if request.param == "sqlite":
        yield SetUp(store="sqlite")
        return
    server: RedisServer = request.getfixturevalue("redis_server")
    server.flush()
    with request.getfixturevalue("postgres_copies").one() as url:
        yield SetUp(store=url, broker=server.url)


@pytest.fixture
def desk(setup: SetUp, nursery: Nursery, tmp_path: Path) -> Iterator[Desk]:
    """A running desk of the test's own."""
    with running_desk(tmp_path, setup, nursery) as running:
        yield running
