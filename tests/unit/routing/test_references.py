"""Orders, serial numbers and products are found in a mail by patterns."""

from __future__ import annotations

from maild.routing.facts import Fit
from maild.routing.references import Finder, find_references

ORDERS = Finder(sort="order", patterns=(r"\border\s+(?:no\.?\s*)?(\d{4,})", r"\bPO[- ]\d+"), name="erp")
SERIALS = Finder(sort="serial", patterns=(r"\bSN-[0-9A-Z]{4}\b",))


def found(subject: str, text: str) -> list[tuple[str, str]]:
    return [(one.sort, one.key) for one in find_references(subject, text, (ORDERS, SERIALS))]


def test_references_are_in_the_order_of_appearance_subject_first() -> None:
    text = "The pump sn-12ab of order 4712, and PO-7 as well"
    assert found("Order no. 4711", text) == [
        ("order", "4711"),
        ("serial", "SN-12AB"),
        ("order", "4712"),
        ("order", "PO-7"),
    ]


def test_each_is_named_once_and_in_upper_case() -> None:
    assert found("PO-7", "po-7 PO 7 order 4711, order 4711") == [
        ("order", "PO-7"),
        ("order", "PO 7"),
        ("order", "4711"),
    ]


def test_nobody_was_asked_yet() -> None:
    (one,) = find_references("", "PO-7", (ORDERS,))
    assert (one.fit, one.directory, one.facts) == (Fit.UNCHECKED, "erp", {})


def test_of_a_long_list_ten_count() -> None:
    text = " ".join(f"PO-{number}" for number in range(50_000))
    assert found("", text) == [("order", f"PO-{number}") for number in range(10)]


def test_without_finders_nothing_is_found() -> None:
    assert find_references("PO-7", "PO-7", ()) == ()


def test_ten_count_of_subject_and_text_together() -> None:
    finder = Finder(sort="order", patterns=(r"\d+",))
    found = find_references("1 2 3 4 5 6", "7 8 9 10 11 12", [finder])
    assert [each.key for each in found] == [str(number) for number in range(1, 11)]
