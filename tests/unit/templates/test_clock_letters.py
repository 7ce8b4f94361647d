"""The letters of service levels: which ticket, which clock, what is due and when, in each language."""

from __future__ import annotations

import re

import pytest

from maild.templates.builtin import BuiltinTemplates
from maild.templates.examples import EXAMPLES
from tests.unit.templates.test_letters import Reading, every_language


@pytest.fixture(scope="module")
def templates() -> BuiltinTemplates:
    return BuiltinTemplates()


clock_letters = pytest.mark.parametrize("name", ["at_risk", "breach", "escalation"])


@pytest.mark.parametrize(
    ("name", "language", "begin"),
    [
        ("at_risk", "en", "Ticket 17 at risk: First response due 2024-03-04 14:42 | "),
        ("at_risk", "de", "Ticket 17 gefährdet: Erste Antwort fällig 2024-03-04 14:42 | "),
        ("breach", "en", "Ticket 17 overdue: First response was due 2024-03-04 14:42 | "),
        ("breach", "de", "Ticket 17 überfällig: Erste Antwort war fällig 2024-03-04 14:42 | "),
        ("escalation", "en", "Ticket 17 escalated: Resolution was due 2024-03-04 14:42 | "),
        ("escalation", "de", "Ticket 17 eskaliert: Lösung war fällig 2024-03-04 14:42 | "),
    ],
)
def test_the_subject_of_a_clock_tells_at_once_which_ticket_what_and_when(
    templates: BuiltinTemplates, name: str, language: str, begin: str
) -> None:
    assert templates.render(name, language, EXAMPLES[name]).subject == begin + "Printer on fire [ACME #17]"


def test_an_escalation_before_the_breach_tells_what_is_left(templates: BuiltinTemplates) -> None:
    letter = templates.render("escalation", "en", {**EXAMPLES["escalation"], "used_percent": 99})
    assert "Resolution due 2024-03-04 14:42" in letter.subject
    assert re.search(r"(?m)^Left: +24 min$", letter.text)


@every_language
def test_an_escalation_of_a_clock_that_is_never_due_says_nothing_of_a_due_time(
    templates: BuiltinTemplates, language: str
) -> None:
    never = {"used_percent": 0, "used": "", "left": "", "due": ""}
    letter = templates.render("escalation", language, {**EXAMPLES["escalation"], **never})
    assert letter.subject.endswith(" | Printer on fire [ACME #17]")
    assert "2024" not in letter.subject
    assert not re.search(r"[,،] *\|", letter.subject)
    assert "Europe/Berlin" not in letter.text + letter.html
    assert " %" not in letter.text


@clock_letters
@every_language
def test_a_letter_that_no_customer_gets_an_answer_to_asks_for_none(
    templates: BuiltinTemplates, name: str, language: str
) -> None:
    answered = templates.render(name, language, EXAMPLES[name])
    assert answered.text.startswith("##- ")
    assert "#resolve CODE" in answered.text
    assert "#resolve CODE" in answered.html
    told = templates.render(name, language, {**EXAMPLES[name], "reply": False})
    for words in (told.text, re.sub("#[0-9a-f]{6}|#17", "", told.html)):
        assert "##-" not in words
        assert "#resolve" not in words
        assert "#note" not in words


@pytest.mark.parametrize(
    ("language", "missing"),
    [("en", "what is missing: Blocker, ETA."), ("de", "was fehlt: Hindernis, Lösung bis.")],
)
def test_the_escalation_note_asks_for_what_is_missing(templates: BuiltinTemplates, language: str, missing: str) -> None:
    letter = templates.render("escalation", language, EXAMPLES["escalation"])
    assert missing in letter.text
    assert missing in letter.html
    whole = templates.render("escalation", language, {**EXAMPLES["escalation"], "blocker": "no water", "eta": "noon"})
    assert "no water" in whole.text
    assert missing.partition(":")[0] not in whole.text + whole.html


@every_language
def test_further_lines_of_a_value_stay_in_its_column(templates: BuiltinTemplates, language: str) -> None:
    letter = templates.render("escalation", language, {**EXAMPLES["escalation"], "blocker": "no water\nno sand"})
    [first, second] = [line for line in letter.text.split("\n") if "no water" in line or "no sand" in line]
    assert first.index("no water") == second.index("no sand") > 13
    assert not second[: second.index("no sand")].strip(" \u2068")


@pytest.mark.parametrize(
    ("language", "clock", "row"),
    [
        ("en", {"standing": "due", "left": "1 h"}, "First response: due 17:30 (1 h left)"),
        ("de", {"standing": "due", "left": "1 h"}, "Erste Antwort: fällig 17:30 (noch 1 h)"),
        ("en", {"standing": "failed", "left": "1 h"}, "First response: failed, was due 17:30 (1 h over)"),
        ("de", {"standing": "failed", "left": "1 h"}, "Erste Antwort: verfehlt, war fällig 17:30 (um 1 h überzogen)"),
        ("en", {"standing": "paused"}, "First response: paused, no due time while on hold"),
        ("de", {"standing": "paused"}, "Erste Antwort: angehalten, kein Termin, solange gewartet wird"),
        ("en", {"standing": "paused", "hold_reason": "parts"}, "First response: paused, parts"),
        ("en", {"standing": "fulfilled"}, "First response: fulfilled, was due 17:30"),
        ("en", {"standing": "odd %s"}, "First response: odd %s 17:30"),
    ],
)
@pytest.mark.parametrize(("name", "fact"), [("notification", "sla"), ("breach", "others")])
def test_a_clock_is_told_in_one_row(
    templates: BuiltinTemplates, name: str, fact: str, language: str, clock: dict[str, str], row: str
) -> None:
    clock = {"clock_label": "first_response", "due": "17:30"} | clock
    letter = templates.render(name, language, {**EXAMPLES[name], fact: [clock]})
    assert row in " ".join(letter.text.split())
    assert row.replace(":", "", 1) in " ".join(Reading(letter.html).words)


def test_a_digest_of_clocks_counts_tickets(templates: BuiltinTemplates) -> None:
    letter = templates.render("sla_digest", "en", {**EXAMPLES["sla_digest"], "count": 1})
    assert letter.subject == "Tickets at risk: 1 | [ACME Help] 17, 18"


def test_a_digest_of_clocks_names_no_address_where_there_is_none(templates: BuiltinTemplates) -> None:
    letter = templates.render("sla_digest", "en", EXAMPLES["sla_digest"])
    assert letter.text.count("to answer, write to") == 1
    assert letter.html.count("mailto:") == 1
