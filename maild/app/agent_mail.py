"""An agent's mail: the answer that goes to the customer, and commands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from maild.app.budgets import Refusal
from maild.app.desk import Desk
from maild.app.escalate_by_hand import tell_manager
from maild.app.ledger import Ledger
from maild.app.letter_facts import common_facts
from maild.app.letters import REFERENCES_KEPT, Letters
from maild.app.orders import carry_out, change_customer, no_customer, permissions_missing
from maild.app.people import actor_of
from maild.app.ports import File
from maild.app.prepare import Prepared
from maild.app.work import Outcome, Role, Taken
from maild.ids import Purpose, read_reply_address
from maild.mail.file_policy import refused_for_letter
from maild.mail.model import Address, Attachment
from maild.mail.own_marker import holds_marker
from maild.threading.clues import quote_clues
from maild.tickets.command_readers import HELP
from maild.tickets.commands import read_order
from maild.tickets.events import EventKind
from maild.tickets.lifecycle import MOVED_BY_ANSWER
from maild.tickets.model import Ticket
from maild.tickets.orders import Order, done_line, undo_line

_THE_AGENTS_OWN = frozenset(
    {
        "application/pgp-keys",
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "text/vcard",
        "text/x-vcard",
    }
)


def agent_mail(prepared: Prepared, number: int, ledger: Ledger, letters: Letters, *, agent: str) -> Taken:
    """Do what the agent asks, all of it or nothing, and send the words to the customer."""
    desk, row, before = letters.desk, prepared.row, ledger.ticket(number)
    own = prepared.reply.text
    top, bottom = _own_ends(prepared)
    agents = frozenset(desk.agents)
    order = read_order(own, before, agent=agent, agents=agents, names=desk.names, top=top, bottom=bottom)
    if before.source == "internal" and not (before.contact or order.customer):  # a task: there is nobody outside
        order = replace(order, note=order.note or bool(order.words))
    files = () if order.note else files_for_customer(prepared.mail.attachments, with_words=bool(order.words))
    answers = not order.note and bool(order.words or files)
    over_budget = letters.refusal(ledger, "answer", before.contact, number) if answers else None
    if over_budget is not None:
        ledger.refuse(over_budget, row.id)
    refused = refused_for_letter(files, desk.files)
    may_not = permissions_missing(order, before, desk, agent, answers=answers)
    problem = "\n".join(may_not) or _problem(
        own, order, before, desk, answers=answers, refused=refused, over_budget=over_budget
    )
    if problem or order.help:
        said = problem or "These are the commands:\n" + "\n".join(HELP.values())
        told = _tell(prepared, number, ledger, letters, template="problem", facts={"problem": said, "your_text": own})
        why = tuple(f"refused: {line}" for line in problem.split("\n") if line)
        return Taken(Outcome.COMMAND, number, (*(why or ("the agent asked for help",)), *told), Role.INTERNAL)
    actor = f"agent:{ledger.known.contacts[agent]}"
    done: list[str] = []
    if order.customer:
        change_customer(order.customer, number, ledger, desk, actor=actor, mail=row.id, at=row.received_at)
    if order.note:
        ledger.record(number, EventKind.NOTE, at=row.received_at, actor=actor, mail=row.id)
        done.append("kept as an internal note")
    if answers:
        ledger.record(number, EventKind.ANSWER, at=row.received_at, actor=actor, mail=row.id)
        done.append(_answer(prepared, number, ledger, letters, agent=agent, words=order.words, files=files))
    again = carry_out(
        order, number, ledger, letters, actor=actor, mail=row.id, at=row.received_at, agent=agent, silent=row.silent
    )
    escalated = ""
    if order.escalation and not row.silent:
        escalated = tell_manager(order.escalation, number, ledger, letters, agent=agent, mail=row.id)
    if answers and not order.moves and before.status in MOVED_BY_ANSWER:
        ledger.move(number, desk.after_answer, at=row.received_at, actor=actor, mail=row.id, reason="answered")
        done.append(f"status is now {desk.label(desk.after_answer)}")
    mark = letters.mark(ledger, before.contact) if answers else None
    careful = f"your answer is tried, but {mark.sentence(desk.time(mark.until))}" if mark else ""
    if seen_by := _saw_reply_address(prepared, number, ledger):
        careful = f"careful, {seen_by} got your mail as well and knows now where agents' answers go"
    if order.moves or order.fields or order.note or order.customer or order.escalation or careful:
        line = "; ".join(part for part in (done_line(order), again, escalated, careful) if part)
        facts = {"done": line, "undo": undo_line(before, order)}
        done.extend([line, *_tell(prepared, number, ledger, letters, template="confirmation", facts=facts)])
    outcome = Outcome.REPLY if answers else Outcome.COMMAND
    return Taken(outcome, number, tuple(done) or ("it was empty",), Role.ANSWER if answers else Role.INTERNAL)


def _saw_reply_address(prepared: Prepared, number: int, ledger: Ledger) -> str:
    """A participant who got the agent's own mail, and in it the agent's signed reply address; "" for none."""
    written = (*prepared.mail.to, *prepared.mail.cc)
    if not any((token := read_reply_address(each.address)) and token.purpose is Purpose.AGENT for each in written):
        return ""
    people = ledger.known.participants.get(number, {})
    return next((each.address for each in written if each.address.lower() in people), "")


def _own_ends(prepared: Prepared) -> tuple[bool, bool]:
    """Whether the agent wrote the beginning and the end of the text, where commands are looked for.

    Neither a forwarded mail nor a further text part is the agent's own.
    """
    further, forward = prepared.mail.further_text, prepared.forward
    whole = not further.strip() and (forward is None or not forward.text.strip())
    return not further.strip() or prepared.mail.text.strip() != further.strip(), whole


def _problem(
    own: str,
    order: Order,
    ticket: Ticket,
    desk: Desk,
    *,
    answers: bool,
    refused: tuple[str, ...],
    over_budget: Refusal | None,
) -> str:
    """Why nothing of an agent's mail may be done, one reason a line; "" when all is well."""
    if holds_marker(own):
        # An empty answer, or an unknown way of quoting: the notification, with notes in it, would go to the customer.
        return (
            "Nothing was sent: your words could not be told from the letter that you quote."
            " Write them above everything that you quote."
        )
    if refusal := no_customer(order.customer, desk):
        return refusal
    if answers and not (order.customer or ticket.contact):
        return "Nothing was sent: the ticket has no customer's address."
    if answers and refused:  # words that speak of a file must not arrive without it
        return "\n".join(("Nothing was sent, because of the files. Send your answer again without them.", *refused))
    if over_budget is not None:
        return f"Nothing was sent, because a machine seems to answer here: {over_budget.why}. Send it again later."
    return "\n".join(order.problems)


