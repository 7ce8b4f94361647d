"""The letters of an override: the question to who may approve, and the outcome for who asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from maild.app.ledger import Ledger
from maild.app.letter_facts import common_facts, past_mails, ticket_facts
from maild.app.letters import Letters
from maild.app.override_requests import Request
from maild.ids import Purpose
from maild.mail.mailto import mailto
from maild.mail.model import Address


def ask_for_approval(
    request: Request,
    number: int,
    ledger: Ledger,
    letters: Letters,
    *,
    asked: Sequence[str],
    refused: Sequence[str],
    at: datetime,
    mail: int | None,
) -> None:
    """Write to each who is asked: what is wanted, what refuses it and why, with a link for either answer."""
    desk, ticket = letters.desk, ledger.ticket(number)
    facts = ticket_facts(number, ledger, letters)
    common = ("tag", "subject", "status_label", "queue", "priority", "assignee")
    asker = desk.agents.get(request.asker, request.asker)
    for recipient in asked:
        address = desk.queue_named(ticket.queue).addresses[0]
        # What somebody answers without a command is for the colleague who asked, not for the customer.
        reply = desk.signer.reply_address(address, number, recipient, Purpose.NOTE)
        subject = letters.subject(ticket)
        letters.write(
            ledger,
            "approval",
            cause=mail or 0,
            about=f"request {number} {request.number}",
            received_at=at,
            to=Address(desk.agents.get(recipient, ""), recipient),
            ticket=ticket,
            queue=desk.queue_named(ticket.queue),
            purpose=Purpose.NOTE,
            in_reply_to=desk.signer.ticket_id(desk.domain, number),
            facts={
                **common_facts(number, ledger, letters),
                **{name: facts[name] for name in common},
                "customer_name": ledger.known.participants.get(number, {}).get(ticket.contact, ""),
                "customer_address": ticket.contact,
                "asker": f"{asker} <{request.asker}>",
                "because": request.because,
                "wants": list(request.lines),
                "refused": list(refused),
                "approve_link": mailto(reply, subject=subject, body=f"#approve {request.number}"),
                "deny_link": mailto(reply, subject=subject, body=f"#deny {request.number} "),
                "history": past_mails(number, ledger, desk),
            },
        )


def tell_asker(
    request: Request,
    number: int,
    ledger: Ledger,
    letters: Letters,
    *,
    at: datetime,
    mail: int | None,
    done: str = "",
    undo: str = "",
    problem: str = "",
) -> str:
    """Tell who asked what became of it, `done` or a `problem`; returns whether, and else why not, in words."""
    desk, ticket = letters.desk, ledger.ticket(number)
    if request.asker not in desk.agents:
        return f"{request.asker} is no agent any more, and is not told"
    lines = "\n".join(request.lines)
    refused = letters.write(
        ledger,
        "problem" if problem else "confirmation",
        cause=mail or 0,
        about=f"outcome {number} {request.number} {ticket.version}",
        received_at=at,
        to=Address(desk.agents[request.asker], request.asker),
        ticket=ticket,
        queue=desk.queue_named(ticket.queue),
        purpose=Purpose.NOTE,
        in_reply_to=desk.signer.ticket_id(desk.domain, number),
        facts={
            **common_facts(number, ledger, letters),
            **({"problem": problem, "your_text": lines} if problem else {"done": done, "undo": undo}),
        },
    )
    return f"{request.asker} is not told: {refused}" if refused else f"{request.asker} is told"
