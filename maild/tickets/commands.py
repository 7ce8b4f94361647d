"""Agents' commands: lines that start with # at the top or bottom of a mail (MAIL.md §6).

All commands of a mail apply or none; the words that are left are what the customer gets.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from maild.tickets.escalation_note import EscalationNote, read_note
from maild.tickets.lifecycle import LABELS, Status, check_move
from maild.tickets.model import SETTABLE, Ticket
from maild.tickets.priorities import ALIASES, PRIORITIES, raised

HELP = {
    "hold": "#hold REASON: wait; the customer's reply resumes it",
    "resume": "#resume: go on",
    "resolve": "#resolve CODE: solved, such as #resolve resolved",
    "close": "#close CODE: done",
    "reopen": "#reopen: open again",
    "status": "#status in_progress: set a status",
    "assign": "#assign ADDRESS: give it to an agent, or #assign me",
    "priority": "#priority high: low, medium, high or critical",
    "escalate": "#escalate blocker=… owner=… eta=…: raise the priority, and tell the manager",
    "customer": "#customer ADDRESS: the ticket is for this person, who gets the answers",
    "set": "#set FIELD VALUE: set any other field, such as #set product X200",
    "note": "#note: everything in this mail stays internal",
    "help": "#help: this list",
}
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@[a-z0-9.-]{1,190}[a-z0-9]")
_PROTECTED = frozenset({"subject", "description", "queue", "assignee", "priority", "customer", "resolution_code"})


@dataclass(frozen=True, slots=True)
class Command:
    """One command line as written."""

    name: str
    argument: str


@dataclass(frozen=True, slots=True)
class Move:
    """Change the status."""

    to: Status
    reason: str = ""
    resolution_code: str = ""


@dataclass(frozen=True, slots=True)
class SetField:
    """Change one field."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What an agent's mail asks for; when `problems` is not empty nothing of it may be done."""

    words: str  # for the customer, or for the note
    moves: tuple[Move, ...] = ()
    fields: tuple[SetField, ...] = ()
    customer: str = ""  # the address that the ticket is for from now on
    escalation: EscalationNote | None = None
    note: bool = False
    help: bool = False
    problems: tuple[str, ...] = ()


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
    text: str, ticket: Ticket, *, agent: str, agents: frozenset[str], top: bool = True, bottom: bool = True
) -> Order:
    """What an agent's own words ask for, checked against the ticket as it stands; ends as in `split_commands`."""
    commands, words = split_commands(text, top=top, bottom=bottom)
    return check_commands(commands, words, ticket, agent=agent, agents=agents)


