"""A ticket as it stands: the projection of its events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from maild.tickets.lifecycle import Status

# Fields that the event "set" may change, each a text; what they mean is in GLOSSARY.md.
SETTABLE = (
    "subject",
    "description",
    "type",
    "case_type",
    "reason_code",
    "category",
    "priority",
    "queue",
    "assignee",
    "team",
    "tags",
    "customer",
    "order_reference",
    "order_line",
    "product",
    "serial_number",
    "claim",
    "installation",
    "resolution_code",
    "resolution_path",
    "resolution_notes",
    "root_cause",
    "csat",
    "language",
    "sla_policy",
    "branch",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """Everything that is asked of a ticket; "" or None where nobody has said."""

    number: int
    status: Status = Status.NEW
    subject: str = ""
    description: str = ""  # the first words of the mail that opened it
    type: str = ""
    case_type: str = ""
    reason_code: str = ""  # why the customer wrote
    category: str = ""
    priority: str = "medium"
    queue: str = ""
    assignee: str = ""  # an agent's address
    team: str = ""
    tags: str = ""  # words, separated by spaces
    customer: str = ""  # the organisation
    contact: str = ""  # the address of the person
    order_reference: str = ""
    order_line: str = ""
    product: str = ""
    serial_number: str = ""
    claim: str = ""  # the warranty claim that it belongs to
    installation: str = ""
    resolution_code: str = ""
    resolution_path: str = ""
    resolution_notes: str = ""
    root_cause: str = ""
    csat: str = ""
    language: str = ""
    sla_policy: str = ""  # the policy that a rule or an agent chose, before all conditions of policies
    branch: str = ""  # which of our branches looks after the customer
    source: str = "email"  # email, portal, phone, internal, manual
    opened_at: datetime | None = None
    responded_at: datetime | None = None  # the first answer of an agent
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    held_at: datetime | None = None  # since when it is on hold
    hold_reason: str = ""
    continued_by: int | None = None  # the ticket in which a merged or duplicate one goes on
    version: int = 0  # the sequence number of its last event
    head: str = ""  # the hash of its last event
