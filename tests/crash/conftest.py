"""Desks that are killed, in both set-ups."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from maild.testing.databases import PostgresCopies
from maild.testing.desk import Desk, SetUp
from maild.testing.servers import RedisServer


@pytest.fixture
def shared(postgres_copies: PostgresCopies, redis_server: RedisServer) -> Iterator[SetUp]:
    """PostgreSQL, Redis and two worker processes."""
    redis_server.flush()
    with postgres_copies.one() as url:
        yield SetUp(store=url, broker=redis_server.url)


@pytest.fixture(params=["sqlite", "postgresql+redis"])
def setup(request: pytest.FixtureRequest) -> SetUp:
    """Both set-ups."""
    if request.param == "sqlite":
        return SetUp(store="sqlite")
    made: SetUp = request.getfixturevalue("shared")
    return made


@pytest.fixture
def desk(setup: SetUp, tmp_path: Path) -> Iterator[Desk]:
    """A desk that is not started yet."""
    made = Desk(tmp_path, setup)
    yield made
    made.close()
