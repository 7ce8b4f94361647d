"""An agent's own escalation (`#escalate`): the note on the ticket, and the letter to the manager."""

from __future__ import annotations

from datetime import datetime

from maild.app.clock_letters import ESCALATION, ClockLetter, write_clock_letter
from maild.app.clocks import clocks_of
from maild.app.joining import Doer
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.recipients import manager_of
from maild.tickets.escalation_note import EscalationNote
from maild.tickets.events import EventKind

BY_HAND = "#escalate"  # in place of a rule's name


def note_escalation(
    note: EscalationNote, number: int, ledger: Ledger, *, actor: str, mail: int | None, at: datetime
) -> None:
    """Record that an agent escalated a ticket; the raised priority is recorded as any other field."""
    text = "\n".join(("Escalated.", *note.lines()))
    ledger.record(number, EventKind.NOTE, at=at, actor=actor, mail=mail, facts={"words": text})
    ledger.record(number, EventKind.ESCALATED, at=at, actor=actor, mail=mail, facts={"rule": BY_HAND})


def tell_manager(note: EscalationNote, number: int, ledger: Ledger, letters: Letters, doer: Doer) -> str:
    """Tell the manager of the ticket's team, whether a clock runs or not; returns who was told, or why nobody was."""
    ticket, agent = ledger.ticket(number), doer.agent
    manager = manager_of(ticket, letters.desk).lower()
    if not manager or manager == agent:
        return "nobody else was told: its team has no manager" if not manager else "you are its team's manager"
    if not letters.desk.readers([manager], ticket):
        return f"{manager} was not told: the manager may not read this ticket"
    running = clocks_of(number, ledger, letters.desk).running
    letter = ClockLetter(
        template=ESCALATION,
        number=number,
        clock=max(running, key=lambda clock: clock.used(ledger.now) / clock.target, default=None),
        occasion=f"by hand {doer.mail or doer.at.isoformat()}",
        facts={
            "rule": BY_HAND,
            "why": "",
            "by": letters.desk.agents.get(agent, agent) or "an admin",
            "actions": [{"what": "priority", "value": ticket.priority}],
            "blocker": note.blocker,
            "owner": note.owner,
            "eta": note.eta,
        },
    )
    return f"told {'; '.join(write_clock_letter(letter, [manager], ledger, letters))}"
