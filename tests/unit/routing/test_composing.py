"""Letters with more marks than any language has; to sort them must not cost more than the text is long."""

from __future__ import annotations

import time
import unicodedata

import pytest

from maild.routing.composing import MOST_MARKS, composed
from maild.routing.router import Router
from maild.routing.rules import Rule, Then, When
from maild.testing.routing import facts, file

ACUTE, BELOW = "\u0301", "\u0323"  # of two classes, so that they have to be sorted


@pytest.mark.parametrize(
    "text", ["", "plain", "Cafe\u0301", "한글", "ก\u0e38\u0e48", "退款", "\ud800e\u0301", "e" + BELOW * 30]
)
def test_what_people_write_is_composed_and_nothing_else(text: str) -> None:
    assert composed(text) == unicodedata.normalize("NFC", text)


def test_of_a_pile_of_marks_the_first_stay() -> None:
    assert composed("x" + BELOW * 1000 + "e" + ACUTE) == "x" + BELOW * MOST_MARKS + "é"


@pytest.mark.parametrize(
    "pile",
    [(ACUTE + BELOW) * 50_000, "ก" + "\u0e38\u200b\u0e48\u200b" * 50_000, "\ud800" + (BELOW + ACUTE) * 50_000],
    ids=["accents", "marks with what folding drops between them", "half of a character"],
)
def test_a_mail_of_marks_takes_no_longer_than_one_of_letters(pile: str) -> None:
    rules = [
        Rule(name="words", when=When(words=("refund*",)), then=Then(tags=("a",))),
        Rule(name="regex", when=When(regex=(r"rma-\d",)), then=Then(tags=("b",))),
        Rule(name="file", when=When(attachment=("*.exe",)), then=Then(tags=("c",))),
    ]
    mail = facts(subject=f"Refund{pile}", text=f"RMA-1{pile} refunds", files=(file(f"{pile}.exe"),))
    begun = time.process_time()
    assert [hit.rule for hit in Router(rules).decide(mail).hits] == ["words", "regex", "file"]
    assert time.process_time() - begun < 2  # a tenth in truth; sorting all of the marks takes half a minute
