"""Fixtures for every test: the private servers, and fresh databases in them.

A server that is not installed skips the test on a laptop and fails it on CI. Each xdist worker
starts its own servers, and only when one of its tests asks for them.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

import hypothesis
import pytest

from maild.testing.servers import (
    DovecotServer,
    MissingServer,
    PostgresServer,
    RedisServer,
    dovecot,
    postgres,
    redis,
)

if TYPE_CHECKING:
    from maild.testing.databases import PostgresCopies, SqliteCopies
    from maild.testing.nursery import Nursery

#: How the reason begins when a server is not installed, so that the summary at the end finds it.
MISSING = "missing server: "
ON_CI = os.environ.get("CI") == "true"

# No deadline, and no complaint of slow examples: both measure how busy this machine is. On CI the same
# examples every time, so that a change is not refused for what it did not touch; laptops go on searching.
hypothesis.settings.register_profile(
    "maild", deadline=None, derandomize=ON_CI, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("maild")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Spare the garbage collector what stays until the end: ten thousand tests with all their libraries."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(10_000, 20, 20)
        gc.enable()


@contextmanager
def _skip_when_missing() -> Iterator[None]:
    """Skip when a server is not installed; on CI fail, for nobody reads the skips there."""
    try:
        yield
    except MissingServer as missing:
        if ON_CI:
            pytest.fail(f"{MISSING}{missing}", pytrace=False)
        pytest.skip(f"{MISSING}{missing}")


# Around the whole set-up and call: a test may also start servers of its own.
@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Iterator[None]:
    with _skip_when_missing():
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    with _skip_when_missing():
        begun = time.process_time()
        yield
        _check_processor(item, time.process_time() - begun)


def _check_processor(item: pytest.Item, took: float) -> None:
    """Fail a test that took more seconds of the processor than its mark `processor` allows."""
    mark = item.get_closest_marker("processor")
    if mark and took > mark.args[0]:
        pytest.fail(f"it took {took:.1f} s of the processor; {mark.args[0]} are the most", pytrace=False)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A private PostgreSQL for all tests of this worker; to break it, start your own."""
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A private Redis for all tests of this worker; to break it, start your own."""
    with redis() as server:
        yield server


@pytest.fixture(scope="session")
def dovecot_server() -> Iterator[DovecotServer]:
    """A private Dovecot with the user `support` for all tests of this worker."""
    with dovecot() as server:
        yield server


@pytest.fixture(scope="session")
def database_names() -> Iterator[str]:
    """Names that no other test of this worker has used."""
    return (f"test_{number}" for number in count(1))


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, database_names: Iterator[str]) -> Iterator[str]:
    """The URL of an empty PostgreSQL database of this test's own."""
    name = next(database_names)
    yield postgres_server.create_database(name)
    postgres_server.drop_database(name)


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The URL of an empty Redis database."""
    redis_server.flush()
    return redis_server.url


@pytest.fixture(scope="session")
def sqlite_copies(tmp_path_factory: pytest.TempPathFactory) -> SqliteCopies:
    """Fresh SQLite databases; this worker migrates one."""
    from maild.testing.databases import SqliteCopies  # with the store, which many tests do without

    return SqliteCopies(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def postgres_copies(postgres_server: PostgresServer) -> PostgresCopies:
    """Fresh PostgreSQL databases; this worker migrates one."""
    from maild.testing.databases import PostgresCopies

    return PostgresCopies(postgres_server)


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where daemons start quickly."""
    from maild.testing.nursery import Nursery

    made = Nursery()
    yield made
    made.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once, at the end, which servers were missed: the skips themselves scroll away."""
    reports: list[pytest.TestReport] = terminalreporter.getreports("skipped")
    reasons = {report.longrepr[2] for report in reports if isinstance(report.longrepr, tuple)}
    for reason in sorted(reasons):
        _, found, message = reason.partition(MISSING)
        if found:
            terminalreporter.write_line(f"Tests were skipped: {message}", yellow=True)
