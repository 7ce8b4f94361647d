"""What customers do by mail alone: see where their tickets stand, end or reopen one, come and go (docs/customers.md).

A request is the whole of a mail, of a person whom something proves: the own domain, or an address or id of
ours that only this person was told of. Without proof it is a mail like any other.
"""

from __future__ import annotations

from dataclasses import replace

from maild.app.customer_mail import customer_reply
from maild.app.customer_receipts import Request, receipt, status_letter
from maild.app.desk import Desk
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.outcome import Outcome, Role, Taken
from maild.app.people import actor_of
from maild.app.prepare import Prepared
from maild.app.telling import tell_agents
from maild.ids import Purpose, ReplyToken, read_reply_address
from maild.mail.authenticity import Proof
from maild.mail.customer_ask_words import Ask
from maild.mail.customer_asks import CustomerAsk, read_customer_ask
from maild.mail.model import Kind
from maild.mail.own_line import own_line, says_nothing
from maild.mail.robots import is_no_reply
from maild.threading.match import Match
from maild.threading.subjects import base_subject
from maild.tickets.events import EventKind
from maild.tickets.lifecycle import ENDED, Status
from maild.tickets.resolutions import RESOLVED

_OVER = ENDED - {Status.RESOLVED}


def customer_ask(prepared: Prepared, matched: Match, ledger: Ledger, letters: Letters) -> Taken | None:
    """Do what a customer asks for; None when the mail is no request, or nothing proves whose it is."""
    desk, number = letters.desk, matched.ticket
    asked = _read(prepared, desk)
    if asked is None or prepared.authenticity.forbids_answer or prepared.authenticity.result is Proof.FAIL:
        return None
    request = Request(asked, prepared, ledger, letters)
    if asked.ask is Ask.STATUS:
        own = any(desk.signer.verifies(token, prepared.sender) for token in _tokens(prepared, desk))
        return status_letter(request) if prepared.vouched or own else None
    if number is None or not matched.strong:
        return None
    if prepared.sender not in ledger.known.participants.get(number, {}):
        has_left = prepared.sender in ledger.known.left.get(number, ())
        return _done(request, number, "left") if has_left and asked.ask is Ask.LEAVE else None
    match asked.ask:
        case Ask.CLOSE:
            return _close(request, number)
        case Ask.REOPEN:
            taken = customer_reply(prepared, matched, number, ledger, letters)
            return replace(taken, why=(*taken.why, *_told(request, number, "reopened")))
        case Ask.ADD:
            return _add(request, number)
        case _:
            return _let_go(request, number)


def _read(prepared: Prepared, desk: Desk) -> CustomerAsk | None:
    """The request that a mail is: its only line, or its subject when it has no words."""
    if prepared.sender in desk.agents or prepared.by_form or prepared.verdict.kind is not Kind.HUMAN:
        return None
    if prepared.row.silent or prepared.row.handling == "bare" or not prepared.verdict.acknowledge:
        return None
    if any(not attachment.inline for attachment in prepared.mail.attachments):
        return None
    if any(token.purpose is not Purpose.CUSTOMER for token in _tokens(prepared, desk)):
        return None  # an address of its own meaning
    words, name = prepared.reply.text, prepared.name
    # Whether more was written is asked last: it costs most, and hardly any mail comes so far.
    if (asked := read_customer_ask(words.strip().partition("\n")[0])) and own_line(words, name):
        return asked
    subject = base_subject(prepared.mail.subject, desk.tag)
    asked = None if subject.is_reply else read_customer_ask(subject.words)
    return asked if asked and says_nothing(words, name) else None


def _tokens(prepared: Prepared, desk: Desk) -> list[ReplyToken]:
    found = (read_reply_address(address) for address in prepared.addressed if desk.is_ours(address))
    return [token for token in found if token]


def _close(request: Request, number: int) -> Taken:
    """The customer's word ends a ticket; where policy asks agents for more, it is resolved until they gave that."""
    prepared, ledger = request.prepared, request.ledger
    ticket = ledger.ticket(number)
    if ticket.status in _OVER:
        return _done(request, number, "closed")
    code = ticket.resolution_code or RESOLVED
    wanting = request.letters.desk.lifecycle.refusal(ticket, Status.CLOSED, code=code)
    to = Status.RESOLVED if wanting else Status.CLOSED
    if to is not ticket.status:
        at = max(prepared.row.received_at, ticket.held_at or prepared.row.received_at)
        actor, mail = actor_of(prepared, ledger), prepared.row.id
        ledger.move(number, to, at=at, actor=actor, mail=mail, reason="asked by the customer", code=code)
    warning = f"The customer asked to close it, but {wanting}." if wanting else ""
    return _done(request, number, to, tell=to, warning=warning)


def _add(request: Request, number: int) -> Taken:
    """Somebody else may take part from now on; gets nothing before an agent answers them."""
    desk, address = request.letters.desk, request.asked.address
    people = request.ledger.known.participants[number]
    if address in people:
        return _done(request, number, "added")
    if desk.is_ours(address) or address in desk.staff or is_no_reply(address):
        return _done(request, number, "cannot_add")
    request.ledger.join(number, address, "", "copied", again=True)
    if address not in people:  # there are too many
        return _done(request, number, "cannot_add")
    _record(request, number, EventKind.JOINED, address)
    return _done(request, number, "added", tell="added")


def _let_go(request: Request, number: int) -> Taken:
    """Somebody takes part no more: who asks for it, or whom a participant names. Not whom the ticket is for."""
    ledger, sender = request.ledger, request.prepared.sender
    leaves = request.asked.ask is Ask.LEAVE or request.asked.address == sender
    address = sender if leaves else request.asked.address
    if address == ledger.ticket(number).contact or address not in ledger.known.participants[number]:
        return _done(request, number, "cannot_leave" if leaves else "cannot_remove")
    ledger.stay_away(number, address)
    _record(request, number, EventKind.LEFT, address)
    done = "left" if leaves else "removed"
    return _done(request, number, done, tell=done)


def _told(request: Request, number: int, done: str) -> list[str]:
    """The receipt, and what the timeline of the mail says of it."""
    return [f"the customer asks to {request.asked.ask}: {done}", *receipt(request, number, done)]


def _record(request: Request, number: int, kind: EventKind, address: str) -> None:
    row, actor = request.prepared.row, actor_of(request.prepared, request.ledger)
    request.ledger.record(number, kind, at=row.received_at, actor=actor, mail=row.id, facts={"address": address})


def _done(request: Request, number: int, done: str, *, tell: str = "", warning: str = "") -> Taken:
    """Write the receipt, and tell the agents `what` happened, unless nothing did."""
    why = _told(request, number, done)
    if tell:
        warnings = (warning,) if warning else ()
        why += tell_agents(request.prepared, number, tell, request.ledger, request.letters, warnings=warnings)
    return Taken(Outcome.COMMAND, number, tuple(why), Role.INTERNAL)
