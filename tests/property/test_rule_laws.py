"""Conditions obey the laws of logic, and the fast way of deciding finds what the plain one does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from maild.routing.analysis import remarks_on
from maild.routing.catalogue import Catalogue, Priorities, Reason, Sort
from maild.routing.facts import MailFacts
from maild.routing.found import Found
from maild.routing.keywords import occurs
from maild.routing.patterns import occurs_pattern
from maild.routing.router import Router
from maild.routing.rules import Rule, Score, Then, When
from maild.routing.trial import Trial
from maild.testing.routing import facts, file, reference

WORDS = ("refund*", "money back", "ärger", "部品")
PATTERNS = (r"inv-\d", r"^a")
PIECES = ("Refunds", "money", "back", "Ärger", "部品", "inv-7", "a", "x", "Reason: damage", "\n", "dented", "soon")
GLOBS = ("*@a.example", "kim@a.example", "*a*", "k?m@*", "*@*.example", "KIM@B.example", "*")
DOMAINS = ("a.example", "example", "mail.a.example", "B.example")
SENDERS = ("kim@a.example", "kim@mail.a.example", "Kim@b.example", "lee@c.test", "", "\u212aim@a.example")

CATALOGUE = Catalogue(
    reasons=(Reason(code="damage", keywords={"en": ("dented",)}, team="support", queue="claims", type="claim"),),
    types=(Sort(name="claim"), Sort(name="incident", keywords={"en": ("refund*",)})),
    priorities=Priorities(
        importance={"high": "high"},
        urgency={"high": ("soon",)},
        impact={"high": ("x",)},
        matrix={"high": {"high": "low"}},
    ),
)


def some(values: Iterable[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(tuple(values)), min_size=1, max_size=2, unique=True).map(tuple)


FIELDS: dict[str, st.SearchStrategy[object]] = {
    "recipient": some(("sales@*", "support@example.com", "support+x@example.com")),
    "sender": some(GLOBS),
    "domain": some(DOMAINS),
    "customer": some(("acme", "globex")),
    "group": some(("gold", "eu")),
    "tag": some(("vip", "t1", "t2")),
    "kind": some(("human", "list")),
    "header": st.sampled_from(({"importance": ("h*",)}, {"X-A": ("*",)})),
    "subject": some(WORDS),
    "text": some(WORDS),
    "words": some(WORDS),
    "score": st.builds(
        lambda words, at_least: Score(words=words, at_least=at_least),
        st.dictionaries(st.sampled_from(WORDS), st.integers(-3, 3), max_size=3),
        st.integers(-2, 4),
    ),
    "subject_regex": some(PATTERNS),
    "text_regex": some(PATTERNS),
    "regex": some(PATTERNS),
    "attachment": some(("*.pdf", "a*")),
    "attachment_over": st.sampled_from((0, 5000)),
    "has_attachment": st.booleans(),
    "language": some(("de", "en")),
    "reason": some(("damage", "other")),
    "type": some(("claim", "incident")),
    "priority": some(("low", "high")),
    "queue": some(("support", "claims", "q1")),
    "importance": some(("high", "low")),
    "order": st.booleans(),
    "product": some(("pump*", "*")),
    "during": some(("office", "night")),
    "outside": some(("office", "night")),
    "from_agent": st.booleans(),
    "reply": st.booleans(),
}


def _when(**given_fields: object) -> When:
    return replace(When(), **given_fields)  # type: ignore[arg-type]  # FIELDS has the right one for each


SIMPLE = st.lists(st.sampled_from(sorted(FIELDS)), max_size=2, unique=True).flatmap(
    lambda names: st.builds(_when, **{name: FIELDS[name] for name in names})
)
# `reply` decides by its mere presence whether replies are for a rule, so the laws of logic are without it.
LOGICAL = st.lists(st.sampled_from(sorted(set(FIELDS) - {"reply"})), max_size=2, unique=True).flatmap(
    lambda names: st.builds(_when, **{name: FIELDS[name] for name in names})
)


def nested(inner: st.SearchStrategy[When]) -> st.SearchStrategy[When]:
    several = st.lists(inner, max_size=2).map(tuple)
    return st.builds(lambda one, a, b, c: replace(one, all=a, any=b, none=c), inner, several, several, several)


WHENS = st.one_of(SIMPLE, st.recursive(SIMPLE, nested, max_leaves=6))
LOGICAL_WHENS = st.one_of(LOGICAL, st.recursive(LOGICAL, nested, max_leaves=4))

THENS = st.builds(
    Then,
    queue=st.sampled_from(("", "q1", "q2")),
    priority=st.sampled_from(("", "high", "low")),
    raised=st.integers(-1, 1),
    reason=st.sampled_from(("", "damage", "other")),
    urgency=st.sampled_from(("", "high")),
    tags=st.sampled_from(((), ("t1",), ("t1", "t2"))),
)
RULES = st.lists(
    st.builds(
        Rule,
        name=st.sampled_from("abc"),
        when=WHENS,
        then=THENS,
        until=st.sampled_from((None, date(2026, 1, 1), date(2027, 1, 1))),
        stop=st.booleans(),
        enabled=st.sampled_from((True, True, False)),
    ),
    max_size=6,
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=5).map(" ".join)
MAILS = st.builds(
    facts,
    subject=TEXTS,
    text=TEXTS,
    sender=st.sampled_from(SENDERS),
    recipients=st.sampled_from((("support@example.com",), ("Sales+x@example.com", "support+x@example.com"), ())),
    customer=st.sampled_from(("", "acme")),
    groups=st.sampled_from((frozenset(), frozenset({"gold"}))),
    tags=st.sampled_from((frozenset(), frozenset({"vip"}))),
    kind=st.sampled_from(("human", "list")),
    headers=st.sampled_from(((), (("importance", "high"),), (("x-a", ""),))),
    files=st.sampled_from(((), (file("a.PDF", size=9000),), (file("b"),))),
    references=st.sampled_from(((), (reference("order", product="Pump"),))),
    language=st.sampled_from(("", "de")),
    is_reply=st.booleans(),
    from_agent=st.booleans(),
    ticket_reason=st.sampled_from(("", "damage")),
)


def is_open(calendar: str, _: object) -> bool:
    return calendar == "office"


def router(*rules: Rule) -> Router:
    return Router(rules, CATALOGUE, is_open)


class Plain(Router):
    """Every rule is tried, and every keyword and regular expression looked for by itself."""

    def _candidates(self, trial: Trial) -> Iterable[int]:
        return range(len(self.rules))

    def _find(self, facts: MailFacts) -> Found:
        words = (*WORDS, "dented", "soon", "x")
        return Found(
            subject_words=frozenset(word for word in words if occurs(word, facts.subject)),
            text_words=frozenset(word for word in words if occurs(word, facts.text)),
            words=frozenset(word for word in words if occurs(word, facts.subject) or occurs(word, facts.text)),
            subject_patterns=frozenset(one for one in PATTERNS if occurs_pattern(one, facts.subject)),
            text_patterns=frozenset(one for one in PATTERNS if occurs_pattern(one, facts.text)),
        )


def holds(when: When, mail: MailFacts) -> bool:
    return bool(router(Rule(name="r", when=when, then=Then())).decide(mail).hits)


@settings(max_examples=150, deadline=None)
@given(RULES, MAILS)
def test_the_fast_way_decides_as_the_plain_one(rules: list[Rule], mail: MailFacts) -> None:
    assert router(*rules).decide(mail) == Plain(rules, CATALOGUE, is_open).decide(mail)


@settings(max_examples=100, deadline=None)
@given(RULES, MAILS)
def test_trying_all_tells_the_same_hits_and_a_reason_for_each_miss(rules: list[Rule], mail: MailFacts) -> None:
    one = router(*rules)
    tried = one.try_all(mail)
    assert tuple(each for each in tried if each.hit) == one.decide(mail).hits
    assert [each.rule for each in tried] == [rule.name for rule in rules]
    assert all(each.why for each in tried)


@settings(max_examples=50, deadline=None)
@given(RULES, MAILS, MAILS)
def test_a_decision_depends_on_nothing_but_the_mail(rules: list[Rule], mail: MailFacts, other: MailFacts) -> None:
    one = router(*rules)
    first = one.decide(mail)
    one.decide(other)
    assert one.decide(mail) == first == router(*rules).decide(mail)


@settings(max_examples=50, deadline=None)
@given(RULES, WHENS, THENS, MAILS, st.integers(0, 6))
def test_a_disabled_rule_changes_nothing(rules: list[Rule], when: When, then: Then, mail: MailFacts, at: int) -> None:
    more = [*rules[:at], Rule(name="new", when=when, then=then, stop=True, enabled=False), *rules[at:]]
    assert router(*more).decide(mail) == router(*rules).decide(mail)


NEW_MAILS = MAILS.map(lambda mail: replace(mail, is_reply=False))


@settings(max_examples=100, deadline=None)
@given(LOGICAL_WHENS, LOGICAL_WHENS, NEW_MAILS)
def test_all_any_and_not_are_those_of_logic(a: When, b: When, mail: MailFacts) -> None:
    in_a, in_b = holds(a, mail), holds(b, mail)
    not_a, not_b = When(none=(a,)), When(none=(b,))
    assert holds(not_a, mail) is not in_a
    assert holds(When(none=(not_a,)), mail) is in_a
    assert holds(When(all=(a, b)), mail) is (in_a and in_b)
    assert holds(When(any=(a, b)), mail) is (in_a or in_b)
    # de Morgan
    assert holds(When(none=(When(any=(a, b)),)), mail) is holds(When(all=(not_a, not_b)), mail)
    assert holds(When(none=(When(all=(a, b)),)), mail) is holds(When(any=(not_a, not_b)), mail)
    assert holds(When(none=(a, b)), mail) is (not in_a and not in_b)


# Conditions that no rule changes, and actions that share no value.
STATIC = st.sampled_from(
    (When(), When(words=("refund*",)), When(domain=("example",)), When(kind=("human",)), When(none=(When(text=WORDS),)))
)
APART = (Then(queue="q1"), Then(team="t"), Then(priority="high"), Then(tags=("t1",)), Then(policy="gold"))


@settings(max_examples=50, deadline=None)
@given(st.lists(STATIC, min_size=5, max_size=5), st.permutations(range(5)), NEW_MAILS)
def test_rules_that_decide_different_things_may_stand_in_any_order(
    whens: list[When], order: list[int], mail: MailFacts
) -> None:
    rules = [Rule(name=str(i), when=when, then=APART[i]) for i, when in enumerate(whens)]
    one, other = router(*rules).decide(mail), router(*(rules[i] for i in order)).decide(mail)
    assert replace(one, hits=(), why=()) == replace(other, hits=(), why=())
    assert sorted(one.why) == sorted(other.why)


@settings(max_examples=150, deadline=None)
@given(RULES, MAILS)
def test_a_rule_that_is_said_to_do_nothing_does_nothing(rules: list[Rule], mail: MailFacts) -> None:
    named = [replace(rule, name=str(i)) for i, rule in enumerate(rules)]
    remarked = {remark.rule for remark in remarks_on(named, date(2026, 3, 2)) if remark.trouble != "duplicate"}
    for hit in router(*named).decide(mail).hits:
        assert hit.rule not in remarked or not hit.gave
