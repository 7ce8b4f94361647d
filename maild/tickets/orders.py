"""What an agent's commands ask for, and how that is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from maild.tickets.escalation_note import EscalationNote
from maild.tickets.joining import Join
from maild.tickets.lifecycle import LABELS, Status
from maild.tickets.model import Ticket
from maild.tickets.permissions import Permission

# Of an order: they change nothing on the ticket by themselves.
_SAYS_NOTHING = frozenset({"words", "needs", "problems", "because", "lines", "refused", "undo_of"})


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
    continued_by: int | None = None  # the ticket in which a duplicate goes on


@dataclass(frozen=True, slots=True)
class SetField:
    """Change one field."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody says of a colleague's override."""

    approves: bool
    request: int | None  # its number, when one is named
    words: str  # why, or any remark

    @property
    def command(self) -> str:
        """The command that says so."""
        return "approve" if self.approves else "deny"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What an agent notes beside what the mail says: a call, a comment. It stays inside."""

    sort: str  # call, comment
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What an agent's mail asks for; when `problems` is not empty nothing of it may be done."""

    words: str  # for the customer, or for the note
    moves: tuple[Move, ...] = ()
    fields: tuple[SetField, ...] = ()
    because: str = ""  # why the priority is what it is now
    customer: str = ""  # the address that the ticket is for from now on
    escalation: EscalationNote | None = None
    remarks: tuple[Remark, ...] = ()
    joins: tuple[Join, ...] = ()
    take: bool = False  # the assignment holds only if nobody present has it
    undo: bool = False
    undo_of: str = ""  # whose order is taken back: an agent's address; "" for the own one
    note: bool = False
    help: bool = False
    needs: Mapping[Permission, str] = field(default_factory=dict)  # each with the first command that takes it
    problems: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()  # the commands as written, but for #override
    override: str = ""  # why rules are to be set aside
    refused: tuple[str, ...] = ()  # what rules refuse of it; only with an override, else these are problems
    verdict: Verdict | None = None

    @property
    def stays_inside(self) -> bool:
        """Whether nothing of its mail may go to the customer, not even a file."""
        return self.note or bool(self.override) or self.verdict is not None

    def gives(self, name: str) -> str | None:
        """What a field becomes; None when it stays."""
        return next((field.value for field in reversed(self.fields) if field.name == name), None)


def does_something(order: Order) -> bool:
    """Whether anything is to be done beside sending words to the customer."""
    return any(getattr(order, each.name) for each in fields(order) if each.name not in _SAYS_NOTHING)


def done_line(order: Order) -> str:
    """One line that says what was done, for the agent's confirmation."""
    done = [
        f"status is now {LABELS[m.to]}" + (f" ({why})" if (why := m.reason or m.resolution_code) else "")
        for m in order.moves
    ]
    done += [
        f"{f.name.replace('_', ' ')} is now {f.value or 'empty'}"
        + (f", because {order.because}" if f.name == "priority" and order.because else "")
        for f in order.fields
    ]
    if order.customer:
        done.append(f"the customer is now {order.customer}")
    if order.escalation:
        done.append("it is escalated: " + ", ".join(order.escalation.lines()))
    done += [f"your {each.sort} was noted, the customer does not see it" for each in order.remarks]
    if order.note:
        done.append("your note was kept, the customer does not see it")
    return "; ".join(done)


def undo_line(before: Ticket, order: Order) -> str:
    """The command that takes an order back, and what it would do; "" when there is nothing to take back."""
    back = [f"status {LABELS[before.status]}"] if order.moves else []
    back += [
        f"{name.replace('_', ' ')} {getattr(before, name) or 'empty'}"
        for name in dict.fromkeys(f.name for f in order.fields)
    ]
    back += [f"customer {before.contact or 'nobody'}"] if order.customer else []
    back += [f"#{join.how}" + (f" {join.ticket}" if join.ticket else "") for join in order.joins]
    if order.undo:
        return "#undo (what was taken back)"
    return f"#undo ({', '.join(back)})" if back else ""
