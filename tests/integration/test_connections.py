"""Connections to PostgreSQL that are kept between transactions."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from maild.store.engine import Database
from maild.testing.databases import PostgresCopies


@pytest.fixture
def url(postgres_copies: PostgresCopies) -> str:
    return postgres_copies.emptied()


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    made = Database(url)
    yield made
    made.close()


@pytest.fixture
def another(url: str) -> Iterator[Database]:
    made = Database(url)
    yield made
    made.close()


def process_of(connection: Connection) -> int:
    return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def test_a_connection_that_the_server_closed_is_replaced_before_it_is_used(
    database: Database, another: Database
) -> None:
    with database.write() as connection:
        process = process_of(connection)

    with another.write() as connection:  # within the second in which a connection is not asked
        connection.execute(text("SELECT pg_terminate_backend(:process, 10000)"), {"process": process})

    with database.write() as connection:
        assert process_of(connection) != process


def test_the_connection_that_was_used_last_is_used_next(database: Database) -> None:
    with database.read() as first, database.read() as second:
        last = process_of(first)
        assert process_of(second) != last

    for _ in range(2):
        with database.read() as connection:
            assert process_of(connection) == last


def test_texts_are_compressed_by_the_quick_method_where_the_server_has_it(database: Database) -> None:
    offered = "SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"

    with database.read() as connection:
        has_it = connection.execute(text(offered)).scalar()
        assert connection.execute(text("SHOW default_toast_compression")).scalar() == ("lz4" if has_it else "pglz")
