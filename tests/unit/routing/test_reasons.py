"""What a mail is about: who may say it, in which order, and what follows from it."""

from __future__ import annotations

from typing import Any

import pytest

from maild.routing.catalogue import BRANCH_MANAGER, Asked, Catalogue, Reason, Sort
from maild.routing.decision import Decision
from maild.routing.router import Router
from maild.routing.rules import Rule, Then, When
from maild.testing.routing import facts, file, reference

CATALOGUE = Catalogue(
    reasons=(
        Reason(
            code="missing_part",
            label={"en": "Missing part", "de": "Fehlendes Teil"},
            keywords={"en": ("missing part*",), "de": ("fehlteil*",)},
            team="purchasing",
            asks=(
                Asked(text={"en": "your order number", "de": "Ihre Bestellnummer"}, unless="order"),
                Asked(text={"en": "a photo"}, unless="attachment"),
                Asked(text={"en": "which part"}),
            ),
        ),
        Reason(
            code="damage", keywords={"en": ("damaged", "dented")}, queue="claims", type="claim", case_type="transport"
        ),
        Reason(code="access", label={"en": "No access"}, team=BRANCH_MANAGER),
    ),
    types=(
        Sort(name="incident", label={"de": "Störung"}, keywords={"en": ("outage",)}),
        Sort(name="claim", keywords={"en": ("claim",)}),
    ),
    case_types=(Sort(name="transport"), Sort(name="repair", keywords={"en": ("repair",)}, type="claim")),
)
MISSING = {"text": "a missing part"}


def decide(*rules: Rule, language: str = "en", **known: Any) -> Decision:
    return Router(rules, CATALOGUE).decide(facts(**known), language)


# what is known of the mail, the reason, its source, the words of why
SOURCES: list[tuple[dict[str, Any], str, str, str]] = [
    ({"reason": "damage", "text": "Reason: missing part"}, "damage", "agent", "an agent said so"),
    ({"text": "Hello,\nReason: missing_part\nKim"}, "missing_part", "line", 'the line "reason: missing_part"'),
    ({"text": "  REASON CODE :  Missing-Part.  "}, "missing_part", "line", "reason code"),
    ({"text": "Grund: fehlendes Teil"}, "missing_part", "line", "grund"),
    ({"text": "Grund: ein Fehlteil, leider"}, "missing_part", "line", "grund: ein Fehlteil"),
    ({"text": "Reason: damaged, and a missing part", "subject": "dented"}, "damage", "keywords", "dented"),
    ({"text": "Motif : no access"}, "access", "line", "motif"),
    ({"text": "*Motivo:* damage"}, "damage", "line", "motivo"),
    ({"text": "السبب: damage"}, "damage", "line", "السبب"),
    ({"text": "原因：damage"}, "damage", "line", "原因"),
    ({"text": "Reason: damage", "recipients": ("claims+access@example.com",)}, "damage", "line", ""),
    (
        {"recipients": ("a@example.com", "Claims+Missing-Part@example.com"), "text": "dented"},
        "missing_part",
        "address",
        "it was sent to Claims+Missing-Part@example.com",
    ),
    ({"recipients": ("claims+t42.k7f3+access@example.com",)}, "access", "address", ""),
    ({"headers": (("x-reason-code", "No Access"),), "text": "dented"}, "access", "header", "x-reason-code: No Access"),
    ({"headers": (("x-reason-code", "what"),), "text": "dented"}, "damage", "keywords", 'words "dented"'),
    ({"subject": "Missing parts"}, "missing_part", "keywords", 'words "missing part*"'),
    ({"text": "It is damaged and dented, and a missing part"}, "damage", "keywords", '"damaged", "dented"'),
    ({"text": "dented, and a missing part"}, "missing_part", "keywords", ""),  # a tie: the first of the catalogue
    ({"text": "damaged damaged, fehlteile, missing parts"}, "missing_part", "keywords", ""),  # each keyword once
    ({"text": "hello"}, "", "", ""),
]


@pytest.mark.parametrize(("known", "reason", "source", "why"), SOURCES, ids=[str(i) for i in range(len(SOURCES))])
def test_where_a_reason_comes_from(known: dict[str, Any], reason: str, source: str, why: str) -> None:
    decision = decide(**known)
    assert (decision.reason, decision.reason_source) == (reason, source)
    lines = [line for line in decision.why if line.startswith("reason ")]
    assert len(lines) == bool(reason)
    assert all(why in line for line in lines)


def test_a_line_that_names_no_reason_is_remarked_and_nothing_else() -> None:
    decision = decide(text="Reason: the box fell\nIt is dented.")
    assert decision.reason == "damage"
    assert 'the line "reason: the box fell" names no reason code that we know' in decision.why


def test_a_rule_replaces_what_keywords_found_and_nothing_stronger() -> None:
    rule = Rule(name="r", when=When(), then=Then(reason="access"))
    assert decide(rule, **MISSING).reason_source == "rule r"
    said = decide(rule, text="Reason: missing part")
    assert (said.reason, said.hits[0].gave) == ("missing_part", ())


