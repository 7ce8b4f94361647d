"""Requests by mail: what agents ask for by a subject, what customers ask for by a line, and what is neither."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.mail.asked_lists import Asked, Unclear, Which, read_asked, subject_of_page
from maild.mail.customer_ask_words import WORDS, Ask
from maild.mail.customer_asks import read_customer_ask
from maild.mail.own_line import own_line, says_nothing

QUEUES = ("support", "Key accounts")
PAGE_2 = "Re: queue Key accounts (page 2 of 4)"


def read(subject: str, words: str = "", *, personal: bool = False) -> Asked | Unclear | None:
    return read_asked(subject, words, name="Anna Agent", queues=QUEUES, tag="HELP-", personal=personal)


@pytest.mark.parametrize(
    ("subject", "words", "asked"),
    [
        ("mine", "", Asked(which=Which.MINE)),
        ('  "MINE". ', "", Asked(which=Which.MINE)),
        ("my tickets", "", Asked(which=Which.MINE)),
        ("Unassigned", "Sent from my iPhone", Asked(which=Which.UNASSIGNED)),
        ("at-risk", "Example Ltd\nSomewhere 1\nCall us!", Asked(which=Which.AT_RISK)),  # nobody else's signature
        ("queue KEY accounts", "", Asked(which=Which.QUEUE, what="Key accounts")),
        ("queue <support>", "", Asked(which=Which.QUEUE, what="support")),
        ('Search "does not start"', "", Asked(which=Which.SEARCH, what="does not start")),
        ("[HELP-42]", "", Asked(which=Which.TICKET, number=42)),
        ("help-42", "", Asked(which=Which.TICKET, number=42)),
        ("#42", "Thanks\nAnna", Asked(which=Which.TICKET, number=42)),
        ("Ticket 42", "", Asked(which=Which.TICKET, number=42)),
        ("", "unassigned", Asked(which=Which.UNASSIGNED)),
        (PAGE_2, "More!", Asked(which=Which.QUEUE, what="Key accounts", page=3)),
        (PAGE_2, "previous", Asked(which=Which.QUEUE, what="Key accounts", page=1)),
        (PAGE_2, "page 4\n\nBest regards\nAnna", Asked(which=Which.QUEUE, what="Key accounts", page=4)),
        (PAGE_2, "mine", Asked(which=Which.MINE)),
        (PAGE_2, "", Asked(which=Which.QUEUE, what="Key accounts", page=2)),
        ("AW: RE: mine (page 1 of 9)", "next", Asked(which=Which.MINE, page=2)),
    ],
)
def test_what_an_agent_asks_for(subject: str, words: str, asked: Asked) -> None:
    assert read(subject, words) == asked


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("", ""),
        ("mine is broken", ""),
        ("help", "My chair is broken."),
        ("search for a lost parcel", "It was sent on Monday."),
        ("#42", "Please close it."),
        ("Re: mine", ""),
        ("Fwd: unassigned", ""),
        ("research hinges", ""),
        ("line", ""),
        ("0", ""),
        (PAGE_2, "Whose are these?"),
        ("mine", "\n".join("A line of a story." for _ in range(11))),
    ],
)
def test_what_is_a_mail_like_any_other(subject: str, words: str) -> None:
    assert read(subject, words) is None


@pytest.mark.parametrize(
    ("subject", "nearest"),
    [
        ("mien", "mine"),
        ("unasigned", "unassigned"),
        ("at rsik", "at risk"),
        ("quue key acounts", "queue Key accounts"),
        ("queue key acounts", "queue Key accounts"),
        ("serach hinge", "search hinge"),
        ("search", ""),
    ],
)
def test_a_slip_of_the_finger_has_a_nearest_right_form(subject: str, nearest: str) -> None:
    found = read(subject)
    assert isinstance(found, Unclear)
    assert found.nearest == nearest
    assert read(subject, "And there is more to say about it.") is None


def test_at_the_address_for_lists_everything_is_a_request_or_is_told_not_to_be() -> None:
    assert read("Re: mine", personal=True) == Asked(which=Which.MINE)
    assert read("Re: no subject of ours", "unassigned", personal=True) == Asked(which=Which.UNASSIGNED)
    assert read("help", "My chair is broken.", personal=True) == Asked(which=Which.HELP)
    assert isinstance(read("Re: mine (page 1 of 2)", "Whose are these?", personal=True), Unclear)


LISTS = st.one_of(
    st.builds(Asked, which=st.sampled_from([Which.MINE, Which.UNASSIGNED, Which.AT_RISK]), page=st.integers(1, 999)),
    st.builds(Asked, which=st.just(Which.QUEUE), what=st.sampled_from(QUEUES), page=st.integers(1, 999)),
    st.builds(
        Asked, which=st.just(Which.SEARCH), what=st.from_regex(r"[a-zé0-9]{1,8}( [a-zé]{1,8}){0,3}", fullmatch=True)
    ),
)


@given(LISTS, st.integers(1, 9999))
def test_a_page_brings_itself_back_by_its_subject_alone(asked: Asked, pages: int) -> None:
    assert read(f"Re: {subject_of_page(asked, pages)}") == asked


@given(st.text(), st.text(), st.booleans())
def test_any_words_at_all_are_read(subject: str, words: str, personal: bool) -> None:
    found = read(subject, words, personal=personal)
    assert found is not None or not personal
    read_customer_ask(own_line(words, subject))


# ---------------------------------------------------------------------------- customers

EVERY_WAY = [
    (ask, language, way.strip())
    for ask, by_language in WORDS.items()
    for language, ways in by_language.items()
    for way in ways.split("|")
]


@pytest.mark.parametrize("ask", list(Ask))
def test_every_way_of_asking_is_understood_whatever_its_case_and_politeness(ask: Ask) -> None:
    for one, language, way in EVERY_WAY:
        if one is ask:
            whom = " <kim@x.example>" if ask in (Ask.ADD, Ask.REMOVE) else ""
            for said in (way, way.upper(), f"{way}!", f"Please {way}, thanks."):
                found = read_customer_ask(f"{said}{whom}")
                assert found is not None, said
                assert (found.ask, language in found.languages) == (ask, True), said
                assert found.address == whom.strip(" <>")


def test_all_five_languages_have_words_for_everything_and_no_word_means_two_things() -> None:
    assert all(set(by_language) == {"en", "de", "fr", "es", "ar"} for by_language in WORDS.values())
    meant: dict[str, set[Ask]] = {}
    for ask, _, way in EVERY_WAY:
        meant.setdefault(way.casefold(), set()).add(ask)
    assert [way for way, asks in meant.items() if len(asks) > 1] == []


@pytest.mark.parametrize(
    "line",
    [
        "",
        "close the door",
        "do not close",
        "status of order 4711",
        "add",
        "add kim",
        "remove kim@x",
        "leave me alone",
        "close kim@x.example",
        "add a@x.example b@x.example",
        "please",
        "schließen Sie das Fenster",
        "x" * 500,
    ],
)
def test_what_says_anything_else_is_no_request(line: str) -> None:
    assert read_customer_ask(line) is None


# ---------------------------------------------------------------------------- sign-offs


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("close", "close"),
        ("close\n\nKim", "close"),
        ("close\n\nBest regards,\nKim Kunde\nExample Ltd\n+49 30 123", "close"),
        ("close\n-- \nanything\nat all?", "close"),
        ("Schließen\n\nVon meinem iPhone gesendet", "Schließen"),
        ("close\nThanks a lot!", "close"),
        ("close\nThe door does not close.", ""),
        ("close\n\nKim says the door is open, what now?", ""),
        ("", ""),
    ],
)
def test_the_only_line_of_a_mail(words: str, line: str) -> None:
    assert own_line(words, "Kim Kunde") == line


@pytest.mark.parametrize(
    ("words", "nothing"),
    [
        ("", True),
        ("Kim", True),
        ("Thank you", True),
        ("Sent from my iPhone", True),
        ("Best regards\nKim", True),
        ("My chair is broken", False),
        ("Kim here, where is my order?", False),
        ("Kim asked me to tell you that it broke", False),
    ],
)
def test_whether_a_mail_says_nothing(words: str, nothing: bool) -> None:
    assert says_nothing(words, "Kim Kunde") is nothing