def files_for_customer(attachments: tuple[Attachment, ...], *, with_words: bool) -> tuple[Attachment, ...]:
    """The attachments that travel with an answer.

    Signatures and visiting cards belong to the agent's mail program, and hold the private address. A
    picture in the text of a mail without words is a logo, not an answer.
    """
    return tuple(a for a in attachments if a.type not in _THE_AGENTS_OWN and (with_words or not a.inline))


def _answer(
    prepared: Prepared,
    number: int,
    ledger: Ledger,
    letters: Letters,
    *,
    agent: str,
    words: str,
    files: tuple[Attachment, ...],
) -> str:
    """Relay the agent's words from the support address; the agent's own address never appears."""
    desk, ticket = letters.desk, ledger.ticket(number)
    if prepared.row.silent:
        return "not sent: imported silently"
    queue = desk.queue_named(ticket.queue)
    # What an agent asked for himself, before the ticket was given to a customer, is not for the customer.
    theirs = [
        p
        for p in ledger.known.past.get(number, [])
        if p.role is Role.CUSTOMER and (p.from_address == ticket.contact or p.from_address not in desk.agents)
    ]
    last = theirs[-1] if theirs else None
    names = ledger.known.participants.get(number, {})
    to = ledger.known.answer_to.get((number, ticket.contact), ticket.contact)
    if to in {address.address.lower() for address in (*prepared.mail.to, *prepared.mail.cc)}:
        return f"not sent again: the agent's own mail went to {to} as well"
    # Who wrote last is answered even if somebody else opened the ticket.
    also = last is not None and last.from_address not in (ticket.contact, to) and last.from_address in names
    quoted = last and {"who": last.from_name or last.from_address, "when": desk.time(last.at), "text": last.words}
    letters.write(
        ledger,
        "answer",
        cause=prepared.row.id,
        received_at=prepared.row.received_at,
        to=Address(names.get(ticket.contact, ""), to),
        copies=[Address(last.from_name, last.from_address)] if last and also else [],
        ticket=ticket,
        queue=queue,
        sender_name=desk.agents[agent],
        purpose=Purpose.CUSTOMER,
        in_reply_to=last.message_id if last else "",
        references=[p.message_id for p in theirs if p.message_id][-REFERENCES_KEPT:],
        auto_submitted="",
        files=[_file(a, prepared) for a in files],
        facts={
            **common_facts(number, ledger, letters),
            # In a signature, say, which no rule can tell from words with certainty.
            "text": re.sub(re.escape(agent), queue.addresses[0], words, flags=re.IGNORECASE),
            "html": "",
            "agent_name": desk.agents[agent],
            "quoted": quoted,
        },
    )
    people = [to, *([last.from_address] if last and also else [])]
    ledger.remember(quote_clues(words, people), number, prepared.row.received_at)
    return f"sent to {to}"


def _file(attachment: Attachment, prepared: Prepared) -> File:
    return File(
        name=attachment.name,
        type=attachment.type,
        content=prepared.file_bytes(attachment.part),
        inline=attachment.inline,
        content_id=attachment.content_id,
    )


def unproved_agent_mail(prepared: Prepared, number: int, ledger: Ledger, letters: Letters) -> Taken:
    """A mail in an agent's name without the signed address: kept, but nobody acts on it (MAIL.md §4)."""
    row = prepared.row
    ledger.record(number, EventKind.UNVERIFIED, at=row.received_at, actor=actor_of(prepared, ledger), mail=row.id)
    why = "kept, but not acted upon: nothing proves that the agent wrote it"
    told = []
    if not row.silent:
        text = (
            "This mail came in your name, but not to the signed address of your notification, so nothing was"
            " sent to the customer. Answer the notification itself (its Reply-To) to reach the customer."
        )
        told = _tell(prepared, number, ledger, letters, template="problem", facts={"problem": text})
    return Taken(Outcome.REPLY, number, (why, *told), Role.UNPROVED)


def _tell(
    prepared: Prepared,
    number: int,
    ledger: Ledger,
    letters: Letters,
    *,
    template: str,
    facts: Mapping[str, object],
) -> list[str]:
    """Tell an agent what became of a mail; the words come back, so that nothing typed is lost.

    Returns why the agent is not told: a machine in an agent's name would go on for ever (PAINS row 20).
    """
    desk, ticket = letters.desk, ledger.ticket(number)
    if prepared.row.silent:
        return []
    refused = letters.write(
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
            # Who may not read a ticket and guessed its number does not learn what it is about.
            **({} if desk.readers([prepared.sender], ticket) else {"subject_with_tag": letters.tag(number)}),
            **facts,
        },
    )
    return [f"{prepared.sender} is not told of it: {refused}"] if refused else []
