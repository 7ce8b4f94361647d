"""What became of a mail, and whose words it brought."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What became of a mail; every mail gets exactly one (HOUSE invariant 2)."""

    NEW_TICKET = "new_ticket"
    REPLY = "reply"
    COMMAND = "command"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"


class Role(StrEnum):
    """Whose words a mail brings to its ticket; decides who may ever read them again."""

    CUSTOMER = "customer"  # quoted to the customer, shown to agents
    ANSWER = "answer"  # an agent's words for the customer; shown to agents
    INTERNAL = "internal"  # a note, or commands: in no letter
    UNPROVED = "unproved"  # in an agent's name, without proof: in no letter
    AUTOMATIC = "automatic"  # a machine's: in no letter


@dataclass(frozen=True, slots=True)
class Taken:
    """What one mail's way came to."""

    outcome: Outcome
    ticket: int | None
    why: tuple[str, ...]
    role: Role
    words: str | None = None  # what later letters may say of the mail, where that is not its own text as a whole
