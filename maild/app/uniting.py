"""Makes one ticket of two when the mail turns up that joins their threads (PAINS row 16)."""

from __future__ import annotations

from dataclasses import replace

from maild.app.ledger import Ledger
from maild.app.prepare import Prepared, is_answerable
from maild.mail.authenticity import Proof
from maild.threading.evidence import LONGEST_ID
from maild.threading.match import Match
from maild.tickets.events import EventKind, Facts
from maild.tickets.joining import are_parted
from maild.tickets.lifecycle import Status

UNITED = "united"  # why the older ticket is linked to the younger one
_UNTOUCHED = frozenset({Status.NEW, Status.OPEN})
_OVER = frozenset({Status.RESOLVED, Status.CLOSED})


def unite(matched: Match, prepared: Prepared, ledger: Ledger) -> Match:
    """Let the younger of two tickets of one thread go on in the older; returns the match as it is then.

    Only a ticket that no agent has worked on is united by itself, with one that is not over yet and that the
    same people are in; else the two are linked. Ids of mails can be written by anybody: who is part of one of
    the two only, or of neither but by an agent's address, must not lead the words of one to the people of the other.
    """
    if matched.ticket is None or matched.unites is None or not is_answerable(prepared.verdict.kind):
        return matched
    older, younger = sorted((matched.ticket, matched.unites))
    if are_parted(ledger.events(younger), older):
        return _of_the_parted(matched, prepared, ledger)
    people, others = (ledger.known.participants.get(number, {}) for number in (older, younger))
    # What is history, or was said on one list, everybody there has read already.
    is_read_by_all = prepared.row.silent or (prepared.list_name in people and prepared.list_name in others)
    is_in_both = prepared.sender in people and prepared.sender in others
    if not (is_in_both or is_read_by_all) or prepared.authenticity.result is Proof.FAIL:
        return matched
    first, ticket, row = ledger.ticket(older), ledger.ticket(younger), prepared.row
    touched = ticket.status not in _UNTOUCHED or ticket.responded_at is not None or ticket.assignee
    know_each_other = is_read_by_all or (first.contact in others and ticket.contact in people)
    if touched or first.status in _OVER or not know_each_other:
        _link(older, younger, "same thread", prepared, ledger)
        return replace(matched, why=(*matched.why, f"linked to ticket {younger}, which is of the same thread"))
    ledger.record(
        younger,
        EventKind.STATUS,
        at=row.received_at,
        actor="system",
        mail=row.id,
        facts={"from": ticket.status, "to": Status.DUPLICATE, "reason": "same thread", "continued_by": older},
    )
    _link(older, younger, UNITED, prepared, ledger)
    ledger.unite(younger, older)
    why = f"ticket {younger} goes on in ticket {older}: this mail shows that they are one thread"
    return replace(matched, ticket=older, why=(*matched.why, why))


def _of_the_parted(matched: Match, prepared: Prepared, ledger: Ledger) -> Match:
    """Of two tickets that a person has parted, the mail belongs to the one whose mail it answers itself."""
    threads = ledger.known.threads
    answered = next((threads[i[:LONGEST_ID]] for i in prepared.mail.in_reply_to if i[:LONGEST_ID] in threads), None)
    if answered != matched.unites or matched.agent:  # an agent's address says which ticket is meant
        return matched
    why = f"ticket {answered}, parted from {matched.ticket}, has the mail that it answers"
    return replace(matched, ticket=answered, why=(*matched.why, why))


def _link(number: int, to: int, why: str, prepared: Prepared, ledger: Ledger) -> None:
    row = prepared.row
    facts: Facts = {"ticket": to, "why": why}
    ledger.record(number, EventKind.LINKED, at=row.received_at, actor="system", mail=row.id, facts=facts)
