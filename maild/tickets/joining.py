"""What joins tickets and parts them, as their events tell it: links, merges, duplicates, splits.

Each of these is a `linked` event on both tickets, with a word of its own for either side and another word for
taking it back. Which mails are a ticket's own, and which tickets it is linked with, follows from these events.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from maild.tickets.events import Event, EventKind


class How(StrEnum):
    """What an agent may ask for; each is the name of its command."""

    MERGE = "merge"  # this ticket goes on in the other, with its people and mails
    DUPLICATE = "duplicate"  # the same, but its mails stay where they are
    LINK = "link"
    UNLINK = "unlink"
    SPLIT = "split"  # a mail of this ticket becomes a ticket of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """What one command asks for."""

    how: How
    ticket: int = 0  # the other one; 0 for a split, which makes it
    anyway: bool = False  # even if the two are of different customers
    subject: str = ""  # of a ticket that is split off; "" for the old one's
    mail: int | None = None  # the inbox row that is split off, when the agent answered to one; None: the newest


class Why(StrEnum):
    """Why a ticket is linked to another one, or is so no more; the `why` of the event."""

    LINKED = "linked"
    UNLINKED = "unlinked"
    MERGED_INTO = "merged into"
    TAKEN_OUT = "taken out of"
    MERGED_WITH = "merged with"
    GIVEN_BACK = "parted from"
    DUPLICATE_OF = "duplicate of"
    NO_DUPLICATE_OF = "no duplicate of"
    HAS_DUPLICATE = "has duplicate"
    HAS_NO_DUPLICATE = "has no duplicate"
    SPLIT_INTO = "split into"
    REJOINED_BY = "joined again by"
    SPLIT_FROM = "split from"
    REJOINED = "joined again"


_OPPOSITES = (
    (Why.LINKED, Why.UNLINKED),
    (Why.MERGED_INTO, Why.TAKEN_OUT),
    (Why.MERGED_WITH, Why.GIVEN_BACK),
    (Why.DUPLICATE_OF, Why.NO_DUPLICATE_OF),
    (Why.HAS_DUPLICATE, Why.HAS_NO_DUPLICATE),
    (Why.SPLIT_INTO, Why.REJOINED_BY),
    (Why.SPLIT_FROM, Why.REJOINED),
)
OPPOSITE: Mapping[Why, Why] = {**dict(_OPPOSITES), **{back: there for there, back in _OPPOSITES}}
# What the other ticket's event says.
OTHER_SIDE: Mapping[Why, Why] = {
    Why.LINKED: Why.LINKED,
    Why.UNLINKED: Why.UNLINKED,
    Why.MERGED_INTO: Why.MERGED_WITH,
    Why.TAKEN_OUT: Why.GIVEN_BACK,
    Why.DUPLICATE_OF: Why.HAS_DUPLICATE,
    Why.NO_DUPLICATE_OF: Why.HAS_NO_DUPLICATE,
    Why.SPLIT_FROM: Why.SPLIT_INTO,
    Why.REJOINED: Why.REJOINED_BY,
}
_ENDS = frozenset(back for _, back in _OPPOSITES)
# Two tickets of which the last word is one of these were parted by a person: no mail unites them by itself.
_PARTED = frozenset({Why.SPLIT_INTO, Why.SPLIT_FROM, Why.TAKEN_OUT, Why.GIVEN_BACK})
_BRINGS_NO_MAIL = frozenset({EventKind.LINKED, EventKind.ALERT, EventKind.TARGET})


def why_linked(event: Event) -> Why | None:
    """What a `linked` event of an agent's command says; None for any other event, also of automatic links."""
    why = event.data.get("why")
    return Why(str(why)) if event.kind is EventKind.LINKED and why in set(Why) else None


def other_ticket(event: Event) -> int:
    """The ticket that a `linked` event speaks of."""
    return int(event.data.get("ticket") or 0)


def people_joined(event: Event) -> tuple[str, ...]:
    """The addresses that became participants of a ticket by an event."""
    return tuple(str((event.content or {}).get("joined") or "").split())


def links_of(events: Iterable[Event]) -> dict[int, str]:
    """The tickets that a ticket is linked with, each with the last word of why; automatic links are among them."""
    links: dict[int, str] = {}
    for event in events:
        if event.kind is EventKind.LINKED:
            links.pop(other_ticket(event), None)
            if why_linked(event) not in _ENDS:
                links[other_ticket(event)] = str(event.data.get("why") or "")
    return links


def are_parted(events: Iterable[Event], other: int) -> bool:
    """Whether a person made two tickets of what had been, or would be, one with this other ticket."""
    words = [why_linked(event) for event in events if event.kind is EventKind.LINKED and other_ticket(event) == other]
    return bool(words) and words[-1] in _PARTED


def mails_of(events: Iterable[Event]) -> set[int]:
    """The mails (inbox rows) that are a ticket's own by its events; what others brought when they merged is not."""
    own: set[int] = set()
    for event in events:
        if event.mail is not None and event.kind not in _BRINGS_NO_MAIL:
            own.add(event.mail)
        moved = event.data.get("cause")
        if event.kind is EventKind.LINKED and isinstance(moved, int):
            why = why_linked(event)
            if why in (Why.SPLIT_FROM, Why.REJOINED_BY):
                own.add(moved)
            elif why in (Why.SPLIT_INTO, Why.REJOINED):
                own.discard(moved)
    return own
