"""When an address counts as one that mail does not reach, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.app.marks import HardBounce, MarkPolicy, blames_address, is_refusal, mark_of

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
POLICY = MarkPolicy(bounces=3, within=timedelta(days=30), lasts=timedelta(days=30))


def bounces(*days_ago: int) -> list[HardBounce]:
    return [
        HardBounce(address="ann@x.example", letter=number, at=NOW - timedelta(days=days), said=f"bounce {number}")
        for number, days in enumerate(days_ago, 1)
    ]


@pytest.mark.parametrize(
    ("days_ago", "ends_in"),
    [
        pytest.param((), None, id="none"),
        pytest.param((2, 1), None, id="two are not enough"),
        pytest.param((3, 2, 1), 29, id="three: a month from the last"),
        pytest.param((31, 30, 29), 1, id="its last day"),
        pytest.param((32, 31, 30), None, id="the mark has ended"),
        pytest.param((50, 10, 1), None, id="spread over more than a month"),
        pytest.param((50, 25, 10, 1), 29, id="the last three count"),
        pytest.param((40, 39, 38, 1), None, id="a bounce after the mark ended is the first of new ones"),
        pytest.param((29, 28, 27, 1), 29, id="it goes on with every further one"),
    ],
)
def test_a_mark(days_ago: tuple[int, ...], ends_in: int | None) -> None:
    mark = mark_of(bounces(*days_ago), POLICY, NOW)
    if ends_in is None:
        assert mark is None
    else:
        assert mark is not None
        assert (mark.until - NOW, mark.times) == (timedelta(days=ends_in), len(days_ago))


def test_people_are_told_how_often_until_when_and_why() -> None:
    mark = mark_of(bounces(3, 2, 1), POLICY, NOW)
    assert mark is not None
    told = "mail to ann@x.example came back 3 times, automatic letters wait until May: bounce 3"
    assert mark.sentence("May") == told


@given(st.lists(st.integers(0, 100), max_size=12))
def test_every_mark_ends_in_time_by_itself(days_ago: list[int]) -> None:
    assert mark_of(bounces(*days_ago), POLICY, NOW + timedelta(days=31)) is None


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("5.1.1 smtp; 550 5.1.1 no such user", True),
        ("smtp; 550 5.2.1 mailbox disabled", True),
        ("550 5.2.2 over quota", True),
        ("550 5.4.1 Recipient address rejected: Access denied", True),
        ("5.0.0", True),
        ("550 No such user here", True),
        ("553 sorry, that domain isn't allowed", True),
        ("no mailbox of that name", True),  # a report in words only
        ("550 5.7.1 relaying denied", False),
        ("550-5.7.26 Unauthenticated email is not accepted", False),
        ("554 5.7.1 message looks like spam", False),
        ("552 5.3.4 message too big", False),
        ("5.6.0 smtp; 550 5.6.0 bad content", False),
        ("554 transaction failed", False),
        ("552 message exceeds fixed limit", False),
        ("550 host 192.0.5.1.1 says no", True),  # no status in an address of the network
    ],
)
def test_what_a_failure_blames(said: str, address: bool) -> None:
    assert blames_address(said) is address


@pytest.mark.parametrize(
    ("answer", "refused"),
    [
        ("550 5.1.1 no such user", True),
        ("given up after 12 tries: 450 try later", False),
        ("given up after 12 tries: 550 5.1.1 no such user", False),
        ("the recipient is no address", False),  # our own words
        ("", False),
    ],
)
def test_what_counts_as_the_relays_refusal(answer: str, refused: bool) -> None:
    assert is_refusal(answer) is refused
