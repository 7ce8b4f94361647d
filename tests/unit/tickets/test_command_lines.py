"""Command lines as people write them and as their mail programs send them."""

from __future__ import annotations

import pytest

from maild.tickets.command_lines import bare, read_line, split_lines
from maild.tickets.commands import read_order
from maild.tickets.lifecycle import Status
from maild.tickets.model import Ticket
from maild.tickets.orders import Command, SetField

KNOWN = ("hold", "note", "priority", "status", "tag", "resolve", "assign")
ANNA = "anna@example.com"


@pytest.mark.parametrize(
    "line",
    [
        "#hold parts",
        "#Hold parts",  # a phone capitalises
        "#HOLD parts",
        "# hold parts",  # a program that makes lists of lines
        "#\u00a0hold parts",
        "#hold\u00a0parts",
        "#hold: parts",
        "#hold : parts",
        "#hold=parts",
        "#hold - parts",
        "#hold \u2013 parts",
        "#hold, parts",
        "\u200b#hold parts",
        "\ufeff#\u2060hold parts",
        "\u200e#hold parts\u200f",  # beside text that is written from right to left
        "\u202b#hold parts\u202c",
        "#ho\u00adld parts",
        "\uff03hold parts",
        "*#hold parts*",  # bold, in the text beside the HTML
        "_#hold parts_",
        "- #hold parts",
        "* #hold parts",
        "  #hold   parts  ",
    ],
)
def test_one_command_is_written_in_many_ways(line: str) -> None:
    assert read_line(line, KNOWN) == Command("hold", "parts")


@pytest.mark.parametrize(
    "line",
    ["#1 priority is the belt", "# heading", "#", "# 1", "see #hold", "the #hashtag", "C# is a language", "## Heading"],
)
def test_what_is_no_command_is_prose(line: str) -> None:
    assert read_line(line, KNOWN) is None


def test_a_minus_before_a_tag_stays() -> None:
    assert read_line("#tag -vip +hot", KNOWN) == Command("tag", "-vip +hot")
    assert read_line("#tag: -vip", KNOWN) == Command("tag", "-vip")


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("#priority=high", SetField("priority", "high")),
        ("#priority : high", SetField("priority", "high")),
        ("#priority High.", SetField("priority", "high")),
        ("#priority \u201chigh\u201d", SetField("priority", "high")),
        ("#Priority high, because he waits", SetField("priority", "high")),
        ("#tag: +vip", SetField("tags", "old vip")),
        ("#tag + vip", SetField("tags", "old vip")),
        ("#tag \u2013old", SetField("tags", "")),
        ("#assign 'me'", SetField("assignee", ANNA)),
        ("#Assign: Me.", SetField("assignee", ANNA)),
    ],
)
def test_values_may_be_written_as_people_write(text: str, field: SetField) -> None:
    ticket = Ticket(number=1, status=Status.OPEN, tags="old")
    found = read_order(text, ticket, agent=ANNA, agents=frozenset({ANNA}))
    assert (found.problems, found.fields) == ((), (field,))


@pytest.mark.parametrize("text", ["#status In Progress", "#status in-progress", "#Status: in\u2013progress."])
def test_a_status_may_be_written_as_people_write(text: str) -> None:
    found = read_order(text, Ticket(number=1, status=Status.OPEN), agent=ANNA, agents=frozenset({ANNA}))
    assert (found.problems, [move.to for move in found.moves]) == ((), [Status.IN_PROGRESS])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("#solved", "did you mean #resolve?"),
        ("#internal he lies", "did you mean #note?"),
        ("#priorty high", "did you mean #priority?"),
        ("#Hello customer", "write: # hello customer"),
        ("#priority hihg", "did you mean high?"),
        ("#assign me #priority high", "write #priority on a line of its own"),
    ],
)
def test_what_is_meant_is_told(text: str, says: str) -> None:
    (problem,) = read_order(text, Ticket(number=1, status=Status.OPEN), agent=ANNA, agents=frozenset({ANNA})).problems
    assert says in problem


def test_a_command_between_words_is_never_sent_to_the_customer() -> None:
    split = split_lines("Hello Kim,\n\n#hold he never pays\n\nGoodbye", KNOWN)
    assert split.commands == ()
    (problem,) = split.problems
    assert '"#hold he never pays" stands in the middle' in problem


def test_a_word_with_a_sign_between_words_is_prose() -> None:
    text = "Hello Kim,\n#winning is our word\n# heading\nGoodbye"
    assert split_lines(text, KNOWN).words == text
    assert split_lines(text, KNOWN).problems == ()


def test_whatever_stands_in_a_note_stays_inside() -> None:
    split = split_lines("#note\nWrite this:\n#hold he never pays\nto Ben", KNOWN)
    assert (split.problems, [c.name for c in split.commands]) == ((), ["note"])


def test_a_command_that_a_program_may_have_broken_is_asked_about() -> None:
    reason = "#hold the customer sends us the serial number of the pump, and a"
    split = split_lines(f"{reason}\nphotograph of it\n\nHello Kim", KNOWN)
    assert '"photograph of it" may belong to the command' in split.problems[0]
    assert split_lines(f"{reason}\n\nHello Kim", KNOWN).problems == ()
    assert split_lines(f"#hold parts\nHello Kim, {reason[6:]}", KNOWN).problems == ()


@pytest.mark.parametrize(
    ("value", "is_bare"), [("“high”", "high"), ("'me'.", "me"), ("«Ann»", "Ann"), ("x200", "x200")]
)
def test_a_value_is_taken_out_of_its_marks(value: str, is_bare: str) -> None:
    assert bare(value) == is_bare


def test_a_remark_of_several_lines_is_asked_about() -> None:
    known = (*KNOWN, "comment")
    assert split_lines("#comment he lies\nas ever\n\nHello Kim", known, whole=True).problems
    assert split_lines("#comment he lies\n#hold parts\n\nHello Kim", known, whole=True).problems == ()
    apart = "#comment he lies\n\nas ever"  # as Outlook on Windows sets all lines
    assert split_lines(apart, known, whole=True, spaced=True).problems
    assert split_lines("#comment he lies\n\n#hold parts", known, whole=True, spaced=True).problems == ()
