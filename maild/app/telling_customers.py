"""Tells a customer what became of a ticket when the agent who did it had no words for him.

It looks at what was recorded, not at how that came about: a command by mail, on the command line, or whatever else
moves a ticket in an agent's name has the same letter, and one that brings an answer has none beside it.
"""

from __future__ import annotations

import re

from maild.app.aftercare import write_closing
from maild.app.customer_letters import nobody_to_write_to, result_of, solution_links, write_to_customer
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.steps import policy_of
from maild.sla.aftercare import NEVER
from maild.tickets.events import Event, EventKind
from maild.tickets.lifecycle import Status
from maild.tickets.orders import Order
from maild.tickets.undo import REASON

_BY_PEOPLE = ("agent:", "admin")
_UNTOLD_CODES = frozenset({"duplicate", "spam"})
# `#hold customer: please send the serial number`: what stands behind the colon, and nothing else, is meant for the
# customer. `#hold customer does not pay` is not.
_FOR_CUSTOMER = re.compile(r"(?is)\s*(?:customer|kunde|client|cliente|العميل)\s*(?:(?::|\s[–—-])\s*(.*))?")


def tell_customers(ledger: Ledger, letters: Letters) -> None:
    """Write what the new events ask for; before the clocks are settled."""
    last = {e.ticket: e for e in ledger.changes.events if e.kind is EventKind.STATUS}
    for number, event in last.items():
        still_so = ledger.ticket(number).status == event.data.get("to")
        if (
            still_so
            and event.data.get("reason") != REASON
            and event.actor.startswith(_BY_PEOPLE)
            and number not in ledger.silent
        ):
            _tell(event, number, ledger, letters)


def question_below(order: Order, number: int, ledger: Ledger, letters: Letters) -> dict[str, object]:
    """The links of "is it solved?" for the letter with an agent's words that resolve the ticket; {} if nobody asks."""
    resolves = bool(order.moves) and order.moves[-1].to is Status.RESOLVED
    if not resolves or not policy_of(number, ledger, letters.desk).confirm:
        return {}
    return solution_links(number, ledger, letters)


def is_told(number: int, ledger: Ledger, letters: Letters) -> bool:
    """Whether the customer is told of the status that a ticket has, if no words come with it."""
    policy, ticket = policy_of(number, ledger, letters.desk), ledger.ticket(number)
    wanted = {
        Status.RESOLVED: policy.tell_resolved or policy.confirm,
        Status.CLOSED: policy.tell_closed,
        Status.ON_HOLD: policy.tell_of_hold and bool(_FOR_CUSTOMER.fullmatch(ticket.hold_reason)),
    }
    is_untold = ticket.resolution_code in _UNTOLD_CODES or nobody_to_write_to(number, ledger, letters)
    return wanted.get(ticket.status, False) and not is_untold


def _tell(event: Event, number: int, ledger: Ledger, letters: Letters) -> None:
    ticket = ledger.ticket(number)
    if _was_answered_with(event, ledger) or not is_told(number, ledger, letters):
        return
    if ticket.status is Status.CLOSED:
        write_closing(number, ledger, letters, cause=event.mail)
    elif ticket.status is Status.RESOLVED:
        _write_resolution(event, ledger, letters)
    elif said := _FOR_CUSTOMER.fullmatch(ticket.hold_reason):  # another reason is for us
        _write("waiting", event, ledger, letters, text=(said[1] or "").strip())


def _was_answered_with(event: Event, ledger: Ledger) -> bool:
    """Whether the same mail, or the same command, brought words for the customer."""
    same = (each for each in ledger.new_events[event.ticket] if each.mail == event.mail)
    return any(each.kind is EventKind.ANSWER for each in same)


def _write_resolution(event: Event, ledger: Ledger, letters: Letters) -> None:
    desk, number = letters.desk, event.ticket
    lasts = policy_of(number, ledger, desk).close_after
    _write(
        "resolution",
        event,
        ledger,
        letters,
        code=result_of(number, ledger, letters),
        closes_at=desk.time(event.at + lasts) if lasts > NEVER else "",
        **solution_links(number, ledger, letters),
    )


def _write(template: str, event: Event, ledger: Ledger, letters: Letters, **facts: object) -> None:
    write_to_customer(
        template,
        event.ticket,
        ledger,
        letters,
        about=f"{template} {event.seq}",
        at=event.at,
        facts=facts,
        cause=event.mail,
    )
