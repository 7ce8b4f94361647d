"""A directory in somebody else's database."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from maild.app.lookups import Entry
from maild.directories.source import Away, Reading, Trouble
from maild.directories.sql_source import SqlSource, asks_by_key

COLUMNS = {"key": "number", "customer": "customer_mail"}
ONE = "SELECT number, customer_mail FROM orders WHERE number = :key"
ALL = "SELECT number, customer_mail FROM orders"
ENDLESS = "WITH RECURSIVE n(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM n) SELECT number FROM n"


@pytest.fixture
def url(tmp_path: Path) -> str:
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("CREATE TABLE orders (number TEXT, customer_mail TEXT)")
        connection.execute("INSERT INTO orders VALUES ('SO-1', 'kim@acme.example'), ('SO-2', NULL)")
    connection.close()
    return f"sqlite:///{tmp_path / 'shop.db'}"


def source(url: str, query: str, timeout: float = 10.0, largest: int = 1 << 20) -> SqlSource:
    return SqlSource(url, query, Reading(columns=COLUMNS, timeout=timeout, largest=largest))


def test_one_order_and_all(url: str) -> None:
    assert source(url, ONE).look("SO-1") == Entry("SO-1", {"customer": "kim@acme.example"})
    assert source(url, ONE).look("SO-3") is None
    assert list(source(url, ALL).all()) == [Entry("SO-1", {"customer": "kim@acme.example"}), Entry("SO-2", {})]


@pytest.mark.parametrize("key", ["' OR 1=1 --", "SO-1'; DROP TABLE orders; --", "%"])
def test_a_key_is_a_value_and_never_part_of_the_query(url: str, key: str) -> None:
    assert source(url, ONE).look(key) is None


@pytest.mark.parametrize(
    ("query", "by_key"),
    [(ONE, True), (ALL, False), ("SELECT x::key FROM y", False), ("SELECT 1 WHERE a=:keys", False), ("x=:key", True)],
)
def test_a_query_with_key_is_for_one(query: str, by_key: bool) -> None:
    assert asks_by_key(query) is by_key


def test_an_answer_about_another_order_is_refused(url: str) -> None:
    with pytest.raises(Trouble, match="asked about 'SO-9' and answered about 'SO-1'"):
        source(url, "SELECT number FROM orders WHERE :key <> ''").look("SO-9")


def test_an_answer_without_the_key_is_refused(url: str) -> None:
    with pytest.raises(Trouble, match="has no 'number'"):
        source(url, "SELECT customer_mail FROM orders WHERE number = :key").look("SO-1")


@pytest.mark.parametrize("query", ["DELETE FROM orders WHERE number = :key", "CREATE TABLE x (y)", "SELEC"])
def test_a_query_only_reads(url: str, query: str) -> None:
    with pytest.raises(Away, match="the query failed"):
        source(url, query).look("SO-1")
    assert len(source(url, ALL).all()) == 2


def test_a_query_that_never_ends_is_ended(url: str) -> None:
    with pytest.raises(Away, match=r"no whole answer within 0\.2 s"):
        source(url, ENDLESS.replace("SELECT number FROM n", "SELECT count(*) AS number FROM n"), timeout=0.2).all()


def test_an_answer_that_is_too_large_is_refused(url: str) -> None:
    with pytest.raises(Trouble, match="more than 50000 bytes"):
        source(url, ENDLESS, largest=50_000).all()


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(Away, match="unable to open"):
        source(f"sqlite:///{tmp_path / 'none.db'}", ALL).all()
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize(
    "url", ["nonsense", "oracle+nothing://x/y", "postgresql://desk:s3cret/shop", "sqlite://a:s3cret"]
)
def test_a_database_of_no_known_kind_says_so_without_its_url(url: str) -> None:
    with pytest.raises(Away, match="cannot be opened") as refused:
        source(url, ALL)
    assert "s3cret" not in str(refused.value)
