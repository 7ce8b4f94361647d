"""Who is meant by `assignee`, `team` and `manager` of a ticket."""

from __future__ import annotations

from collections.abc import Sequence

from maild.app.desk import Desk, Team
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


def recipients_of(words: Sequence[str], ticket: Ticket, desk: Desk) -> list[str]:
    """The addresses that are meant, each once; while nobody has a ticket, its team stands for the assignee."""
    found: list[str] = []
    for word in words:
        if word == MANAGER:
            found.append(manager_of(ticket, desk))
        elif word == ASSIGNEE and ticket.assignee in desk.agents:
            found.append(ticket.assignee)
        elif word in (ASSIGNEE, TEAM):
            team = team_of(ticket, desk)
            found += (team.agents if team else ()) or desk.told(desk.queue_named(ticket.queue), "")
        else:
            found.append(word)
    return list(dict.fromkeys(address.lower() for address in found if address))
