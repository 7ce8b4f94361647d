"""`maild directory`, and what show, status, check and doctor say of directories."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from maild.bootstrap import Parts
from maild.cli.no_bell import NoBell
from maild.config.load import load
from maild.testing.endpoint import FakeEndpoint
from tests.integration.test_cli.conftest import House

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)

TABLES = """
[[organisation]]
name = "ACME"
domains = ["acme.example"]
[[directory]]
name = "orders"
of = "orders"
timeout = "20s"
http = {{ url = "{url}/{{key}}" }}
patterns = ['SO-\\d+']
[[directory]]
name = "crm"
of = "customers"
timeout = "20s"
csv = "crm.csv"
"""
MAIL = """\
From: Kim <kim@acme.example>
To: support@example.com
Subject: Where is SO-1?
Message-ID: <1@acme.example>

It is late.
"""


@pytest.fixture
def shop() -> Iterator[FakeEndpoint]:
    server = FakeEndpoint({"SO-1": {"key": "SO-1", "customer": "kim@acme.example", "shipped": "no"}})
    server.start()
    yield server
    server.stop()


@pytest.fixture
def house(empty: House, shop: FakeEndpoint) -> House:
    Path(empty.file.parent / "crm.csv").write_text("name,domains\nOther,other.example\nFree,gmail.com\n")
    with empty.file.open("a") as file:
        file.write(TABLES.format(url=shop.url))
    empty.parts = Parts(load(empty.file, {}), empty.database, NoBell())
    return empty


def test_list(house: House) -> None:
    result = house.maild("directory", "list")
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[1][:4] == ["orders", "orders", "by", "key"]
    assert lines[2][:3] == ["crm", "customers", "2"]
    assert "directory crm: 'Free' is left out: gmail.com belongs to a mail provider" in result.stdout


def test_list_with_one_that_is_away(house: House, shop: FakeEndpoint) -> None:
    shop.stop()
    result = house.maild("directory", "list")
    assert result.exit_code == 69
    assert "it cannot be reached" in result.stdout
    orders, crm = house.lines("directory", "list")
    assert (orders["trouble"], crm["trouble"], crm["entries"]) == ("it cannot be reached", "", 2)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["SO-1"], 0, "order SO-1: fits, customer kim@acme.example, shipped no (orders)"),
        (["SO-1", "--sender", "kim@acme.example"], 0, "fits"),
        (["SO-1", "--sender", "eve@other.example"], 0, "of another customer"),
        (["SO-2"], 1, "order SO-2: unknown (orders)"),
    ],
)
def test_look(house: House, words: list[str], code: int, says: str) -> None:
    result = house.maild("directory", "look", "orders", *words)
    assert result.exit_code == code
    assert says in result.stdout
    assert "took " in result.stdout


def test_look_in_a_list_and_at_one_that_is_away(house: House, shop: FakeEndpoint) -> None:
    [found] = house.lines("directory", "look", "crm", "other")
    assert (found["key"], found["facts"], found["fit"]) == ("Other", {"domains": "other.example"}, "fits")
    shop.stop()
    result = house.maild("directory", "look", "orders", "SO-1")
    assert result.exit_code == 69
    assert "not checked; it cannot be reached" in result.stdout
    assert "did you mean orders?" in house.maild("directory", "look", "order", "SO-1").stderr


def test_explain_asks_as_the_daemon_would(house: House) -> None:
    file = house.file.parent / "mail.eml"
    file.write_text(MAIL)
    assert "order SO-1 fits: the directory orders has it" in house.maild("explain", file).stdout


def test_refresh_keeps_lists_for_the_next_start(house: House) -> None:
    assert house.maild("directory", "refresh").exit_code == 0
    Path(house.file.parent / "crm.csv").write_text("nonsense\n")
    result = house.maild("directory", "refresh")
    assert result.exit_code == 69
    assert "crm.csv, line 1: has no column name; it has nonsense" in result.stdout
    again = Parts(load(house.file, {}), house.database, NoBell())
    assert again.desk.organisation_of("x@other.example") is not None


def test_show_status_check_and_doctor(house: House, shop: FakeEndpoint) -> None:
    house.accept(MAIL)
    house.work()
    assert "  order:            SO-1 fits, customer kim@acme.example, shipped no (orders), checked" in (
        house.maild("show", 1).stdout
    )
    [shown] = house.lines("show", 1)
    assert [(each["key"], each["fit"]) for each in shown["references"]] == [("SO-1", "fits")]
    assert "directory crm" in house.maild("doctor").stdout
    assert "1 in open tickets, 0 no longer fit" in house.maild("doctor").stdout
    assert "ok   directory orders" in house.maild("check").stdout
    shop.stop()
    house.maild("directory", "list")
    assert re.search("Directory     orders: trouble .*: it cannot be reached", house.maild("status").stdout)
    assert "it cannot be reached; until it answers, what it said last stands" in house.maild("doctor").stdout
    assert "directory orders: it cannot be reached" in house.maild("check").stderr
