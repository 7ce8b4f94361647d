"""Agents' commands: lines that start with # at the top or bottom of a mail (MAIL.md §6).

All commands of a mail apply or none; the words that are left are what the customer gets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from maild.tickets.closing_readers import check_whole
from maild.tickets.command_lines import bare, split_lines
from maild.tickets.command_readers import HELP, NEEDS, READERS, Reading
from maild.tickets.joining_readers import check_alone
from maild.tickets.model import Ticket
from maild.tickets.names import ANY_NAMES, Names, nearest
from maild.tickets.orders import Command, Order

MOST_COMMANDS = 100  # that one mail may have
MOST_PROBLEMS = 20  # that are told of one mail


def split_commands(text: str, *, top: bool = True, bottom: bool = True) -> tuple[list[Command], str]:
    """The commands at the top and the bottom of a text, and the words between them; ends as in `split_lines`."""
    split = split_lines(text, READERS, top=top, bottom=bottom)
    return list(split.commands), split.words


def read_order(
    text: str,
    ticket: Ticket,
    *,
    agent: str,
    agents: frozenset[str],
    names: Names = ANY_NAMES,
    top: bool = True,
    bottom: bool = True,
    whole: bool = False,
    spaced: bool = False,
) -> Order:
    """What an agent's own words ask for, checked against the ticket as it stands; ends as in `split_lines`."""
    split = split_lines(text, READERS, top=top, bottom=bottom, whole=whole, spaced=spaced)
    order = check_commands(list(split.commands), split.words, ticket, agent=agent, agents=agents, names=names)
    return replace(order, problems=(*order.problems, *split.problems[:MOST_PROBLEMS]))


def check_commands(
    commands: list[Command],
    words: str,
    ticket: Ticket,
    *,
    agent: str,
    agents: frozenset[str],
    names: Names = ANY_NAMES,
) -> Order:
    """Turn command lines into changes; every mistake becomes a sentence in `problems`."""
    reading = Reading(ticket=ticket, agent=agent, agents=agents, names=names, status=ticket.status, words=words)
    for number, command in enumerate(commands):
        mistakes = len(reading.problems) + len(reading.refused)
        if mistakes >= MOST_PROBLEMS or number >= MOST_COMMANDS:  # a file that was pasted into a mail, most likely
            reading.problems.append("There may be more; what stands below was not looked at.")
            break
        read = READERS.get(command.name)
        if read is None:
            reading.problems.append(_unknown(command))
            continue
        if several := _further(command):
            reading.problems.append(several)
            continue
        if command.name in NEEDS:
            reading.needs.setdefault(NEEDS[command.name], f"#{command.name}")
        read(reading, _with_bare_value(command))
    check_whole(reading, commands)
    check_alone(reading, commands)
    return Order(
        words=reading.words,
        moves=tuple(reading.moves),
        fields=tuple(reading.fields),
        because=reading.because,
        customer=reading.customer,
        escalation=reading.escalation,
        remarks=tuple(reading.remarks),
        joins=tuple(reading.joins),
        take=reading.take,
        undo=reading.undo,
        undo_of=reading.undo_of,
        note=reading.note,
        help=reading.help,
        needs=reading.needs,
        problems=tuple(reading.problems if reading.override else (*reading.problems, *reading.refused)),
        lines=tuple(f"#{c.name} {c.argument}".strip() for c in commands if c.name != "override"),
        override=reading.override,
        refused=tuple(reading.refused if reading.override else ()),
        verdict=reading.verdict,
    )


# What people write who do not know the words; each with what they mean.
_MEANT: Mapping[str, str] = {
    **dict.fromkeys(("mine", "me"), "#assign me"),
    **dict.fromkeys(("owner", "assignee", "give", "transfer", "reassign"), "#assign"),
    **dict.fromkeys(("solve", "solved", "fixed", "resolved"), "#resolve"),
    **dict.fromkeys(("done", "closed", "finish", "finished"), "#close"),
    **dict.fromkeys(("wait", "waiting", "pending", "pause", "snooze"), "#hold"),
    **dict.fromkeys(("unhold", "continue", "unpause"), "#resume"),
    **dict.fromkeys(("internal", "private", "memo"), "#note"),
    **dict.fromkeys(("urgent", "critical"), "#priority critical"),
    **dict.fromkeys(("prio", "severity"), "#priority"),
    **dict.fromkeys(("label", "tags"), "#tag"),
    **dict.fromkeys(("commands", "usage"), "#help"),
}
# Values of a few words, around which marks mean nothing; what explains something keeps them.
_VALUES = frozenset({"assign", "status", "priority", "type", "team", "queue", "reason", "customer"})
_ONE_WORD = frozenset({"resolve", "close"})


def _unknown(command: Command) -> str:
    """What is said of a word that is no command: the nearest one, and how it is no command at all."""
    meant = _MEANT.get(command.name)
    near = f"did you mean {meant}?" if meant else nearest(command.name, list(HELP), "#")
    words = " ".join((command.name, command.argument)).strip()
    return f"#{command.name}: there is no such command; {near} If the customer is to read it, write: # {words}"


def _further(command: Command) -> str:
    """Why a line with two commands is not done: where the first one ends is a guess."""
    if command.name in ("note", "comment", "call", "escalate", "help"):  # free words
        return ""
    found = [word for word in command.argument.split() if word[0] == "#" and word[1:].rstrip(":").lower() in READERS]
    return f"#{command.name} {command.argument}: write {found[0]} on a line of its own" if found else ""


def _with_bare_value(command: Command) -> Command:
    is_value = command.name in _VALUES or (command.name in _ONE_WORD and " " not in command.argument)
    return Command(command.name, bare(command.argument)) if is_value else command
