"""What rules may ask of a mail, of its sender and of the moment: plain values, gathered before routing begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Fit(StrEnum):
    """What a directory says of a reference."""

    FITS = "fits"  # the directory has it
    UNKNOWN = "unknown"  # the directory has no such thing
    MISMATCH = "mismatch"  # it has it, for another customer
    UNCHECKED = "unchecked"  # nobody could be asked in time, or nobody is there to be asked
    STALE = "stale"  # it fitted when the directory could be asked last


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """An order, a serial number or a product that a mail names."""

    sort: str  # "order", "serial", "product"
    key: str  # as the directory writes it
    fit: Fit = Fit.UNCHECKED
    directory: str = ""  # which one was asked
    facts: Mapping[str, str] = field(default_factory=dict)  # what it says: customer, product, branch and more
    why: str = ""  # of the fit, in words


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """An attachment."""

    name: str
    type: str  # in lower case
    size: int  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class MailFacts:
    """One mail, as rules see it. Addresses, groups and tags are in lower case."""

    subject: str = ""
    text: str = ""  # the writer's own words, at most 256 Ki characters
    recipients: tuple[str, ...] = ()  # envelope first, then To and Cc; with extensions (name+extension@domain)
    own_recipients: tuple[str, ...] = ()  # those of them that are ours: nobody else's extension names a reason
    queue: str = ""  # the queue of the address it was sent to
    queue_why: str = ""
    sender: str = ""
    customer: str = ""  # the organisation
    groups: frozenset[str] = frozenset()  # of the customer
    tags: frozenset[str] = frozenset()  # of the customer
    customer_priority: str = ""  # what the customer's tickets begin with
    branch: str = ""  # which of ours looks after the customer
    branch_manager: str = ""  # its manager's address
    kind: str = "human"  # as `maild.mail.model.Kind`
    authenticity: str = "none"  # pass, fail, none
    headers: tuple[tuple[str, str], ...] = ()  # (name in lower case, decoded value), in order
    files: tuple[FileFacts, ...] = ()
    language: str = ""  # ISO 639-1; "" when it is not certain, or nobody asked
    references: tuple[Reference, ...] = ()
    is_reply: bool = False
    from_agent: bool = False
    at: datetime  # when it arrived
    reason: str = ""  # what an agent said: stands above everything that the mail says
    type: str = ""  # the same
    case_type: str = ""  # the same
    ticket_priority: str = ""  # of the ticket that a reply belongs to
    ticket_reason: str = ""  # the same, and so are type and case type
    ticket_type: str = ""
    ticket_case_type: str = ""
    ticket_tags: frozenset[str] = frozenset()
