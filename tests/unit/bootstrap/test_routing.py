"""What the router and the desk get from the tables of routing."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from maild.app.desk_structure import Branch
from maild.bootstrap.desk import make_desk
from maild.bootstrap.routing import RuleTest, make_router, rule_tests
from maild.bootstrap.service_levels import make_levels
from maild.config import routing_tables as tables
from maild.config.load import load
from maild.config.model import Config
from maild.config.section import keys_of
from maild.routing.catalogue import Asked, Reason, Sort
from maild.routing.decision import Decision
from maild.routing.facts import MailFacts
from maild.routing.rules import Rule, Score, Then, When

DESK = """\
[desk]
address = "support@example.com"
secret = "0123456789abcdef"
timezone = "Europe/Berlin"
[[queue]]
name = "support"
addresses = ["support@example.com"]
[[queue]]
name = "billing"
addresses = ["billing@example.com"]
[[agent]]
name = "Anna"
address = "anna@example.com"
skills = ["Refunds"]
[[team]]
name = "service"
[[organisation]]
name = "Acme"
domains = ["acme.example"]
groups = ["Key Accounts"]
tags = ["VIP"]
priority = "urgent"
[[calendar]]
name = "office"
timezone = "Europe/Berlin"
hours = { mon = ["09:00-17:00"] }
"""
RULES = r'''
[[rule]]
name = "all of it"
until = 2026-12-31
stop = true
enabled = false
note = "agreed with Kim"
[rule.when]
recipient = "Billing@example.com"
sender = ["*@acme.example"]
domain = ["@Acme.example", "*.gmail.com"]
customer = "ACME"
group = "key accounts"
tag = "VIP"
kind = ["human", "List"]
authenticity = "pass"
header = { X-Shop = "eu*", Precedence = ["bulk", "list"] }
subject = "refund*"
text = ["money back"]
words = "refund*"
score = { words = { "refund*" = 3, thanks = -1 }, at_least = 2 }
subject_regex = '^RMA'
text_regex = ['\d{6}']
regex = 'PO\d+'
attachment = "*.pdf"
attachment_type = "IMAGE/*"
attachment_over = "5 MiB"
has_attachment = true
language = "DE"
reason = "Damage"
type = "Incident"
case_type = "repair"
priority = ["normal", "urgent"]
queue = "support"
importance = "high"
order = true
serial = false
product = "Pump *"
during = "office"
outside = ["24x7"]
from_agent = false
reply = false
all = { words = "a" }
any = [{ words = "b" }, { not = { words = "c" } }]
not = [{ domain = "x.example" }]
[rule.then]
queue = "billing"
team = "service"
assignee = "Anna@example.com"
assign = "fixed"
skill = "refunds"
priority = "Urgent"
urgency = "high"
impact = "low"
type = "Incident"
case_type = "repair"
reason = "damage"
tags = ["Refund", "seen"]
policy = "standard"
template = "acknowledgement"
notify = ["Manager", "boss@example.com"]
hold = "Kim looks first"
spam = true
note = "look twice"
webhook = "https://hooks.example.com/x"
[[rule.test]]
mail = "refund.eml"
expect = { queue = "billing", rules = "all of it", spam = true }
[[rule.test]]
mail = """
From: x@acme.example

