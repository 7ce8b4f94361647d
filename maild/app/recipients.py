"""Who is meant by `assignee`, `team` and `manager` of a ticket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from maild.app.desk import Desk
from maild.app.desk_structure import Team
from maild.app.ledger import Ledger
from maild.app.service_levels import ASSIGNEE, MANAGER, TEAM
from maild.tickets.model import Ticket


def team_of(ticket: Ticket, desk: Desk) -> Team | None:
    """The team that has a ticket: its own, else its queue's."""
    name = ticket.team or desk.queue_named(ticket.queue).team
    return next((team for team in desk.teams if team.name == name), None)


def manager_of(ticket: Ticket, desk: Desk) -> str:
    """The manager of the team that has a ticket; "" when nobody is."""
    team = team_of(ticket, desk)
    return team.manager if team else ""


def told_of(ticket: Ticket, desk: Desk) -> tuple[str, ...]:
    """Who is notified of what happens on a ticket: its assignee alone, else its own team, else the queue's or all.

    Agents who may not read the ticket are left out.
    """
    team = team_of(ticket, desk) if ticket.team and ticket.assignee not in desk.agents else None
    return desk.readers(team.agents if team else (), ticket) or desk.told(ticket)


def told_now(ticket: Ticket, ledger: Ledger, desk: Desk) -> tuple[str, ...]:
    """Who is notified at this moment: while the assignee is away, the team as well, so that somebody hears of it."""
    told = told_of(ticket, desk)
    if is_away(ticket.assignee, ledger):
        told = (*told, *told_of(replace(ticket, assignee=""), desk))
    return tuple(dict.fromkeys(told))


def is_away(address: str, ledger: Ledger) -> bool:
    """Whether the agent who has one of the tickets at hand is away now."""
    absence = ledger.changes.absences.get(address, ledger.known.absences.get(address))
    return absence is not None and absence.holds(ledger.now)


def is_still_theirs(ticket: Ticket, desk: Desk) -> bool:
    """Whether the assignee of a ticket that changed hands is one of those who have it now."""
    return ticket.assignee in told_of(replace(ticket, assignee=""), desk)


def recipients_of(words: Sequence[str], ticket: Ticket, desk: Desk) -> list[str]:
    """The addresses that are meant, each once; while nobody has a ticket, its team stands for the assignee.

    Agents who may not read the ticket are left out.
    """
    found: list[str] = []
    for word in words:
        if word == MANAGER:
            found.append(manager_of(ticket, desk))
        elif word == ASSIGNEE and ticket.assignee in desk.agents:
            found.append(ticket.assignee)
        elif word in (ASSIGNEE, TEAM):
            team = team_of(ticket, desk)
            found += desk.readers(team.agents if team else (), ticket) or desk.told(replace(ticket, assignee=""))
        else:
            found.append(word)
    return list(desk.readers(dict.fromkeys(address.lower() for address in found if address), ticket))
