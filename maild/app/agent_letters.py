"""Tells an agent what became of a mail of his."""

from __future__ import annotations

from collections.abc import Mapping

from maild.app.ledger import Ledger
from maild.app.letter_facts import common_facts
from maild.app.letters import Letters
from maild.app.prepare import Prepared
from maild.ids import Purpose
from maild.mail.model import Address


def tell_agent(
    prepared: Prepared,
    number: int,
    ledger: Ledger,
    letters: Letters,
    *,
    template: str,
    facts: Mapping[str, object],
    agent: str = "",
) -> list[str]:
    """Tell an agent what became of a mail; the words come back, so that nothing typed is lost.

    `agent` is who is told, the sender unless it is said. Returns why the agent is not told: a machine in an
    agent's name would go on for ever (PAINS row 20).
    """
    desk, ticket, to = letters.desk, ledger.ticket(number), agent or prepared.sender
    if prepared.row.silent:
        return []
    refused = letters.write(
        ledger,
        template,
        cause=prepared.row.id,
        received_at=prepared.row.received_at,
        to=Address(desk.agents.get(to, ""), to),
        ticket=ticket,
        queue=desk.queue_named(ticket.queue),
        purpose=Purpose.AGENT,
        in_reply_to=prepared.mail.message_id,
        references=[prepared.mail.message_id] if prepared.mail.message_id else [],
        auto_submitted="auto-replied",
        facts={
            **common_facts(number, ledger, letters),
            # Who may not read a ticket and guessed its number does not learn what it is about.
            **({} if desk.readers([to], ticket) else {"subject_with_tag": letters.tag(number)}),
            **facts,
        },
    )
    return [f"{to} is not told of it: {refused}"] if refused else []
