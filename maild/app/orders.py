"""Carries out what an agent's commands ask for, whichever way they came."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from maild.app.assign import Asked, assign
from maild.app.assign_waiting import tell_assignee
from maild.app.desk import Desk
from maild.app.escalate_by_hand import note_escalation, tell_manager
from maild.app.joining import Doer, join, joins_refused
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.offers import take_refused
from maild.app.references import keep_named
from maild.app.route_again import route_again
from maild.app.undoing import undo, undo_refused
from maild.routing.facts import Reference
from maild.tickets.events import EventKind
from maild.tickets.model import Ticket
from maild.tickets.orders import Order
from maild.tickets.permissions import Permission


def permissions_missing(order: Order, ticket: Ticket, desk: Desk, agent: str, *, answers: bool) -> list[str]:
    """Why an agent may not do this, a sentence for each permission; [] when all of it is allowed.

    What an override asks for may lack the permission to end a ticket; see `approving.py`.
    """
    needs = dict(order.needs)
    if order.override:
        needs.pop(Permission.RESOLVE, None)
    if answers or order.note:
        needs.setdefault(Permission.WRITE, "your answer" if answers else "your note")
    refused = [f"{what}: {why}" for permission, what in needs.items() if (why := desk.may(agent, permission, ticket))]
    assignee = order.gives("assignee") or ""
    if assignee and (why := desk.may(assignee, Permission.WRITE, replace(ticket, assignee=assignee))):
        refused.append(f"#assign {assignee}: nobody could answer it there; {why}")
    return refused + _gained(order, ticket, desk, agent)


def _gained(order: Order, ticket: Ticket, desk: Desk, agent: str) -> list[str]:
    """What an agent would get by moving a ticket, such as an assignee to where he may resolve: a move gives nothing."""
    queue, team = order.gives("queue"), order.gives("team")
    if queue is None and team is None:
        return []
    moved = replace(ticket, queue=ticket.queue if queue is None else queue, team=ticket.team if team is None else team)
    where = " and ".join(name for name, value in (("#queue", queue), ("#team", team)) if value is not None)
    return [
        f"{where}: who moves a ticket must not gain by it; {why}"
        for each in Permission
        if each not in (Permission.READ, Permission.WRITE)  # who may write may read, and writing is asked for already
        and (why := desk.may(agent, each, ticket))
        and not desk.may(agent, each, moved)
    ]


def refused_now(order: Order, number: int, ledger: Ledger, desk: Desk, *, agent: str) -> list[str]:
    """Why an order may not be carried out as things stand, beside the ticket itself: other tickets, other people.

    Call it before anything is recorded, with what `meant` made of the order; `agent` "" is the command line.
    """
    return [
        *joins_refused(order, number, ledger, desk, agent=agent),
        *undo_refused(order, number, ledger, desk, agent=agent),
        *take_refused(order, number, ledger, desk),
    ]


def no_customer(address: str, desk: Desk) -> str:
    """Why no ticket can be for this address; "" when one can, or when there is none."""
    ours = f"#customer {address}: this is an address of ours, so answers would come back to us"
    return ours if address and desk.is_ours(address) else ""


def change_customer(
    address: str, number: int, ledger: Ledger, desk: Desk, *, actor: str, mail: int | None, at: datetime
) -> None:
    """The ticket is for somebody else from now on: answers go there, and their mails belong to it."""
    organisation = desk.organisation_of(address)
    facts = {"contact": address, "customer": organisation.name if organisation else ""}
    if address not in ledger.known.participants.get(number, {}):
        facts["joined"] = address
    ledger.record(number, EventKind.CUSTOMER, at=at, actor=actor, mail=mail, facts=facts)
    ledger.join(number, address, "", "contact")


def carry_out(
    order: Order,
    number: int,
    ledger: Ledger,
    letters: Letters,
    *,
    actor: str,
    mail: int | None,
    at: datetime,
    agent: str = "",
    silent: bool = False,
    references: Collection[Reference] = (),
) -> str:
    """Record what an order changes on the ticket; a changed reason routes it again. Returns what came of that.

    `references` is what directories said of the keys that the order names.
    """
    before, written = ledger.ticket(number).reason_code, len(ledger.changes.letters)
    doer = Doer(actor=actor, mail=mail, at=at, agent=agent, silent=silent)
    for move in order.moves:
        ledger.move(
            number,
            move.to,
            at=at,
            actor=actor,
            mail=mail,
            reason=move.reason,
            code=move.resolution_code,
            continued_by=move.continued_by,
        )
    if order.fields:
        because = {"because": order.because} if order.because else {}
        facts = {field.name: field.value for field in order.fields}
        ledger.record(number, EventKind.SET, at=at, actor=actor, mail=mail, facts={**facts, **because})
    for remark in order.remarks:
        facts = {"sort": remark.sort, "words": remark.words}
        ledger.record(number, EventKind.NOTE, at=at, actor=actor, mail=mail, facts=facts)
    if order.escalation:
        note_escalation(order.escalation, number, ledger, actor=actor, mail=mail, at=at)
    said = keep_named(order, references, number, ledger, letters.desk, doer=doer)
    said += join(order, number, ledger, letters, doer)
    if order.undo:
        said += undo(order, number, ledger, letters, doer)
    if order.escalation and not silent:
        said.append(tell_manager(order.escalation, number, ledger, letters, doer))
    if ledger.ticket(number).reason_code not in ("", before):
        keep = {field.name for field in order.fields}
        said.append(route_again(number, ledger, letters, mail=mail, at=at, keep=keep, but=agent, silent=silent))
    handed_over = order.gives("team") is not None or order.gives("queue") is not None
    if handed_over and not order.gives("assignee") and not silent:
        asked = Asked(anew=order.gives("assignee") == "")
        said += hand_over(number, asked, ledger, letters, mail=mail, at=at, but=agent)
    given_to = order.gives("assignee")
    is_told = any(letter.recipient == given_to for letter in ledger.changes.letters[written:])  # of the new route
    if given_to and given_to != agent and not is_told and not silent:
        tell_assignee(number, ledger, letters)
    return "; ".join(said)


def hand_over(
    number: int, asked: Asked, ledger: Ledger, letters: Letters, *, mail: int | None, at: datetime, but: str
) -> list[str]:
    """Let a strategy choose who gets a ticket that changed hands, and tell that agent, who may be `but`, who knows."""
    before = ledger.ticket(number).assignee
    why = assign(number, asked, ledger, letters.desk, at=at, mail=mail)
    if ledger.ticket(number).assignee not in ("", before, but):
        tell_assignee(number, ledger, letters)
    return why
