"""Agents' commands: all of a mail or none."""

from __future__ import annotations

import pytest

from maild.tickets.commands import read_order, split_commands
from maild.tickets.lifecycle import Status
from maild.tickets.model import Ticket
from maild.tickets.names import Names
from maild.tickets.orders import Command, Move, SetField, done_line, undo_line

ANNA = "anna@example.com"
OPEN = Ticket(number=1, status=Status.OPEN)


def order(text: str, ticket: Ticket = OPEN):  # type: ignore[no-untyped-def]
    return read_order(text, ticket, agent=ANNA, agents=frozenset({ANNA, "ben@example.com"}))


@pytest.mark.parametrize(
    ("text", "commands", "words"),
    [
        ("#hold parts\nHello", ["hold"], "Hello"),
        ("Hello\n\n#resolve done", ["resolve"], "Hello"),
        ("#hold\n\n#priority high\n\nHello\nyou", ["hold", "priority"], "Hello\nyou"),
        ("Hello\n#hold\nyou", [], "Hello\n#hold\nyou"),  # in the middle it is prose
        ("# Heading\nHello", [], "# Heading\nHello"),
        ("#1 is the best\nHello", [], "#1 is the best\nHello"),
        ("#note: secret", ["note"], ""),
        ("", [], ""),
        ("\n\n", [], ""),
    ],
)
def test_commands_stand_at_the_top_or_the_bottom(text: str, commands: list[str], words: str) -> None:
    found, left = split_commands(text)
    assert ([c.name for c in found], left) == (commands, words)


def test_a_command_has_an_argument() -> None:
    assert split_commands("#Hold  waiting for parts ")[0] == [Command("hold", "waiting for parts")]


def test_of_a_file_that_was_pasted_into_a_mail_only_the_first_mistakes_are_told() -> None:
    """Each is compared with every command: a megabyte of them took half a minute, and nobody reads the answer."""
    problems = order("#include <x>\n" * 5_000).problems
    assert len(problems) == 21
    assert problems[-1] == "There may be more; what stands below was not looked at."


@pytest.mark.parametrize("lines", ["#hold\n**#close**\n", "#close\n"])
def test_what_the_rules_refuse_counts_among_the_mistakes(lines: str) -> None:
    """All were told, and each looked through all moves before it for a code: 256 KiB took seven seconds."""
    assert 20 < len(order(lines * 5_000).problems) < 50


def test_a_mail_has_a_hundred_commands_at_most() -> None:
    """Each `#tag` names all tags there are by then: of 256 KiB a gigabyte would have been kept."""
    read = order("".join(f"#tag t{number}\n" for number in range(5_000)))
    assert len(read.fields) == 100
    assert read.problems == ("There may be more; what stands below was not looked at.",)
    assert not order("#tag t\n" * 100).problems


def test_of_commands_in_the_middle_of_words_the_first_are_told() -> None:
    assert len(order("Hello\n" + "#note\n" * 5_000 + "Hello").problems) == 20


@pytest.mark.parametrize(
    ("text", "moves"),
    [
        ("#hold parts", (Move(Status.ON_HOLD, "parts"),)),
        ("#resolve", (Move(Status.RESOLVED, "", "resolved"),)),
        ("#resolve workaround", (Move(Status.RESOLVED, "", "workaround"),)),
        (
            "#resolve resolved\n#close resolved",
            (Move(Status.RESOLVED, "", "resolved"), Move(Status.CLOSED, "", "resolved")),
        ),
        ("#status in progress", (Move(Status.IN_PROGRESS),)),
    ],
)
def test_moves(text: str, moves: tuple[Move, ...]) -> None:
    assert order(text).moves == moves


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("#assign me", (SetField("assignee", ANNA),)),
        ("#assign Ben@example.com", (SetField("assignee", "ben@example.com"),)),
        ("#priority urgent", (SetField("priority", "critical"),)),
        ("#set product X 200", (SetField("product", "X 200"),)),
    ],
)
def test_fields(text: str, fields: tuple[SetField, ...]) -> None:
    assert order(text).fields == fields


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("#hodl", "did you mean #hold?"),
        ("#assign bem@example.com", "did you mean ben@example.com?"),
        ("#status resolvd", "did you mean resolved?"),
        ("#priority asap", "low, medium, high, critical"),
        ("#set colour red", "there is no such field"),
        ("#customer Kim", "write an address"),
        ("#customer ben@example.com", "an agent's address"),
        (
            "#set assignee mallory@evil.example",
            "there is no such field",
        ),  # what has a command of its own is checked there
        ("#close", "the ticket needs resolution code (#resolve CODE or #close CODE"),
        ("#reopen", "is open already"),
        ("#hold a\n#hold b", "on hold already"),
    ],
)
def test_a_mistake_is_told_with_what_would_be_right(text: str, says: str) -> None:
    (problem,) = order(text).problems
    assert says in problem


