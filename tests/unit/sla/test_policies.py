"""Which policy a ticket gets, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from maild.sla.policies import Condition, Policy, Subject, built_in_policies, choose
from maild.sla.terms import ClockKind, Terms, read_terms
from maild.tickets.priorities import PRIORITIES

FIRST, NEXT, RESOLUTION = ClockKind
TICKET = Subject(
    queue="support",
    priority="high",
    type="incident",
    case_type="damage",
    customer="Big Shop",
    groups=frozenset({"retail"}),
    tags=frozenset({"vip"}),
)


def policy(name: str, when: Condition) -> Policy:
    return Policy(name=name, when=when, calendar="office", targets={})


def test_the_first_policy_that_fits_is_chosen_and_the_others_say_why_not() -> None:
    queue, vip, rest = (
        policy("sales", Condition(queues=frozenset({"sales", "orders"}))),
        policy("vip", Condition(tags=frozenset({"vip"}))),
        policy("rest", Condition()),
    )
    choice = choose(TICKET, [queue, vip, rest])
    assert choice.policy is vip
    assert choice.why == ("policy sales: its queue is support, not orders or sales", "policy vip: fits")


def test_the_policy_that_a_rule_or_an_agent_chose_comes_before_all_conditions() -> None:
    rest, gold = policy("rest", Condition()), policy("gold", Condition(groups=frozenset({"gold"})))
    choice = choose(replace(TICKET, wished="gold"), [rest, gold])
    assert choice.policy is gold
    assert choice.why == ("policy gold: a rule or an agent chose it",)
    gone = choose(replace(TICKET, wished="silver"), [rest, gold])
    assert gone.policy is rest
    assert gone.why == (
        "policy silver: a rule or an agent chose it, but there is no such policy",
        "policy rest: fits",
    )


def test_without_a_policy_that_fits_no_clock_runs() -> None:
    choice = choose(TICKET, [policy("gold", Condition(groups=frozenset({"gold"})))])
    assert choice.policy is None
    assert choice.why == ("policy gold: its group is retail, not gold", "no policy fits, so no clock runs")


@pytest.mark.parametrize(
    ("condition", "missing"),
    [
        pytest.param(Condition(), "", id="nothing is asked"),
        pytest.param(Condition(queues=frozenset({"support"})), "", id="queue"),
        pytest.param(Condition(customers=frozenset({"big shop"})), "", id="customer, however it is written"),
        pytest.param(Condition(types=frozenset({"damage", "repair"})), "", id="case type"),
        pytest.param(Condition(types=frozenset({"incident"})), "", id="type"),
        pytest.param(Condition(internal=False), "", id="a customer's queue"),
        pytest.param(Condition(internal=True), "its queue is for customers", id="an internal queue"),
        pytest.param(Condition(priorities=frozenset({"low"})), "its priority is high, not low", id="another priority"),
        pytest.param(
            Condition(customers=frozenset({"acme"})), "its customer is big shop, not acme", id="another customer"
        ),
        pytest.param(
            Condition(queues=frozenset({"support"}), tags=frozenset({"key"})), "its tag is vip, not key", id="one"
        ),
    ],
)
def test_all_of_a_condition_has_to_hold(condition: Condition, missing: str) -> None:
    assert condition.missing(TICKET) == missing


def test_what_is_not_set_is_said_to_be_so() -> None:
    plain = Subject(queue="support")
    assert Condition(types=frozenset({"repair"})).missing(plain) == "its type is not set, not repair"


def hours(policy: Policy, kind: ClockKind) -> Mapping[str, float]:
    return {p: policy.terms(p).targets[kind] / timedelta(hours=1) for p in PRIORITIES}


def test_the_built_in_targets_are_those_of_the_tables() -> None:
    internal, service, standard = built_in_policies("office")
    response = {"low": 48, "medium": 24, "high": 4, "critical": 1}
    resolution = {"low": 168, "medium": 72, "high": 24, "critical": 4}
    assert hours(standard, FIRST) == hours(service, FIRST) == response
    assert hours(standard, RESOLUTION) == hours(service, RESOLUTION) == resolution
    assert hours(internal, RESOLUTION) == {p: 2 * h for p, h in resolution.items()}
    assert standard.terms("high").calendar == "office"


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        (Subject(queue="support"), "standard"),
        *((Subject(queue="support", case_type=each), "service") for each in ("warranty", "damage", "repair")),
        (Subject(queue="support", type="complaint"), "service"),
        (Subject(queue="it", internal=True, type="repair"), "internal"),
    ],
)
def test_the_built_in_policies_tell_service_cases_and_internal_queues_apart(subject: Subject, name: str) -> None:
    chosen = choose(subject, built_in_policies("office")).policy
    assert chosen is not None
    assert chosen.name == name


def test_an_unknown_priority_counts_as_medium() -> None:
    *_, standard = built_in_policies("office")
    assert standard.terms("whatever") == standard.terms("medium")


def test_a_priority_without_a_target_has_no_clock() -> None:
    one = replace(policy("one", Condition()), targets={FIRST: {"high": timedelta(hours=1)}})
    assert one.terms("low").targets == {}
    assert one.terms("unknown").targets == {}


def test_terms_are_read_from_an_event_as_they_were_written() -> None:
    terms = Terms("vip", "office", {FIRST: timedelta(minutes=90), NEXT: timedelta(days=1)})
    assert read_terms(terms.facts()) == terms
    assert read_terms({"queue": "support"}) is None
