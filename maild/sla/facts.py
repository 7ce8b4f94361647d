"""What a ticket's events tell its clocks, in the order that counts.

Decisions (a status, new terms, an alert) hold in the order in which they were made, and none reaches back
before the one before it. What comes from outside (a mail, an answer, a report that it was not delivered)
counts from its own moment, however late it was learned. Nothing counts before the ticket was opened: the
clocks of two mail servers need not agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from maild.tickets.events import EventKind
from maild.tickets.joining import Why

CLOCK_EVENTS = frozenset(
    {
        EventKind.OPENED,
        EventKind.MAIL,
        EventKind.ANSWER,
        EventKind.RETRIED,
        EventKind.FAILED,
        EventKind.STATUS,
        EventKind.TARGET,
        EventKind.ALERT,
        EventKind.ESCALATED,
        # Only what is done after an answer follows from these (`maild.sla.aftercare`).
        EventKind.FOLLOWED_UP,
        EventKind.ASKED,
        EventKind.RATED,
        EventKind.CUSTOMER,
        EventKind.LINKED,  # of a mail that was split off
    }
)
_DECISIONS = (EventKind.STATUS, EventKind.TARGET)  # of each sort, a later one never begins before an earlier one


@dataclass(frozen=True, slots=True)
class Fact:
    """The part of an event that clocks follow from; nothing of it is personal."""

    seq: int  # the order in which it was learned
    at: datetime
    kind: EventKind
    mail: int | None  # the inbox row that caused it
    data: Mapping[str, str | int | bool | None]


def in_order(facts: Iterable[Fact]) -> list[Fact]:
    """Facts by the moment from which they count."""
    opened = datetime.min.replace(tzinfo=UTC)
    latest: dict[EventKind, datetime] = {}
    ordered = []
    for fact in sorted(facts, key=lambda each: each.seq):
        if fact.kind is EventKind.OPENED:
            opened = fact.at
        at = max(fact.at, opened, latest.get(fact.kind, opened))
        if fact.kind in _DECISIONS:
            latest[fact.kind] = at
        ordered.append(replace(fact, at=at) if at != fact.at else fact)
    return sorted(ordered, key=lambda each: (each.at, each.seq))


def still_here(facts: Iterable[Fact]) -> list[Fact]:
    """Facts without the mails that were split off to tickets of their own: whoever waits for an answer waits there."""
    known = list(facts)
    gone: set[object] = set()
    for fact in sorted((f for f in known if f.kind is EventKind.LINKED), key=lambda each: each.seq):
        if fact.data.get("why") == Why.SPLIT_INTO:
            gone.add(fact.data.get("cause"))
        elif fact.data.get("why") == Why.REJOINED_BY:
            gone.discard(fact.data.get("cause"))
    return [f for f in known if not (f.kind is EventKind.MAIL and f.mail in gone)] if gone else known


def undelivered(facts: Iterable[Fact]) -> frozenset[int]:
    """The answers that did not arrive, by their `seq`; one that was sent again counts from then on."""
    facts = list(facts)
    failed: dict[object, int] = {}
    for fact in facts:
        if fact.kind is EventKind.FAILED and fact.data.get("final") and fact.data.get("template") == "answer":
            cause = fact.data.get("cause")
            failed[cause] = max(fact.seq, failed.get(cause, 0))
    answers = (fact for fact in facts if fact.kind in (EventKind.ANSWER, EventKind.RETRIED))
    return frozenset(fact.seq for fact in answers if failed and failed.get(_cause(fact), 0) > fact.seq)


def is_lost(facts: Iterable[Fact], cause: int | None) -> bool:
    """Whether the answer that this inbox row was is known not to have arrived, and has not been sent again since."""
    facts = list(facts)
    tries = [fact.seq for fact in facts if fact.kind in (EventKind.ANSWER, EventKind.RETRIED) and _cause(fact) == cause]
    return bool(tries) and max(tries) in undelivered(facts)


def _cause(fact: Fact) -> object:
    """The inbox row of the agent's mail that the answer was."""
    return fact.data.get("cause") if fact.kind is EventKind.RETRIED else fact.mail