def test_rules_see_the_reason_that_keywords_found() -> None:
    rule = Rule(name="r", when=When(reason=("missing_part",)), then=Then(queue="parts"))
    assert decide(rule, **MISSING).queue == "parts"


def test_a_reason_brings_its_team_queue_type_and_case_type() -> None:
    decision = decide(text="dented")
    assert (decision.queue, decision.queue_source) == ("claims", "reason damage")
    assert (decision.type, decision.case_type, decision.type_source) == ("claim", "transport", "reason damage")
    assert decision.why[0] == "queue claims: of the reason damage"
    assert decide(**MISSING).team == "purchasing"


def test_a_rule_stands_above_what_a_reason_brings() -> None:
    rule = Rule(name="r", when=When(), then=Then(queue="x", team="y", type="incident", case_type="repair"))
    decision = decide(rule, text="dented, and a missing part", reason="damage")
    assert (decision.queue, decision.team, decision.type, decision.case_type) == ("x", "y", "incident", "repair")


# what is known, type, its source, case type
TYPES: list[tuple[dict[str, Any], str, str, str]] = [
    ({"type": "incident", "text": "Type: claim"}, "incident", "agent", ""),
    ({"text": "Type: claim"}, "claim", "line", ""),
    ({"text": "Typ: Störung"}, "incident", "line", ""),
    ({"text": "Type: printer"}, "", "", ""),
    ({"recipients": ("help+incident@example.com",)}, "incident", "address", ""),
    ({"recipients": ("help+damage+incident@example.com",)}, "incident", "address", "transport"),
    ({"headers": (("x-ticket-type", "Incident"),)}, "incident", "header", ""),
    ({"text": "outage"}, "incident", "keywords", ""),
    ({"text": "outage, dented"}, "claim", "reason damage", "transport"),
    ({"text": "Case type: repair"}, "claim", "case type repair", "repair"),
    ({"text": "outage, please repair"}, "claim", "case type repair", "repair"),
    ({"case_type": "transport"}, "", "", "transport"),
]


@pytest.mark.parametrize(("known", "type_", "source", "case_type"), TYPES, ids=[str(i) for i in range(len(TYPES))])
def test_where_a_type_comes_from(known: dict[str, Any], type_: str, source: str, case_type: str) -> None:
    decision = decide(**known)
    assert (decision.type, decision.type_source, decision.case_type) == (type_, source, case_type)


def test_the_header_of_a_type_may_name_a_case_type() -> None:
    decision = decide(headers=(("x-ticket-type", "repair"),))
    assert (decision.case_type, decision.case_type_source, decision.type) == ("repair", "header", "claim")


def test_a_customer_is_asked_for_what_the_mail_does_not_bring() -> None:
    assert decide(**MISSING).asks == ("your order number", "a photo", "which part")
    assert decide(**MISSING, language="de").asks == ("Ihre Bestellnummer", "a photo", "which part")
    brings = decide(**MISSING, references=(reference("order"),), files=(file("a.jpg"),))
    assert brings.asks == ("which part",)


def test_the_branch_manager_is_a_person() -> None:
    decision = decide(reason="access", branch="north", branch_manager="boss@example.com")
    assert (decision.team, decision.assignee) == ("", "branch_manager")
    assert "assignee branch manager: of the reason access" in decision.why


@pytest.mark.parametrize(
    ("branch", "why"),
    [("", "the customer's branch is not known"), ("north", "nobody is named for branch north")],
    ids=["no branch", "no manager"],
)
def test_a_branch_manager_who_is_not_known_is_remarked(branch: str, why: str) -> None:
    decision = decide(reason="access", branch=branch)
    assert (decision.team, decision.assignee) == ("", "")
    assert f"no branch manager: {why} (of the reason access)" in decision.why


def test_a_rule_may_name_the_branch_manager_or_somebody_else() -> None:
    known = {"reason": "access", "branch_manager": "boss@example.com"}
    to_lee = Rule(name="r", when=When(), then=Then(assignee="lee@example.com"))
    to_manager = Rule(name="r", when=When(), then=Then(assignee="branch_manager"))
    assert decide(to_lee, **known).assignee == "lee@example.com"
    assert decide(to_manager, branch_manager="boss@example.com").assignee == "branch_manager"
    assert decide(to_manager).assignee == ""


def test_the_extension_of_somebody_elses_address_names_no_reason() -> None:
    theirs = facts(
        recipients=("support@example.com", "kim+damage@customer.example"), own_recipients=("support@example.com",)
    )

    assert Router(catalogue=CATALOGUE).decide(theirs).reason == ""


def test_of_two_lines_with_one_label_the_first_counts() -> None:
    assert decide(text="Reason: damage\n\nReason: missing part").reason == "damage"


def test_a_line_far_below_names_no_reason() -> None:
    assert decide(text="a list\n" * 3000 + "Reason: damage").reason == ""


def test_what_is_asked_for_is_in_the_language_without_its_country() -> None:
    assert decide(language="de-AT", text="Reason: missing part").asks[0] == "Ihre Bestellnummer"
