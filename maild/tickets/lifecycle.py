"""The statuses of a ticket and the moves between them, as data (docs/lifecycle.md).

new ─► open ─► in_progress ─► responded ─► resolved ─► closed
  (each of the first four may also go on_hold, to resolved, closed or duplicate;
   resolved, closed and duplicate can only be opened again)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from maild.tickets.permissions import Permission


class Status(StrEnum):
    """Where a ticket stands."""

    NEW = "new"  # nobody has looked at it
    OPEN = "open"  # it is our turn
    IN_PROGRESS = "in_progress"  # an agent works on it
    RESPONDED = "responded"  # an agent has answered; it is the customer's turn
    ON_HOLD = "on_hold"  # waiting; the customer's reply resumes it
    RESOLVED = "resolved"  # solved, until the customer says otherwise
    CLOSED = "closed"  # done
    DUPLICATE = "duplicate"  # goes on in another ticket


ENDED = frozenset({Status.RESOLVED, Status.CLOSED, Status.DUPLICATE})
UNENDED = tuple(status for status in Status if status not in ENDED)


@dataclass(frozen=True, slots=True)
class Transition:
    """What a move takes of an agent, and of the ticket; a desk may ask for more (`lifecycle_policy.py`)."""

    takes: Permission
    needs: tuple[str, ...] = ()  # fields of the ticket that must have been filled by then


_GO_ON = Transition(Permission.WRITE)
_END = Transition(Permission.RESOLVE)
_CLOSE = Transition(Permission.RESOLVE, needs=("resolution_code",))
_REOPEN = Transition(Permission.RESOLVE)
_AT_WORK: Mapping[Status, Transition] = {
    Status.OPEN: _GO_ON,
    Status.IN_PROGRESS: _GO_ON,
    Status.RESPONDED: _GO_ON,
    Status.ON_HOLD: _GO_ON,
    Status.RESOLVED: _END,
    Status.CLOSED: _CLOSE,
    Status.DUPLICATE: _END,
}
TRANSITIONS: Mapping[Status, Mapping[Status, Transition]] = {
    **{
        status: {to: transition for to, transition in _AT_WORK.items() if to is not status}
        for status in Status
        if status not in ENDED
    },
    Status.RESOLVED: {Status.OPEN: _REOPEN, Status.CLOSED: _CLOSE},
    Status.CLOSED: {Status.OPEN: _REOPEN},
    Status.DUPLICATE: {Status.OPEN: _REOPEN},
}

# What a customer's mail does to a ticket's status; statuses that are not named stay.
ON_CUSTOMER_MAIL: Mapping[Status, Status] = {
    Status.RESPONDED: Status.OPEN,
    Status.ON_HOLD: Status.OPEN,
    Status.RESOLVED: Status.OPEN,
    Status.CLOSED: Status.OPEN,
    Status.DUPLICATE: Status.OPEN,
}

# Statuses in which an agent's answer moves the ticket on; a held or ended one stays as it is.
MOVED_BY_ANSWER = frozenset({Status.NEW, Status.OPEN, Status.IN_PROGRESS})

LABELS: Mapping[Status, str] = {status: status.value.replace("_", " ") for status in Status}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A move that is not allowed; `why` names the ones that are."""

    why: str


def check_transition(current: Status, wanted: Status) -> Refusal | None:
    """None when there is such a move, whatever it needs; else why not."""
    if wanted in TRANSITIONS[current]:
        return None
    allowed = ", ".join(sorted(LABELS[s] for s in TRANSITIONS[current]))
    if wanted is current:
        return Refusal(f"the ticket is {LABELS[current]} already; it can become: {allowed}")
    return Refusal(f"a ticket that is {LABELS[current]} cannot become {LABELS[wanted]}; it can become: {allowed}")


def check_move(current: Status, wanted: Status, *, resolution_code: str = "") -> Refusal | None:
    """None when the move is allowed, else why not."""
    if refusal := check_transition(current, wanted):
        return refusal
    if "resolution_code" in TRANSITIONS[current][wanted].needs and not resolution_code:
        return Refusal("closing needs a resolution code, such as: #close resolved")
    return None


def permission_for(current: Status, wanted: Status) -> Permission:
    """What a move takes of an agent; one that is not in the table, and needs an override, takes RESOLVE."""
    return TRANSITIONS[current].get(wanted, _END).takes
