"""Tells in one letter of the clocks of several tickets: alerts that were grouped, or held back by a budget."""

from __future__ import annotations

from collections.abc import Sequence

from maild.app.changes import HeldBack
from maild.app.clocks import clocks_of
from maild.app.digest_words import LISTED, named
from maild.app.ledger import Ledger
from maild.app.letter_facts import clock_words
from maild.app.letters import Letters
from maild.ids import Purpose
from maild.mail.model import Address
from maild.sla.clock import Clock


def tell_of_clocks(recipient: str, held: Sequence[HeldBack], ledger: Ledger, letters: Letters) -> str:
    """Tell where the clocks of these tickets stand by now, the most urgent first; returns why not, or "".

    Tickets whose clocks run no more are left out; nothing is written when none is left.
    """
    desk, now = letters.desk, ledger.now
    lines = []
    for number in sorted({one.ticket for one in held[-LISTED:]} & ledger.known.tickets.keys()):
        running = [clock for clock in clocks_of(number, ledger, desk).running if clock.due_at is not None]
        if running:
            lines.append((number, max(running, key=lambda clock: clock.used(now) / clock.target)))
    lines.sort(key=lambda line: line[1].used(now) / line[1].target, reverse=True)
    if not lines:
        return ""
    return letters.write(
        ledger,
        "sla_digest",
        cause=0,
        about="sla digest",
        received_at=min(one.since for one in held),
        to=Address(desk.agents.get(recipient, ""), recipient),
        ticket=None,
        queue=desk.queues[0],
        facts={
            "subject_with_tag": f"[{desk.name}] {named(desk.tag, [number for number, _ in lines])}",
            "desk_name": desk.name,
            "count": len(lines),
            "tickets": [_line(number, clock, recipient, ledger, letters) for number, clock in lines],
            "more": max(len(held) - LISTED, 0),
        },
    )


def _line(number: int, clock: Clock, recipient: str, ledger: Ledger, letters: Letters) -> dict[str, object]:
    desk, ticket = letters.desk, ledger.ticket(number)
    address = desk.queue_named(ticket.queue).addresses[0]
    words = clock_words(clock, desk, ledger.now)
    is_agent = recipient in desk.agents
    return {
        "tag": letters.tag(number),
        "subject": ticket.subject,
        "contact": ticket.contact,
        "clock_label": words["clock_label"],
        "used_percent": words["used_percent"],
        "due": words["due"],
        "breached": clock.failed(ledger.now),
        "address": desk.signer.reply_address(address, number, recipient, Purpose.AGENT) if is_agent else "",
    }
