"""What is looked for in a text is found in it, whatever the script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.app.search_words import LONGEST, MOST_TERMS, Phrase, read_search, terms_of, terms_of_all
from maild.app.similar import telling_terms

SCRIPTS = st.text(st.sampled_from("abzÀßéЖйעاةक्षिकखあいうカガ漢字订单สินค้า한국어ab12_- .,\n"), max_size=40)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Paket 订单号", ["paket", "订单", "单号", "号"]),
        ("A-4711/2", ["a", "4711", "2"]),
        ("Kölner STRASSE, Straße", ["kolner", "strasse", "strasse"]),
        ("배송이", ["배송", "송이", "이"]),
        ("snake_case don't", ["snake_case", "don", "t"]),
        ("", []),
        ("!?…", []),
    ],
)
def test_a_text_is_taken_apart(text: str, terms: list[str]) -> None:
    assert terms_of(text) == terms


@pytest.mark.parametrize(
    ("words", "phrases"),
    [
        ("pump pump PUMP", [Phrase(("pump",))]),
        ('"does not" start', [Phrase(("does", "not")), Phrase(("start",))]),
        ("war* w*", [Phrase(("war",), open_end=True), Phrase(("w",))]),  # one letter begins too many words
        ("号", [Phrase(("号",), open_end=True)]),  # a letter begins every pair that it is first of
        ("订单", [Phrase(("订单",))]),
        ("漢字x", [Phrase(("漢字", "字", "x"))]),
        ('" * "', []),
    ],
)
def test_a_search_is_read(words: str, phrases: list[Phrase]) -> None:
    assert list(read_search(words)) == phrases


def stands_in(phrase: Phrase, terms: list[str]) -> bool:
    """Whether a phrase is found among terms, as both databases find it."""
    count = len(phrase.terms)
    for start in range(len(terms) - count + 1):
        *first, last = terms[start : start + count]
        if tuple(first) == phrase.terms[:-1] and (
            last.startswith(phrase.terms[-1]) if phrase.open_end else last == phrase.terms[-1]
        ):
            return True
    return False


@given(SCRIPTS, SCRIPTS, SCRIPTS)
def test_whatever_stands_between_blanks_is_found(before: str, wanted: str, behind: str) -> None:
    terms = terms_of(f"{before} {wanted} {behind}")
    assert all(stands_in(phrase, terms) for phrase in read_search(wanted))


@given(st.text("漢字订单あカกข한", min_size=1, max_size=20), st.data())
def test_every_piece_of_a_line_without_spaces_is_found(line: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(line) - 1))
    end = data.draw(st.integers(start + 1, len(line)))
    [phrase] = read_search(line[start:end])
    assert stands_in(phrase, terms_of(line))


@given(st.text())
def test_terms_hold_nothing_that_a_database_takes_for_syntax(text: str) -> None:
    for term in terms_of(text):
        assert len(term) <= LONGEST
        assert not any(character.isspace() or character in "'\"\\:*&|!()<>^-+\0" for character in term)


def test_of_endless_texts_the_first_words_are_taken() -> None:
    assert len(terms_of_all(["first", "word " * 50_000])) == MOST_TERMS
    assert terms_of_all(["first", "word " * 50_000])[0] == "first"


def test_the_longest_words_are_looked_up_for_similar_tickets() -> None:
    terms = telling_terms("Re: the pump of it", "The controller shows E17 again and again. 订单")
    assert terms[0] == "pump"
    assert {"pump", "controller", "e17", "订单"} <= set(terms)
    assert not {"of", "it", "re"} & set(terms)
