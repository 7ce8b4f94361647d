"""Counting connections."""

from __future__ import annotations

import pytest

from maild.intake.smtp_limits import Connections, Limits


def test_each_client_has_its_share_and_gets_it_back() -> None:
    connections = Connections(Limits(connections=10, connections_per_ip=1))
    assert connections.enter("192.0.2.1") == ""
    assert connections.enter("192.0.2.2") == ""
    assert connections.enter("192.0.2.1").startswith("421 4.7.0")
    connections.leave("192.0.2.1")
    connections.leave("192.0.2.1")
    assert connections.enter("192.0.2.1") == ""


def test_nothing_is_remembered_of_those_who_left() -> None:
    connections = Connections(Limits())
    for number in range(1000):
        connections.enter(f"192.0.2.{number % 250}")
        connections.leave(f"192.0.2.{number % 250}")
    assert connections.total == 0
    assert not connections._by_client


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),  # one customer's /64
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_who_counts_as_one_client(one: str, other: str, same: bool) -> None:
    connections = Connections(Limits(connections_per_ip=1))
    connections.enter(one)
    assert (connections.enter(other) != "") is same
