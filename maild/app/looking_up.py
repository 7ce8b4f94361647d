"""Gathers what the mails of a group name, and looks all of it up at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from maild.app.automatic_mail import returned_nonce
from maild.app.budgets import scopes_of_customer
from maild.app.changed_meanwhile import nonces_answered
from maild.app.feedback import letter_answered
from maild.app.known import Known
from maild.app.letters import Letters
from maild.app.lists import ticket_asked_for
from maild.app.prepare import Prepared
from maild.app.work import Unit
from maild.threading.evidence import named_clues, named_ids, named_tickets


def look_up(unit: Unit, group: Sequence[Prepared], letters: Letters, now: datetime) -> Known:
    """Everything that the mails of a group name, in one look-up."""
    wanted = letters.wanted()
    for one in group:
        wanted.content_keys.add(one.content_key)
        wanted.message_ids |= named_ids(one.evidence) | {i for i in (one.mail.message_id, *one.answered) if i}
        wanted.tickets |= named_tickets(one.evidence) | ticket_asked_for(one, letters.desk)
        wanted.clues |= named_clues(one.evidence)
        wanted.addresses.add(one.sender)
        wanted.scopes |= scopes_of_customer(one.sender)
        if one.verdict.acknowledge:
            wanted.scopes.add(one.same_words)
        if one.sender and one.is_somebody:
            wanted.people.setdefault(one.sender, one.mail.sender.name if one.mail.sender else "")
        if one.forward and one.forward.sure:
            wanted.people.setdefault(one.forward.address.lower(), one.forward.name)
            wanted.addresses.add(one.forward.address.lower())
            wanted.scopes |= scopes_of_customer(one.forward.address.lower())
        if one.sender in letters.desk.agents:  # which letter is answered tells what the agent had seen
            wanted.nonces |= nonces_answered(one.answered, letters.desk)
        if nonce := one.bounced_nonce or returned_nonce(one, letters) or letter_answered(one, letters.desk.signer):
            wanted.nonces.add(nonce)
    return unit.load(wanted, now)
