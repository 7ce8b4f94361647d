"""A customer's mail: it opens a ticket, or goes on with one."""

from __future__ import annotations

from dataclasses import replace

from maild.app.budgets import DAY, judge, limit_of_sender
from maild.app.cautions import cautions_of_new, cautions_of_sender, cautions_of_ticket
from maild.app.clocks import opening_facts
from maild.app.forwarded import Handed, ask_for_customer, note_handing
from maild.app.invitation_facts import invitation_facts
from maild.app.ledger import Ledger
from maild.app.letter_facts import clock_lines, common_facts, past_mails, response_facts
from maild.app.letters import REFERENCES_KEPT, Letters
from maild.app.prepare import Prepared, is_answerable, same_words
from maild.app.work import Outcome, Role, Taken
from maild.ids import Purpose
from maild.mail.authenticity import Proof
from maild.mail.file_policy import may_hand_out
from maild.mail.gratitude import is_gratitude
from maild.mail.model import Address
from maild.threading.evidence import ids_answered
from maild.threading.match import Match
from maild.tickets.events import EventKind
from maild.tickets.lifecycle import ON_CUSTOMER_MAIL, Status

_SOLVED = frozenset({Status.RESOLVED, Status.CLOSED})
_DESCRIPTION = 2000  # characters of the first mail kept as the ticket's description


def new_ticket(
    mail_read: Prepared, matched: Match, ledger: Ledger, letters: Letters, handed: Handed | None = None
) -> Taken:
    """Open a ticket, acknowledge it and tell the agents, as far as its kind allows.

    `handed`: what the mail is when an agent sent it; its speaker is the customer then.
    """
    prepared = handed.speaker if handed else mail_read
    desk, mail, row = letters.desk, prepared.mail, prepared.row
    route = desk.route(prepared.addressed)
    number = ledger.open_ticket()
    actor = actor_of(prepared, ledger)
    organisation = desk.organisation_of(prepared.sender)
    customer = organisation.name if organisation else ""
    promised = replace(ledger.ticket(number), queue=route.queue, customer=customer, contact=prepared.sender)
    ledger.record(
        number,
        EventKind.OPENED,
        at=row.received_at,
        actor=actor,
        mail=row.id,
        facts={
            "queue": route.queue,
            "source": handed.source if handed else "email",
            "language": "",
            **({} if row.silent else opening_facts(promised, desk)),
            "customer": customer,
            "subject": mail.subject,
            "description": prepared.reply.text[:_DESCRIPTION],
            "contact": prepared.sender,
        },
    )
    ledger.record(number, EventKind.MAIL, at=row.received_at, actor=actor, mail=row.id)
    why = [route.why]
    if matched.linked is not None:
        ledger.record(
            number,
            EventKind.LINKED,
            at=row.received_at,
            actor="system",
            mail=row.id,
            facts={"ticket": matched.linked, "why": matched.linked_why},
        )
        why.append(f"linked to ticket {matched.linked}")
    answer_to = _answer_to(prepared, letters)
    ledger.join(number, prepared.sender, mail.sender.name if mail.sender else "", "contact", answer_to)
    ledger.join(number, answer_to, "", "copied")
    ledger.join(number, prepared.list_name, "", "list")
    join_copied(prepared, number, ledger, letters)
    if handed:
        why += note_handing(mail_read, handed, number, ledger)
    if handed and handed.question:
        why.append(ask_for_customer(mail_read, handed, number, ledger, letters))
    else:
        why.append(_acknowledge(prepared, matched, number, ledger, letters))
    if is_answerable(prepared.verdict.kind):
        warnings = cautions_of_new(prepared, matched, letters)
        note = handed.note if handed else ""
        why += tell_agents(prepared, number, "new ticket", ledger, letters, warnings=warnings, note=note)
    return Taken(Outcome.NEW_TICKET, number, tuple(why), _role_of_new(prepared, handed))


def _role_of_new(prepared: Prepared, handed: Handed | None) -> Role:
    """Whose words open the ticket."""
    if not is_answerable(prepared.verdict.kind):
        return Role.AUTOMATIC
    if handed and handed.question:  # an agent's own mail: it must never be quoted to the customer
        return Role.INTERNAL if prepared.proves_agent else Role.UNPROVED
    return Role.CUSTOMER


def customer_reply(prepared: Prepared, matched: Match, number: int, ledger: Ledger, letters: Letters) -> Taken:
    """Add a participant's mail to a ticket; it ends a hold at the moment it arrived (SLA.md)."""
    row = prepared.row
    actor = actor_of(prepared, ledger)
    ledger.record(number, EventKind.MAIL, at=row.received_at, actor=actor, mail=row.id)
    if matched.colleague:
        ledger.join(number, prepared.sender, prepared.name, "copied")
    if matched.strong:  # a forged From with a guessed number must bring nobody in (RELIABILITY §5.2)
        join_copied(prepared, number, ledger, letters)
    before = ledger.ticket(number).status
    if before in _SOLVED and not letters.desk.thanks_reopen and is_gratitude(prepared.mail, prepared.reply):
        stays = f"it says thanks and nothing else, so the ticket stays {letters.desk.label(before)}"
        return Taken(Outcome.REPLY, number, (stays,), Role.CUSTOMER)
    after = ON_CUSTOMER_MAIL.get(before, before)
    what = "reply"
    why: tuple[str, ...] = ()
    if after is not before:
        reason, what = {Status.ON_HOLD: ("resume", "resumed"), Status.RESPONDED: ("reply", "reply")}.get(
            before, ("reopen", "reopened")
        )
        # IMAP tells whole seconds: a reply in the second of the hold did not end it before it began.
        at = max(row.received_at, ledger.ticket(number).held_at or row.received_at)
        ledger.move(number, after, at=at, actor=actor, mail=row.id, reason=reason)
        why = (f"{letters.desk.label(before)} becomes {letters.desk.label(after)}: the customer wrote",)
    held = tell_agents(prepared, number, what, ledger, letters, warnings=cautions_of_sender(prepared))
    return Taken(Outcome.REPLY, number, (*why, *held), Role.CUSTOMER)


