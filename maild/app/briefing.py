"""What an agent is told of a ticket in every letter that hands it over: all that is needed to answer.

Each recipient has letters of his own, with times in his zone, links that were signed for him, and of other
tickets only those that he may read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import cached_property

from maild.app.command_links import command_links
from maild.app.customer_zone import time_in
from maild.app.ledger import Ledger
from maild.app.letter_facts import past_mails, ticket_facts
from maild.app.letters import Letters
from maild.app.list_links import list_links
from maild.app.references import reference_lines
from maild.app.similar import similar_tickets
from maild.app.zones import zone_of
from maild.tickets.lifecycle import Status
from maild.tickets.model import Ticket

_OTHERS = 5  # of the customer's other tickets that are listed
_MOST_OTHERS = 50  # that are counted
_SIMILAR = 3
_NOTES = 200  # characters of how a similar ticket ended


@dataclass(kw_only=True)
class Briefing:
    """The facts of one ticket for any number of recipients; what is looked up is looked up once, if at all."""

    number: int
    ledger: Ledger
    letters: Letters
    like: tuple[str, str] = ("", "")  # subject and text by which similar tickets are looked for; none without
    _in_zone: dict[tzinfo, dict[str, object]] = field(default_factory=dict)

    def facts(self, recipient: str) -> dict[str, object]:
        """What this recipient is told, whatever the occasion; an address that is no agent's gets no links."""
        desk = self.letters.desk
        zone = zone_of(recipient, desk)
        common = self._in_zone.get(zone) or self._in_zone.setdefault(zone, self._common(zone))
        return {**common, **self._for_agent(recipient, zone)} if recipient in desk.agents else common

    def _common(self, zone: tzinfo) -> dict[str, object]:
        desk = self.letters.desk
        return {
            **ticket_facts(self.number, self.ledger, self.letters, zone=zone),
            "history": past_mails(self.number, self.ledger, desk, zone=zone),
            "references": reference_lines(self.number, self.ledger),
            "zone": str(zone),
        }

    def _for_agent(self, agent: str, zone: tzinfo) -> dict[str, object]:
        others = self._readable(agent, self._others)
        similar = self._readable(agent, self._similar)[:_SIMILAR]
        return {
            "links": command_links(self.ledger.ticket(self.number), agent, self.letters),
            "list_links": list_links(agent, self.letters.desk),
            "other_tickets": [
                {**self._line(each, zone), "status_label": self.letters.desk.label(each.status)}
                for each in others[:_OTHERS]
            ],
            "more_tickets": len(others[_OTHERS:]),
            "similar": [{**self._line(each, zone), "resolution": _resolution(each)} for each in similar],
        }

    def _readable(self, agent: str, tickets: Sequence[Ticket]) -> list[Ticket]:
        return [each for each in tickets if self.letters.desk.readers((agent,), each)]

    def _line(self, ticket: Ticket, zone: tzinfo) -> dict[str, object]:
        opened = time_in(ticket.opened_at, zone) if ticket.opened_at else ""
        return {"tag": self.letters.tag(ticket.number), "subject": ticket.subject, "opened": opened}

    @cached_property
    def _others(self) -> list[Ticket]:
        """The newest tickets of the customer, and of the organisation, but those that went on in others."""
        ticket = self.ledger.ticket(self.number)
        if not ticket.contact:
            return []
        stored = self.ledger.unit.others(ticket.contact, ticket.customer, most=_MOST_OTHERS)
        # Tickets of this transaction are known as they will be, and are not stored yet.
        found = {each.number: each for each in stored}
        for number in self.ledger.changes.tickets:
            found.pop(number, None)
            changed = self.ledger.ticket(number)
            if changed.contact == ticket.contact or (ticket.customer and changed.customer == ticket.customer):
                found[number] = changed
        found.pop(self.number, None)
        return [found[n] for n in sorted(found, reverse=True) if found[n].status is not Status.DUPLICATE]

    @cached_property
    def _similar(self) -> list[Ticket]:
        subject, text = self.like
        return similar_tickets(self.ledger.unit, subject, text, but=self.number) if subject or text else []


def _resolution(ticket: Ticket) -> str:
    notes = " ".join(ticket.resolution_notes.split())
    code = ticket.resolution_code.replace("_", " ")
    return f"{code}: {notes[:_NOTES]}" if notes else code
