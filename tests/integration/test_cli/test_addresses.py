"""`maild addresses`, and what `maild show` says of an address that mail does not reach."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

LEE = "lee@other.example"


@pytest.fixture
def bounced(house: Any) -> Any:
    """Three letters to Lee came back yesterday, one to Kim."""
    yesterday = datetime.now(UTC) - timedelta(days=1)
    for letter, address in ((101, LEE), (102, LEE), (103, LEE), (104, "kim@customer.example")):
        house.sql(
            "INSERT INTO hard_bounce (address, letter, at, said) VALUES (:address, :letter, :at, :said)",
            address=address,
            letter=letter,
            at=f"{yesterday:%Y-%m-%d %H:%M:%S}" if house.database.sqlite else yesterday,
            said="550 5.1.1 no such \x1b[2J user",
        )
    return house


def test_addresses_are_listed_with_the_end_of_their_marks(bounced: Any) -> None:
    kim, lee = bounced.lines("addresses", "list")
    assert (kim["address"], kim["bounces"], kim["marked_until"]) == ("kim@customer.example", 1, None)
    assert (lee["address"], lee["bounces"]) == (LEE, 3)
    until = datetime.fromisoformat(lee["marked_until"])
    assert timedelta(days=28) < until - datetime.now(UTC) < timedelta(days=29, seconds=1)
    shown = bounced.maild("addresses", "list").stdout
    assert f"{until:%Y-%m-%d}" in shown
    assert "\x1b" not in shown


def test_a_ticket_shows_the_mark_of_its_people(bounced: Any) -> None:
    assert f"careful:          mail to {LEE} came back 3 times" in bounced.maild("show", 2).stdout
    assert "careful:" not in bounced.maild("show", 1).stdout
    (document,) = bounced.lines("show", 2)
    assert [(mark["address"], mark["times"]) for mark in document["marks"]] == [(LEE, 3)]


def test_a_cleared_address_is_no_longer_listed(bounced: Any) -> None:
    assert bounced.maild("addresses", "clear", "Lee@Other.example").exit_code == 0
    assert [line["address"] for line in bounced.lines("addresses", "list")] == ["kim@customer.example"]
    result = bounced.maild("addresses", "clear", LEE)
    assert result.exit_code == 1
    assert f"nothing came back from {LEE}" in result.stderr