Hello
"""
expect = { tags = ["A"], no_rules = ["lower"] }
[[rule]]
name = "lower"
then = { priority = "lower" }
'''
EVERY_CONDITION = When(
    recipient=("billing@example.com",),
    sender=("*@acme.example",),
    domain=("acme.example", "gmail.com"),
    customer=("acme",),
    group=("key accounts",),
    tag=("vip",),
    kind=("human", "list"),
    authenticity=("pass",),
    header={"x-shop": ("eu*",), "precedence": ("bulk", "list")},
    subject=("refund*",),
    text=("money back",),
    words=("refund*",),
    score=Score(words={"refund*": 3, "thanks": -1}, at_least=2),
    subject_regex=("^RMA",),
    text_regex=(r"\d{6}",),
    regex=(r"PO\d+",),
    attachment=("*.pdf",),
    attachment_type=("image/*",),
    attachment_over=5 << 20,
    has_attachment=True,
    language=("de",),
    reason=("damage",),
    type=("incident",),
    case_type=("repair",),
    priority=("medium", "critical"),
    queue=("support",),
    importance=("high",),
    order=True,
    serial=False,
    product=("Pump *",),
    during=("office",),
    outside=("24x7",),
    from_agent=False,
    reply=False,
    all=(When(words=("a",)),),
    any=(When(words=("b",)), When(none=(When(words=("c",)),))),
    none=(When(domain=("x.example",)),),
)
EVERY_ACTION = Then(
    queue="billing",
    team="service",
    assignee="anna@example.com",
    assign="fixed",
    skill="refunds",
    priority="critical",
    urgency="high",
    impact="low",
    type="incident",
    case_type="repair",
    reason="damage",
    tags=("refund", "seen"),
    policy="standard",
    template="acknowledgement",
    notify=("manager", "boss@example.com"),
    hold="Kim looks first",
    spam=True,
    note="look twice",
    webhook="https://hooks.example.com/x",
)


def read(tmp_path: Path, text: str) -> Config:
    (tmp_path / "maild.toml").write_text(DESK + text, "utf-8")
    (tmp_path / "refund.eml").write_bytes(b"From: x@acme.example\r\n\r\nrefund\r\n")
    return load(tmp_path / "maild.toml", {})


def test_a_rule_with_every_key_is_what_it_says(tmp_path: Path) -> None:
    line = (DESK + RULES).splitlines().index("[[rule]]") + 1

    first, second = make_router(read(tmp_path, RULES)).rules

    assert first == Rule(
        name="all of it",
        when=EVERY_CONDITION,
        then=EVERY_ACTION,
        until=date(2026, 12, 31),
        stop=True,
        enabled=False,
        note="agreed with Kim",
        where=f"{tmp_path}/maild.toml:{line}",
    )
    assert second.when == When()
    assert second.then == Then(raised=-1)


def test_the_rule_above_has_every_key_there_is() -> None:
    left_out = {"reject", "ignore"}  # they contradict spam
    assert all(getattr(EVERY_CONDITION, field.name) != field.default for field in fields(When))
    assert left_out == {
        key for key, field in keys_of(tables.Then).items() if getattr(EVERY_ACTION, key) == field.default
    }


def test_what_a_test_may_expect_are_fields_of_a_decision() -> None:
    decided = {field.name for field in fields(Decision)}
    assert set(keys_of(tables.Expect)) - decided == {"rules", "no_rules"}


def test_tests_of_rules_come_with_their_mails(tmp_path: Path) -> None:
    config = read(tmp_path, RULES)
    where = config.rule[0].where

    assert rule_tests(config) == (
        RuleTest(
            rule="all of it",
            where=where,
            mail=b"From: x@acme.example\r\n\r\nrefund\r\n",
            expect={"queue": "billing", "rules": ("all of it",), "spam": True},
        ),
        RuleTest(
            rule="all of it",
            where=where,
            mail=b"From: x@acme.example\n\nHello\n",
            expect={"tags": ("a",), "no_rules": ("lower",)},
        ),
    )


def test_an_own_reason_stands_before_the_built_in_ones(tmp_path: Path) -> None:
    own = """
[[reason]]
code = "Recall"
label = { en = "Recall" }
keywords = { DE = "rückruf*", en = ["recall*"] }
team = "service"
queue = "support"
type = "order"
case_type = "reorder"
asks = [{ de = "die Seriennummer", unless = "serial" }, { fr = "la facture", en = "the invoice" }]
[[type]]
name = "Order"
[[case_type]]
name = "reorder"
type = "order"
"""
    catalogue = make_router(read(tmp_path, own)).catalogue

    assert catalogue.reasons[0] == Reason(
        code="recall",
        label={"en": "Recall"},
        keywords={"de": ("rückruf*",), "en": ("recall*",)},
        team="service",
        queue="support",
        type="order",
        case_type="reorder",
        asks=(
            Asked(text={"en": "die Seriennummer", "de": "die Seriennummer"}, unless="serial"),
            Asked(text={"fr": "la facture", "en": "the invoice"}),
        ),
    )
    assert "missing_part" in {reason.code for reason in catalogue.reasons}
    assert catalogue.types[0] == Sort(name="order")
    assert catalogue.case_types[0] == Sort(name="reorder", type="order")


def test_the_built_in_catalogue_can_be_left_out(tmp_path: Path) -> None:
    text = (
        '[routing]\nbuilt_in_reasons = false\nbuilt_in_types = false\nreason_header = "X-Code"\n[[type]]\nname = "a"\n'
    )
    catalogue = make_router(read(tmp_path, text)).catalogue

    assert catalogue.reasons == ()
    assert [sort.name for sort in catalogue.types] == ["a"]
    assert catalogue.case_types == ()
    assert catalogue.reason_header == "x-code"


def test_priorities_are_known_by_their_own_names(tmp_path: Path) -> None:
    text = """
