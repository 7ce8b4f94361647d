"""Decides which ticket a mail joins, from its evidence and what is known of the tickets it names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from maild.ids import OF_AGENTS, Signer
from maild.threading.evidence import STRONG, Evidence, Sort, domain_of

_WEAK = frozenset(Sort) - STRONG
_IDS = frozenset({Sort.OUR_MESSAGE_ID, Sort.KNOWN_MESSAGE_ID})  # a mail names those of one thread only
# What only those have who read the mail that it names: enough for readers of one list, and for history.
_SEEN_BY_READERS = frozenset({Sort.OUR_MESSAGE_ID, Sort.KNOWN_MESSAGE_ID, Sort.QUOTED_WORDS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What has to be known of a ticket to decide whether a sender may join it."""

    number: int
    participants: frozenset[str]  # addresses in lower case, and "list:NAME" for lists it came through
    left: frozenset[str] = frozenset()  # took part once, and said that they do no more
    contact: str = ""  # the participant whom the ticket is for
    closed_at: datetime | None = None
    continued_by: int | None = None  # the ticket that follows this one: merged into, duplicate of


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who presents the evidence, and what is proved of them (MAIL.md §3, §4)."""

    address: str  # in lower case
    is_agent: bool = False  # the address is an agent's, which proves nothing by itself
    proved: bool = False  # an aligned pass: the domain vouches for the address
    proved_agent: bool = False  # is_agent, and a pass that is good enough to act
    forged: bool = False  # an aligned check failed
    domains: frozenset[str] = frozenset()  # of the organisation that the sender's domain belongs to
    list_name: str = ""  # "list:NAME", when a person wrote through one
    history: bool = False  # imported silently: nobody is answered


@dataclass(frozen=True, slots=True)
class ClueTo:
    """Where a clue leads."""

    ticket: int
    at: datetime  # when it was last seen


class Link(StrEnum):
    """Why a ticket that evidence names is only linked."""

    STRANGER = "stranger"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The decision: the ticket joined, or a new one that may be linked; and every reason."""

    ticket: int | None = None
    linked: int | None = None  # named by evidence, but not to be joined
    linked_why: str = ""  # a Link
    strong: bool = False  # by what nobody can guess
    agent: str = ""  # the agent whom a signed reply address or an aligned pass proves the sender to be
    colleague: bool = False  # joined as one of the participants' organisation, or again
    unites: int | None = None  # another ticket of the same thread, which its ids name as well
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Everything that the decision depends on beside the evidence."""

    candidate: Callable[[int], Candidate | None]  # a ticket by its number
    known_ids: Mapping[str, int]  # the ticket that each Message-ID belongs to
    clues: Mapping[str, ClueTo]
    sender: Sender
    signer: Signer
    now: datetime
    reopen_within: timedelta
    same_subject_within: timedelta  # 0 switches that evidence off


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    """What one piece of evidence came to."""

    piece: Evidence
    ticket: int | None = None  # that it lets the sender join
    agent: bool = False
    colleague: bool = False
    link: tuple[int, Link] | None = None
    why: str


def match(evidence: Sequence[Evidence], question: Question) -> Match:
    """Weigh every piece of evidence, strongest first; the first that holds decides (MAIL.md §2).

    A ticket that the sender may not join is only linked, and nothing of it may be shown to the sender.
    """
    found = [_weigh(piece, question) for piece in evidence]
    used = next((f for f in found if f.ticket is not None), None)
    why = tuple(_explain(found, used)) or ("nothing in it points to a ticket",)
    if used is None:
        linked = next((f.link for f in found if f.link), None)
        return Match(linked=linked[0] if linked else None, linked_why=linked[1] if linked else "", why=why)
    others = (f.ticket for f in found if f.piece.sort in _IDS and f.ticket not in (None, used.ticket))
    return Match(
        ticket=used.ticket,
        strong=used.piece.sort in STRONG,
        agent=question.sender.address if used.agent else "",
        colleague=used.colleague,
        unites=next(others, None),
        why=why,
    )


def _weigh(piece: Evidence, question: Question) -> _Finding:
    """Try the ticket that a piece names, then those that its clues lead to."""
    first: _Finding | None = None
    for number, at in _named(piece, question):
        finding = _may_join(piece, number, at, question)
        if finding.ticket is not None:
            return finding
        first = first or finding
    return first or _Finding(piece=piece, why=f"{piece.sort} {piece.shown}: belongs to no ticket")


def _named(piece: Evidence, question: Question) -> Iterator[tuple[int, datetime | None]]:
    named = question.known_ids.get(piece.message_id) if piece.message_id else piece.ticket
    if named is not None:
        yield named, None
    led = [question.clues[clue] for clue in piece.clues if clue in question.clues]
    for number, times in Counter(each.ticket for each in led).most_common(3):  # equal counts: in the order of clues
        if times >= piece.enough and number != named:
            yield number, max(each.at for each in led if each.ticket == number)


def _may_join(piece: Evidence, named: int, at: datetime | None, question: Question) -> _Finding:
    """Whether the sender may use this piece to join the ticket that it names."""
    sender, shown = question.sender, f"{piece.sort} {piece.shown}"
    ticket = _follow(named, question.candidate)
    if ticket is None:
        return _Finding(piece=piece, why=f"{shown}: there is no ticket {named}")
    number = ticket.number
    agent = sender.proved_agent and sender.address != ticket.contact  # who asks for himself is a customer
    if piece.token is not None:
        if piece.token.purpose in OF_AGENTS:
            if not sender.is_agent or not question.signer.verifies(piece.token, sender.address):
                return _Finding(piece=piece, why=f"{shown}: an agent's address, not made for {sender.address}")
            agent = not sender.forged
            if agent:
                return _Finding(
                    piece=piece, ticket=number, agent=True, why=f"{shown}: made for agent {sender.address}, who sent it"
                )
        elif not any(question.signer.verifies(piece.token, p) for p in ticket.participants | {sender.address}):
            return _Finding(piece=piece, why=f"{shown}: the signature is not right")
    inside, colleague = _belongs(piece.sort, ticket, sender)
    if not inside:
        link = None if at else (number, Link.STRANGER)  # what a clue led to was a guess of ours
        why = f"{shown}: ticket {number}, but {sender.address} is not part of it"
        return _Finding(piece=piece, link=link, why=why)
    # A list changes what it passes on, so that every check fails; who reads it has read what the mail names.
    if sender.forged and piece.sort in _WEAK and not _is_reader(piece.sort, ticket, sender):
        why = f"{shown}: ticket {number}, but {sender.address} did not write this mail"
        return _Finding(piece=piece, link=(number, Link.STRANGER), why=why)
    if ticket.closed_at is not None and question.now - ticket.closed_at > question.reopen_within:
        why = f"{shown}: ticket {number} was closed on {ticket.closed_at:%Y-%m-%d}, longer ago than it may be reopened"
        return _Finding(piece=piece, link=(number, Link.CLOSED), why=why)
    if piece.sort is Sort.SAME_SUBJECT and (refused := _not_the_same(ticket, at, question)):
        return _Finding(piece=piece, why=f"{shown}: ticket {number}, {refused}")
    followed = "" if number == named else f" (which continues {named})"
    return _Finding(
        piece=piece, ticket=number, agent=agent, colleague=colleague, why=f"{shown}: ticket {number}{followed}"
    )


def _belongs(sort: Sort, ticket: Candidate, sender: Sender) -> tuple[bool, bool]:
    """(whether the sender is part of the ticket for this sort of evidence, only as a colleague)."""
    if sender.address in ticket.participants or sender.is_agent:
        return True, False
    if _is_reader(sort, ticket, sender):
        return True, False
    if sender.address in ticket.left:  # who answers a letter of ours has come back; nothing else brings them in
        return sort in STRONG, True
    organised = sender.domains and any(domain_of(p) in sender.domains for p in ticket.participants)
    colleague = bool(organised) and (sort in STRONG or sender.proved)
    return colleague, colleague


def _is_reader(sort: Sort, ticket: Candidate, sender: Sender) -> bool:
    """Whether the evidence shows only that the sender read a mail that is everybody's on a list, or is history."""
    everybodys = sender.history or (bool(sender.list_name) and sender.list_name in ticket.participants)
    return everybodys and sort in _SEEN_BY_READERS


def _not_the_same(ticket: Candidate, at: datetime | None, question: Question) -> str:
    if not question.same_subject_within:
        return "but that evidence is switched off"
    if ticket.closed_at is not None:
        return "but it is closed"
    if at is not None and question.now - at > question.same_subject_within:
        return "but that was too long ago"
    return ""


def _explain(found: Sequence[_Finding], used: _Finding | None) -> Iterator[str]:
    """A line for each piece, used or refused; those that only agree with the decision are counted."""
    agreeing: Counter[str] = Counter()
    for finding in found:
        if used is None or finding is used or finding.ticket is None:
            yield finding.why
        elif finding.ticket == used.ticket:
            agreeing[finding.piece.sort] += 1
        else:
            yield f"{finding.why}, not used: there is better evidence"
    if agreeing:
        yield "the same say: " + ", ".join(f"{sort} ({count})" for sort, count in agreeing.items())


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
