"""What happened to a ticket since the letter that an agent answers: what he has not seen when he wrote.

An answer goes out all the same, and the agent is told. A command that takes back what a colleague has done
meanwhile, or ends a ticket over a customer's unread mail, is refused with what happened; who answers the refusal
has seen that, so the same words then count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from maild.app.agent_request import AgentRequest
from maild.app.desk import Desk
from maild.app.known import SentLetter
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.prepare import Prepared
from maild.ids import OF_AGENTS
from maild.tickets.events import Event, EventKind
from maild.tickets.lifecycle import ENDED, Status

_TOLD_FIELDS = ("assignee", "priority", "queue", "team")
_INSIST = "Answer this letter with the same words to do it all the same."


@dataclass(frozen=True, slots=True, kw_only=True)
class Meanwhile:
    """What others did since."""

    problems: tuple[str, ...] = ()  # why nothing may be done
    line: str = ""  # what the agent should know when it is done


def nonces_answered(answered: Iterable[str], desk: Desk) -> set[str]:
    """The letters of ours that a mail answers, by their nonces."""
    return {nonce for each in answered if (nonce := desk.signer.read_letter_nonce(each))}


def changed_meanwhile(
    request: AgentRequest, prepared: Prepared, number: int, ledger: Ledger, letters: Letters
) -> Meanwhile:
    """What others did to the ticket since the letter that the mail answers; nothing when it answers none."""
    desk, ticket = letters.desk, ledger.ticket(number)
    told: list[str] = []
    problems: list[str] = []
    meant = _ticket_meant(prepared, ledger, desk)
    if meant not in (None, number):
        there = f"ticket {meant} goes on in ticket {number}"
        theirs = ledger.known.tickets.get(meant) if meant else None
        if request.answer and theirs and theirs.contact != ticket.contact and not _has_seen(prepared, number, ledger):
            problems.append(f"Nothing was sent: {there}, whose answers go to {ticket.contact}.")
        elif not request.order.undo:  # which may have taken just that back
            told.append(f"{there}, and so does your mail")
    letter = answered_letter(prepared, ledger, desk)
    if letter is not None and letter.created_at is not None:
        own = f"agent:{ledger.known.contacts[request.agent]}"
        stored = (*ledger.unit.events(number), *ledger.new_events.get(number, ()))
        since = [e for e in stored if e.at > letter.created_at and e.actor != own]
        problems += _contradicted(request, since, ledger, desk)
        told += _said_of(since, ledger, desk)
    if problems:
        return Meanwhile(problems=(*problems, _INSIST))
    return Meanwhile(line=_since(told))


def answered_letter(prepared: Prepared, ledger: Ledger, desk: Desk) -> SentLetter | None:
    """The newest letter of ours to this sender that the mail answers."""
    known = (ledger.known.letters.get(nonce) for nonce in nonces_answered(prepared.answered, desk))
    mine = [letter for letter in known if letter and letter.recipient == prepared.sender]
    return max(mine, key=lambda letter: letter.id, default=None)


def answered_mail(prepared: Prepared, ledger: Ledger, desk: Desk) -> int | None:
    """The inbox row of the mail that the notification was about which an agent answers; None when nobody knows."""
    letter = answered_letter(prepared, ledger, desk)
    return letter.cause if letter is not None and letter.template in ("notification", "assignment") else None


def _ticket_meant(prepared: Prepared, ledger: Ledger, desk: Desk) -> int | None:
    """The ticket whose letter or signed address the agent used; another one may have taken its place."""
    letter = answered_letter(prepared, ledger, desk)
    if letter is not None and letter.ticket is not None:
        return letter.ticket
    tokens = (piece.token for piece in prepared.evidence if piece.token)
    return next((t.ticket for t in tokens if t.purpose in OF_AGENTS and desk.signer.verifies(t, prepared.sender)), None)


def _has_seen(prepared: Prepared, number: int, ledger: Ledger) -> bool:
    """Whether the mail answers a letter about the ticket where it goes on."""
    return any(
        letter.ticket == number for letter in ledger.known.letters.values() if letter.recipient == prepared.sender
    )


def _contradicted(request: AgentRequest, since: list[Event], ledger: Ledger, desk: Desk) -> list[str]:
    """What others did that the request would take back, or that its writer has not read."""
    order = request.order
    by_people = [e for e in since if e.actor.startswith("agent:") or e.actor == "admin"]
    moved = [e for e in by_people if e.kind is EventKind.STATUS]
    wrote = [e for e in since if e.kind is EventKind.MAIL]
    given = [e for e in by_people if e.kind is EventKind.CUSTOMER]
    wanted = {field.name: field.value for field in order.fields}
    found: list[Event] = []
    if order.moves and order.moves[-1].to is not (moved and _status(moved[-1])):
        found += moved[-1:]
        if order.moves[-1].to in ENDED:
            found += wrote[-1:]
    if request.answer and not order.customer:
        found += given[-1:]
    for event in by_people:
        if event.kind is EventKind.SET and any(
            name in wanted and wanted[name] != value for name, value in _facts(event).items()
        ):
            found.append(event)
    line = _since(_said_of(found, ledger, desk))
    return [f"{line[:1].upper()}{line[1:]}."] if line else []


def _since(clauses: list[str]) -> str:
    return f"since the letter that you answer: {'; '.join(dict.fromkeys(clauses))}" if clauses else ""


def _said_of(events: list[Event], ledger: Ledger, desk: Desk) -> list[str]:
    """What happened, a clause for each event that an agent should know of."""
    addresses = ledger.unit.addresses({int(e.actor.partition(":")[2]) for e in events if ":" in e.actor})
    said = []
    for event in events:
        address = addresses.get(int(event.actor.partition(":")[2]), "") if ":" in event.actor else ""
        who = desk.agents.get(address, address) or ("an admin" if event.actor == "admin" else "maild")
        if what := _what(event, desk):
            said.append(f"{who} {what} ({desk.time(event.at)})")
    return said


def _what(event: Event, desk: Desk) -> str:
    is_person = event.actor != "system"
    if event.kind is EventKind.MAIL:
        return "wrote"
    if event.kind is EventKind.ANSWER:
        return "answered the customer"
    if event.kind is EventKind.STATUS and (event.actor.startswith("agent:") or event.actor in ("admin", "system")):
        return f"set the status to {desk.label(_status(event))}"
    if event.kind is EventKind.CUSTOMER:
        return f"gave the ticket to {_facts(event).get('contact', 'another customer')}"
    if event.kind is EventKind.SET and is_person:
        facts = _facts(event)
        changed = [f"set the {name} to {facts[name] or 'nothing'}" for name in _TOLD_FIELDS if name in facts]
        return " and ".join(changed)
    return ""


def _status(event: Event) -> Status:
    return Status(str(event.data["to"]))


def _facts(event: Event) -> dict[str, object]:
    return {**event.data, **(event.content or {})}
