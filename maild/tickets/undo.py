"""Takes an agent's order back: what a ticket was before it, unless somebody has changed the same since.

An order is everything that one mail or one command line did to a ticket, with what followed from it by itself.
Nothing is removed: what is taken back is recorded as any other change, so that an undo can be undone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from maild.tickets.events import Event, EventKind, apply
from maild.tickets.joining import people_joined, why_linked
from maild.tickets.lifecycle import LABELS, Status
from maild.tickets.model import SETTABLE, Ticket

TOO_OLD = timedelta(days=1)  # after that, too much may rest on it
REASON = "undo"  # of all events that take something back
_TAKEN_BACK = (*SETTABLE, "contact", "status")
_OF_ORDERS = frozenset(
    {
        EventKind.ANSWER,
        EventKind.NOTE,
        EventKind.STATUS,
        EventKind.SET,
        EventKind.CUSTOMER,
        EventKind.LINKED,
        EventKind.ESCALATED,
        EventKind.REQUESTED,
        EventKind.APPROVED,
        EventKind.DENIED,
    }
)
# What has happened for good, as it is said.
_STAYS: Mapping[EventKind, str] = {
    EventKind.ANSWER: "the answer was sent and cannot be taken back",
    EventKind.NOTE: "the note stays",
    EventKind.ESCALATED: "the manager knows of the escalation",
}


@dataclass(frozen=True, slots=True)
class Did:
    """One order, as a ticket's events tell it."""

    actor: str
    mail: int | None
    at: datetime
    events: tuple[Event, ...]  # those of the actor, and what the system did because of them

    @property
    def is_wordless(self) -> bool:
        """Whether no words for the customer came with it."""
        return all(event.kind is not EventKind.ANSWER for event in self.events)

    def is_of(self, event: Event) -> bool:
        """Whether an event, of this or another ticket, belongs to the order."""
        if event.actor not in (self.actor, "system"):
            return False
        return event.mail == self.mail and (self.mail is not None or event.at == self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """Something that somebody has changed since."""

    what: str
    by: str  # an actor
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """What takes an order back on one ticket; when `changed` is not empty none of it may be done."""

    fields: Mapping[str, str]  # as they were
    contact: str | None = None  # whom the ticket was for, if that changed
    customer: str = ""  # and the organisation
    status: Status | None = None  # as it was, if it changed
    hold_reason: str = ""
    continued_by: int | None = None
    links: tuple[Event, ...] = ()  # to be turned round
    joined: tuple[str, ...] = ()  # people who came in by it
    stays: tuple[str, ...] = ()  # what cannot be taken back
    changed: tuple[Changed, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing that can be taken back."""
        return self.contact is None and not (self.fields or self.status or self.links)

    def line(self) -> str:
        """What a ticket becomes, in half a sentence."""
        said = [f"status is {LABELS[self.status]} again"] if self.status else []
        said += [f"{name.replace('_', ' ')} is {value or 'empty'} again" for name, value in self.fields.items()]
        if self.contact is not None:
            said.append(f"the customer is {self.contact or 'nobody'} again")
        return "; ".join(said)


def last_order(events: Sequence[Event], actor: str) -> Did | None:
    """What somebody ordered last; `actor` "" for anybody of ours."""
    for event in reversed(events):
        ours = event.actor == actor if actor else event.actor.startswith(("agent:", "admin"))
        if ours and event.kind in _OF_ORDERS:
            did = Did(event.actor, event.mail, event.at, ())
            return Did(did.actor, did.mail, did.at, tuple(each for each in events if did.is_of(each)))
    return None


def take_back(number: int, events: Iterable[Event], did: Did) -> Undo:
    """What takes an order back on a ticket, from all of its events in order."""
    mine: list[Event] = []
    latest: dict[str, Changed] = {}  # by field: who changed it last after the order
    before = after = now = Ticket(number=number)
    for event in events:
        was, now = now, apply(now, event)
        if did.is_of(event):
            before = before if mine else was
            mine.append(event)
            after = now
        elif mine:
            for name in _differing(was, now):
                latest[name] = Changed(what=name.replace("_", " "), by=event.actor, at=event.at)
    is_new = bool(mine) and mine[0].kind is EventKind.OPENED
    back = [] if is_new else _differing(before, after)
    return Undo(
        fields={name: getattr(before, name) for name in back if name in SETTABLE and name != "customer"},
        contact=before.contact if "contact" in back else None,
        customer=before.customer,
        status=before.status if "status" in back else None,
        hold_reason=before.hold_reason,
        continued_by=before.continued_by,
        links=tuple(event for event in mine if why_linked(event)),
        joined=tuple(each for event in mine for each in people_joined(event)),
        stays=tuple(dict.fromkeys(_STAYS[event.kind] for event in mine if event.kind in _STAYS)),
        changed=tuple(latest[name] for name in (("status",) if is_new else back) if name in latest),
    )


def _differing(one: Ticket, other: Ticket) -> list[str]:
    """The fields that an agent can change, and that are not the same."""
    return [name for name in _TAKEN_BACK if getattr(one, name) != getattr(other, name)]
