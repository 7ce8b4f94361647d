"""What an agent's commands ask for, and how that is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from maild.tickets.escalation_note import EscalationNote
from maild.tickets.lifecycle import LABELS, Status
from maild.tickets.model import Ticket
from maild.tickets.permissions import Permission

# Fields that have commands of their own, by which they are taken back as well.
_BY_COMMAND = {"priority": "priority", "assignee": "assign", "queue": "queue"}


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
    because: str = ""  # why the priority is what it is now
    customer: str = ""  # the address that the ticket is for from now on
    escalation: EscalationNote | None = None
    note: bool = False
    help: bool = False
    needs: Mapping[Permission, str] = field(default_factory=dict)  # each with the first command that takes it
    problems: tuple[str, ...] = ()

    def gives(self, name: str) -> str | None:
        """What a field becomes; None when it stays."""
        return next((field.value for field in reversed(self.fields) if field.name == name), None)


def done_line(order: Order) -> str:
    """One line that says what was done, for the agent's confirmation."""
    done = [f"status is now {LABELS[m.to]}" + (f" ({m.reason})" if m.reason else "") for m in order.moves]
    done += [
        f"{f.name.replace('_', ' ')} is now {f.value or 'empty'}"
        + (f", because {order.because}" if f.name == "priority" and order.because else "")
        for f in order.fields
    ]
    if order.customer:
        done.append(f"the customer is now {order.customer}")
    if order.escalation:
        done.append("it is escalated: " + ", ".join(order.escalation.lines()))
    if order.note:
        done.append("your note was kept, the customer does not see it")
    return "; ".join(done)


def undo_line(before: Ticket, order: Order) -> str:
    """The commands that take an order back, "" when there are none."""
    lines = [
        f"#{_BY_COMMAND.get(name, f'set {name}')} {was}"
        for name in dict.fromkeys(f.name for f in order.fields)
        if (was := getattr(before, name)) or name not in _BY_COMMAND
    ]
    if order.customer and before.contact:
        lines.append(f"#customer {before.contact}")
    if order.moves:
        after = order.moves[-1].to
        back = {Status.ON_HOLD: "#resume"}.get(after, "#reopen" if after in (Status.RESOLVED, Status.CLOSED) else "")
        lines += [back] if back else []
    return ", ".join(lines)
