"""Mails that claim to be an agent's and prove nothing: kept for colleagues, and nobody acts on them."""

from __future__ import annotations

from maild.app.agent_letters import tell_agent
from maild.app.desk import Desk
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.outcome import Outcome, Role, Taken
from maild.app.people import actor_of
from maild.app.prepare import Prepared
from maild.ids import OF_AGENTS
from maild.mail.authenticity import Proof
from maild.tickets.events import EventKind


def unproved_agent_mail(prepared: Prepared, number: int, ledger: Ledger, letters: Letters) -> Taken:
    """A mail in an agent's name without the signed address: kept, but nobody acts on it (MAIL.md §4)."""
    row = prepared.row
    ledger.record(number, EventKind.UNVERIFIED, at=row.received_at, actor=actor_of(prepared, ledger), mail=row.id)
    why = "kept, but not acted upon: nothing proves that the agent wrote it"
    if prepared.authenticity.result is Proof.FAIL:
        problem = (
            "This mail came in your name, and the check of its origin failed: somebody else may have written it."
            " Nothing of it was sent or done. If it is yours, answer the notification itself (its Reply-To)."
        )
    else:
        problem = (
            "This mail came in your name, but not to the signed address of your notification, so nothing was"
            " sent to the customer. Answer the notification itself (its Reply-To) to reach the customer."
        )
    facts = {"problem": problem, "your_text": prepared.reply.text}
    told = tell_agent(prepared, number, ledger, letters, template="problem", facts=facts)
    return Taken(Outcome.REPLY, number, (why, *told), Role.UNPROVED)


def mail_from_elsewhere(prepared: Prepared, ledger: Ledger, letters: Letters) -> Taken | None:
    """A stranger's mail to an agent's signed address: mostly the agent, from a private address (MAIL.md §4).

    It is kept for the agents, and nothing of it is sent, done or answered: the agent whose address it is hears of it
    where we know him. None when it is no such mail.
    """
    desk, row = letters.desk, prepared.row
    found = _whose(prepared, ledger, desk) if prepared.sender and prepared.sender not in desk.agents else None
    if found is None:
        return None
    agent, number = found
    ledger.record(number, EventKind.UNVERIFIED, at=row.received_at, actor=actor_of(prepared, ledger), mail=row.id)
    problem = (
        f"A mail from {prepared.sender} came to your signed address. It is kept with the ticket, and nothing of it was"
        f" sent to the customer or done: only your own address proves that you wrote it. Send it again from {agent}."
    )
    facts = {"problem": problem, "your_text": prepared.reply.text}
    told = tell_agent(prepared, number, ledger, letters, template="problem", facts=facts, agent=agent)
    why = f"kept, but not acted upon: {prepared.sender} wrote to the signed address of {agent}, who is told"
    return Taken(Outcome.REPLY, number, (why, *told), Role.UNPROVED)


def _whose(prepared: Prepared, ledger: Ledger, desk: Desk) -> tuple[str, int] | None:
    """The agent whose signed address the mail came to, and the ticket; the address itself names nobody."""
    for piece in prepared.evidence:
        token = piece.token
        if token is None or token.purpose not in OF_AGENTS or token.ticket not in ledger.known.tickets:
            continue
        if prepared.sender in ledger.known.participants.get(token.ticket, {}):
            continue  # a customer who was copied by the agent
        if agent := next((a for a in desk.agents if desk.signer.verifies(token, a)), ""):
            return agent, ledger.following(token.ticket)
    return None
