"""Which rules can do nothing: told by the rules alone, and by what they did."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from maild.routing.analysis import Overlap, Trouble, Usage, remarks_on
from maild.routing.covering import covers
from maild.routing.router import Router
from maild.routing.rules import Rule, Score, Then, When
from maild.testing.routing import facts

TODAY = date(2026, 3, 2)
BILLING = Then(queue="billing")


def rule(name: str, when: When, then: Then = BILLING, *, stop: bool = False, until: date | None = None) -> Rule:
    return Rule(name=name, when=when, then=then, stop=stop, until=until)


NEVER: list[tuple[When, str]] = [
    (When(score=Score(words={"a": 2, "b": -1}, at_least=3)), "all its keywords together do not reach 3"),
    (When(all=(When(subject=("a",)),), none=(When(subject=("A", "b")),)), "what its `not` excludes"),
    (When(domain=("mail.example.com",), none=(When(domain=("example.com",)),)), "what its `not` excludes"),
    (When(queue=("a",), none=(When(queue=("a",)),)), "what its `not` excludes"),
    (When(none=(When(),)), "what its `not` excludes"),
    (When(reply=True, all=(When(reply=False),)), "asks for reply = true and for reply = false"),
    (When(has_attachment=False, attachment=("*.pdf",)), "for an attachment and for none"),
    (When(kind=("list",), all=(When(kind=("human", "bounce")),)), "ask for kind in ways that exclude each other"),
    (When(any=(When(none=(When(),)),)), "no alternative of `any` can hold"),
]


@pytest.mark.parametrize(("when", "why"), NEVER, ids=[str(i) for i in range(len(NEVER))])
def test_a_condition_that_can_never_hold(when: When, why: str) -> None:
    (remark,) = remarks_on([rule("r", when)], TODAY)
    assert (remark.trouble, why in remark.why or remark.why) == (Trouble.NEVER, True)


def test_a_rule_that_is_over_or_disabled_can_hit_nothing() -> None:
    over = rule("over", When(), until=date(2026, 3, 1))
    disabled = replace(rule("disabled", When()), enabled=False)
    assert [remark.why for remark in remarks_on([over, disabled], TODAY)] == [
        "it ended on 2026-03-01",
        "it is disabled",
    ]
    assert remarks_on([rule("r", When(), until=TODAY)], TODAY) == ()


# the rule above, the one below it, whether the one below is shadowed
BELOW: list[tuple[Rule, Rule, bool]] = [
    (rule("a", When()), rule("b", When(subject=("x",))), True),
    (rule("a", When(subject=("x",))), rule("b", When()), False),
    (rule("a", When(subject=("x", "y"))), rule("b", When(subject=("X",))), True),
    (rule("a", When(words=("x",))), rule("b", When(text=("x",))), True),
    (rule("a", When(text=("x",))), rule("b", When(words=("x",))), False),
    (rule("a", When(domain=("example.com",))), rule("b", When(domain=("x.example.com",), text=("x",))), True),
    (rule("a", When(domain=("x.example.com",))), rule("b", When(domain=("example.com",))), False),
    (rule("a", When(header={"x": ("1", "2")})), rule("b", When(header={"x": ("1",), "y": ("*",)})), True),
    (rule("a", When(attachment_over=5)), rule("b", When(attachment_over=9)), True),
    (rule("a", When(attachment_over=9)), rule("b", When(attachment_over=5)), False),
    (rule("a", When(has_attachment=True)), rule("b", When(attachment=("*.pdf",))), True),
    (rule("a", When(outside=("n",))), rule("b", When(outside=("n", "w"))), True),
    (rule("a", When(during=("n",))), rule("b", When(during=("n", "w"))), False),
    (rule("a", When(any=(When(text=("x",)), When(text=("y",))))), rule("b", When(all=(When(text=("y",)),))), True),
    (rule("a", When(text=("x", "y"))), rule("b", When(any=(When(text=("x",)), When(text=("y",))))), True),
    (rule("a", When(none=(When(text=("x",)),))), rule("b", When(none=(When(text=("x", "y")),))), True),
    (rule("a", When(none=(When(text=("x", "y")),))), rule("b", When(none=(When(text=("x",)),))), False),
    # a rule between the two could change the queue
    (rule("a", When(queue=("x",))), rule("b", When(queue=("x",), text=("y",))), False),
    # what is for new tickets does not hit replies
    (rule("a", When()), rule("b", When(reply=True)), False),
    (rule("a", When(reply=True)), rule("b", When(reply=True, text=("x",))), True),
    (rule("a", When(any=(When(reply=True), When(reply=False)))), rule("b", When(text=("x",))), True),
    # what it does
    (rule("a", When(), Then(queue="x", team="y")), rule("b", When(text=("x",)), Then(team="z")), True),
    (rule("a", When(), Then(queue="x")), rule("b", When(), Then(team="z")), False),
    (rule("a", When(), Then(queue="x")), rule("b", When(), Then(queue="x", tags=("t",))), False),
    (rule("a", When(), Then(tags=("t", "u"))), rule("b", When(), Then(tags=("t",))), True),
    (rule("a", When(), Then(raised=1)), rule("b", When(text=("x",)), Then(raised=1)), False),
    (rule("a", When(), Then(queue="x")), rule("b", When(text=("x",)), Then(queue="x"), stop=True), False),
    (rule("a", When(), Then(tags=("t",)), stop=True), rule("b", When(text=("x",)), Then(team="z")), True),
    # how long
    (rule("a", When(), until=TODAY), rule("b", When(text=("x",))), False),
    (rule("a", When(), until=TODAY), rule("b", When(text=("x",)), until=TODAY), True),
]


@pytest.mark.parametrize(("above", "below", "shadowed"), BELOW, ids=[str(i) for i in range(len(BELOW))])
def test_a_rule_below_another_one(above: Rule, below: Rule, shadowed: bool) -> None:
    remarks = remarks_on([above, below], TODAY)
    assert [(one.rule, one.trouble, one.other) for one in remarks] == (
        [("b", Trouble.SHADOWED, "a")] if shadowed else []
    )


def test_what_rules_change_is_the_same_for_two_conditions_only_at_the_same_moment() -> None:
    wider, narrower = When(queue=("x", "y")), When(queue=("x",), text=("z",))
    assert covers(wider, narrower, same_moment=True)
    assert not covers(wider, narrower)


def test_the_same_rule_twice() -> None:
    twice = When(customer=("x",), header={"a": ("b",)})
    (remark,) = remarks_on([rule("a", twice), rule("b", twice)], TODAY)
    assert (remark.rule, remark.trouble, remark.why) == ("b", Trouble.DUPLICATE, "rule a above is the same")


def test_a_disabled_rule_shadows_nothing() -> None:
    above = replace(rule("a", When()), enabled=False)
    assert [remark.rule for remark in remarks_on([above, rule("b", When(text=("x",)))], TODAY)] == ["a"]


RULES = (
    rule("x", When(text=("x",))),
    rule("y", When(text=("y",)), Then(queue="other")),
    rule("z", When(text=("z",))),
    rule("w", When(text=("w",)), Then(tags=("w",))),
)


def test_what_rules_did_on_many_mails() -> None:
    usage, router = Usage(RULES), Router(RULES)
    for text in ("x", "x y", "x y w", "hello"):
        usage.add(router.decide(facts(text=text)).hits)
    assert (usage.mails, usage.hits) == (4, {"x": 3, "y": 2, "z": 0, "w": 1})
    assert usage.never_hit == ("z",)
    assert usage.shadowed == ("y",)
    assert usage.overlaps == (
        Overlap(first="x", second="y", mails=2, in_vain=2),
        Overlap(first="x", second="w", mails=1, in_vain=0),
        Overlap(first="y", second="w", mails=1, in_vain=0),
    )


def test_misses_among_what_was_tried_do_not_count() -> None:
    usage = Usage(RULES)
    usage.add(Router(RULES).try_all(facts(text="y")))
    assert (usage.hits, usage.shadowed) == ({"x": 0, "y": 1, "z": 0, "w": 0}, ())


@pytest.mark.parametrize(
    ("when", "then"),
    [(When(tag=("vip",)), Then(queue="q1")), (When(subject=("refund*",)), Then(raised=1))],
    ids=["it may hit where the first did not", "it does once more what the first did"],
)
def test_a_second_rule_that_is_the_same_may_do_something(when: When, then: Then) -> None:
    rules = [
        Rule(name="a", when=when, then=then),
        Rule(name="between", when=When(domain=("example.com",)), then=Then(tags=("vip",))),
        Rule(name="b", when=when, then=then),
    ]
    assert remarks_on(rules, date(2026, 1, 1)) == ()


def test_outside_two_calendars_is_less_than_outside_one() -> None:
    assert covers(When(outside=("office",)), When(outside=("office", "night")))
    assert not covers(When(outside=("office", "night")), When(outside=("office",)))
