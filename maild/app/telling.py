"""The notification: tells agents of a mail, with all they need to answer it from their mail client."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from maild.app.assignment_letter import ASSIGNMENT, NOTIFICATION
from maild.app.briefing import Briefing
from maild.app.budgets import judge, limit_of_sender
from maild.app.cautions import cautions_of_ticket
from maild.app.invitation_facts import invitation_facts
from maild.app.ledger import Ledger
from maild.app.letter_facts import customer_facts
from maild.app.letters import Letters
from maild.app.mail_files import MailFiles
from maild.app.prepare import Prepared
from maild.app.recipients import told_now
from maild.app.zones import zone_of
from maild.ids import Purpose
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
    desk, ticket = letters.desk, ledger.ticket(number)
    recipients = list(dict.fromkeys((*told_now(ticket, ledger, desk), *(a for a in also if not desk.is_ours(a)))))
    if not recipients:
        return []
    is_new = number in ledger.changes.opened
    briefing = Briefing(
        number=number,
        ledger=ledger,
        letters=letters,
        like=(ticket.subject, prepared.reply.text) if is_new else ("", ""),
    )
    files = MailFiles(
        prepared.mail.attachments,
        prepared.file_bytes,
        inbox=prepared.row.id,
        travelling=desk.travelling,
        policy=desk.files,
    )

    @cache
    def facts() -> Mapping[str, object]:
        return {
            **customer_facts(number, ledger),
            "what": what,
            "routed": routed,
            "text": prepared.reply.text,
            "note": note,
            "cut_lines": sum(1 for line in prepared.reply.cut.split("\n") if line.strip()),
            "warnings": [*warnings, *cautions_of_ticket(prepared, ticket, ledger, letters)],
        }

    given = _given(number, prepared, ledger)
    held = []
    for recipient in recipients:
        why = _tell(
            recipient,
            ASSIGNMENT if recipient == given else NOTIFICATION,
            prepared,
            ledger,
            letters,
            briefing=briefing,
            facts=facts,
            files=files,
            along=recipient == ticket.assignee or len(recipients) <= desk.travelling.recipients,
        )
        if why:
            held.append(f"{recipient} is not told of it now: {why}")
            if prepared.sender not in desk.agents and not desk.is_ours(prepared.sender):
                # Else: a machine at an agent's would answer the digest, too.
                ledger.hold(recipient, NOTIFICATION, number)
    return held


def _tell(
    recipient: str,
    template: str,
    prepared: Prepared,
    ledger: Ledger,
    letters: Letters,
    *,
    briefing: Briefing,
    facts: Callable[[], Mapping[str, object]],
    files: MailFiles,
    along: bool,
) -> str:
    """Write one recipient's letter; returns why not, or ""."""
    desk, ticket = letters.desk, ledger.ticket(briefing.number)
    is_agent = recipient in desk.agents  # of nobody else a reply is taken as the answer to the customer
    return letters.write(
        ledger,
        template,
        cause=prepared.row.id,
        received_at=prepared.row.received_at,
        to=Address(desk.agents.get(recipient, ""), recipient),
        ticket=ticket,
        queue=desk.queue_named(ticket.queue),
        sender_name=prepared.name,
        purpose=Purpose.AGENT if is_agent else None,
        in_reply_to=desk.signer.ticket_id(desk.domain, ticket.number),
        files=files.along if along else (),
        facts=lambda: {
            **briefing.facts(recipient),
            **facts(),
            "attachments": files.facts(along=along),
            "invitation": invitation_facts(prepared.mail.invitation, zone_of(recipient, desk)),
            "reply": is_agent,
        },
    )


def _given(number: int, prepared: Prepared, ledger: Ledger) -> str:
    """Who was given the ticket because of this mail; "" for nobody."""
    assignee = ledger.ticket(number).assignee
    events = (e for e in ledger.new_events.get(number, ()) if e.mail == prepared.row.id)
    return assignee if any((e.content or {}).get("assignee") == assignee for e in events) else ""


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