[priority]
default = "normal"
keywords = { urgent = "now" }
importance = { high = "urgent" }
urgency = { high = ["today"] }
impact = { low = "only me" }
matrix = { high = { high = "urgent" } }
"""
    priorities = make_router(read(tmp_path, text)).catalogue.priorities

    assert priorities.default == "medium"
    assert priorities.keywords == {"critical": ("now",)}
    assert priorities.importance["high"] == "critical"
    assert priorities.urgency == {"high": ("today",)}
    assert priorities.impact == {"low": ("only me",)}
    assert priorities.matrix["high"]["high"] == "critical"


@pytest.mark.parametrize(
    ("at", "hit"), [(datetime(2026, 6, 1, 8, tzinfo=UTC), True), (datetime(2026, 6, 1, 16, tzinfo=UTC), False)]
)
def test_a_rule_knows_when_a_calendar_is_open(tmp_path: Path, at: datetime, hit: bool) -> None:
    text = '[[rule]]\nname = "r"\nwhen = { during = "office" }\nthen = { queue = "billing" }'
    router = make_desk(read(tmp_path, text)).router

    assert router.decide(MailFacts(queue="support", at=at)).queue == ("billing" if hit else "support")


@pytest.mark.parametrize(
    ("at", "hit"),
    [(datetime(2026, 6, 30, 21, 59, tzinfo=UTC), True), (datetime(2026, 6, 30, 22, 1, tzinfo=UTC), False)],
)
def test_a_rule_ends_at_midnight_of_the_desk(tmp_path: Path, at: datetime, hit: bool) -> None:
    text = '[[rule]]\nname = "r"\nuntil = 2026-06-30\nthen = { queue = "billing" }'
    router = make_desk(read(tmp_path, text)).router

    assert router.decide(MailFacts(queue="support", at=at)).queue == ("billing" if hit else "support")


def test_a_customer_has_a_branch_by_name_by_address_or_by_domain(tmp_path: Path) -> None:
    text = """
[[branch]]
name = "Berlin"
manager = "Anna@example.com"
customers = ["Acme"]
[[branch]]
name = "Bonn"
domains = ["Small.example"]
"""
    desk = make_desk(read(tmp_path, text))
    berlin = Branch(name="Berlin", manager="anna@example.com", customers=("Acme",))
    bonn = Branch(name="Bonn", domains=("small.example",))

    assert desk.branches == (berlin, bonn)
    assert desk.branch_of("ACME") == berlin
    assert desk.branch_of("someone@Acme.example") == berlin
    assert desk.branch_of("owner@small.example") == bonn
    assert desk.branch_of("owner@other.example") is None
    assert desk.branch_of("") is None
    assert "anna@example.com" in desk.staff


def test_a_customer_has_a_priority(tmp_path: Path) -> None:
    (acme,) = make_desk(read(tmp_path, "")).organisations
    assert acme.priority == "critical"


def test_rules_and_customers_priorities_change_nothing_of_service_levels(tmp_path: Path) -> None:
    before = make_levels(read(tmp_path, "")).fingerprint
    after = read(tmp_path, RULES + '[priority]\ndefault = "high"\n')
    acme = after.organisation[0].model_copy(update={"priority": None})

    assert make_levels(after).fingerprint == before
    assert make_levels(after.model_copy(update={"organisation": (acme,)})).fingerprint == before
