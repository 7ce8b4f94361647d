"""A directory in PostgreSQL: only read, and for a limited time."""

from __future__ import annotations

import gc
import socket
import threading
from contextlib import suppress

import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import make_url

from maild.app.lookups import Entry
from maild.directories.source import Away, Reading, Trouble
from maild.directories.sql_source import SqlSource

ORDERS = "(VALUES ('SO-1', 'ACME'), ('SO-2', NULL)) AS orders (number, customer)"
COLUMNS = {"key": "number", "customer": "customer"}


def source(url: str, query: str, timeout: float = 60.0) -> SqlSource:
    return SqlSource(url, query, Reading(columns=COLUMNS, timeout=timeout))


def test_one_and_all(postgres_url: str) -> None:
    one = source(postgres_url, f"SELECT * FROM {ORDERS} WHERE number = :key")  # noqa: S608
    assert one.look("SO-1") == Entry("SO-1", {"customer": "ACME"})
    assert one.look("' OR true --") is None
    everything = source(postgres_url, f"SELECT * FROM {ORDERS}")  # noqa: S608
    assert [entry.key for entry in everything.all()] == ["SO-1", "SO-2"]


def test_nothing_is_changed(postgres_url: str) -> None:
    engine = create_engine(postgres_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("CREATE SEQUENCE numbers"))
    with pytest.raises(Away, match="read-only transaction"):
        source(postgres_url, "SELECT nextval('numbers')::text AS number").all()


def test_a_slow_query_is_ended_by_the_server_itself(postgres_url: str) -> None:
    with pytest.raises(Away, match=r"no whole answer within 0\.3 s|statement timeout"):
        source(postgres_url, "SELECT pg_sleep(60)::text AS number", timeout=0.3).all()


def test_a_key_that_is_no_number_is_no_trouble_of_the_database(postgres_url: str) -> None:
    with pytest.raises(Trouble) as refused:
        source(postgres_url, "SELECT 1 AS number WHERE 1 = :key").look("SO-1")
    assert not isinstance(refused.value, Away)


def test_a_server_that_is_away(postgres_url: str) -> None:
    url = "postgresql://maild@127.0.0.1:9/none" if postgres_url else ""
    with pytest.raises(Away, match="the query failed"):
        source(url, "SELECT 1 AS number").all()


def carry(one: socket.socket, other: socket.socket, until: bytes) -> None:
    with suppress(OSError):
        while (data := one.recv(65536)) and until not in data:
            other.sendall(data)


# SQLAlchemy closes no cursor of a connection that broke.
@pytest.mark.filterwarnings("ignore:.*ServerCursor:ResourceWarning")
def test_a_server_that_hangs_behind_a_living_network_keeps_no_thread(postgres_url: str) -> None:
    """Its own time limits end nothing then, and a thread that waits for ever would be lost."""
    there = make_url(postgres_url)
    with socket.create_server(("127.0.0.1", 0)) as door:
        ends: list[socket.socket] = []

        def serve() -> None:
            client, _ = door.accept()
            server = socket.create_connection((there.host or "127.0.0.1", there.port or 5432))
            ends.extend((client, server))
            threading.Thread(target=carry, args=(server, client, b"\0never\0"), daemon=True).start()
            carry(client, server, b"frozen")

        threading.Thread(target=serve, daemon=True).start()
        through = there.set(host="127.0.0.1", port=door.getsockname()[1])
        asked = source(through.render_as_string(hide_password=False), "SELECT 'frozen' AS number", timeout=3.0)
        trouble: list[str] = []

        def ask() -> None:
            try:
                asked.all()
            except Away as error:
                trouble.append(str(error))

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(60)
        assert trouble == ["it gave no whole answer within 3 s"]
        for end in ends:
            end.close()
    gc.collect()
