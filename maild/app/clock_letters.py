"""The letters about a ticket's clocks: at risk, breached, escalated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from maild.app.ledger import Ledger
from maild.app.letter_facts import clock_line, clock_words, common_facts, past_mails
from maild.app.letters import Letters
from maild.ids import Purpose
from maild.mail.model import Address
from maild.sla.clock import Clock

AT_RISK, BREACH, ESCALATION = "at_risk", "breach", "escalation"
_NO_CLOCK: Mapping[str, object] = {"clock_label": "", "used_percent": 0, "used": "", "left": "", "due": ""}
CLOCK_LETTERS = frozenset({AT_RISK, BREACH, ESCALATION})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockLetter:
    """What there is to tell of a clock, whoever is told."""

    template: str
    number: int  # the ticket
    clock: Clock | None  # None: an agent escalates a ticket of which no clock runs
    others: Sequence[Clock] = ()  # further ones of the ticket
    occasion: str  # the same one never has two letters, whatever is done again
    facts: Mapping[str, object] = field(default_factory=dict)  # further ones that the template asks for


def write_clock_letter(letter: ClockLetter, recipients: Sequence[str], ledger: Ledger, letters: Letters) -> list[str]:
    """Write one letter to each; returns who is told, and who only in a digest because a budget held it back."""
    said = []
    for recipient in recipients:
        refused = _write(letter, recipient, ledger, letters)
        if refused:
            ledger.hold(recipient, letter.template, letter.number)
        said.append(f"{recipient}, in a digest: {refused}" if refused else recipient)
    return said


def _write(letter: ClockLetter, recipient: str, ledger: Ledger, letters: Letters) -> str:
    number, clock = letter.number, letter.clock
    desk, ticket = letters.desk, ledger.ticket(number)
    is_agent = recipient in desk.agents
    return letters.write(
        ledger,
        letter.template,
        cause=0,
        about=f"sla {number} {f'{clock.kind} {clock.cycle} ' if clock else ''}{letter.occasion}",
        received_at=clock.started_at if clock else ticket.opened_at or ledger.now,
        to=Address(desk.agents.get(recipient, ""), recipient),
        ticket=ticket,
        queue=desk.queue_named(ticket.queue),
        purpose=Purpose.AGENT if is_agent else None,
        in_reply_to=desk.signer.ticket_id(desk.domain, number),
        facts={
            **common_facts(number, ledger, letters),
            "tag": letters.tag(number),
            "subject": ticket.subject,
            "customer_name": ledger.known.participants.get(number, {}).get(ticket.contact, ""),
            "customer_address": ticket.contact,
            "status_label": desk.label(ticket.status),
            "queue": ticket.queue,
            "priority": ticket.priority,
            "assignee": desk.agents.get(ticket.assignee, ticket.assignee),
            **(clock_words(clock, letters.desk, ledger.now) if clock else _NO_CLOCK),
            "started": desk.time(clock.started_at) if clock else "",
            "zone": str(desk.zone),
            "policy": clock.policy if clock else "",
            "calendar": clock.calendar.name if clock else "",
            "hold_reason": ticket.hold_reason,
            "history": past_mails(number, ledger, desk),
            "others": [clock_line(other, letters.desk, ledger.now) for other in letter.others],
            # Only an agent's reply is taken as one; and there must be somebody to answer.
            "reply": is_agent and bool(ticket.contact),
            **letter.facts,
        },
    )