def check_commands(commands: list[Command], words: str, ticket: Ticket, *, agent: str, agents: frozenset[str]) -> Order:
    """Turn command lines into changes; every mistake becomes a sentence in `problems`."""
    reading = _Reading(ticket=ticket, agent=agent, agents=agents, status=ticket.status, words=words)
    for command in commands:
        read = _READERS.get(command.name)
        if read is None:
            reading.problems.append(
                f"#{command.name}: there is no such command; {_nearest(command.name, list(HELP), '#')}"
            )
        else:
            read(reading, command)
    return Order(
        words=reading.words,
        moves=tuple(reading.moves),
        fields=tuple(reading.fields),
        customer=reading.customer,
        escalation=reading.escalation,
        note=reading.note,
        help=reading.help,
        problems=tuple(reading.problems),
    )


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What the commands read so far come to; each is checked against the status that those before it gave."""

    ticket: Ticket
    agent: str
    agents: frozenset[str]
    status: Status
    words: str
    moves: list[Move] = field(default_factory=list)
    fields: list[SetField] = field(default_factory=list)
    customer: str = ""
    escalation: EscalationNote | None = None
    note: bool = False
    help: bool = False
    problems: list[str] = field(default_factory=list)

    def move(self, command: Command, to: Status, *, reason: str = "", code: str = "") -> None:
        """Change the status, if that is allowed."""
        if refusal := check_move(self.status, to, resolution_code=code):
            self.problems.append(f"#{command.name}: {refusal.why}")
        else:
            self.status = to
            self.moves.append(Move(to, reason, code))


def _hold(reading: _Reading, command: Command) -> None:
    reading.move(command, Status.ON_HOLD, reason=command.argument)


def _open(reading: _Reading, command: Command) -> None:
    reading.move(command, Status.OPEN, reason=command.name)


def _resolve(reading: _Reading, command: Command) -> None:
    reading.move(command, Status.RESOLVED, code=command.argument.partition(" ")[0] or "resolved")


def _close(reading: _Reading, command: Command) -> None:
    reading.move(command, Status.CLOSED, code=command.argument.partition(" ")[0] or reading.ticket.resolution_code)


def _status(reading: _Reading, command: Command) -> None:
    wanted = command.argument.lower().replace(" ", "_").replace("-", "_")
    if wanted in set(Status):
        reading.move(command, Status(wanted), code=reading.ticket.resolution_code)
    else:
        near = _nearest(wanted, [s.value for s in Status])
        reading.problems.append(f"#status {command.argument}: there is no such status; {near}")


def _assign(reading: _Reading, command: Command) -> None:
    address = reading.agent if command.argument.lower() == "me" else command.argument.lower()
    if address in reading.agents:
        reading.fields.append(SetField("assignee", address))
    else:
        near = _nearest(address, sorted(reading.agents))
        reading.problems.append(f"#assign {command.argument}: no agent has this address; {near}")


def _priority(reading: _Reading, command: Command) -> None:
    wanted = ALIASES.get(command.argument.lower(), command.argument.lower())
    if wanted in PRIORITIES:
        reading.fields.append(SetField("priority", wanted))
    else:
        reading.problems.append(f"#priority {command.argument}: it is one of {', '.join(PRIORITIES)}")


def _escalate(reading: _Reading, command: Command) -> None:
    note = read_note(command.argument)
    if isinstance(note, str):
        reading.problems.append(f"#escalate: {note}")
        return
    reading.escalation = note
    if (priority := raised(reading.ticket.priority)) != reading.ticket.priority:
        reading.fields.append(SetField("priority", priority))


def _customer(reading: _Reading, command: Command) -> None:
    address = command.argument.strip().strip("<>").removeprefix("mailto:").lower()
    if not _ADDRESS.fullmatch(address):
        reading.problems.append(f"#customer {command.argument}: write an address, such as #customer ann@example.com")
    elif address in reading.agents:
        reading.problems.append(f"#customer {command.argument}: this is an agent's address")
    else:
        reading.customer = address


def _set(reading: _Reading, command: Command) -> None:
    name, _, value = command.argument.partition(" ")
    allowed = [f for f in SETTABLE if f not in _PROTECTED]
    if name in allowed:
        reading.fields.append(SetField(name, value.strip()))
    else:
        reading.problems.append(f"#set {command.argument}: there is no such field; {_nearest(name, allowed)}")


def _note(reading: _Reading, command: Command) -> None:
    reading.note = True
    reading.words = "\n".join(words for words in (command.argument, reading.words) if words)


def _help(reading: _Reading, _command: Command) -> None:
    reading.help = True


_READERS: Mapping[str, Callable[[_Reading, Command], None]] = {
    "hold": _hold,
    "resume": _open,
    "resolve": _resolve,
    "close": _close,
    "reopen": _open,
    "status": _status,
    "assign": _assign,
    "priority": _priority,
    "customer": _customer,
    "escalate": _escalate,
    "set": _set,
    "note": _note,
    "help": _help,
}


def _nearest(word: str, known: list[str], sign: str = "") -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"did you mean {sign}{near[0]}?" if near else f"known are {', '.join(sign + k for k in known)}"


def done_line(order: Order) -> str:
    """One line that says what was done, for the agent's confirmation."""
    done = [f"status is now {LABELS[m.to]}" + (f" ({m.reason})" if m.reason else "") for m in order.moves]
    done += [f"{f.name} is now {f.value}" for f in order.fields]
    if order.customer:
        done.append(f"the customer is now {order.customer}")
    if order.escalation:
        done.append("it is escalated: " + ", ".join(order.escalation.lines()))
    if order.note:
        done.append("your note was kept, the customer does not see it")
    return "; ".join(done)


def undo_line(before: Ticket, order: Order) -> str:
    """The commands that take an order back, "" when there are none."""
    lines = [f"#set {f.name} {getattr(before, f.name)}" for f in order.fields if f.name not in _PROTECTED]
    lines += [f"#{f.name} {getattr(before, f.name)}" for f in order.fields if f.name == "priority"]
    lines += [f"#assign {before.assignee}" for f in order.fields if f.name == "assignee" and before.assignee]
    if order.customer and before.contact:
        lines.append(f"#customer {before.contact}")
    if order.moves:
        after = order.moves[-1].to
        back = {Status.ON_HOLD: "#resume"}.get(after, "#reopen" if after in (Status.RESOLVED, Status.CLOSED) else "")
        lines += [back] if back else []
    return ", ".join(lines)
