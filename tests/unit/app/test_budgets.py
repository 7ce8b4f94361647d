"""How many letters may go to whom."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.app.budgets import (
    DAY,
    FIVE_MINUTES,
    HOUR,
    TEN_MINUTES,
    WINDOWS,
    Budgets,
    Lately,
    judge,
    limit_of_sender,
    limits_of,
    scopes_of_customer,
    scopes_of_staff,
    scopes_of_ticket,
)

KIM = "kim@customer.example"
B = Budgets()
TEMPLATES = ("acknowledgement", "notification", "answer", "confirmation", "problem", "alert", "digest", "survey")


def lately(**written: int) -> Lately:
    """So many in the last `minutes`, `hour` or `day`."""
    spans = {"five": FIVE_MINUTES, "ten": TEN_MINUTES, "hour": HOUR, "day": DAY}
    counted = Lately()
    for name, number in written.items():
        counted.written[spans[name]] = number
    return counted


@pytest.mark.parametrize(
    ("template", "recipient", "scope", "counted", "refused"),
    [
        ("acknowledgement", KIM, f"to {KIM}", lately(ten=9, day=39), None),
        ("acknowledgement", KIM, f"to {KIM}", lately(ten=10), f"{KIM} got 10 letters in 10 minutes"),
        ("acknowledgement", KIM, f"to {KIM}", lately(day=40), f"{KIM} got 40 letters in a day"),
        ("acknowledgement", KIM, "ticket 7", lately(hour=9), None),
        ("acknowledgement", KIM, "ticket 7", lately(hour=10), "ticket 7 caused 10 letters in an hour"),
        ("acknowledgement", KIM, "domain customer.example", lately(hour=29), None),
        (
            "acknowledgement",
            KIM,
            "domain customer.example",
            lately(hour=30),
            "addresses at customer.example got 30 letters in an hour",
        ),
        ("acknowledgement", "kim@gmail.com", "domain gmail.com", lately(hour=10_000), None),
        ("acknowledgement", KIM, "total", lately(ten=299, day=100_000), None),
        ("acknowledgement", KIM, "total", lately(ten=300), "all customers together got 300 letters in 10 minutes"),
        ("problem", KIM, f"to {KIM}", lately(ten=10, day=40), None),  # customers' letters are none of an agent's
        ("problem", KIM, f"agent {KIM}", lately(ten=20), f"{KIM} got 20 letters in 10 minutes"),
        ("confirmation", KIM, f"agent {KIM}", lately(day=200), f"{KIM} got 200 letters in a day"),
        ("notification", KIM, f"told {KIM}", lately(five=19, hour=47), None),
        ("notification", KIM, f"told {KIM}", lately(five=20), f"{KIM} got 20 letters in 5 minutes"),
        ("notification", KIM, f"told {KIM}", lately(hour=48), f"{KIM} got 48 letters in an hour"),
        ("alert", KIM, f"told {KIM}", lately(five=20), None),  # a busy desk's notifications silence no alert
        ("alert", KIM, f"alerts {KIM}", lately(ten=10), f"{KIM} got 10 letters in 10 minutes"),
        ("answer", KIM, f"to {KIM}", lately(ten=10, day=40), None),
        ("answer", KIM, "answers 7", lately(ten=10), "ticket 7 got answers of agents, 10 letters in 10 minutes"),
        ("survey", KIM, f"to {KIM}", lately(ten=10), f"{KIM} got 10 letters in 10 minutes"),
    ],
)
def test_what_is_refused(template: str, recipient: str, scope: str, counted: Lately, refused: str | None) -> None:
    refusal = judge(limits_of(template, recipient, 7, B), {scope: counted})
    assert (refusal.why if refusal else None) == (f"budget: {refused}" if refused else None)


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_scope_that_is_judged_is_looked_up(template: str) -> None:
    looked_up = {*scopes_of_customer(KIM), *scopes_of_staff(KIM), *scopes_of_ticket(7), "total"}
    limits = (*limits_of(template, KIM, 7, B), limit_of_sender(KIM, B))
    assert {limit.scope for limit in limits} <= looked_up


def test_an_alert_is_never_alerted_of() -> None:
    for template in ("alert", "digest"):
        limits = limits_of(template, KIM, 0, B)
        refusal = judge(limits, {limit.scope: lately(ten=1000, day=1000) for limit in limits})
        assert refusal is not None
        assert refusal.scope == ""


@given(st.sampled_from(TEMPLATES), st.lists(st.integers(0, 3600), min_size=1, max_size=300))
def test_any_machine_is_answered_a_bounded_number_of_times(template: str, waits: list[int]) -> None:
    """Whatever the rhythm, no limit is ever exceeded in its span."""
    limits = limits_of(template, KIM, 7, B)
    at = timedelta()
    written: list[timedelta] = []
    for wait in waits:
        at += timedelta(seconds=wait)
        counted = Lately({w: sum(at - each < w for each in written) for w in WINDOWS})
        if judge(limits, {limit.scope: counted for limit in limits}) is None:
            written.append(at)
    for limit in limits:
        for start in written:
            assert sum(start <= each < start + limit.within for each in written) <= limit.most
