"""A reply does not open a ticket: it begins with what the ticket is, and only rules for replies are tried."""

from __future__ import annotations

from typing import Any

from maild.routing.catalogue import Asked, Catalogue, Priorities, Reason, Sort
from maild.routing.decision import Decision
from maild.routing.router import Router
from maild.routing.rules import Rule, Then, When
from maild.testing.routing import facts

CATALOGUE = Catalogue(
    reasons=(
        Reason(
            code="damage", keywords={"en": ("dented",)}, team="support", queue="claims", asks=(Asked(text={"en": "?"}),)
        ),
        Reason(code="missing_part", team="purchasing", queue="parts"),
    ),
    types=(Sort(name="incident", keywords={"en": ("outage",)}),),
    case_types=(Sort(name="repair", type="incident"),),
    priorities=Priorities(keywords={"critical": ("emergency",)}),
)
TICKET = {
    "is_reply": True,
    "queue": "support",
    "queue_why": "queue support: the ticket's",
    "ticket_priority": "high",
    "ticket_reason": "damage",
    "ticket_type": "incident",
}


def reply(*rules: Rule, **known: Any) -> Decision:
    return Router(rules, CATALOGUE).decide(facts(**(TICKET | known)))


def test_a_reply_begins_with_what_the_ticket_is() -> None:
    decision = reply(text="dented, an outage, an emergency")
    assert (decision.queue, decision.priority, decision.reason, decision.type) == (
        "support",
        "high",
        "damage",
        "incident",
    )
    sources = {decision.queue_source, decision.priority_source, decision.reason_source, decision.type_source}
    assert sources == {"ticket"}
    assert (decision.team, decision.asks, decision.why) == ("", (), ("queue support: the ticket's",))


def test_what_the_ticket_has_brings_nothing_new() -> None:
    assert reply(ticket_type="", ticket_case_type="repair").type == ""


def test_a_line_that_says_the_ticket_s_reason_again_brings_nothing_new() -> None:
    decision = reply(text="Reason: damage")
    assert (decision.reason, decision.queue, decision.team) == ("damage", "support", "")


def test_keywords_give_no_reason_to_a_reply() -> None:
    assert reply(ticket_reason="", text="dented").reason == ""


def test_a_line_in_a_reply_changes_the_reason_and_so_the_way() -> None:
    decision = reply(text="Reason: missing_part")
    assert (decision.reason, decision.reason_source) == ("missing_part", "line")
    assert (decision.team, decision.queue) == ("purchasing", "parts")


def test_so_does_an_agents_word() -> None:
    assert reply(reason="missing_part").team == "purchasing"


def test_address_and_headers_of_a_reply_name_no_reason() -> None:
    decision = reply(recipients=("support+missing_part@example.com",), headers=(("x-reason-code", "missing_part"),))
    assert decision.reason == "damage"


def test_a_rule_that_says_nothing_of_replies_is_for_new_tickets_only() -> None:
    rule = Rule(name="r", when=When(), then=Then(queue="billing"))
    assert reply(rule).hits == ()
    (tried,) = Router([rule]).try_all(facts(**TICKET))
    assert (tried.hit, tried.why) == (False, "for new tickets only")


def test_a_rule_for_replies_is_for_nothing_else_also_when_it_says_so_further_in() -> None:
    rule = Rule(name="r", when=When(all=(When(reply=True),), text=("x",)), then=Then(tags=("again",)))
    assert reply(rule, text="x").tags == ("again",)
    assert Router([rule]).decide(facts(text="x")).hits == ()


def test_a_rule_may_be_for_both() -> None:
    either = When(any=(When(reply=True, text=("again",)), When(reply=False)))
    rule = Rule(name="r", when=either, then=Then(tags=("x",)))
    assert reply(rule, text="again").tags == ("x",)
    assert reply(rule).tags == ()
    assert Router([rule]).decide(facts()).tags == ("x",)


def test_a_rule_for_replies_may_move_and_raise_the_ticket() -> None:
    rule = Rule(
        name="r", when=When(reply=True, tag=("vip",)), then=Then(queue="billing", raised=1, tags=("vip", "new"))
    )
    decision = reply(rule, ticket_tags=frozenset({"vip"}))
    assert (decision.queue, decision.priority) == ("billing", "critical")
    assert decision.hits[0].gave == ("queue billing", "priority raised by 1", "tag new")
