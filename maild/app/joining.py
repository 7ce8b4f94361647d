"""Joins and parts tickets as agents ask for it: merge, duplicate, link, unlink, split.

A merge shows the words of one ticket's people to those of the other: an answer quotes the last mail and goes to
whoever wrote it. So two customers' tickets are merged only by somebody who says that this is meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from maild.app.clocks import opening_facts
from maild.app.desk import Desk
from maild.app.known import PastMail
from maild.app.ledger import Ledger
from maild.app.letter_facts import past_mails, ticket_facts
from maild.app.letters import Letters
from maild.app.outcome import Role
from maild.app.recipients import told_of
from maild.app.ticket_facts import facts_of
from maild.errors import Permanent
from maild.ids import Purpose
from maild.mail.model import Address
from maild.tickets.events import EventKind, Facts
from maild.tickets.joining import OTHER_SIDE, How, Join, Why, links_of
from maild.tickets.lifecycle import ENDED, Status
from maild.tickets.model import Ticket
from maild.tickets.orders import Order
from maild.tickets.permissions import Permission

_MERGING = (How.MERGE, How.DUPLICATE)
_DESCRIPTION = 2000  # characters of the mail that was split off, kept as the ticket's description
# What a ticket that is split off has from the old one: where it is, and who answers for it.
_INHERITED = ("queue", "team", "assignee", "priority", "type", "case_type", "language", "branch", "tags", "source")
_NO_SUCH = "there is no such ticket you may see"  # also of one that is there: nobody learns of it by trying numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Doer:
    """Who does something, because of what and when: what every event says."""

    actor: str
    mail: int | None
    at: datetime
    agent: str = ""  # the address; "" for the command line, which may everything
    silent: bool = False  # old mail is imported: nothing is promised, nobody is told


def meant(order: Order, ledger: Ledger, *, answered: int | None = None) -> Order:
    """The order with the tickets and the mail that it means, which are looked up now.

    A ticket that goes on in another one stands for that. `answered` is the inbox row of the mail that the agent
    was told of and answered; None when nobody knows.
    """
    if not order.joins:
        return order
    ledger.meet(join.ticket for join in order.joins)
    joins = []
    for join in order.joins:
        last = _last(join.ticket, ledger) if join.how in _MERGING else join.ticket
        joins.append(replace(join, ticket=last, mail=answered if join.how is How.SPLIT else None))
    into = {asked.ticket: join.ticket for asked, join in zip(order.joins, joins, strict=True)}
    moves = [replace(m, continued_by=into.get(m.continued_by)) if m.continued_by else m for m in order.moves]
    return replace(order, joins=tuple(joins), moves=tuple(moves))


def _last(number: int, ledger: Ledger) -> int:
    """Where a ticket goes on in the end; a circle ends where it began."""
    seen = {number}
    ticket = ledger.known.tickets.get(number)
    while ticket and ticket.continued_by in ledger.known.tickets and ticket.continued_by not in seen:
        seen.add(ticket.continued_by)
        ticket = ledger.known.tickets[ticket.continued_by]
    return ticket.number if ticket else number


def joins_refused(order: Order, number: int, ledger: Ledger, desk: Desk, *, agent: str) -> list[str]:
    """Why tickets may not be joined or parted as an order asks, a sentence for each; `agent` "": the command line."""
    refused = []
    for join in order.joins:
        if join.how is How.SPLIT:
            why = _no_split(join, number, ledger, desk)
        else:
            why = _unseen(join.ticket, ledger, desk, agent) or _not_joined(join, number, ledger, desk)
        refused += [f"#{join.how}{f' {join.ticket}' if join.ticket else ''}: {why}"] if why else []
    return refused


def _unseen(number: int, ledger: Ledger, desk: Desk, agent: str) -> str:
    """Why an agent may not touch another ticket."""
    ticket = ledger.known.tickets.get(number)
    if ticket is None or (agent and desk.may(agent, Permission.READ, ticket)):
        return _NO_SUCH
    return desk.may(agent, Permission.WRITE, ticket) if agent else ""


def _not_joined(join: Join, number: int, ledger: Ledger, desk: Desk) -> str:
    ticket, other = ledger.ticket(number), ledger.ticket(join.ticket)
    if join.how in _MERGING:
        return _not_merged(join, ticket, other, ledger, desk)
    linked = links_of(ledger.events(number))
    if join.how is How.LINK:
        return "they are linked already" if join.ticket in linked else ""
    if join.ticket not in linked:
        theirs = links_of(ledger.events(join.ticket))
        if number in theirs:
            return ""
        return f"they are not linked; this one is linked with {', '.join(map(str, sorted(linked))) or 'none'}"
    merged = linked[join.ticket] in (Why.MERGED_INTO, Why.MERGED_WITH, Why.DUPLICATE_OF, Why.HAS_DUPLICATE)
    return f"it is {linked[join.ticket]} this one, which is more than a link" if merged else ""


def _not_merged(join: Join, ticket: Ticket, other: Ticket, ledger: Ledger, desk: Desk) -> str:
    if other.number == ticket.number:
        return "it goes on in this ticket already"
    if other.status is Status.CLOSED and other.closed_at and ledger.now - other.closed_at > desk.reopen_within:
        return f"it was closed on {desk.time(other.closed_at)}, longer ago than it may be opened again; #link them"
    if join.anyway or not (ticket.contact and other.contact) or _same_customer(ticket, other, desk):
        return ""
    return (
        f"it is of another customer ({other.customer or other.contact}, not {ticket.customer or ticket.contact}): each"
        f" would read the other's words. If that is meant: #{join.how} {other.number} anyway"
    )


def _same_customer(one: Ticket, other: Ticket, desk: Desk) -> bool:
    """Whether two tickets are of one person or of one organisation."""
    if one.contact == other.contact or (one.customer and one.customer == other.customer):
        return True
    organisation = desk.organisation_of(one.contact)
    return organisation is not None and organisation is desk.organisation_of(other.contact)


def join(order: Order, number: int, ledger: Ledger, letters: Letters, doer: Doer) -> list[str]:
    """Join and part as an order asks; its change of status is recorded. Returns what came of it."""
    said = []
    for each in order.joins:
        if each.how is How.SPLIT:
            said.append(_split(each, number, ledger, letters, doer))
        elif each.how in _MERGING:
            said.append(_merge(each, number, ledger, letters, doer))
        else:
            why = Why.LINKED if each.how is How.LINK else Why.UNLINKED
            link(number, each.ticket, why, ledger, doer)
            said.append(f"{letters.tag(number)} and {letters.tag(each.ticket)} are {why}")
    return said


def link(number: int, other: int, why: Why, ledger: Ledger, doer: Doer, *, joined: Sequence[str] = ()) -> None:
    """Record on both tickets that they belong together, or do so no more; `joined` came in on the other one."""
    _linked(number, other, why, ledger, doer)
    came = {"joined": " ".join(joined)} if joined else {}
    _linked(other, number, OTHER_SIDE[why], ledger, doer, **came)


def _linked(number: int, other: int, why: Why, ledger: Ledger, doer: Doer, **more: str | int) -> None:
    facts: Facts = {"ticket": other, "why": why.value, **more}
    ledger.record(number, EventKind.LINKED, at=doer.at, actor=doer.actor, mail=doer.mail, facts=facts)


def _merge(each: Join, number: int, ledger: Ledger, letters: Letters, doer: Doer) -> str:
    into, desk = each.ticket, letters.desk
    why = Why.MERGED_INTO if each.how is How.MERGE else Why.DUPLICATE_OF
    joined = bring(number, into, why, ledger, doer)
    other = ledger.ticket(into)
    said = f"it goes on in {letters.tag(into)}, {other.subject!r}"
    if other.status in ENDED:
        said += f", which is {desk.label(other.status)}"
    strangers = [a for a in joined if "@" in a and not _is_known_to(a, other, desk)]
    return said + (f"; careful, of other customers: {', '.join(strangers)}" if strangers else "")


def bring(number: int, into: int, why: Why, ledger: Ledger, doer: Doer) -> list[str]:
    """Let a ticket's people, and if it is merged its mails, belong to another; returns who is new there."""
    before = set(ledger.known.participants.get(into, {}))
    if why in (Why.MERGED_INTO, Why.REJOINED):
        ledger.unite(number, into)
    else:
        ledger.bring_people(number, into)
    joined = [address for address in ledger.known.participants.get(into, {}) if address not in before]
    link(number, into, why, ledger, doer, joined=joined)
    return joined


