"""An agent's mail: the answer that goes to the customer, and commands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from maild.app.customer_mail import Taken, actor_of, common_facts
from maild.app.ledger import Ledger
from maild.app.letters import REFERENCES_KEPT, Letters
from maild.app.ports import File
from maild.app.prepare import Prepared
from maild.app.work import Outcome
from maild.ids import Purpose
from maild.mail import attachment_bytes
from maild.mail.model import Address
from maild.mail.separators import MARKER
from maild.tickets.commands import HELP, Order, done_line, read_order, undo_line
from maild.tickets.events import EventKind
from maild.tickets.lifecycle import MOVED_BY_ANSWER


def agent_mail(prepared: Prepared, number: int, agent: str, ledger: Ledger, letters: Letters) -> Taken:
    """Do what the agent asks, all of it or nothing, and send the words to the customer."""
    desk = letters.desk
    if any(MARKER.match(line) for line in prepared.reply.text.split("\n")):
        # An empty answer, or an unknown way of quoting: the notification, with notes in it, would go to the customer.
        problem = (
            "Nothing was sent: your words could not be told from the letter that you quote."
            " Write them above everything that you quote."
        )
        facts = {"problem": problem, "your_text": prepared.reply.text}
        _tell(prepared, number, ledger, letters, template="problem", facts=facts)
        return Outcome.COMMAND, number, ("refused: the words could not be told from the quote",)
    order = read_order(prepared.reply.text, ledger.ticket(number), agent=agent, agents=frozenset(desk.agents))
    if order.problems or order.help:
        problem = "\n".join(order.problems) or "These are the commands:\n" + "\n".join(HELP.values())
        _tell(
            prepared,
            number,
            ledger,
            letters,
            template="problem",
            facts={"problem": problem, "your_text": prepared.reply.text},
        )
        refused = tuple(f"refused: {p}" for p in order.problems)
        return Outcome.COMMAND, number, refused or ("the agent asked for help",)
    row, before = prepared.row, ledger.ticket(number)
    actor = f"agent:{ledger.known.contacts[agent]}"
    why: list[str] = []
    files = prepared.mail.attachments
    if order.note:
        ledger.record(number, EventKind.NOTE, at=row.received_at, actor=actor, mail=row.id)
        why.append("kept as an internal note")
    elif order.words or files:
        ledger.record(number, EventKind.ANSWER, at=row.received_at, actor=actor, mail=row.id)
        why.append(_answer(prepared, number, ledger, letters, agent=agent, words=order.words))
    carry_out(order, number, ledger, actor=actor, mail=row.id, at=row.received_at)
    if (order.moves or order.fields or order.note) and not row.silent:
        _tell(
            prepared,
            number,
            ledger,
            letters,
            template="confirmation",
            facts={"done": done_line(order), "undo": undo_line(before, order)},
        )
        why.append(done_line(order))
    elif not order.moves and ledger.ticket(number).status in MOVED_BY_ANSWER and (order.words or files):
        ledger.move(number, desk.after_answer, at=row.received_at, actor=actor, mail=row.id, reason="answered")
        why.append(f"status is now {desk.label(desk.after_answer)}")
    answered = not order.note and (order.words or files)
    return (Outcome.REPLY if answered else Outcome.COMMAND), number, tuple(why) or ("it was empty",)


def carry_out(order: Order, number: int, ledger: Ledger, *, actor: str, mail: int | None, at: datetime) -> None:
    """Record what an order changes on the ticket."""
    for move in order.moves:
        ledger.move(number, move.to, at=at, actor=actor, mail=mail, reason=move.reason, code=move.resolution_code)
    if order.fields:
        ledger.record(
            number, EventKind.SET, at=at, actor=actor, mail=mail, facts={f.name: f.value for f in order.fields}
        )


def _answer(prepared: Prepared, number: int, ledger: Ledger, letters: Letters, *, agent: str, words: str) -> str:
    """Relay the agent's words from the support address; the agent's own address never appears."""
    desk, ticket = letters.desk, ledger.ticket(number)
    if not ticket.contact:
        return "not sent: the ticket has no customer's address"
    theirs = [p for p in ledger.known.past.get(number, []) if p.from_address not in desk.agents]
    last = theirs[-1] if theirs else None
    names = ledger.known.participants.get(number, {})
    # Who wrote last is answered even if somebody else opened the ticket.
    copies = [Address(last.from_name, last.from_address)] if last and last.from_address != ticket.contact else []
    letters.write(
        ledger,
        "answer",
        cause=prepared.row.id,
        received_at=prepared.row.received_at,
        to=Address(names.get(ticket.contact, ""), ticket.contact),
        copies=[c for c in copies if c.address in names],
        ticket=ticket,
        queue=desk.queue_named(ticket.queue),
        sender_name=desk.agents[agent],
        purpose=Purpose.CUSTOMER,
        in_reply_to=last.message_id if last else "",
        references=[p.message_id for p in theirs if p.message_id][-REFERENCES_KEPT:],
        auto_submitted="",
        files=[
            File(
                name=a.name,
                type=a.type,
                content=attachment_bytes(prepared.row.raw, a.part),
                inline=a.inline,
                content_id=a.content_id,
            )
            for a in prepared.mail.attachments
        ],
        facts={
            **common_facts(number, ledger, letters),
            "text": words,
            "html": "",
            "agent_name": desk.agents[agent],
            "quoted": {
                "who": last.from_name or last.from_address,
                "when": desk.time(last.at),
                "text": last.words,
            }
            if last
            else None,
        },
    )
    return f"sent to {ticket.contact}"


def unproved_agent_mail(prepared: Prepared, number: int, ledger: Ledger, letters: Letters) -> Taken:
    """A mail in an agent's name without the signed address: kept, but nobody acts on it (MAIL.md §4)."""
    row = prepared.row
    ledger.record(number, EventKind.UNVERIFIED, at=row.received_at, actor=actor_of(prepared, ledger), mail=row.id)
    why = "kept, but not acted upon: nothing proves that the agent wrote it"
    if not row.silent and not letters.refused_by_budget(ledger, prepared.sender):
        text = (
            "This mail came in your name, but not to the signed address of your notification, so nothing was"
            " sent to the customer. Answer the notification itself (its Reply-To) to reach the customer."
        )
        _tell(prepared, number, ledger, letters, template="problem", facts={"problem": text})
    return Outcome.REPLY, number, (why,)


def _tell(
    prepared: Prepared,
    number: int,
    ledger: Ledger,
    letters: Letters,
    *,
    template: str,
    facts: Mapping[str, object],
) -> None:
    """Tell an agent what became of a mail; the words come back, so that nothing typed is lost."""
    desk, ticket = letters.desk, ledger.ticket(number)
    if prepared.row.silent:
        return
    letters.write(
        ledger,
        template,
        cause=prepared.row.id,
        received_at=prepared.row.received_at,
        to=Address(desk.agents.get(prepared.sender, ""), prepared.sender),
        ticket=ticket,
        queue=desk.queue_named(ticket.queue),
        purpose=Purpose.AGENT,
        in_reply_to=prepared.mail.message_id,
        references=[prepared.mail.message_id] if prepared.mail.message_id else [],
        auto_submitted="auto-replied",
        facts={
            **common_facts(number, ledger, letters),
            **facts,
        },
    )
