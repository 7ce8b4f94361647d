"""An agent's mail that matches no ticket: a customer's mail handed on, or a request of the agent's own."""

from __future__ import annotations

from dataclasses import dataclass, replace

from maild.app.desk import Desk
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.prepare import Prepared, is_answerable
from maild.ids import Purpose
from maild.mail.forwards import Forward
from maild.mail.model import Address, Reply, Verdict
from maild.mail.robots import is_no_reply
from maild.tickets.events import EventKind, Facts

QUESTIONS = {
    "unseen": "it cannot be seen in the mail who the customer is",
    "uncertain": "it is not certain who the customer is",
    "unproved": "a customer's mail seems to be forwarded, but nothing proves that the agent did it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What an agent's new mail is."""

    speaker: Prepared  # the mail as its words are to be read: the customer's, or the agent's own
    note: str = ""  # the agent's own words above what was forwarded; never for the customer
    question: str = ""  # why the agent is asked whose mail it is: one of QUESTIONS
    suggestion: str = ""  # who it may be
    source: str = "email"
    handed: bool = False  # the words are a customer's

    @property
    def trusted(self) -> bool:
        """Whether an agent certainly sent it, so that it is wanted whatever it looks like."""
        return self.handed or self.source == "internal"


def handed_on(prepared: Prepared, desk: Desk, *, proved: bool) -> Handed:
    """Read an agent's mail that joins no ticket (MAIL.md §3, §6).

    `proved`: an aligned pass shows that the agent wrote it. Only then is the customer taken from the
    text; else anybody could open tickets in a stranger's name by writing a forward block.
    """
    forward = prepared.forward
    if forward is None or prepared.row.handling == "bare" or not is_answerable(prepared.verdict.kind):
        return Handed(speaker=prepared, source="internal" if proved else "email")
    address = forward.address.lower()
    if not address or desk.is_ours(address) or address in desk.agents:
        return Handed(speaker=prepared, question="unseen")
    if not forward.sure:
        return Handed(speaker=prepared, question="uncertain", suggestion=address)
    if not proved:
        return Handed(speaker=prepared, question="unproved", suggestion=address)
    return Handed(speaker=_as_customer(prepared, forward), note=forward.note.strip(), handed=True)


def _as_customer(prepared: Prepared, forward: Forward) -> Prepared:
    """The mail as the customer wrote it; nothing of the agent's headers is left in it."""
    sender = Address(forward.name, forward.address)
    mail = replace(
        prepared.mail,
        sender=sender,
        subject=forward.subject or prepared.mail.subject,
        message_id="",
        reply_to=(),
        to=(),
        cc=(),
        in_reply_to=(),
        references=(),
    )
    robot = is_no_reply(forward.address)
    verdict = Verdict(
        kind=prepared.verdict.kind,
        why=prepared.verdict.why,
        acknowledge=not robot,
        acknowledge_why=f"{forward.address} takes no answers" if robot else "a customer wrote to an agent",
    )
    return replace(
        prepared,
        mail=mail,
        verdict=verdict,
        reply=Reply(text=forward.text),
        sender=forward.address.lower(),
        list_name="",
        language=None,
    )


def note_handing(prepared: Prepared, handed: Handed, number: int, ledger: Ledger) -> list[str]:
    """Keep who handed the customer's mail on, with the words that only agents may read."""
    if not handed.handed:
        return []
    actor = f"agent:{ledger.known.contacts[prepared.sender]}"
    words = handed.note or "(forwarded without a word)"
    facts: Facts = {"words": words}
    ledger.record(number, EventKind.NOTE, at=prepared.row.received_at, actor=actor, mail=None, facts=facts)
    return [f"forwarded by {prepared.sender} for {handed.speaker.sender}"]


def ask_for_customer(prepared: Prepared, handed: Handed, number: int, ledger: Ledger, letters: Letters) -> str:
    """Ask the agent, at the address that we know, whose mail it is; returns what was done."""
    desk, ticket = letters.desk, ledger.ticket(number)
    if prepared.row.silent:
        return "nobody is asked: imported silently"
    refused = letters.write(
        ledger,
        "question",
        cause=prepared.row.id,
        received_at=prepared.row.received_at,
        to=Address(desk.agents[prepared.sender], prepared.sender),
        ticket=ticket,
        queue=desk.queue_named(ticket.queue),
        purpose=Purpose.AGENT,
        in_reply_to=prepared.mail.message_id,
        references=[prepared.mail.message_id] if prepared.mail.message_id else [],
        auto_submitted="auto-replied",
        facts={
            "desk_name": desk.name,
            "number": number,
            "subject_with_tag": letters.subject(ticket),
            "why": handed.question,
            "suggestion": handed.suggestion,
        },
    )
    if refused:
        return f"the agent is not asked: {refused}"
    return f"the agent is asked who the customer is: {QUESTIONS[handed.question]}"
