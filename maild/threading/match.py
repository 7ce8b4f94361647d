"""Decides which ticket a mail joins, from its evidence and what is known of the tickets it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from maild.ids import Purpose, Signer
from maild.threading.evidence import Evidence, Sort


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What has to be known of a ticket to decide whether a sender may join it."""

    number: int
    participants: frozenset[str]  # addresses in lower case
    closed_at: datetime | None = None
    continued_by: int | None = None  # the ticket that follows this one: merged into, duplicate of


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The decision: the ticket joined, or a new one that may be linked; and every reason."""

    ticket: int | None = None
    linked: int | None = None  # named by evidence, but not to be joined
    linked_why: str = ""  # "stranger" or "closed"
    strong: bool = False  # by a signed address or id, which nobody can guess
    agent: str = ""  # the agent whom a signed reply address proves the sender to be
    why: tuple[str, ...] = ()


def match(
    evidence: Sequence[Evidence],
    candidate: Callable[[int], Candidate | None],
    known_ids: Mapping[str, int],
    *,
    sender: str,
    agents: frozenset[str],
    signer: Signer,
    now: datetime,
    reopen_within: timedelta,
) -> Match:
    """Go through the evidence, strongest first; the first that holds decides.

    `candidate` gives a ticket by its number, `known_ids` says which ticket each Message-ID belongs to.
    A ticket that the sender may not join is only linked (MAIL.md §2), and nothing of it may be shown to
    the sender.
    """
    why: list[str] = []
    linked: int | None = None
    linked_why = ""
    for piece in evidence:
        named = known_ids.get(piece.message_id) if piece.message_id else piece.ticket
        if named is None:
            why.append(f"{piece.sort} {piece.shown}: belongs to no ticket")
            continue
        ticket = _follow(named, candidate)
        if ticket is None:
            why.append(f"{piece.sort} {piece.shown}: there is no ticket {named}")
            continue
        if piece.token is not None:
            if piece.token.purpose is Purpose.AGENT:
                if sender in agents and signer.verifies(piece.token, sender):
                    why.append(f"{piece.sort} {piece.shown}: made for agent {sender}, who sent it")
                    return Match(ticket=ticket.number, agent=sender, why=tuple(why))
                why.append(f"{piece.sort} {piece.shown}: an agent's address, not made for {sender}")
                continue
            if not any(signer.verifies(piece.token, p) for p in ticket.participants | {sender}):
                why.append(f"{piece.sort} {piece.shown}: the signature is not right")
                continue
        if sender not in ticket.participants and sender not in agents:
            why.append(f"{piece.sort} {piece.shown}: ticket {ticket.number}, but {sender} is not part of it")
            linked, linked_why = linked or ticket.number, linked_why or "stranger"
            continue
        if ticket.closed_at is not None and now - ticket.closed_at > reopen_within:
            why.append(
                f"{piece.sort} {piece.shown}: ticket {ticket.number} was closed on"
                f" {ticket.closed_at:%Y-%m-%d}, longer ago than it may be reopened"
            )
            linked, linked_why = linked or ticket.number, linked_why or "closed"
            continue
        followed = "" if ticket.number == named else f" (which continues {named})"
        why.append(f"{piece.sort} {piece.shown}: ticket {ticket.number}{followed}")
        strong = piece.sort in (Sort.REPLY_ADDRESS, Sort.OUR_MESSAGE_ID)
        return Match(ticket=ticket.number, strong=strong, why=tuple(why))
    if not evidence:
        why.append("nothing in it points to a ticket")
    return Match(linked=linked, linked_why=linked_why, why=tuple(why))


def _follow(number: int, candidate: Callable[[int], Candidate | None]) -> Candidate | None:
    """The ticket where a merged or duplicate one goes on; a circle of merges ends where it began."""
    seen = {number}
    found = candidate(number)
    while found and found.continued_by and found.continued_by not in seen:
        seen.add(found.continued_by)
        following = candidate(found.continued_by)
        if following is None:
            break
        found = following
    return found
