"""Tells in one letter of the notifications and alerts that were held back, once the flood's window is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from maild.app.budgets import FIVE_MINUTES
from maild.app.changes import HeldBack
from maild.app.clock_digest import tell_of_clocks
from maild.app.clock_letters import CLOCK_LETTERS
from maild.app.digest_words import LISTED, named
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.work import Unit
from maild.clock import Clock
from maild.errors import Conflict
from maild.ids import Purpose
from maild.mail.model import Address


class HeldUnit(Unit, Protocol):
    """A transaction that sees what was held back."""

    def held(self, recipient: str) -> list[HeldBack]:
        """What is held back for somebody, locked; [] while another worker tells of it."""

    def forget_held(self, held: Sequence[HeldBack]) -> None:
        """These were told."""


@dataclass(frozen=True, kw_only=True)
class Digests:
    """The use case: in as many processes as like to, each digest is written once."""

    due: Callable[[datetime], Sequence[str]]  # for whom something has been held back since then
    unit: Callable[[], AbstractContextManager[HeldUnit]]
    letters: Letters
    clock: Clock
    salt: Callable[[], str]

    def run(self) -> int:
        """Write the digests that are due; returns how many."""
        return sum(self._tell(recipient) for recipient in self.due(self.clock() - FIVE_MINUTES))

    def _tell(self, recipient: str) -> bool:
        """One recipient's digest and "told", in one transaction."""
        now = self.clock()
        try:
            with self.unit() as unit:
                held = unit.held(recipient)
                wanted = self.letters.wanted()
                for sort in (_notices(held), _clocks(held)):  # of each sort the last ones are listed
                    wanted.tickets |= {one.ticket for one in sort[-LISTED:]}
                ledger = Ledger(unit=unit, known=unit.load(wanted, now), now=now, salt=self.salt)
                told = held and self._write(recipient, held, ledger)
                if told:
                    unit.forget_held(held)
                    unit.save(ledger.changes, ledger.known, now)
                return bool(told)
        except Conflict:  # another worker was faster; the next sweep looks again
            return False

    def _write(self, recipient: str, held: Sequence[HeldBack], ledger: Ledger) -> bool:
        """Write what is to be told; False: a budget or a mark is against it, and the next sweep tries again."""
        desk = self.letters.desk
        refused = ""
        readable = [one for one in held if self._may_know(recipient, one, ledger)]
        notices, clocks = _notices(readable), _clocks(readable)
        if notices and recipient in desk.agents:
            refused = self._tell_agent(recipient, notices, ledger)
        if clocks and recipient in desk.staff and not refused:
            refused = tell_of_clocks(recipient, clocks, ledger, self.letters)
        alerts = sum(h.mails for h in held if h.template == "alert")
        if alerts and recipient in desk.alerts_to and not refused:
            refused = self._tell_admin(recipient, alerts, held, ledger)
        return not refused

    def _may_know(self, recipient: str, one: HeldBack, ledger: Ledger) -> bool:
        """Whether a ticket may be listed; it or the roles may have changed since it was held back."""
        ticket = ledger.known.tickets.get(one.ticket)
        return ticket is None or bool(self.letters.desk.readers([recipient], ticket))

    def _tell_agent(self, agent: str, held: Sequence[HeldBack], ledger: Ledger) -> str:
        desk, signer = self.letters.desk, self.letters.desk.signer
        tickets = []
        for one in held[-LISTED:]:
            ticket = ledger.known.tickets.get(one.ticket)
            if ticket is not None:
                address = desk.queue_named(ticket.queue).addresses[0]
                tickets.append(
                    {
                        "tag": self.letters.tag(ticket.number),
                        "subject": ticket.subject,
                        "contact": ticket.contact,
                        "mails": one.mails,
                        "address": signer.reply_address(address, ticket.number, agent, Purpose.AGENT),
                    }
                )
        count = sum(one.mails for one in held)
        return self.letters.write(
            ledger,
            "digest",
            cause=0,
            about="digest",
            received_at=min(one.since for one in held),
            to=Address(desk.agents[agent], agent),
            ticket=None,
            queue=desk.queues[0],
            facts={
                "subject_with_tag": f"[{desk.name}] {named(desk.tag, [one.ticket for one in held])}",
                "desk_name": desk.name,
                "count": count,
                "tickets": tickets,
                "more": len(held) - len(tickets),
            },
        )

    def _tell_admin(self, admin: str, alerts: int, held: Sequence[HeldBack], ledger: Ledger) -> str:
        desk = self.letters.desk
        since = min(one.since for one in held)
        return self.letters.write(
            ledger,
            "alert",
            cause=0,
            about="digest",
            received_at=since,
            to=Address("", admin),
            ticket=None,
            queue=desk.queues[0],
            facts={
                "subject_with_tag": f"[maild] {alerts} alerts were held back",
                "headline": f"{alerts} alerts were held back, because there were too many",
                "lines": [("Since", desk.time(since))],
                "advice": "What is in trouble is listed by:",
                "command": "maild status",
            },
        )


def _notices(held: Sequence[HeldBack]) -> list[HeldBack]:
    return [one for one in held if one.template == "notification"]


def _clocks(held: Sequence[HeldBack]) -> list[HeldBack]:
    return [one for one in held if one.template in CLOCK_LETTERS]
