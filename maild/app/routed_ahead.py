"""What routing says of mails that are likely to open tickets, worked out before the transaction.

A third of what such a mail costs is its language, its keywords and its rules, and they follow from the mail alone. On
SQLite whoever writes keeps all others from writing: meanwhile the door would keep SMTP clients waiting for their 250.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from maild.app.desk import Desk
from maild.app.prepare import Prepared
from maild.app.routed import decide
from maild.app.routing_facts import facts_of
from maild.routing.decision import Decision
from maild.routing.facts import MailFacts


@dataclass(frozen=True, slots=True)
class Routed:
    """What rules may ask of a mail, and what they say of it."""

    facts: MailFacts
    decision: Decision


def route_new(prepared: Prepared, desk: Desk, *, from_agent: bool) -> Routed:
    """Route a mail that opens a ticket; `from_agent`: whether one sent it, whoever speaks in it."""
    facts = facts_of(prepared, desk, from_agent=from_agent)
    return Routed(facts, decide(facts, desk))


def routed_ahead(group: Iterable[Prepared], desk: Desk) -> dict[int, Routed]:
    """The mails of a group that name no ticket, routed, by their inbox rows.

    A mistake costs work, and nothing else: what is not here is routed when it turns out to open a ticket, and what is
    here is asked for by nobody when it turns out to open none. In an agent's mail somebody else may speak.
    """
    return {
        one.row.id: route_new(one, desk, from_agent=False)
        for one in group
        if not one.evidence and one.is_somebody and one.sender not in desk.agents
    }
