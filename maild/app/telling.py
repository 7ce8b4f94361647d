"""The notification: tells agents of a mail, with all they need to answer it from their mail client."""

from __future__ import annotations

from collections.abc import Sequence

from maild.app.budgets import judge, limit_of_sender
from maild.app.cautions import cautions_of_ticket
from maild.app.invitation_facts import invitation_facts
from maild.app.ledger import Ledger
from maild.app.letter_facts import past_mails, ticket_facts
from maild.app.letters import Letters
from maild.app.prepare import Prepared
from maild.app.recipients import told_of
from maild.app.references import reference_lines
from maild.ids import Purpose
from maild.mail.file_policy import may_hand_out
from maild.mail.model import Address


def tell_agents(
    prepared: Prepared,
    number: int,
    what: str,
    ledger: Ledger,
    letters: Letters,
    *,
    warnings: tuple[str, ...] = (),
    note: str = "",
    routed: str = "",
    also: Sequence[str] = (),
) -> list[str]:
    """Notify the agents of a mail.

    `routed` is why it went where it went, in short; `also` are addresses that are told beside them.
    Returns who is not told now, and why: whoever gets too many finds the ticket in a digest.
    """
    if prepared.row.silent:
        return []
    if too_many := _too_many(prepared, ledger, letters):
        return [f"the agents are not told of it: {too_many}"]
    held = []
    desk, ticket = letters.desk, ledger.ticket(number)
    queue = desk.queue_named(ticket.queue)
    facts = {
        **ticket_facts(number, ledger, letters),
        "customer_name": prepared.name,
        "customer_address": prepared.sender,
        "what": what,
        "routed": routed,
        "text": prepared.reply.text,
        "note": note,
        "cut_lines": sum(1 for line in prepared.reply.cut.split("\n") if line.strip()),
        "history": past_mails(number, ledger, desk),
        "attachments": [
            {
                "name": a.name,
                "size_text": _size(a.size),
                "type": a.type,
                "refused": may_hand_out(a, desk.files),
            }
            for a in prepared.mail.attachments
        ],
        "warnings": [*warnings, *cautions_of_ticket(prepared, ticket, ledger, letters)],
        "invitation": invitation_facts(prepared.mail.invitation, desk),
        "references": reference_lines(number, ledger),
    }
    recipients = dict.fromkeys((*told_of(ticket, desk), *(a for a in also if not desk.is_ours(a))))
    for recipient in recipients:
        is_agent = recipient in desk.agents  # of nobody else a reply is taken as the answer to the customer
        why = letters.write(
            ledger,
            "notification",
            cause=prepared.row.id,
            received_at=prepared.row.received_at,
            to=Address(desk.agents.get(recipient, ""), recipient),
            ticket=ticket,
            queue=queue,
            sender_name=prepared.name,
            purpose=Purpose.AGENT if is_agent else None,
            in_reply_to=desk.signer.ticket_id(desk.domain, number),
            facts={**facts, "reply": is_agent},
        )
        if why:
            held.append(f"{recipient} is not told of it now: {why}")
            if prepared.sender not in desk.agents and not desk.is_ours(prepared.sender):
                # Else: a machine at an agent's would answer the digest, too.
                ledger.hold(recipient, "notification", number)
    return held


def _too_many(prepared: Prepared, ledger: Ledger, letters: Letters) -> str:
    """Why agents are told of no more mails of this sender; "" when they are."""
    if not prepared.sender:  # what names nobody is not one sender
        return ""
    limit = limit_of_sender(prepared.sender, letters.desk.budgets)
    if refusal := judge([limit], ledger.known.lately):
        ledger.refuse(refusal, prepared.row.id)
        return refusal.why
    ledger.count(limit.scope, written=1)
    return ""


def _size(size: int) -> str:
    if size < 1024:
        return f"{size} B"
    return f"{size / 1024:.0f} KiB" if size < 1 << 20 else f"{size / (1 << 20):.1f} MiB"