def test_a_note_takes_the_words_and_keeps_its_own() -> None:
    found = order("#note first\nsecond")
    assert found.note
    assert found.words == "first\nsecond"


@pytest.mark.parametrize(
    "text", ["#customer Kim@Example.org", "#customer <kim@example.org>", "#customer mailto:kim@example.org"]
)
def test_the_customer_is_an_address(text: str) -> None:
    found = order(text)
    assert found.customer == "kim@example.org"
    assert done_line(found) == "the customer is now kim@example.org"


def test_done_and_undo_are_one_line_each() -> None:
    found = order("#hold parts\n#priority high")
    assert done_line(found) == "status is now on hold (parts); priority is now high"
    assert undo_line(OPEN, found) == "#undo (status open, priority medium)"


NAMES = Names(
    queues=("support", "Repairs"), teams=("purchasing",), reasons=("missing_part", "damage"), types=("claim",)
)


def sorting(text: str, ticket: Ticket = OPEN):  # type: ignore[no-untyped-def]
    return read_order(text, ticket, agent=ANNA, agents=frozenset({ANNA}), names=NAMES)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("#reason Missing_Part", SetField("reason_code", "missing_part")),
        ("#reason missing part", SetField("reason_code", "missing_part")),
        ("#set reason_code damage", SetField("reason_code", "damage")),
        ("#set reason_code", SetField("reason_code", "")),
        ("#type Claim", SetField("type", "claim")),
        ("#team purchasing", SetField("team", "purchasing")),
        ("#queue repairs", SetField("queue", "Repairs")),
    ],
)
def test_names_are_taken_as_they_are_configured(text: str, field: SetField) -> None:
    assert sorting(text).fields == (field,)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("#reason damge", "there is no such reason code; did you mean damage?"),
        ("#reason", "known are missing_part, damage"),
        ("#team sales", "known are purchasing"),
        ("#queue suport", "did you mean support?"),
        ("#set type klaim", "did you mean claim?"),
        ("#tag -vip", "the ticket has no such tag; it has none"),
        ("#tag", "#tag +vip -spam"),
    ],
)
def test_a_name_that_is_not_configured_is_told_with_the_nearest(text: str, says: str) -> None:
    (problem,) = sorting(text).problems
    assert says in problem


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#tag +hot", "old hot"),
        ("#tag hot, new", "old hot new"),
        ("#tag -old +old", "old"),
        ("#tag +hot\n#tag -old", "hot"),
    ],
)
def test_tags_are_added_and_taken_away(text: str, tags: str) -> None:
    found = sorting(text, Ticket(number=1, status=Status.OPEN, tags="old"))
    assert (found.problems, found.gives("tags")) == ((), tags)


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("#priority high because the line stands still", "the line stands still"),
        ("#priority high the line stands still", "the line stands still"),
        ("#priority urgent Because: he is waiting", "he is waiting"),
        ("#priority high", ""),
    ],
)
def test_a_priority_has_its_reason(text: str, because: str) -> None:
    found = sorting(text)
    assert found.because == because
    assert not because or f"because {because}" in done_line(found)


def test_what_was_set_can_be_taken_back() -> None:
    before = Ticket(number=1, status=Status.OPEN, queue="support", reason_code="damage", tags="a b")
    line = undo_line(before, sorting("#reason missing_part\n#queue repairs\n#tag +c\n#priority high", before))
    assert line == "#undo (reason code damage, queue support, tags a b, priority medium)"
