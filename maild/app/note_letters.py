"""Keeps internal notes, and tells the colleagues whom they concern: the assignee, and who wrote notes before."""

from __future__ import annotations

from collections.abc import Sequence

from maild.app.joining import Doer
from maild.app.ledger import Ledger
from maild.app.letter_facts import customer_facts, size_text, ticket_facts
from maild.app.letters import Letters
from maild.ids import Purpose
from maild.mail.file_policy import may_hand_out
from maild.mail.model import Address, Attachment
from maild.tickets.events import EventKind


def keep_note(
    words: str,
    number: int,
    ledger: Ledger,
    letters: Letters,
    doer: Doer,
    *,
    files: Sequence[Attachment] = (),
    tell: bool = True,
) -> list[str]:
    """Record a note and, unless it is history, write to the colleagues whom it concerns.

    An answer to that letter is a note again, and stays inside. Returns who was told, or why somebody was not.
    """
    concerned = _concerned(number, ledger, letters, doer) if tell else []
    facts = None if doer.mail else {"words": words}  # which stand in no mail
    ledger.record(number, EventKind.NOTE, at=doer.at, actor=doer.actor, mail=doer.mail, facts=facts)
    desk, ticket = letters.desk, ledger.ticket(number)
    said = []
    for recipient in concerned:
        refused = letters.write(
            ledger,
            "notification",
            cause=doer.mail or 0,
            about="" if doer.mail else f"note {number} {ticket.version}",
            received_at=doer.at,
            to=Address(desk.agents[recipient], recipient),
            ticket=ticket,
            queue=desk.queue_named(ticket.queue),
            sender_name=desk.agents.get(doer.agent, ""),
            purpose=Purpose.NOTE,
            in_reply_to=desk.signer.ticket_id(desk.domain, number),
            facts={
                **ticket_facts(number, ledger, letters),
                "what": "note",
                **customer_facts(number, ledger),
                "text": words,
                "attachments": [
                    {
                        "name": a.name,
                        "size_text": size_text(a.size),
                        "type": a.type,
                        "refused": may_hand_out(a, desk.files),
                    }
                    for a in files
                ],
                "reply": False,  # to the customer: it goes to nobody outside
            },
        )
        said.append(f"{recipient} is not told of it: {refused}" if refused else f"told {recipient}")
    return said


def _concerned(number: int, ledger: Ledger, letters: Letters, doer: Doer) -> list[str]:
    """Who has the ticket, and who wrote notes on it; never the writer, and only agents who may read it."""
    desk, ticket = letters.desk, ledger.ticket(number)
    events = (*ledger.unit.events(number), *ledger.new_events.get(number, ()))
    writers = {int(e.actor.partition(":")[2]) for e in events if e.kind is EventKind.NOTE and ":" in e.actor}
    people = dict.fromkeys((ticket.assignee, *sorted(ledger.unit.addresses(writers).values())))
    return list(desk.readers((a for a in people if a in desk.agents and a != doer.agent), ticket))
