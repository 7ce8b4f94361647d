"""Webhooks: a rule tells another program of a ticket, by a POST that waits in the outbox like a letter.

The row is written in the transaction that routes the ticket, and is claimed, tried, repeated and given up
like an automatic letter; `maild/outbound/webhook.py` carries it. Its nonce is the name of what happened, so
that a receiver can drop what comes twice.

What is sent holds codes and names from the configuration, and nothing personal: no address, no subject, no
words. A receiver that may know more asks for the ticket by its number.
"""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from maild.app.changes import NewLetter
from maild.app.ledger import Ledger
from maild.app.letters import Letters

WEBHOOK = "webhook"  # in place of a letter's template
ROUTED = "ticket.routed"


def shown(url: str) -> str:
    """A URL as people may read it: what stands behind the host may be a secret."""
    return urlsplit(url).netloc


def call_webhook(
    url: str, number: int, rule: str, ledger: Ledger, letters: Letters, *, cause: int | None = None
) -> None:
    """Have a URL told where a ticket went, by which rule; `cause` is the inbox row. Not for imported history."""
    desk, ticket = letters.desk, ledger.ticket(number)
    opened = ticket.opened_at.isoformat() if ticket.opened_at else ""
    # The version: what routes the ticket anew is told anew, and the same work done again is not.
    nonce = desk.signer.nonce(f"{WEBHOOK}|{number}|{opened}|{ticket.version}|{rule}|{url}")
    body = {
        "event": ROUTED,
        "id": nonce,
        "at": ledger.now.isoformat(),
        "rule": rule,
        "ticket": {
            "number": number,
            "status": ticket.status,
            "queue": ticket.queue,
            "team": ticket.team or desk.queue_named(ticket.queue).team,
            "type": ticket.type,
            "case_type": ticket.case_type,
            "reason_code": ticket.reason_code,
            "priority": ticket.priority,
            "tags": ticket.tags.split(),
            "opened_at": opened or None,
        },
    }
    ledger.write_letter(
        NewLetter(
            nonce=nonce,
            ticket=number,
            cause=cause,
            template=WEBHOOK,
            recipient=url,
            automatic=True,  # one that may have arrived is not sent again by itself
            envelope_from="",
            message_id=nonce,
            subject=ROUTED,
            raw=json.dumps(body, ensure_ascii=False).encode(),
            created_at=ledger.now,
            expires_at=ledger.now + desk.letter_expire,
        )
    )
