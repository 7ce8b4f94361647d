"""A ticket's events: append-only, hash-chained, and enough to rebuild the ticket.

Each event's hash covers the one before it, so an event that is changed, removed or moved breaks the
chain (HOUSE invariant 7). Personal content (subjects, addresses, words) stands beside the chain; the
chain holds its digest, taken with a random salt that is kept with the content. Erasing both leaves a
chain that still verifies and a digest that nobody can guess the words from.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum

from maild.tickets.lifecycle import ENDED, Status
from maild.tickets.model import SETTABLE, Ticket


class EventKind(StrEnum):
    """What happened to a ticket."""

    OPENED = "opened"  # data: queue, source; content: subject, description, contact
    MAIL = "mail"  # a person's mail joined it
    AUTOMATIC = "automatic"  # an automatic mail was noted on it
    UNVERIFIED = "unverified"  # a mail in an agent's name that proved nothing
    ANSWER = "answer"  # an agent's words for the customer
    NOTE = "note"  # an agent's words that never leave
    STATUS = "status"  # data: from, to, reason
    SET = "set"  # data: fields; content: fields that are personal
    CUSTOMER = "customer"  # who the ticket is for; content: contact, customer
    LINKED = "linked"  # data: ticket, why
    FAILED = "failed"  # a letter was not delivered: data: letter, template, cause, final
    RETRIED = "retried"  # an answer that had failed is sent again: data: letter, cause
    TARGET = "target"  # what the ticket is promised from now on: data: policy, calendar, seconds by clock, reason
    ALERT = "alert"  # people were told where a clock stands: data: clock, cycle, revision, level
    ESCALATED = "escalated"  # an escalation was carried out: data: rule, clock, cycle
    REQUESTED = "requested"  # an override waits for approval; content: commands, because
    APPROVED = "approved"  # data: request (the sequence number of `requested`), by whom: the actor
    DENIED = "denied"  # data: request; content: because
    FOLLOWED_UP = "followed_up"  # a silent customer was written to again: data: count
    ASKED = "asked"  # the customer was asked to rate it: data: count
    RATED = "rated"  # the customer rated it: data: stars; content: comment
    JOINED = "joined"  # a participant brought somebody in by a request of its own; content: address
    LEFT = "left"  # somebody takes part no more; content: address
    ERASED = "erased"  # personal content was taken away; data: why (request, retention), request (the erasure)


Value = str | int | bool | None
Facts = Mapping[str, Value]
# What the chain itself may hold; everything else that is said of a ticket may be about a person.
_STRUCTURAL = frozenset(
    {
        "from",
        "to",
        "reason",
        "queue",
        "source",
        "language",
        "priority",
        "letter",
        "template",
        "final",
        "ticket",
        "why",
        "sort",
        "continued_by",
        "cause",
        # Routing
        "team",
        "type",
        "case_type",
        "reason_code",
        "sla_policy",
        "branch",
        # Service levels
        "policy",
        "calendar",
        "first_response",
        "next_response",
        "resolution",
        "clock",
        "cycle",
        "revision",
        "level",
        "rule",
        # Approval, follow-up, feedback
        "request",
        "count",
        "stars",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One link of the chain."""

    ticket: int
    seq: int  # 1, 2, 3 … without gaps
    at: datetime  # when it happened, which may be before it was recorded
    kind: EventKind
    actor: str  # "contact:17", "agent:3", "admin", "system": ids only, never a name
    mail: int | None  # the inbox row that caused it
    data: Facts  # structural facts; nothing personal
    content: Facts | None  # personal facts; None when there are none, or when they were erased
    salt: str  # hex; "" without content
    digest: str  # of salt and content; "" without content
    prev: str
    hash: str


_WRITER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(facts: Mapping[str, object]) -> str:
    """The one way in which facts are written, so that equal facts have equal digests."""
    return _WRITER.encode(facts)


def content_digest(salt: str, content: Facts) -> str:
    """The digest that the chain keeps of personal content."""
    return hashlib.sha256(f"{salt}\n{canonical(content)}".encode()).hexdigest()


def link_hash(event: Event) -> str:
    """The hash of an event, from all that the chain holds of it."""
    facts = {
        "ticket": event.ticket,
        "seq": event.seq,
        "at": event.at.isoformat(),
        "kind": event.kind,
        "actor": event.actor,
        "mail": event.mail,
        "data": dict(event.data),
        "digest": event.digest,
    }
    return hashlib.sha256(f"{event.prev}\n{canonical(facts)}".encode()).hexdigest()


