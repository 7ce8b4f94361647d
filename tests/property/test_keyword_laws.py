"""Laws of matching: the index of keywords and the set of patterns say what one search after the other says."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from maild.routing.folding import fold
from maild.routing.keywords import KeywordIndex, check_keyword, occurs
from maild.routing.patterns import PatternSet, check_pattern, found_all, occurs_pattern

# Small alphabets, so that what is generated meets: each has letters, something to fold, borders and spaces.
ALPHABETS = [
    "ab -\n.",
    "aäeöü ß-",
    "אבּ ־ב",
    "اأبةَ ـ",
    "退款が坏 a",
    "ไทยเา ab",
    "кйи е ё",
    "한글 ㄱ",
    "कखि़ ",
    "a1_+' x退",
]


@st.composite
def keywords_and_text(draw: st.DrawFn) -> tuple[list[str], str]:
    letters = st.sampled_from(draw(st.sampled_from(ALPHABETS)))
    word = st.text(letters, min_size=1, max_size=6)
    star = st.sampled_from(["", "", "*"])
    keywords = draw(st.lists(st.tuples(star, word, star).map("".join), max_size=12))
    # Enough of them to reach the ways that are only worth their while for many.
    keywords += draw(st.sampled_from([[], [f"*zz{number}*" for number in range(160)], [f"退{n}" for n in range(160)]]))
    pieces = st.one_of(word, st.sampled_from([keyword.strip("*") for keyword in keywords] or ["a"]))
    return [k for k in keywords if not check_keyword(k)], draw(st.lists(pieces, max_size=20).map("".join))


@given(keywords_and_text())
def test_the_index_finds_what_occurs(case: tuple[list[str], str]) -> None:
    keywords, text = case
    assert KeywordIndex(keywords).found_in(fold(text)) == {keyword for keyword in keywords if occurs(keyword, text)}


@given(st.one_of(st.text(), st.lists(st.sampled_from("".join(ALPHABETS))).map("".join)))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=20), st.text(max_size=20))
def test_case_and_form_never_count(left: str, right: str) -> None:
    assert fold((left + " " + right).upper().lower()) == fold(left.upper().lower() + " " + right.upper().lower())


ATOMS = ["a", "B", "ä", "ß", "σ", "1", "-", " ", ".", "\\w", "\\d", "\\s", "\\b", "[ab]", "[^a]", "退", "(a|b)", "a{2}"]
PATTERNS = st.lists(st.sampled_from([*ATOMS, "|", "+", "*", "?"]), min_size=1, max_size=6).map("".join)


@given(st.lists(PATTERNS, max_size=6), st.text("aAbBäÄßσΣς1- .退\n", max_size=30))
def test_the_set_finds_what_single_searches_find(patterns: list[str], text: str) -> None:
    patterns = [pattern for pattern in patterns if not check_pattern(pattern)]
    assert PatternSet(patterns).found_in(text) == {pattern for pattern in patterns if occurs_pattern(pattern, text)}


PYTHON_TOO = [
    r"\ba+\b", r"\b\d+", r"a\b", r"\b(?:ab|a)\b", r"\ba+?\b", r"\b(a)b*\b", r"ab\B", r"\Ba", r"-\b", r"\b-",
    r"^\ba\b", r"a+\b \bb", r"(?:\ba)?b", r"[a-b1]+\b", r"\w+\b[ -]\w", r"\b\w\b",
]  # fmt: skip


@given(st.sampled_from(PYTHON_TOO), st.text("ab1 -", max_size=30))
def test_borders_are_where_python_sees_them(pattern: str, text: str) -> None:
    assert occurs_pattern(pattern, text) == (re.search(pattern, text) is not None)
    assert found_all(pattern, text) == re.findall(pattern, text)
