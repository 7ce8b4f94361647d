"""Readers of the commands that join and part tickets, take an order back, take a ticket, and name what it is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from maild.tickets.joining import How, Join
from maild.tickets.lifecycle import Status
from maild.tickets.names import nearest
from maild.tickets.orders import Command, SetField

if TYPE_CHECKING:
    from maild.tickets.command_readers import Reading

HELP: Mapping[str, str] = {
    "merge": "#merge 41: this ticket goes on in ticket 41, with its people and mails",
    "duplicate": "#duplicate 41: the same matter as 41, where it goes on; its mails stay here",
    "split": "#split SUBJECT: the mail you answer becomes a ticket of its own",
    "link": "#link 41: the two have to do with each other; #unlink 41 ends that",
    "unlink": "#unlink 41: they have not",
    "take": "#take: it is yours, if nobody who is present has it",
    "order": "#order NUMBER LINE: the order that it is about, and the line of it",
    "serial": "#serial NUMBER: the serial number that it is about",
    "product": "#product NAME: the product that it is about",
    "claim": "#claim REFERENCE: the warranty claim that it belongs to",
    "undo": "#undo: take back what your last mail or command did here",
}
# 41, #41, [#41], [2024-41]: whatever stands before the number in our tags.
_NUMBER = re.compile(r"\[?(?:\S*[^\s\d])?([1-9]\d{0,14})\]?")
_MERGING = (How.MERGE, How.DUPLICATE)
_LONGEST_KEY = 80  # characters, as of a key that is found in a mail


def _join(reading: Reading, command: Command) -> None:
    """`#merge 41`, `#merge [#41] anyway`, and the like of `#duplicate`, `#link` and `#unlink`."""
    how = How(command.name)
    word, _, rest = command.argument.partition(" ")
    found = _NUMBER.fullmatch(word)
    anyway = rest.strip().lower() == "anyway" and how in _MERGING
    if not found or (rest.strip() and not anyway):
        reading.problems.append(f"#{how} {command.argument}: say which ticket, such as #{how} 41")
        return
    number = int(found[1])
    if number == reading.ticket.number:
        reading.problems.append(f"#{how} {command.argument}: this is the ticket itself")
    elif how in _MERGING and any(join.how in (*_MERGING, How.SPLIT) for join in reading.joins):
        reading.problems.append(f"#{how} {number}: a ticket goes on in one other, and is not split in the same mail")
    else:
        if how in _MERGING:
            code = "duplicate" if how is How.DUPLICATE else ""
            reading.move(command, Status.DUPLICATE, reason=how.value, code=code, continued_by=number)
        reading.joins.append(Join(how=how, ticket=number, anyway=anyway))


def _split(reading: Reading, command: Command) -> None:
    if any(join.how is How.SPLIT or join.how in _MERGING for join in reading.joins):
        reading.problems.append("#split: once in a mail, and not of a ticket that goes on in another one")
    reading.joins.append(Join(how=How.SPLIT, subject=command.argument))


def _undo(reading: Reading, command: Command) -> None:
    """`#undo`, or `#undo ADDRESS` for another agent's order; what our letters add in brackets says nothing."""
    reading.undo = True
    word = command.argument
    if not word or word.startswith("("):
        return
    called = [agent for agent, name in reading.names.agents if name.casefold() == word.casefold()]
    if word.lower() in reading.agents:
        called = [word.lower()]
    if len(called) == 1:
        reading.undo_of = called[0]
    else:
        known = [*sorted(reading.agents), *(name for _, name in reading.names.agents)]
        reading.problems.append(f"#undo {word}: write whose order, by address; {nearest(word, known)}")


def _take(reading: Reading, _command: Command) -> None:
    if not reading.agent:
        reading.problems.append("#take: say who takes it, by --agent")
    elif reading.ticket.assignee == reading.agent:
        reading.problems.append("#take: it is yours already")
    reading.take = True
    reading.fields.append(SetField("assignee", reading.agent))


def order(reading: Reading, command: Command) -> None:
    """`#order SO-4711 20`: the order and the line of it."""
    key, _, line = command.argument.partition(" ")
    fits = _key(reading, "order", "order_reference", key, "such as #order SO-4711 20")
    if fits and (line or reading.ticket.order_line):  # the line of another order says nothing of this one
        reading.fields.append(SetField("order_line", line.strip()[:_LONGEST_KEY]))


def serial(reading: Reading, command: Command) -> None:
    """`#serial SN-1234`."""
    _key(reading, "serial", "serial_number", command.argument, "such as #serial SN-1234")


def product(reading: Reading, command: Command) -> None:
    """`#product X200`."""
    _key(reading, "product", "product", command.argument, "such as #product X200")


def claim(reading: Reading, command: Command) -> None:
    """`#claim WC-77`."""
    _key(reading, "claim", "claim", command.argument, "such as #claim WC-77")


def _key(reading: Reading, name: str, where: str, key: str, example: str) -> bool:
    if not 0 < len(key) <= _LONGEST_KEY:
        reading.problems.append(
            f"#{name} {key[:_LONGEST_KEY]}: say which, in at most {_LONGEST_KEY} letters, {example}"
        )
        return False
    reading.fields.append(SetField(where, key))
    return True


def check_alone(reading: Reading, commands: Sequence[Command]) -> None:
    """What may not stand beside other commands, or beside words for the customer."""
    words = bool(reading.words) and not reading.note
    if reading.undo and (len(commands) > 1 or reading.words):
        reading.problems.append("#undo: send it alone, in a mail without anything else")
    if words and any(join.how is How.SPLIT for join in reading.joins):
        reading.problems.append(
            "#split: nobody knows which of the two your words are for; send #split alone, and then answer"
        )


READERS: Mapping[str, Callable[[Reading, Command], None]] = {
    **dict.fromkeys(("merge", "duplicate", "link", "unlink"), _join),
    "split": _split,
    "take": _take,
    "order": order,
    "serial": serial,
    "product": product,
    "claim": claim,
    "undo": _undo,
}
