"""Every condition that a rule may have: a mail that fits and one that does not, and what is said of it."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

import pytest

from maild.routing.router import Router
from maild.routing.rules import Rule, Score, Then, When
from maild.testing.routing import facts, file, reference

MIB = 1024 * 1024

# condition, mail, whether it hits, what is said of it
CASES: list[tuple[When, dict[str, Any], bool, str]] = [
    # -- people
    (When(recipient=("sales@*",)), {"recipients": ("Sales@example.com",)}, True, "recipient sales@*"),
    (When(recipient=("sales@example.com",)), {"recipients": ("sales+x@example.com",)}, True, "recipient sales@"),
    (When(recipient=("sales+x@*",)), {"recipients": ("sales+x@example.com",)}, True, "recipient sales+x@*"),
    (When(recipient=("sales+y@*",)), {"recipients": ("sales@example.com",)}, False, "not sales+y@*"),
    (When(recipient=("a@*", "b@*")), {"recipients": ()}, False, "it has no recipient"),
    (When(sender=("*@customer.example",)), {}, True, "sender *@customer.example"),
    (When(sender=("KIM@customer.example",)), {}, True, "sender KIM@customer.example"),
    (When(sender=("k?m@*",)), {}, True, "sender k?m@*"),
    (When(sender=("*@customer.example",)), {"sender": "kim@mail.customer.example"}, False, "its sender is kim@mail."),
    (When(sender=("x@*", "y@*")), {}, False, "its sender is kim@customer.example, not x@* or y@*"),
    (When(domain=("customer.example",)), {}, True, "domain customer.example"),
    (When(domain=("Customer.Example",)), {"sender": "kim@a.b.customer.example"}, True, "domain a.b.customer.example"),
    (When(domain=("@customer.example",)), {}, True, "domain customer.example"),
    (When(domain=("example.com",)), {"sender": "a@example.net"}, False, "domain is example.net, not example.com"),
    (When(domain=("example.com",)), {"sender": "a@badexample.com"}, False, "its domain is badexample.com"),
    (When(domain=("example.com",)), {"sender": ""}, False, "its domain is not known, not example.com"),
    (When(customer=("acme",)), {"customer": "ACME"}, True, "customer ACME"),
    (When(customer=("acme", "globex")), {}, False, "its customer is not known, not acme or globex"),
    (When(group=("gold",)), {"groups": frozenset({"gold", "eu"})}, True, "group gold"),
    (When(group=("gold",)), {"groups": frozenset({"eu"})}, False, "group is eu, not gold"),
    (When(tag=("vip",)), {"tags": frozenset({"vip"})}, True, "tag vip"),
    (When(tag=("open",)), {"tags": frozenset({"vip"})}, False, "its tag is vip, not open"),
    # -- the mail
    (When(kind=("list", "human")), {}, True, "kind human"),
    (When(kind=("list",)), {}, False, "its kind is human, not list"),
    (When(authenticity=("pass",)), {"authenticity": "pass"}, True, "authenticity pass"),
    (When(authenticity=("pass",)), {}, False, "its authenticity is none, not pass"),
    (When(header={"x-spam": ("yes*",)}), {"headers": (("x-spam", "Yes, 9"),)}, True, "header x-spam yes*"),
    (When(header={"X-Spam": ("yes*",)}), {"headers": (("x-spam", "Yes"),)}, True, "yes*"),
    (When(header={"x-spam": ("*",)}), {}, False, "it has no header x-spam"),
    (When(header={"x-spam": ("yes*",)}), {"headers": (("x-spam", "No"),)}, False, "header x-spam is No, not yes*"),
    (When(subject=("refund*",)), {"subject": "Refunds"}, True, 'subject "refund*"'),
    (When(subject=("refund*",)), {"text": "Refunds"}, False, 'its subject has no "refund*"'),
    (When(text=("refund*",)), {"text": "my REFUND, please"}, True, 'text "refund*"'),
    (When(text=("refund",)), {"subject": "refund"}, False, 'its text has no "refund"'),
    (When(words=("a b", "refund*")), {"subject": "Refunded"}, True, 'words "refund*"'),
    (When(words=("money back",)), {"text": "my money\nback"}, True, 'words "money back"'),
    (When(words=("refund", "x")), {"text": "refunds"}, False, 'its subject or text has no "refund", "x"'),
    (When(words=tuple("abcde")), {"text": "z"}, False, 'has no "a", "b", "c" and 2 more'),
    (When(score=Score(words={"a": 2, "b": 3}, at_least=5)), {"subject": "a", "text": "b"}, True, '"a" +2, "b" +3'),
    (When(score=Score(words={"a": 2, "b": 3}, at_least=5)), {"text": "b b"}, False, "its score is 3, not 5 or more"),
    (When(score=Score(words={"a": 9, "b": -6}, at_least=5)), {"text": "a b"}, False, "its score is 3"),
    (When(score=Score(words={"b": -6}, at_least=0)), {"text": "a"}, True, "score 0, at least 0"),
    (When(subject_regex=(r"inv-\d+",)), {"subject": "inv-12"}, True, 'subject regex "inv-'),
    (When(subject_regex=(r"inv-\d+",)), {"text": "inv-12"}, False, "its subject has no"),
    (When(text_regex=(r"inv-\d+",)), {"text": "of inv-12"}, True, 'text regex "inv-'),
    (When(text_regex=(r"inv-\d+",)), {"subject": "inv-12"}, False, "its text has no"),
    (When(regex=(r"x\d", r"y\d")), {"text": "y1"}, True, r'regex "y\d"'),
    (When(regex=(r"x\d",)), {"subject": "x1"}, True, r'regex "x\d"'),
    (When(regex=(r"x\d",)), {"subject": "x"}, False, r'subject or text has no "x\d"'),
    # -- files
    (When(attachment=("*.pdf",)), {"files": (file("a.txt"), file("B.PDF"))}, True, "attachment *.pdf"),
    (When(attachment=("*.pdf",)), {"files": (file("a.txt"),)}, False, "its attachment is a.txt, not *.pdf"),
    (When(attachment_type=("image/*",)), {"files": (file("a", "image/png"),)}, True, "attachment type image/*"),
    (When(attachment_type=("image/*",)), {}, False, "it has no attachment type"),
    (When(attachment_over=MIB), {"files": (file("a", size=MIB + 1),)}, True, "attachment a has 1,048,577 bytes"),
    (When(attachment_over=MIB), {"files": (file("a", size=MIB),)}, False, "largest attachment has 1,048,576 bytes"),
    (When(attachment_over=MIB), {}, False, "it has no attachment"),
    (When(has_attachment=True), {"files": (file("a"),)}, True, "it has an attachment"),
    (When(has_attachment=True), {}, False, "no attachment"),
    (When(has_attachment=False), {}, True, "no attachment"),
    # -- what it is by now
    (When(language=("de",)), {"language": "de"}, True, "language de"),
    (When(language=("de",)), {}, False, "its language is not known, not de"),
    (When(reason=("damage",)), {"reason": "damage"}, True, "reason damage"),
    (When(reason=("damage",)), {}, False, "its reason is not known, not damage"),
    (When(type=("incident",)), {"type": "incident"}, True, "type incident"),
    (When(type=("incident",)), {"type": "x"}, False, "its type is x, not incident"),
    (When(case_type=("repair",)), {"case_type": "repair"}, True, "case type repair"),
    (When(case_type=("repair",)), {}, False, "its case type is not known"),
    (When(priority=("high", "critical")), {"customer_priority": "critical"}, True, "priority critical"),
    (When(priority=("high",)), {}, False, "its priority is medium, not high"),
    (When(queue=("support",)), {}, True, "queue support"),
    (When(queue=("sales",)), {}, False, "its queue is support, not sales"),
    (When(importance=("high",)), {"headers": (("importance", "High"),)}, True, "importance high"),
    (When(importance=("high",)), {"headers": (("importance", "normal"),)}, False, "its importance is not known"),
    # -- what it names
    (When(order=True), {"references": (reference("order"),)}, True, "it names an order"),
    (When(order=True), {"references": (reference("serial"),)}, False, "it names no order"),
    (When(order=False), {}, True, "it names no order"),
    (When(serial=True), {"references": (reference("serial"),)}, True, "it names a serial number"),
    (When(serial=True), {}, False, "it names no serial number"),
    (When(product=("pump*",)), {"references": (reference("serial", product="Pump 7"),)}, True, "product pump*"),
    (When(product=("pump*",)), {"references": (reference("product", "PUMP 7"),)}, True, "product pump*"),
    (When(product=("pump*",)), {"references": (reference("order", "PUMP"),)}, False, "it has no product"),
    # -- when it came, and from whom
    (When(during=("office",)), {}, True, "calendar office is open"),
    (When(during=("night", "office")), {}, True, "calendar office is open"),
    (When(during=("night",)), {}, False, "calendar night is closed"),
    (When(during=("night", "weekend")), {}, False, "calendar night is closed; calendar weekend is closed"),
    (When(outside=("night", "weekend")), {}, True, "calendar night is closed; calendar weekend is closed"),
    (When(outside=("night", "office")), {}, False, "calendar office is open"),
    (When(from_agent=True), {"from_agent": True}, True, "from an agent"),
    (When(from_agent=True), {}, False, "not from an agent"),
    (When(reply=True), {"is_reply": True}, True, "a reply"),
    (When(reply=True), {}, False, "for replies only"),
    (When(reply=False), {}, True, "a new ticket"),
    (When(reply=False), {"is_reply": True}, False, "for new tickets only"),
    # -- together
    (When(), {}, True, "every mail"),
    (When(subject=("a",), text=("b",)), {"subject": "a", "text": "b"}, True, 'subject "a"; text "b"'),
    (When(subject=("a",), text=("b",)), {"subject": "a"}, False, 'its text has no "b"'),
    (When(all=(When(subject=("a",)), When(text=("b",)))), {"subject": "a", "text": "b"}, True, 'subject "a"; text "b"'),
    (When(all=(When(subject=("a",)), When(text=("b",)))), {"text": "b"}, False, 'its subject has no "a"'),
    (When(any=(When(subject=("a",)), When(text=("b",)))), {"text": "b"}, True, 'text "b"'),
    (When(any=(When(subject=("a",)), When(text=("b",)))), {}, False, "none of 2: its subject has no"),
    (When(none=(When(subject=("a",)),)), {}, True, 'its subject has no "a"'),
    (When(none=(When(subject=("a",)),)), {"subject": "a"}, False, 'excluded: subject "a"'),
    (When(none=(When(subject=("a",)), When(text=("b",)))), {"text": "b"}, False, 'excluded: text "b"'),
    (When(none=(When(none=(When(subject=("a",)),)),)), {"subject": "a"}, True, 'subject "a"'),
]


@pytest.mark.parametrize(("when", "mail", "hits", "why"), CASES, ids=[f"{i}-{case[3]}" for i, case in enumerate(CASES)])
def test_a_condition(when: When, mail: dict[str, Any], hits: bool, why: str) -> None:
    router = Router(
        [Rule(name="r", when=when, then=Then(tags=("x",)))], is_open=lambda calendar, _: calendar == "office"
    )
    (tried,) = router.try_all(facts(**mail))
    assert (tried.hit, why in tried.why or tried.why) == (hits, True)
    assert [hit.why for hit in router.decide(facts(**mail)).hits] == ([tried.why] if hits else [])


def test_every_condition_has_a_case_that_hits_and_one_that_misses() -> None:
    for hits in (True, False):
        shown = {name for when, _, hit, _ in CASES if hit is hits for name in _given(when)}
        assert shown == {field.name for field in fields(When)}


def _given(when: When) -> set[str]:
    nothing = When()
    return {field.name for field in fields(When) if getattr(when, field.name) != getattr(nothing, field.name)}


def test_an_explanation_of_a_long_value_is_short() -> None:
    router = Router([Rule(name="r", when=When(sender=("x",)), then=Then())])
    (tried,) = router.try_all(facts(sender="a" * 500 + "@customer.example"))
    assert re.fullmatch(r"its sender is a{80}, not x", tried.why)
