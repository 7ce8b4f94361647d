"""Agents' commands: lines that start with # at the top or bottom of a mail (MAIL.md §6).

All commands of a mail apply or none; the words that are left are what the customer gets.
"""

from __future__ import annotations

from maild.tickets.command_readers import HELP, NEEDS, READERS, Reading
from maild.tickets.model import Ticket
from maild.tickets.names import ANY_NAMES, Names, nearest
from maild.tickets.orders import Command, Order


def split_commands(text: str, *, top: bool = True, bottom: bool = True) -> tuple[list[Command], str]:
    """The command lines at the top and the bottom of a text, and the words between them.

    `top` and `bottom` say whether the agent wrote that end, or it may be planted (RELIABILITY §11.4, A4).
    A # followed by a space or a digit is an agent's prose (a heading, a number), not a command.
    """
    lines = text.strip().split("\n")
    first: list[Command] = []
    last: list[Command] = []
    while top and lines and (not lines[0].strip() or _is_command(lines[0])):
        if line := lines.pop(0).strip():
            first.append(_read(line))
    while bottom and lines and (not lines[-1].strip() or _is_command(lines[-1])):
        if line := lines.pop().strip():
            last.insert(0, _read(line))
    return first + last, "\n".join(lines).strip()


def _is_command(line: str) -> bool:
    stripped = line.strip()
    return len(stripped) > 1 and stripped[0] == "#" and stripped[1].isalpha()


def _read(line: str) -> Command:
    name, _, argument = line[1:].partition(" ")
    return Command(name.lower().rstrip(":"), argument.strip())


def read_order(
    text: str,
    ticket: Ticket,
    *,
    agent: str,
    agents: frozenset[str],
    names: Names = ANY_NAMES,
    top: bool = True,
    bottom: bool = True,
) -> Order:
    """What an agent's own words ask for, checked against the ticket as it stands; ends as in `split_commands`."""
    commands, words = split_commands(text, top=top, bottom=bottom)
    return check_commands(commands, words, ticket, agent=agent, agents=agents, names=names)


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
    for command in commands:
        read = READERS.get(command.name)
        if read is None:
            near = nearest(command.name, list(HELP), "#")
            reading.problems.append(f"#{command.name}: there is no such command; {near}")
            continue
        if command.name in NEEDS:
            reading.needs.setdefault(NEEDS[command.name], f"#{command.name}")
        read(reading, command)
    return Order(
        words=reading.words,
        moves=tuple(reading.moves),
        fields=tuple(reading.fields),
        because=reading.because,
        customer=reading.customer,
        escalation=reading.escalation,
        note=reading.note,
        help=reading.help,
        needs=reading.needs,
        problems=tuple(reading.problems),
    )
