"""Gives tickets to agents: whom a rule names, else whom the strategy of the rule, the team or the desk chooses.

Turns, loads and absences are looked at only after no other worker can assign any more, and are counted on
in the ledger, so that a group of mails, several workers and restarts share tickets out as one would.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from maild.app.desk import Desk
from maild.app.ledger import Ledger
from maild.app.recipients import manager_of, team_of
from maild.app.service_levels import MANAGER
from maild.app.staff import Awaiting, Staff, applied
from maild.routing.assignment import FIXED, LEAST_LOADED, NONE, Choice, Wish, choose_agent
from maild.tickets.events import EventKind, Facts
from maild.tickets.lifecycle import ENDED
from maild.tickets.model import Ticket
from maild.tickets.permissions import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a rule or an agent asks for; "" for what the team or the desk does."""

    fixed: str = ""  # the one agent who is to have it, or `manager`
    strategy: str = ""
    skill: str = ""
    anew: bool = False  # whoever had it is not preferred: he gives it away


def assign(number: int, asked: Asked, ledger: Ledger, desk: Desk, *, at: datetime, mail: int | None) -> list[str]:
    """Give a ticket to an agent, or let it wait for one; returns why, in lines for the trace. [] when nobody is to be.

    Call it when a ticket was opened and when it changed hands, after its queue, team, type and priority
    are recorded and before people are told. An agent who has it and belongs to the pool keeps it.
    """
    ticket = ledger.ticket(number)
    fixed = manager_of(ticket, desk) if asked.fixed == MANAGER else asked.fixed.lower()
    strategy = FIXED if fixed else asked.strategy or strategy_of(ticket, desk)
    if strategy == NONE or ticket.status in ENDED:
        if desk.assigns and number not in ledger.changes.opened:
            ledger.changes.awaiting[number] = None  # what it waited for is asked for no more
        return []
    asked = replace(asked, fixed=fixed, strategy=strategy)
    pool = pool_of(ticket, asked, desk)
    if ticket.assignee in pool:
        return [f"stays with {ticket.assignee}"]
    choice = choose(ticket, asked, ledger, desk)
    if choice.agent:
        count_gift(ticket, choice.agent, ledger)
        record_gift(number, choice, ledger, at=at, mail=mail)
        return list(choice.why)
    if ticket.assignee:  # whoever had it belongs to another team
        ledger.record(number, EventKind.SET, at=at, actor="system", mail=mail, facts={"assignee": ""})
    if choice.waits:
        ledger.changes.awaiting[number] = Awaiting(
            ticket=number, since=at, why=choice.why[-1], fixed=fixed, strategy=strategy, skill=asked.skill
        )
    return list(choice.why)


def choose(ticket: Ticket, asked: Asked, ledger: Ledger, desk: Desk) -> Choice:
    """Who is to get a ticket now; `asked` names its strategy."""
    staff = staff_of(ledger, desk)
    organisation = desk.organisation_named(ticket.customer)
    prefers_last = is_sticky(ticket, desk) and not asked.fixed and not asked.anew
    wish = Wish(
        strategy=asked.strategy,
        fixed=asked.fixed,
        skill=asked.skill,
        type=ticket.type,
        case_type=ticket.case_type,
        customer=ticket.customer,
        groups=organisation.groups if organisation else frozenset(),
        priority=ticket.priority,
        language=ticket.language,
        last_agent=staff.last_agent(ticket.contact, ledger.known.contacts) if prefers_last else "",
    )
    return choose_agent(wish, staff.candidates(pool_of(ticket, asked, desk), loads=asked.strategy == LEAST_LOADED))


def count_gift(ticket: Ticket, agent: str, ledger: Ledger) -> None:
    """Let a ticket count for whoever gets it, for those who are chosen after it."""
    if ledger.staff is not None:
        ledger.changes.turns[agent] = ledger.staff.give(agent, ticket.contact, ticket.priority)


def record_gift(number: int, choice: Choice, ledger: Ledger, *, at: datetime, mail: int | None) -> None:
    """Record who has a ticket from now on, and why; it waits no more."""
    facts: Facts = {"assignee": choice.agent, "why": choice.reason}
    ledger.record(number, EventKind.SET, at=at, actor="system", mail=mail, facts=facts)
    if number in ledger.changes.opened:
        ledger.changes.awaiting.pop(number, None)
    else:
        ledger.changes.awaiting[number] = None


def staff_of(ledger: Ledger, desk: Desk) -> Staff:
    """The agents as they are now; the first question of a transaction makes it the only one that assigns."""
    if ledger.staff is None:
        ledger.staff = Staff(unit=ledger.unit, desk=desk, now=ledger.now, roster=ledger.unit.roster())
        absences = ledger.staff.roster.absences
        for address, said in ledger.changes.absences.items():
            ledger.staff.note(address, applied(absences.get(address), said, ledger.now))
    return ledger.staff


def strategy_of(ticket: Ticket, desk: Desk) -> str:
    """How a ticket finds its agent when no rule says so."""
    team = team_of(ticket, desk)
    return (team.assign if team else "") or desk.assign


def is_sticky(ticket: Ticket, desk: Desk) -> bool:
    """Whether a customer's last agent is preferred."""
    team = team_of(ticket, desk)
    return desk.sticky if team is None or team.sticky is None else team.sticky


def pool_of(ticket: Ticket, asked: Asked, desk: Desk) -> list[str]:
    """Among whom a ticket is shared out: the one who is asked for, else its team, its queue's agents, or all.

    Only who may write there: nobody else could answer it. Who is named in the file was meant.
    """
    if asked.fixed:
        return [asked.fixed]
    team = team_of(ticket, desk)
    pool = (team.agents if team else ()) or desk.queue_named(ticket.queue).agents or tuple(desk.agents)
    unique = dict.fromkeys(address.lower() for address in pool)
    return [address for address in unique if not desk.may(address, Permission.WRITE, ticket)]
