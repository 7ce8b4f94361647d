"""Offers an absent agent's urgent tickets to others; whoever takes one first has it.

Nothing is taken away: the agent may be back in an hour, and knows the matter. A strategy gives new tickets to
others while somebody is away; what somebody has already is given on only by a person.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from maild.app.assign import Asked, pool_of, staff_of
from maild.app.clocks import clocks_of
from maild.app.desk import Desk
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.recipients import is_away, manager_of
from maild.app.staff import Absence
from maild.ids import Purpose
from maild.mail.mailto import mailto
from maild.mail.model import Address
from maild.tickets.model import Ticket
from maild.tickets.orders import Order

MOST_LOOKED_AT = 200  # tickets of one agent; who has more has a problem that no letter solves
MOST_OFFERED = 30  # listed in a letter
_URGENT = ("high", "critical")
_USED = 0.75  # of a clock's target


def take_refused(order: Order, number: int, ledger: Ledger, desk: Desk) -> list[str]:
    """Why `#take` cannot be done: somebody who is here has the ticket."""
    assignee = ledger.ticket(number).assignee
    if not order.take or not assignee or assignee not in desk.agents or is_away(assignee, ledger):
        return []
    return [f"#take: {desk.agents[assignee] or assignee} has taken it; #assign me takes it all the same"]


def offer_tickets(absence: Absence, ledger: Ledger, letters: Letters) -> list[str]:
    """Write one letter to everybody who could take an absent agent's urgent tickets; returns what was done."""
    desk, absent = letters.desk, absence.address
    numbers = ledger.unit.busy_tickets(absent, MOST_LOOKED_AT)
    ledger.meet(numbers)
    urgent = [number for number in numbers if is_urgent(number, absence.until, ledger, desk)]
    offered: dict[str, list[int]] = {}
    for number in urgent:
        for recipient in _others(ledger.ticket(number), absent, ledger, desk):
            offered.setdefault(recipient, []).append(number)
    said = [_offer(absence, recipient, tickets, ledger, letters) for recipient, tickets in offered.items()]
    left = len(urgent) - len({number for tickets in offered.values() for number in tickets})
    return [*said, *([f"{left} urgent tickets of {absent} could be offered to nobody"] if left else [])]


def is_urgent(number: int, until: datetime | None, ledger: Ledger, desk: Desk) -> bool:
    """Whether a ticket cannot wait until its agent is back; `until` None: nobody knows when."""
    ticket = ledger.ticket(number)
    if ticket.priority in _URGENT:
        return True
    running = [clock for clock in clocks_of(number, ledger, desk).running if clock.due_at is not None]
    return any(
        clock.used(ledger.now) >= clock.target * _USED or until is None or (clock.due_at or until) < until
        for clock in running
    )


def _others(ticket: Ticket, absent: str, ledger: Ledger, desk: Desk) -> list[str]:
    """Who is here and may answer a ticket: its team, or whoever shares it out; else the manager."""
    absences = staff_of(ledger, desk).roster.absences
    pool = [address for address in pool_of(ticket, Asked(), desk) if address != absent]
    here = [address for address in pool if address not in absences or not absences[address].holds(ledger.now)]
    manager = manager_of(ticket, desk).lower()
    return here or list(desk.readers([manager] if manager and manager != absent else [], ticket))


def _offer(absence: Absence, recipient: str, numbers: list[int], ledger: Ledger, letters: Letters) -> str:
    desk, absent = letters.desk, absence.address
    name = desk.agents.get(absent) or absent
    first = ledger.ticket(numbers[0])
    support = desk.queue_named(first.queue).addresses[0]
    refused = letters.write(
        ledger,
        "offer",
        cause=absence.mail or 0,
        received_at=absence.since,
        to=Address(desk.agents.get(recipient, ""), recipient),
        ticket=None,
        queue=desk.queue_named(first.queue),
        # Words that answer an offer are for colleagues: its subject names tickets, whose customers would get them else.
        reply_to=desk.signer.reply_address(support, first.number, recipient, Purpose.NOTE)
        if recipient in desk.agents
        else "",
        facts={
            "desk_name": desk.name,
            "subject_with_tag": f"{name}: {', '.join(letters.tag(number) for number in numbers[:5])}",
            "who": name,
            "until": _last_moment(absence.until, desk) if absence.until else "",
            "zone": str(desk.zone),
            "tickets": [_line(number, recipient, ledger, letters) for number in numbers[:MOST_OFFERED]],
            "more": max(0, len(numbers) - MOST_OFFERED),
            "marker": "",
        },
    )
    tags = ", ".join(letters.tag(number) for number in numbers)
    return f"{tags} of {absent}: " + (
        f"not offered to {recipient}: {refused}" if refused else f"offered to {recipient}"
    )


def _last_moment(until: datetime, desk: Desk) -> str:
    """The last day of an absence that ends with a day, as automatic replies name it; else the moment of its end."""
    there = until.astimezone(desk.zone)
    return f"{there - timedelta(days=1):%Y-%m-%d}" if there.time() == time() else desk.time(until)


def _line(number: int, recipient: str, ledger: Ledger, letters: Letters) -> dict[str, object]:
    desk, ticket = letters.desk, ledger.ticket(number)
    due = min((clock.due_at for clock in clocks_of(number, ledger, desk).running if clock.due_at), default=None)
    return {
        "tag": letters.tag(number),
        "subject": ticket.subject,
        "contact": ticket.contact,
        "priority": ticket.priority,
        "due": desk.time(due) if due else "",
        "href": take_link(ticket, recipient, letters) if recipient in desk.agents else "",
    }


def take_link(ticket: Ticket, recipient: str, letters: Letters) -> str:
    """A `mailto:` [RFC 6068] that takes a ticket for this agent, if it is still to be had when it is sent."""
    desk = letters.desk
    support = desk.queue_named(ticket.queue).addresses[0]
    to = desk.signer.reply_address(support, ticket.number, recipient, Purpose.AGENT)
    return mailto(to, subject=letters.subject(ticket), body="#take")
