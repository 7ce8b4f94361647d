"""What an agent should know before believing or answering a mail: the warnings of a notification."""

from __future__ import annotations

from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.prepare import Prepared
from maild.mail.authenticity import Proof
from maild.mail.file_policy import infected_files
from maild.routing.facts import Fit
from maild.threading.match import Match
from maild.tickets.model import Ticket


def cautions_of_new(prepared: Prepared, matched: Match, letters: Letters) -> tuple[str, ...]:
    """Those of a mail that opened a ticket, on how it came to that."""
    found = [*cautions_of_sender(prepared)]
    if matched.linked_why == "stranger":
        found.append(
            f"It names ticket {matched.linked}, but {prepared.sender} is not part of that one:"
            " do not tell them anything from it."
        )
    if matched.linked_why == "closed":
        found.append(f"It goes on with ticket {matched.linked}, which was closed long ago.")
    if prepared.sender in letters.desk.agents and not prepared.proves_agent:
        found.append("It carries an agent's address, but nothing proves that the agent wrote it.")
    return tuple(found)


def cautions_of_sender(prepared: Prepared) -> tuple[str, ...]:
    """What speaks against the sender's being who wrote it."""
    if prepared.authenticity.result is not Proof.FAIL:
        return ()
    return (f"The sender's address may be forged: {'; '.join(prepared.authenticity.why)}.",)


def cautions_of_ticket(prepared: Prepared, ticket: Ticket, ledger: Ledger, letters: Letters) -> list[str]:
    """Those of every mail on this ticket: where an answer goes and whether it arrives, and what the mail brought."""
    return [
        *_led_away(ticket, ledger),
        *_known_by_reference(ticket, ledger, letters),
        *_of_others(ticket, ledger),
        *_viruses(prepared),
        *_marked(ticket, ledger, letters),
    ]


def _known_by_reference(ticket: Ticket, ledger: Ledger, letters: Letters) -> list[str]:
    """The customer was told by an order's number and by nothing else."""
    desk = letters.desk
    if not ticket.customer or desk.organisation_of(ticket.contact) is not None:
        return []
    for kept in ledger.known.references.get(ticket.number, []):
        meant = desk.organisation_meant(kept.reference.facts.get("customer", ""))
        if meant is not None and meant.name == ticket.customer:
            known_by = f"{kept.reference.sort} {kept.reference.key}"
            return [f"The customer {ticket.customer} is known only by {known_by}, which anybody may know."]
    return []


def _of_others(ticket: Ticket, ledger: Ledger) -> list[str]:
    """What belongs to somebody else than who names it."""
    of_others = [k.reference for k in ledger.known.references.get(ticket.number, []) if k.reference.fit is Fit.MISMATCH]
    return [f"Of {each.sort} {each.key}, tell the sender nothing: {each.why}." for each in of_others]


def _led_away(ticket: Ticket, ledger: Ledger) -> list[str]:
    """A mail program would show in To where an answer goes; who reads a notification must see it, too."""
    to = ledger.known.answer_to.get((ticket.number, ticket.contact))
    return [f"Answers go to {to}, as the customer's first mail asks (Reply-To)."] if to else []


def _viruses(prepared: Prepared) -> list[str]:
    """A sentence for every file of a mail in which the virus scanner found something."""
    found = infected_files(prepared.mail)
    return [f"The virus scanner found {says} in the file {name}. It is handed out to nobody." for name, says in found]


def _marked(ticket: Ticket, ledger: Ledger, letters: Letters) -> list[str]:
    """What an agent should know of the address that an answer would go to."""
    mark = letters.mark(ledger, ticket.contact)
    return [f"{mark.sentence(letters.desk.time(mark.until))}."] if mark else []