def _is_known_to(address: str, ticket: Ticket, desk: Desk) -> bool:
    organisation = desk.organisation_of(address)
    return address == ticket.contact or (
        organisation is not None and organisation is desk.organisation_of(ticket.contact)
    )


# ------------------------------------------------------------------------ split


def _customers_mails(number: int, ledger: Ledger, desk: Desk) -> list[PastMail]:
    past = ledger.known.past.get(number, [])
    return [each for each in past if each.role is Role.CUSTOMER and each.from_address not in desk.agents]


def _chosen(asked: Join, number: int, ledger: Ledger, desk: Desk) -> PastMail | None:
    """The mail that is split off: the one that was answered, else the newest; None when it is none of the last ones."""
    mails = _customers_mails(number, ledger, desk)
    return next((each for each in reversed(mails) if asked.mail in (None, each.inbox)), None)


def _no_split(asked: Join, number: int, ledger: Ledger, desk: Desk) -> str:
    mails, chosen = _customers_mails(number, ledger, desk), _chosen(asked, number, ledger, desk)
    if len(mails) < 2:
        return "the ticket has only one mail of a customer, so there is nothing to split off"
    if chosen is None:
        return "the letter that you answer is about none of the last mails; answer the newest one's"
    opened = next((fact.mail for fact in facts_of(number, ledger) if fact.kind is EventKind.OPENED), None)
    if chosen.inbox == opened:
        return "this mail opened the ticket; answer the letter about the mail that is another matter"
    return ""