def record(
    ticket: Ticket,
    kind: EventKind,
    *,
    at: datetime,
    actor: str,
    salt: str,
    mail: int | None = None,
    data: Facts | None = None,
    content: Facts | None = None,
) -> tuple[Ticket, Event]:
    """Append an event to a ticket; returns the ticket as it stands after it, and the event.

    `salt` is random and used only when there is content.
    """
    event = Event(
        ticket=ticket.number,
        seq=ticket.version + 1,
        at=at,
        kind=kind,
        actor=actor,
        mail=mail,
        data=data or {},
        content=content,
        salt=salt if content else "",
        digest=content_digest(salt, content) if content else "",
        prev=ticket.head,
        hash="",
    )
    event = replace(event, hash=link_hash(event))
    return apply(ticket, event), event


def apply(ticket: Ticket, event: Event) -> Ticket:
    """The ticket after an event; the only way in which a ticket changes."""
    changes: dict[str, object] = {"version": event.seq, "head": event.hash}
    facts = {**event.data, **(event.content or {})}
    if event.kind is EventKind.OPENED:
        changes.update({k: v for k, v in facts.items() if k in _FIELDS}, opened_at=event.at)
    elif event.kind is EventKind.SET:
        changes.update({k: v for k, v in facts.items() if k in SETTABLE})
    elif event.kind is EventKind.CUSTOMER:
        changes.update({k: v for k, v in facts.items() if k in ("contact", "customer")})
    elif event.kind is EventKind.ANSWER and ticket.responded_at is None:
        changes["responded_at"] = event.at
    elif event.kind is EventKind.STATUS:
        changes.update(_status_changes(Status(str(facts["to"])), event.at, facts))
    elif event.kind is EventKind.RATED:
        changes["csat"] = str(facts["stars"])
    return replace(ticket, **changes)  # type: ignore[arg-type]  # the keys are checked against _FIELDS and SETTABLE


def _status_changes(to: Status, at: datetime, facts: Facts) -> dict[str, object]:
    """The fields that follow from a status; reopening takes the ends back."""
    ended = to in ENDED
    changes: dict[str, object] = {
        "status": to,
        "held_at": at if to is Status.ON_HOLD else None,
        "hold_reason": facts.get("hold_reason") or "" if to is Status.ON_HOLD else "",
    }
    if not ended:
        changes.update(resolved_at=None, closed_at=None, continued_by=None)
    if to is Status.RESOLVED:
        changes["resolved_at"] = at
    if to in (Status.CLOSED, Status.DUPLICATE):
        changes["closed_at"] = at
    if to is Status.DUPLICATE:
        changes["continued_by"] = facts.get("continued_by")
    if facts.get("resolution_code"):
        changes["resolution_code"] = facts["resolution_code"]
    return changes


def split_personal(facts: Facts) -> tuple[Facts, Facts | None]:
    """Facts as (what the chain may hold, what must stand beside it or None)."""
    personal = {k: v for k, v in facts.items() if k not in _STRUCTURAL}
    return {k: v for k, v in facts.items() if k in _STRUCTURAL}, personal or None


def verify(events: Iterable[Event], ticket: Ticket) -> list[str]:
    """Everything wrong with a ticket's chain, in words; [] when it is whole and the row agrees with it.

    A ticket whose content was erased is rebuilt without it, and its personal fields are not compared.
    """
    faults: list[str] = []
    rebuilt = Ticket(number=ticket.number)
    erased = False
    for event in events:
        where = f"ticket {ticket.number}, event {event.seq}"
        if event.seq != rebuilt.version + 1:
            faults.append(f"{where}: comes after event {rebuilt.version}: one is missing or moved")
        if event.prev != rebuilt.head:
            faults.append(f"{where}: does not follow the event before it")
        if event.hash != link_hash(event):
            faults.append(f"{where}: was changed after it was written")
        if event.content is not None and event.digest != content_digest(event.salt, event.content):
            faults.append(f"{where}: its content was changed after it was written")
        erased = erased or (bool(event.digest) and event.content is None)
        try:
            rebuilt = apply(rebuilt, event)
        except (KeyError, ValueError, TypeError):
            faults.append(f"{where}: says nothing that could have happened")
            rebuilt = replace(rebuilt, version=event.seq, head=event.hash)
    for name in _FIELDS:
        if erased and name in ERASABLE:
            continue
        if getattr(rebuilt, name) != getattr(ticket, name):
            faults.append(
                f"ticket {ticket.number}: {name} is {getattr(ticket, name)!r},"
                f" but its events say {getattr(rebuilt, name)!r}"
            )
    return faults


_FIELDS = tuple(f.name for f in fields(Ticket))
# Tickets of older versions keep beside the chain what stands in it now, so only what always stood there is certain.
ERASABLE = frozenset({*SETTABLE, "contact", "hold_reason"}) - {"queue", "language", "priority"}