def actor_of(prepared: Prepared, ledger: Ledger) -> str:
    """Who wrote, as the chain names them: by number."""
    if not prepared.sender:
        return "system"
    return f"contact:{ledger.known.contacts[prepared.sender]}"


def join_copied(prepared: Prepared, number: int, ledger: Ledger, letters: Letters) -> None:
    """People in To and Cc of a mail that belongs to the ticket may answer on it, too."""
    for address in (*prepared.mail.to, *prepared.mail.cc):
        lower = address.address.lower()
        if lower and not letters.desk.is_ours(lower) and lower not in letters.desk.agents:
            ledger.join(number, lower, address.name, "copied")


def _answer_to(prepared: Prepared, letters: Letters) -> str:
    """Where the opener of a ticket wants answers: one Reply-To, unless a list put it there (MAIL.md §3).

    It is believed for the mail that opens a ticket only: later ones could lead the answers away.
    """
    wanted = prepared.mail.reply_to
    forged = prepared.authenticity.result is Proof.FAIL
    if len(wanted) != 1 or forged or prepared.list_name or "@" not in wanted[0].address:
        return ""
    address = wanted[0].address.lower()
    nobodys = address == prepared.sender or letters.desk.is_ours(address) or address in letters.desk.agents
    return "" if nobodys else address


def _acknowledge(prepared: Prepared, matched: Match, number: int, ledger: Ledger, letters: Letters) -> str:
    """Write the acknowledgement, if one may be; returns the reason either way."""
    verdict, mail, row = prepared.verdict, prepared.mail, prepared.row
    if row.silent:
        return "not acknowledged: imported silently"
    if not verdict.acknowledge:
        return f"not acknowledged: {verdict.acknowledge_why}"
    if prepared.authenticity.forbids_answer:  # it would reach somebody who wrote nothing (RELIABILITY §4, 10)
        return f"not acknowledged: the sender's address may be forged ({prepared.authenticity.why[0]})"
    if letters.desk.is_ours(prepared.sender):
        return "not acknowledged: it would go to ourselves"
    if prepared.bounced_nonce:
        return "not acknowledged: it came to the bounce address of a letter, which no person answers"
    same = same_words(prepared)
    ledger.count(same, written=1)
    if ledger.lately(same).written[DAY] > 1:
        return "not acknowledged: the sender wrote the same words within a day"
    ticket = ledger.ticket(number)
    references = (*reversed(ids_answered(mail)), mail.message_id)
    refused = letters.write(
        ledger,
        "acknowledgement",
        cause=row.id,
        received_at=row.received_at,
        to=Address("", prepared.sender),  # a name of his choice would let a forger write to strangers
        ticket=ticket,
        queue=letters.desk.queue_named(ticket.queue),
        purpose=Purpose.CUSTOMER,
        in_reply_to=mail.message_id,
        references=[r for r in references if r][-REFERENCES_KEPT:],
        auto_submitted="auto-replied",
        facts={
            **common_facts(number, ledger, letters),
            "tag": letters.tag(number),
            "opened": letters.desk.time(row.received_at),
            **response_facts(number, ledger, letters.desk),
            # Only whom the own domain vouches for: else a forger has his words sent to strangers.
            "authentic": prepared.vouched,
            "greeting_name": mail.sender.name if mail.sender else "",
            "subject": ticket.subject,
            # Who continues a closed ticket took part in it; a stranger must not learn that it exists.
            "follow_up_of": matched.linked if matched.linked_why == "closed" else "",
        },
    )
    return f"not acknowledged: {refused}" if refused else f"acknowledged: {verdict.acknowledge_why}"


def tell_agents(
    prepared: Prepared,
    number: int,
    what: str,
    ledger: Ledger,
    letters: Letters,
    *,
    warnings: tuple[str, ...] = (),
    note: str = "",
) -> list[str]:
    """Notify the agents of a mail, with all they need to answer it from their mail client.

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
        **common_facts(number, ledger, letters),
        "tag": letters.tag(number),
        "subject": ticket.subject,
        "status_label": desk.label(ticket.status),
        "sla": clock_lines(number, ledger, desk),
        "opened_at": desk.time(ticket.opened_at) if ticket.opened_at else "",
        "customer_name": prepared.name,
        "customer_address": prepared.sender,
        "queue": ticket.queue,
        "what": what,
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
    }
    for agent in desk.told(queue, ticket.assignee):
        why = letters.write(
            ledger,
            "notification",
            cause=prepared.row.id,
            received_at=prepared.row.received_at,
            to=Address(desk.agents.get(agent, ""), agent),
            ticket=ticket,
            queue=queue,
            sender_name=prepared.name,
            purpose=Purpose.AGENT,
            in_reply_to=desk.signer.ticket_id(desk.domain, number),
            facts=facts,
        )
        if why:
            held.append(f"{agent} is not told of it now: {why}")
            if prepared.sender not in desk.agents and not desk.is_ours(prepared.sender):
                ledger.hold(agent, "notification", number)  # else: a machine at an agent's would answer the digest, too
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
