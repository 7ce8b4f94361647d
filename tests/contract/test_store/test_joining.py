"""Who has little to write joins whoever writes at that moment: one commit, and yet each fails by himself."""

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, select

from maild.app.arrival import LARGE
from maild.errors import Conflict, Temporary
from maild.store.engine import Database, forget_large
from maild.store.schema import contact

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SOON = 60  # seconds, of which none is waited for


def adding(*addresses: str) -> Callable[[Connection], int]:
    def add(connection: Connection) -> int:
        for address in addresses:
            connection.execute(insert(contact).values(address=address, name="", created_at=NOW))
        return len(addresses)

    return add


@pytest.fixture
def commits(database: Database) -> list[Connection]:
    """One entry for each commit of a transaction that may write."""
    seen: list[Connection] = []

    def note(connection: Connection) -> None:
        if not connection.get_execution_options().get("maild_reading"):
            seen.append(connection)

    event.listen(database.engine, "commit", note)
    return seen


def stored(database: Database) -> list[str]:
    with database.read() as connection:
        return sorted(connection.execute(select(contact.c.address)).scalars())


Works = Callable[[Connection], Any]


def host(
    database: Database, pool: ThreadPoolExecutor, asked: list[Future[Any]], *works: Works, own: Works | None = None
) -> None:
    """Write something, while each of `works` is joined from a thread; on SQLite they stand in line by then."""
    with database.write() as connection:
        for place, work in enumerate(works, 1):
            asked.append(pool.submit(database.join, work))
            while database.sqlite and database.waiting < place:
                os.sched_yield()
        (own or adding("a"))(connection)


@pytest.fixture
def pool() -> Any:
    with ThreadPoolExecutor(4) as made:
        yield made


def test_alone_it_is_a_transaction_of_its_own(database: Database, commits: list[Connection]) -> None:
    assert database.join(adding("a")) == 1

    assert stored(database) == ["a"]
    assert len(commits) == 1


def test_all_that_wait_share_the_commit_of_the_one_who_writes(
    database: Database, pool: ThreadPoolExecutor, commits: list[Connection]
) -> None:
    asked: list[Future[Any]] = []
    host(database, pool, asked, adding("b"), adding("c", "d"))

    assert [each.result(SOON) for each in asked] == [1, 2]
    assert stored(database) == ["a", "b", "c", "d"]
    assert len(commits) == (1 if database.sqlite else 3)


def test_one_that_fails_is_undone_as_a_whole_and_harms_nobody(database: Database, pool: ThreadPoolExecutor) -> None:
    def faulty(connection: Connection) -> None:
        adding("x")(connection)
        raise ValueError("no such thing")

    asked: list[Future[Any]] = []
    host(database, pool, asked, adding("b"), faulty, adding("y", "y"), adding("c"))

    assert asked[0].result(SOON) == asked[3].result(SOON) == 1
    with pytest.raises(ValueError, match="no such thing"):
        asked[1].result(SOON)
    with pytest.raises(Conflict):
        asked[2].result(SOON)
    assert stored(database) == ["a", "b", "c"]


def test_one_that_fails_beside_a_large_mail_harms_nobody(database: Database, pool: ThreadPoolExecutor) -> None:
    """The connection of a large mail is not kept, and SQLAlchemy then knows it by another name."""

    def faulty(_connection: Connection) -> None:
        raise ValueError("no such thing")

    def large(connection: Connection) -> None:
        forget_large(connection, LARGE + 1)
        adding("a")(connection)

    asked: list[Future[Any]] = []
    host(database, pool, asked, faulty, adding("b"), own=large)

    with pytest.raises(ValueError, match="no such thing"):
        asked[0].result(SOON)
    assert asked[1].result(SOON) == 1
    assert stored(database) == ["a", "b"]


def test_what_the_one_who_writes_gives_up_is_not_given_up_by_those_who_wait(
    database: Database, pool: ThreadPoolExecutor
) -> None:
    def give_up(_connection: Connection) -> None:
        raise ValueError("another way")

    asked: list[Future[Any]] = []
    with pytest.raises(ValueError, match="another way"):
        host(database, pool, asked, adding("b"), own=give_up)

    assert asked[0].result(SOON) == 1
    assert stored(database) == ["b"]


def test_nobody_is_told_that_it_is_stored_when_the_commit_fails(database: Database, pool: ThreadPoolExecutor) -> None:
    if not database.sqlite:  # everybody has a commit of his own, and hears of that
        return
    troubles = [OSError("the disk is full")]

    def fail(_connection: Connection) -> None:
        if troubles:
            raise troubles.pop()

    event.listen(database.engine, "commit", fail)
    asked: list[Future[Any]] = []
    with pytest.raises(OSError, match="full"):
        host(database, pool, asked, adding("b"))

    with pytest.raises(Temporary, match="could not be committed"):
        asked[0].result(SOON)
    assert database.join(adding("c")) == 1
    assert stored(database) == ["c"]


def test_a_transaction_that_the_database_ended_itself_takes_nobody_along(
    database: Database, pool: ThreadPoolExecutor
) -> None:
    """As SQLite does on a full disk: what comes after would be stored on its own, and nobody would know."""
    if not database.sqlite:
        return

    def ended(connection: Connection) -> None:
        connection.connection.rollback()
        raise OSError("the disk is full")

    asked: list[Future[Any]] = []
    with pytest.raises(Temporary, match="what another wanted"):
        host(database, pool, asked, adding("b"), ended, adding("c"))

    for each in asked:
        with pytest.raises(Temporary):
            each.result(SOON)
    assert stored(database) == []
