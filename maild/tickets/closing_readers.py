"""What the commands mean that end a ticket, and those by which a rule about that is set aside."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from maild.tickets.lifecycle import ENDED, Status
from maild.tickets.model import Ticket
from maild.tickets.names import nearest
from maild.tickets.orders import Command, Move, SetField, Verdict
from maild.tickets.resolutions import RESOLVED, folded

if TYPE_CHECKING:
    from maild.tickets.command_readers import Reading

_NUMBERED = re.compile(r"(\d{1,9})\b[\s:,.]*(.*)", re.DOTALL)


def read_resolve(reading: Reading, command: Command) -> None:
    """`#resolve CODE NOTES`; without a code, resolved."""
    _end(reading, command, Status.RESOLVED, default=RESOLVED)


def read_close(reading: Reading, command: Command) -> None:
    """`#close CODE NOTES`; without a code, the one that the ticket has."""
    _end(reading, command, Status.CLOSED, default=reading.code)


def _end(reading: Reading, command: Command, to: Status, *, default: str) -> None:
    code, notes = reading.names.lifecycle.split_code(command.argument)
    if command.argument and not code:
        codes = reading.names.lifecycle.codes
        near = nearest(folded(" ".join(command.argument.split()[:2])), codes)
        reading.problems.append(f"#{command.name} {command.argument}: it begins with no resolution code; {near}")
        return
    if notes:
        reading.fields.append(SetField("resolution_notes", notes))
    reading.move(command, to, code=code or default)


def read_status(reading: Reading, command: Command) -> None:
    """`#status in progress`: a status by its name, freely spelled."""
    wanted = folded(command.argument)
    if wanted in set(Status):
        to = Status(wanted)
        default = RESOLVED if to is Status.RESOLVED else ""
        reading.move(command, to, code=(reading.code or default) if to in ENDED else "")
    else:
        near = nearest(wanted, [s.value for s in Status])
        reading.problems.append(f"#status {command.argument}: there is no such status; {near}")


def read_cause(reading: Reading, command: Command) -> None:
    """`#cause TEXT`: what had been wrong."""
    _text(reading, command, "root_cause", "the power supply was broken")


def read_path(reading: Reading, command: Command) -> None:
    """`#path TEXT`: by which way it was solved."""
    _text(reading, command, "resolution_path", "a new power supply was sent")


def _text(reading: Reading, command: Command, name: str, example: str) -> None:
    if command.argument:
        reading.fields.append(SetField(name, command.argument))
    else:
        reading.problems.append(f"#{command.name}: say it in words, such as #{command.name} {example}")


def read_override(reading: Reading, command: Command) -> None:
    """`#override REASON`: what rules refuse of the other commands is asked for."""
    if command.argument:
        reading.override = command.argument
    else:
        text = "say why, such as #override the customer has moved and cannot be asked any more"
        reading.problems.append(f"#override: {text}")


def read_approve(reading: Reading, command: Command) -> None:
    """`#approve`, with the number of the request if there were several."""
    _verdict(reading, command, approves=True)


def read_deny(reading: Reading, command: Command) -> None:
    """`#deny REASON`: the words of the mail are the reason, too."""
    _verdict(reading, command, approves=False)


def _verdict(reading: Reading, command: Command, *, approves: bool) -> None:
    words = "\n".join(each for each in (command.argument, reading.words) if each)
    found = _NUMBERED.fullmatch(words)
    request, rest = (int(found[1]), found[2]) if found else (None, words)
    reading.verdict = Verdict(approves, request, rest.strip())
    reading.words = ""  # they are for the colleague who asked, never for the customer


def check_whole(reading: Reading, commands: Sequence[Command]) -> None:
    """What no command can tell alone: fields that are missing, commands that do not go together."""
    _check_fields(reading)
    others = [command for command in commands if command.name != "override"]
    if reading.verdict and len(commands) > 1:
        text = "write it into a mail of its own, without other commands"
        reading.problems.append(f"#{reading.verdict.command}: {text}")
    elif reading.override and not others:
        reading.problems.append("#override: say in the same mail what is to be done, such as #close resolved")
    elif reading.override and (reading.words or reading.note):
        text = "send the commands without an answer or a note, which would go out before anybody has approved"
        reading.problems.append(f"#override: {text}; send your words in a mail of their own")


def _check_fields(reading: Reading) -> None:
    """Each move with what the mail as a whole has filled: its lines may stand in any order."""
    policy, given = reading.names.lifecycle, {each.name: each.value for each in reading.fields}
    ticket = replace(
        reading.ticket,
        **given,  # type: ignore[arg-type]  # each is a text
        contact=reading.customer or reading.ticket.contact,
    )
    for (name, before), move in zip(reading.moved, reading.moves, strict=True):
        ticket = _moved(replace(ticket, status=before), move)
        if wanted := policy.wants(move.to, policy.missing(ticket, move.to)):
            reading.refused.append(f"#{name}: {wanted}")


def _moved(ticket: Ticket, move: Move) -> Ticket:
    """The ticket with what a move itself brings."""
    reason = move.reason if move.to is Status.ON_HOLD else ticket.hold_reason
    return replace(ticket, resolution_code=move.resolution_code or ticket.resolution_code, hold_reason=reason)
