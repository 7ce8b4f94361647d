"""The statuses of a ticket and the moves between them, as data.

new ─► open ─► in_progress ─► responded ─► resolved ─► closed
  (each of the first four may also go on_hold, to resolved, closed or duplicate;
   resolved, closed and duplicate can only be opened again)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


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


_WORKING = frozenset({Status.OPEN, Status.IN_PROGRESS, Status.RESPONDED, Status.ON_HOLD})
ENDED = frozenset({Status.RESOLVED, Status.CLOSED, Status.DUPLICATE})
UNENDED = tuple(status for status in Status if status not in ENDED)

TRANSITIONS: Mapping[Status, frozenset[Status]] = {
    Status.NEW: _WORKING | ENDED,
    Status.OPEN: (_WORKING | ENDED) - {Status.OPEN},
    Status.IN_PROGRESS: (_WORKING | ENDED) - {Status.IN_PROGRESS},
    Status.RESPONDED: (_WORKING | ENDED) - {Status.RESPONDED},
    Status.ON_HOLD: (_WORKING | ENDED) - {Status.ON_HOLD},
    Status.RESOLVED: frozenset({Status.OPEN, Status.CLOSED}),
    Status.CLOSED: frozenset({Status.OPEN}),
    Status.DUPLICATE: frozenset({Status.OPEN}),
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


def check_move(current: Status, wanted: Status, *, resolution_code: str = "") -> Refusal | None:
    """None when the move is allowed, else why not."""
    if wanted not in TRANSITIONS[current]:
        allowed = ", ".join(sorted(LABELS[s] for s in TRANSITIONS[current]))
        if wanted is current:
            return Refusal(f"the ticket is {LABELS[current]} already; it can become: {allowed}")
        return Refusal(f"a ticket that is {LABELS[current]} cannot become {LABELS[wanted]}; it can become: {allowed}")
    if wanted is Status.CLOSED and not resolution_code:
        return Refusal("closing needs a resolution code, such as: #close resolved")
    return None