def _split(asked: Join, number: int, ledger: Ledger, letters: Letters, doer: Doer) -> str:
    """Open a ticket for one mail; whatever answers to that mail belongs there from now on."""
    desk, old = letters.desk, ledger.ticket(number)
    mail = _chosen(asked, number, ledger, desk)
    if mail is None:
        raise Permanent(f"ticket {number}: no mail to split off; joins_refused is to be asked first")
    made = ledger.open_ticket()
    organisation = desk.organisation_of(mail.from_address)
    facts = {name: getattr(old, name) for name in _INHERITED} | {
        "customer": organisation.name if organisation else old.customer if mail.from_address == old.contact else "",
        "contact": mail.from_address,
        "subject": asked.subject or old.subject,
        "description": mail.words[:_DESCRIPTION],
    }
    promised = replace(ledger.ticket(made), **facts)
    opening = {**facts, **({} if doer.silent else opening_facts(promised, desk))}
    # It waits since the customer wrote, not since an agent saw that it is another matter.
    ledger.record(made, EventKind.OPENED, at=min(mail.at, doer.at), actor=doer.actor, mail=None, facts=opening)
    wanted = ledger.known.answer_to.get((number, mail.from_address), "")
    ledger.join(made, mail.from_address, mail.from_name, "contact", wanted)
    ledger.join(made, wanted, "", "copied")
    move_mail(mail.inbox, mail.message_id, ledger, doer, of=made, old=number, why=Why.SPLIT_FROM)
    if doer.silent:
        ledger.silent.add(made)
    else:
        _tell(made, number, ledger, letters, doer)
    return f"{letters.tag(made)} was made of the mail of {desk.time(mail.at)} from {mail.from_address}"


def move_mail(inbox: int, message_id: str, ledger: Ledger, doer: Doer, *, of: int, old: int, why: Why) -> None:
    """Let one mail belong to the ticket `of` that was made of it (`split from`), or to the old one (`joined again`)."""
    to = of if why is Why.SPLIT_FROM else old
    ledger.place([inbox], to)
    ledger.lead(message_id, to)
    _linked(of, old, why, ledger, doer, cause=inbox)
    _linked(old, of, OTHER_SIDE[why], ledger, doer, cause=inbox)


def _tell(made: int, of: int, ledger: Ledger, letters: Letters, doer: Doer) -> None:
    """Tell the agents of a ticket that was split off, who answer it by this letter."""
    desk, ticket = letters.desk, ledger.ticket(made)
    past = past_mails(made, ledger, desk)
    facts = {
        **ticket_facts(made, ledger, letters),
        "what": "split off",
        "customer_name": ledger.known.participants[made].get(ticket.contact) or ticket.contact,
        "customer_address": ticket.contact,
        "text": past[0]["text"] if past else ticket.description,
        "routed": f"split from {letters.tag(of)}",
    }
    people = [*told_of(ticket, desk), *([doer.agent] if doer.agent else [])]
    for recipient in desk.readers(dict.fromkeys(people), ticket):
        refused = letters.write(
            ledger,
            "notification",
            cause=0,
            about=f"split {made}",
            received_at=doer.at,
            to=Address(desk.agents.get(recipient, ""), recipient),
            ticket=ticket,
            queue=desk.queue_named(ticket.queue),
            purpose=Purpose.AGENT if recipient in desk.agents else None,
            in_reply_to=desk.signer.ticket_id(desk.domain, made),
            facts={**facts, "reply": recipient in desk.agents},
        )
        if refused:
            ledger.hold(recipient, "notification", made)
