"""The letters that answer a customer's request: what was done, and where the open tickets stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from maild.app.customer_zone import time_in, zone_of_customer
from maild.app.desk import Desk
from maild.app.ledger import Ledger
from maild.app.letter_facts import common_facts
from maild.app.letters import Letters
from maild.app.list_lines import ListLine
from maild.app.outcome import Outcome, Role, Taken
from maild.app.prepare import Prepared
from maild.ids import Purpose
from maild.mail.customer_asks import CustomerAsk
from maild.mail.mailto import mailto
from maild.mail.model import Address
from maild.sla.standing import Standing
from maild.sla.terms import ClockKind

LISTED = 25  # tickets of one letter


@dataclass(frozen=True, slots=True)
class Request:
    """What a customer asks for, and by which mail."""

    asked: CustomerAsk
    prepared: Prepared
    ledger: Ledger
    letters: Letters


def receipt(request: Request, number: int, done: str) -> list[str]:
    """Tell who asked what was done with a ticket, a key of the letter's words; returns why nobody is told."""
    asked, prepared, ledger, letters = request.asked, request.prepared, request.ledger, request.letters
    desk, ticket, row = letters.desk, ledger.ticket(number), prepared.row
    refused = letters.write(
        ledger,
        "receipt",
        cause=row.id,
        received_at=row.received_at,
        to=Address("", prepared.sender),
        ticket=ticket,
        queue=desk.queue_named(ticket.queue),
        purpose=Purpose.CUSTOMER,
        in_reply_to=prepared.mail.message_id,
        references=_references(prepared),
        auto_submitted="auto-replied",
        language=ticket.language or _language(asked),
        facts={
            **common_facts(number, ledger, letters),
            "tag": letters.tag(number),
            "subject": ticket.subject,
            "done": done,
            "text": asked.address,
        },
    )
    return [f"no receipt: {refused}"] if refused else []


def status_letter(request: Request) -> Taken:
    """Tell a customer of the open tickets: the own ones, and as policy allows those of the whole organisation."""
    asked, prepared, ledger, letters = request.asked, request.prepared, request.ledger, request.letters
    desk, sender, row = letters.desk, prepared.sender, prepared.row
    lines, total = ledger.unit.open_tickets_of(sender, _shared(sender, desk), ledger.now, limit=LISTED)
    zone = zone_of_customer(prepared, desk.organisation_of(sender), desk)
    theirs = {line.language for line in lines if line.contact == sender and line.language}
    refused = letters.write(
        ledger,
        "customer_status",
        cause=row.id,
        received_at=row.received_at,
        to=Address("", sender),
        ticket=None,
        queue=desk.queues[0],
        in_reply_to=prepared.mail.message_id,
        references=_references(prepared),
        auto_submitted="auto-replied",
        language=_language(asked) or (theirs.pop() if len(theirs) == 1 else ""),
        facts={
            "subject_with_tag": f"Re: {prepared.mail.subject}" if prepared.vouched else desk.name,
            "desk_name": desk.name,
            "greeting_name": prepared.mail.sender.name if prepared.vouched and prepared.mail.sender else "",
            "tickets": [_ticket(line, sender, ledger.now, zone, letters) for line in lines],
            "more": total - len(lines),
            "zone": str(zone),
        },
    )
    why = f"the customer asks where {total} open tickets stand"
    return Taken(Outcome.COMMAND, None, (why, *((f"not answered: {refused}",) if refused else ())), Role.INTERNAL)


def _shared(sender: str, desk: Desk) -> str:
    """The organisation whose tickets all of its people may see; "" when each sees the own ones."""
    organisation = desk.organisation_of(sender)
    if organisation is None:
        return ""
    shared = organisation.contacts == "all" if organisation.contacts else desk.customers.sees_colleagues
    return organisation.name if shared else ""


def _ticket(line: ListLine, sender: str, now: datetime, zone: tzinfo, letters: Letters) -> dict[str, object]:
    desk, tag, stands = letters.desk, letters.tag(line.number), line.stands
    address = desk.queue_named(line.queue).addresses[0]
    to = desk.signer.reply_address(address, line.number, sender, Purpose.CUSTOMER)
    answers = stands.clock in (ClockKind.FIRST_RESPONSE, ClockKind.NEXT_RESPONSE)
    expected = stands.due_at if answers and stands.standing is not Standing.FAILED else None
    return {
        "tag": tag,
        "subject": line.subject,
        "status_label": desk.label(line.status),
        "opened": time_in(line.opened_at, zone) if line.opened_at else "",
        "due": time_in(expected, zone) if expected and expected > now else "",
        "contact": "" if line.contact == sender else line.contact_name or line.contact,
        "href": mailto(to, subject=f"Re: {line.subject.replace(tag, '').strip()} {tag}"),
    }


def _language(asked: CustomerAsk) -> str:
    """The language in which it was asked; "" when the words are of several."""
    return next(iter(asked.languages)) if len(asked.languages) == 1 else ""


def _references(prepared: Prepared) -> list[str]:
    return [prepared.mail.message_id] if prepared.mail.message_id else []
