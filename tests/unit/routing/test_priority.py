"""Where a priority comes from: the highest of what is said, unless a rule says one."""

from __future__ import annotations

from typing import Any

import pytest

from maild.routing.catalogue import Catalogue, Priorities
from maild.routing.priority import importance_of
from maild.routing.router import Router
from maild.routing.rules import Rule, Then, When
from maild.testing.routing import facts

PRIORITIES = Priorities(
    keywords={"critical": ("emergency",), "low": ("no hurry",)},
    importance={"high": "high", "low": "low"},
    urgency={"low": ("whenever",), "high": ("at once",), "medium": ("soon",)},
    impact={"high": ("everybody",), "low": ("only me",)},
    matrix={"high": {"high": "critical", "low": "medium"}, "low": {"low": "low", "high": "high"}},
)
HIGH = {"headers": (("importance", "high"),)}
LOW = {"headers": (("importance", "low"),)}

# what the mail has, what a rule does, priority, its source
TABLE: list[tuple[dict[str, Any], Then, str, str]] = [
    ({}, Then(), "medium", "default"),
    ({"text": "emergency"}, Then(), "critical", "keywords"),
    ({"text": "no hurry"}, Then(), "low", "keywords"),
    ({"text": "no hurry, this emergency"}, Then(), "critical", "keywords"),
    (HIGH, Then(), "high", "importance"),
    (LOW, Then(), "low", "importance"),
    (LOW | {"customer_priority": "high"}, Then(), "high", "customer"),
    (HIGH | {"customer_priority": "low"}, Then(), "high", "importance"),
    (HIGH | {"text": "no hurry"}, Then(), "high", "importance"),
    ({"text": "at once, for everybody"}, Then(), "critical", "matrix"),
    ({"text": "at once or soon or whenever, only me"}, Then(), "medium", "matrix"),  # the most urgent word counts
    ({"text": "at once"}, Then(), "medium", "default"),  # the matrix acts when both are known
    ({"text": "soon, for everybody"}, Then(), "medium", "default"),  # this matrix has no such row
    ({"text": "everybody"}, Then(urgency="low"), "high", "matrix"),
    ({"text": "at once, everybody"}, Then(urgency="low", impact="low"), "low", "matrix"),
    ({"text": "emergency"}, Then(priority="low"), "low", "rule r"),
    ({"text": "emergency"}, Then(raised=-1), "high", "keywords"),
    ({"text": "emergency"}, Then(raised=1), "critical", "keywords"),
    (HIGH, Then(priority="low", raised=1), "medium", "rule r"),
]


@pytest.mark.parametrize(("known", "then", "priority", "source"), TABLE, ids=[str(i) for i in range(len(TABLE))])
def test_the_priority_of_a_new_ticket(known: dict[str, Any], then: Then, priority: str, source: str) -> None:
    router = Router([Rule(name="r", when=When(), then=then)], Catalogue(priorities=PRIORITIES))
    decision = router.decide(facts(**known))
    assert (decision.priority, decision.priority_source) == (priority, source)


@pytest.mark.parametrize(
    ("known", "line"),
    [
        ({"text": "emergency"}, 'priority critical: words "emergency"'),
        (HIGH, "priority high: importance: high"),
        ({"customer_priority": "high"}, "priority high: what this customer's tickets begin with"),
        ({"text": "at once, everybody"}, "priority critical: urgency high, impact high"),
    ],
    ids=["keywords", "importance", "customer", "matrix"],
)
def test_a_priority_has_its_reason(known: dict[str, Any], line: str) -> None:
    assert line in Router((), Catalogue(priorities=PRIORITIES)).decide(facts(**known)).why


def test_raising_is_told() -> None:
    router = Router([Rule(name="r", when=When(), then=Then(raised=1))])
    assert "priority high: raised from medium by rules" in router.decide(facts()).why


@pytest.mark.parametrize(
    ("name", "value", "importance"),
    [
        ("importance", "High", "high"),
        ("importance", "low", "low"),
        ("importance", "normal", ""),
        ("x-priority", "1 (Highest)", "high"),
        ("x-priority", "2", "high"),
        ("x-priority", "3", ""),
        ("x-priority", "4", "low"),
        ("x-priority", "5 (Lowest)", "low"),
        ("x-msmail-priority", "High", "high"),
        ("x-msmail-priority", "Low", "low"),
        ("priority", "urgent", "high"),
        ("priority", "non-urgent", "low"),
        ("priority", "normal", ""),
        ("x-priority", "", ""),
    ],
    ids=str,
)
def test_the_importance_that_a_sender_gives(name: str, value: str, importance: str) -> None:
    assert importance_of([(name, value)])[0] == importance


def test_of_a_header_that_is_there_twice_the_first_counts() -> None:
    assert importance_of([("importance", "low"), ("importance", "high")])[0] == "low"


def test_of_several_headers_the_one_that_is_defined_best_counts() -> None:
    assert importance_of([("x-priority", "5"), ("importance", "high")]) == ("high", "importance: high")


@pytest.mark.parametrize(
    ("priority", "steps", "now"), [("low", -1, "low"), ("low", -9, "low"), ("critical", 1, "critical")]
)
def test_beyond_the_lowest_and_the_highest_there_is_nothing(priority: str, steps: int, now: str) -> None:
    router = Router([Rule(name="r", when=When(), then=Then(priority=priority, raised=steps))])
    assert router.decide(facts()).priority == now
