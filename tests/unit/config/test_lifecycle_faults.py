"""What is wrong with how tickets are to end is told at load: line, cause, the nearest right."""

from __future__ import annotations

from pathlib import Path

import pytest

from maild.bootstrap import make_desk
from maild.config.load import load
from maild.errors import ConfigError
from maild.tickets.lifecycle import Status
from maild.tickets.model import Ticket

DESK = """\
[desk]
address = "support@example.com"
secret = "0123456789abcdef"
[[queue]]
name = "support"
addresses = ["support@example.com"]
"""
FIRST = DESK.count("\n") + 1


def requirement(lines: str) -> str:
    """A requirement whose own lines begin in the fourth line."""
    return f'[[requirement]]\nto = "closed"\nfields = ["root_cause"]\n{lines}'


REACHED = ("open", "in_progress", "responded", "on_hold", "resolved", "closed", "duplicate")

# what is written: the line (counted from the first of the case), the key, and the whole message
CASES: dict[str, tuple[str, int, str, str]] = {
    "an unknown status": (
        '[lifecycle]\nrequires = { close = ["root_cause"] }', 2, "lifecycle.requires.close",
        "there is no status to come to 'close'; did you mean closed?",
    ),
    "a status that nothing gets": (
        '[[requirement]]\nto = "new"\nfields = ["root_cause"]', 2, "requirement.to",
        f"there is no status to come to 'new'; it can be {', '.join(REACHED)}",
    ),
    "an unknown field": (
        '[lifecycle]\nrequires = { closed = ["root_case"] }', 2, "lifecycle.requires.closed",
        "there is no field to require 'root_case'; did you mean root_cause?",
    ),
    "nothing is required": (
        '[lifecycle]\nrequires = { closed = [] }', 2, "lifecycle.requires.closed",
        "the list is empty; give at least one, or leave the key out",
    ),
    "a hold_reason of what is not on hold": (
        '[lifecycle]\nrequires = { closed = ["hold_reason"] }', 2, "lifecycle.requires.closed",
        "a ticket that is closed waits for nothing, so it has no hold_reason; leave it out",
    ),
    "the same in a requirement": (
        '[[requirement]]\nto = "resolved"\nfields = ["root_cause", "hold_reason"]', 3, "requirement.fields",
        "a ticket that is resolved waits for nothing, so it has no hold_reason; leave it out",
    ),
    "an unknown queue": (
        requirement('queues = ["suport"]'), 4, "requirement.queues",
        "there is no queue 'suport'; did you mean support?",
    ),
    "an unknown type": (
        requirement('types = ["incidnt"]'), 4, "requirement.types",
        "there is no type 'incidnt'; did you mean incident?",
    ),
    "an unknown case type": (
        requirement('case_types = ["waranty"]'), 4, "requirement.case_types",
        "there is no case type 'waranty'; did you mean warranty?",
    ),
    "an unknown priority": (
        requirement('priorities = ["hihg"]'), 4, "requirement.priorities",
        "there is no priority 'hihg'; did you mean high?",
    ),
    "an unknown key": (
        requirement('queue = ["support"]'), 4, "requirement.queue", "there is no such key; did you mean queues?",
    ),
    "one bracket": (
        '[requirement]\nto = "closed"', 1, "requirement",
        "wrong kind of table; write [[requirement]], with two brackets, for each",
    ),
    "a code with a blank": (
        '[[resolution]]\ncode = "good will"', 2, "resolution.code",
        "'good will' cannot be a code; did you mean good_will?",
    ),
    "a code that is spelled like a built-in one": (
        '[[resolution]]\ncode = "no-answer"', 2, "resolution.code",
        "agents cannot tell it from the built-in code no_answer; write no_answer",
    ),
    "two codes that are spelled alike": (
        '[[resolution]]\ncode = "good_will"\n[[resolution]]\ncode = "Good-Will"', 4, "resolution.code",
        f"agents cannot tell it from the code in line {FIRST + 1}; give each resolution its own",
    ),
    "a label in no language": (
        '[[resolution]]\ncode = "goodwill"\nlabel = { german = "Kulanz" }', 3, "resolution.label.german",
        "there is no language 'german'; did you mean de?",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "key", "message"), CASES.values(), ids=CASES.keys())
def test_a_fault_is_told_with_its_place_and_what_would_be_right(
    tmp_path: Path, text: str, line: int, key: str, message: str
) -> None:
    file = tmp_path / "maild.toml"
    file.write_text(DESK + text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load(file, {})
    (told,) = caught.value.problems
    place, _, said = told.removeprefix(f"{tmp_path}/").partition(f" {key}: ")
    assert place == f"maild.toml:{FIRST + line - 1}:"
    assert said == message


def test_what_is_written_is_what_the_desk_asks_for(tmp_path: Path) -> None:
    file = tmp_path / "maild.toml"
    file.write_text(
        DESK
        + '[lifecycle]\nrequires = { resolved = "root_cause" }\n'
        + requirement('queues = "support"\npriorities = ["urgent"]\n')
        + '[[resolution]]\ncode = "Goodwill"\nlabel = { de = "aus Kulanz erledigt" }\n',
        "utf-8",
    )
    policy = make_desk(load(file, {})).lifecycle
    urgent = Ticket(number=1, priority="critical", queue="support", resolution_code="goodwill")
    assert policy.missing(urgent, Status.RESOLVED) == policy.missing(urgent, Status.CLOSED) == ("root_cause",)
    assert policy.missing(Ticket(number=1, queue="support"), Status.CLOSED) == ("resolution_code",)
    assert policy.split_code("Goodwill, for once") == ("goodwill", "for once")
    assert policy.label_of("goodwill", "de") == "aus Kulanz erledigt"
