"""What rules do when they hit: what each action gives, and who is first."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from maild.routing.decision import Decision
from maild.routing.router import Router
from maild.routing.rules import Rule, Then, When
from maild.testing.routing import facts

ALWAYS = When()

# action, what the decision has then, what the rule is said to have given
ACTIONS: list[tuple[Then, dict[str, Any], str]] = [
    (Then(queue="billing"), {"queue": "billing", "queue_source": "rule r"}, "queue billing"),
    (Then(team="sales"), {"team": "sales", "team_source": "rule r"}, "team sales"),
    (Then(assignee="lee@example.com"), {"assignee": "lee@example.com"}, "assignee lee@example.com"),
    (Then(assign="round_robin"), {"assign": "round_robin"}, "assign round_robin"),
    (Then(skill="pumps"), {"skill": "pumps"}, "skill pumps"),
    (Then(priority="high"), {"priority": "high", "priority_source": "rule r"}, "priority high"),
    (Then(raised=1), {"priority": "high", "priority_source": "default"}, "priority raised by 1"),
    (Then(raised=-1), {"priority": "low"}, "priority lowered by 1"),
    (Then(raised=9), {"priority": "critical"}, "priority raised by 9"),
    (Then(urgency="high"), {"priority": "medium"}, "urgency high"),
    (Then(impact="high"), {"priority": "medium"}, "impact high"),
    (Then(type="incident"), {"type": "incident", "type_source": "rule r"}, "type incident"),
    (Then(case_type="repair"), {"case_type": "repair", "case_type_source": "rule r"}, "case type repair"),
    (Then(reason="damage"), {"reason": "damage", "reason_source": "rule r"}, "reason damage"),
    (Then(tags=("b", "a")), {"tags": ("b", "a")}, "tag b, tag a"),
    (Then(policy="gold"), {"policy": "gold"}, "policy gold"),
    (Then(template="none"), {"template": "none"}, "template none"),
    (Then(notify=("team",)), {"notify": ("team",)}, "notify team"),
    (Then(hold="legal looks first"), {"hold": "legal looks first"}, "hold legal looks first"),
    (Then(reject="No mail here"), {"reject": "No mail here"}, "reject No mail here"),
    (Then(spam=True), {"spam": True}, "spam"),
    (Then(ignore=True), {"ignore": True}, "ignore"),
    (Then(note="call back"), {"notes": ("call back",)}, "a note"),
    (Then(webhook="https://crm.example/in?k=1"), {"webhooks": ("https://crm.example/in?k=1",)}, "webhook crm.example"),
]


def decide(*rules: Rule, **known: Any) -> Decision:
    return Router(rules).decide(facts(**known))


@pytest.mark.parametrize(("then", "has", "gave"), ACTIONS, ids=[case[2] for case in ACTIONS])
def test_an_action(then: Then, has: dict[str, Any], gave: str) -> None:
    decision = decide(Rule(name="r", when=ALWAYS, then=then))
    assert {name: getattr(decision, name) for name in has} == has
    assert ", ".join(decision.hits[0].gave) == gave
    assert decision.why[-1] == f"rule r: every mail; gave {gave}"


def test_every_action_has_a_case() -> None:
    nothing = Then()
    shown = {
        f.name for then, _, _ in ACTIONS for f in fields(Then) if getattr(then, f.name) != getattr(nothing, f.name)
    }
    assert shown == {field.name for field in fields(Then)}


def test_the_first_rule_to_give_a_value_is_the_one_that_counts() -> None:
    decision = decide(
        Rule(name="one", when=ALWAYS, then=Then(queue="billing")),
        Rule(name="two", when=ALWAYS, then=Then(queue="sales", team="pumps")),
        Rule(name="three", when=ALWAYS, then=Then(queue="sales", team="other")),
    )
    assert (decision.queue, decision.team) == ("billing", "pumps")
    assert [hit.gave for hit in decision.hits] == [("queue billing",), ("team pumps",), ()]
    assert decision.why[0] == "queue billing: rule one (every mail)"
    assert decision.why[-1] == "rule three: every mail; gave nothing that was not decided before"


def test_tags_notes_notices_webhooks_and_steps_add_up() -> None:
    decision = decide(
        Rule(name="one", when=ALWAYS, then=Then(tags=("a",), note="n1", notify=("team",), webhook="crm", raised=1)),
        Rule(name="two", when=ALWAYS, then=Then(tags=("b", "a"), note="n2", notify=("manager", "team"), raised=1)),
        Rule(name="three", when=ALWAYS, then=Then(webhook="crm")),
    )
    assert (decision.tags, decision.notes, decision.notify) == (("a", "b"), ("n1", "n2"), ("team", "manager"))
    assert (decision.webhooks, decision.priority) == (("crm",), "critical")
    assert decision.hits[2].gave == ()


def test_a_rule_sees_what_the_rules_above_it_have_set() -> None:
    decision = decide(
        Rule(name="later", when=When(tag=("a",)), then=Then(tags=("too early",))),
        Rule(name="sets", when=ALWAYS, then=Then(tags=("a",), queue="billing", priority="high", reason="damage")),
        Rule(
            name="sees",
            when=When(tag=("a",), queue=("billing",), priority=("high",), reason=("damage",)),
            then=Then(tags=("seen",)),
        ),
    )
    assert decision.tags == ("a", "seen")


def test_what_a_rule_asked_in_vain_may_hold_for_one_further_down() -> None:
    now = When(queue=("billing",), priority=("high",), reason=("damage",), type=("incident",))
    decision = decide(
        *(Rule(name=str(i), when=When(any=(one,)), then=Then(tags=("early",))) for i, one in enumerate(_each(now))),
        Rule(name="sets", when=ALWAYS, then=Then(queue="billing", priority="high", reason="damage", type="incident")),
        Rule(name="sees", when=now, then=Then(tags=("seen",))),
    )
    assert decision.tags == ("seen",)


def _each(when: When) -> list[When]:
    return [
        When(queue=when.queue),
        When(priority=when.priority),
        When(reason=when.reason),
        When(type=when.type),
    ]


def test_stop_ends_the_trial_when_the_rule_hits() -> None:
    rules = (
        Rule(name="misses", when=When(subject=("x",)), then=Then(), stop=True),
        Rule(name="stops", when=ALWAYS, then=Then(queue="billing"), stop=True),
        Rule(name="after", when=ALWAYS, then=Then(team="sales")),
        Rule(name="misses too", when=When(subject=("x",)), then=Then()),
    )
    decision = decide(*rules)
    assert ([hit.rule for hit in decision.hits], decision.team) == (["stops"], "")
    assert decision.why[-1] == "1 other rule did not hit"
    tried = {each.rule: each.why for each in Router(rules).try_all(facts())}
    assert tried["after"] == "after rule stops, which stops; else it would hit (every mail)"
    assert tried["misses too"] == 'its subject has no "x"'


def test_a_disabled_rule_is_not_tried() -> None:
    rule = Rule(name="r", when=ALWAYS, then=Then(queue="billing"), enabled=False)
    assert decide(rule).queue == "support"
    (tried,) = Router([rule]).try_all(facts())
    assert (tried.hit, tried.why) == (False, "disabled")


@pytest.mark.parametrize(
    ("last_day", "hits"),
    [(date(2026, 3, 1), False), (date(2026, 3, 2), True), (None, True)],
    ids=["past", "last", "no end"],
)
def test_a_rule_ends_with_its_last_day(last_day: date | None, hits: bool) -> None:
    router = Router([Rule(name="r", when=ALWAYS, then=Then(), until=last_day)])
    (tried,) = router.try_all(facts())
    assert (tried.hit, tried.why) == ((True, "every mail") if hits else (False, "ended on 2026-03-01"))
    assert bool(router.decide(facts()).hits) is hits


def test_the_last_day_is_the_desks_own() -> None:
    rule = Rule(name="r", when=ALWAYS, then=Then(), until=date(2026, 3, 1))
    assert Router([rule], zone=ZoneInfo("America/Los_Angeles")).decide(facts()).hits == ()  # 01:00 on the second
    assert Router([rule], zone=ZoneInfo("Pacific/Honolulu")).decide(facts()).hits  # 23:00 on the first


def test_a_decision_without_rules_is_the_queue_of_the_address() -> None:
    decision = decide()
    assert decision.why == ("queue support: it was sent to support@example.com",)
    assert (decision.queue, decision.queue_source, decision.priority) == ("support", "address", "medium")


def test_whether_the_language_of_mails_is_asked_for() -> None:
    asks = Rule(name="r", when=When(all=(When(language=("de",)),)), then=Then())
    assert Router([asks]).asks_language
    assert not Router([Rule(name="r", when=asks.when, then=Then(), enabled=False)]).asks_language
    assert not Router([Rule(name="r", when=ALWAYS, then=Then())]).asks_language


def test_the_order_is_that_of_the_rules_however_many_there_are() -> None:
    names = [f"r{number}" for number in range(3000)]
    rules = [Rule(name=name, when=When(words=(f"w{name}",)), then=Then(queue=name)) for name in names]
    # Numbers that a set would give back in another order.
    text = "wr2049 wr8 wr1 wr513"
    decision = Router(rules).decide(facts(text=text))
    assert [hit.rule for hit in decision.hits] == ["r1", "r8", "r513", "r2049"]
    assert decision.queue == "r1"
