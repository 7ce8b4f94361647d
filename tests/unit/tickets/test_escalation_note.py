"""The standard note of an escalation, as agents write it."""

import time

import pytest

from maild.tickets.escalation_note import EscalationNote, read_note


@pytest.mark.parametrize(
    "text",
    [
        "blocker=no spare part owner=Anna B. eta=Friday noon",
        "eta=Friday noon owner=Anna B. blocker=no spare part",
        "Blocker: no spare part, owner: Anna B., ETA: Friday noon",
        "blocker = no spare part ; owner = Anna B. ; eta = Friday noon",
        'blocker="no spare part" owner="Anna B." eta="Friday noon"',
        "blocker=„no spare part“ owner=“Anna B.” eta='Friday noon'",
        "no spare part owner=Anna B. eta=Friday noon",
    ],
)
def test_the_values_stand_in_any_order_and_form(text: str) -> None:
    assert read_note(text) == EscalationNote("no spare part", "Anna B.", "Friday noon")


def test_what_is_in_quotes_is_one_value() -> None:
    said = read_note('blocker="no owner: nobody knows eta=?" owner=Ben eta=today')
    assert said == EscalationNote("no owner: nobody knows eta=?", "Ben", "today")


@pytest.mark.parametrize(
    ("text", "missing", "line"),
    [
        ("", "blocker and owner and eta", "#escalate blocker=… owner=… eta=…"),
        ("owner=Anna B.", "blocker and eta", '#escalate blocker=… owner="Anna B." eta=…'),
        ("no spare part", "owner and eta", '#escalate blocker="no spare part" owner=… eta=…'),
        ("blocker=x owner=y eta=…", "eta", '#escalate blocker="x" owner="y" eta=…'),
        ("blocker=x owner= eta=z", "owner", '#escalate blocker="x" owner=… eta="z"'),
    ],
)
def test_exactly_what_is_missing_is_asked_for_with_a_line_to_send(text: str, missing: str, line: str) -> None:
    assert read_note(text) == f"#escalate: say {missing} as well; send this line:\n{line}"


def test_the_line_that_is_asked_for_is_understood_once_it_is_filled_up() -> None:
    asked = read_note("owner=Anna B.")
    assert isinstance(asked, str)
    line = asked.partition("#escalate blocker")[2].replace("…", "x")
    assert read_note(f"blocker{line}") == EscalationNote("x", "Anna B.", "x")


def test_the_longest_note_is_read_in_no_time() -> None:
    """Commas that no key follows were read again from each of them."""
    note = "eta=" + "," * 1_990 + "x"
    begun = time.process_time()
    for _ in range(50):
        assert "say blocker and owner" in str(read_note(note))
    assert time.process_time() - begun < 0.5  # a hundredth in truth; read again from each comma it takes 3 s


@pytest.mark.parametrize("unit", [",", " eta=„"])
def test_a_longer_note_is_not_read(unit: str) -> None:
    begun = time.process_time()
    assert "2000 characters" in str(read_note("eta=" + unit * 200_000))
    assert time.process_time() - begun < 0.5


def test_words_that_belong_to_nothing_are_named() -> None:
    assert "'hello' belongs to none of them" in str(read_note("hello blocker=a owner=b eta=c"))
