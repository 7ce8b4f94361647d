"""Links in letters to an agent that write a mail with a command in it: take, hold, resolve, close, note.

They are `mailto:` to addresses that were signed for this agent, so a scanner that opens every link does
nothing, and nobody else can use them.
"""

from __future__ import annotations

from collections.abc import Iterator

from maild.app.letters import Letters
from maild.ids import Purpose
from maild.mail.mailto import mailto
from maild.tickets.lifecycle import ENDED, Status
from maild.tickets.model import Ticket
from maild.tickets.permissions import Permission

_SUBJECT = 60  # characters of the customer's: a link of more than 2,000 breaks in some programs
_WRITE, _RESOLVE = Permission.WRITE, Permission.RESOLVE


def command_links(ticket: Ticket, agent: str, letters: Letters) -> list[dict[str, str]]:
    """What this agent may do with this ticket as it stands, as {does, href}."""
    return [{"does": does, "href": href} for does, href in _links(ticket, agent, letters)]


def _links(ticket: Ticket, agent: str, letters: Letters) -> Iterator[tuple[str, str]]:
    desk = letters.desk
    if desk.may(agent, _WRITE, ticket):
        return
    support = desk.queue_named(ticket.queue).addresses[0]
    tag = letters.tag(ticket.number)
    plain = " ".join(ticket.subject.replace(tag, "").split())
    subject = f"{plain[:_SUBJECT].rstrip()} {tag}".strip()

    def address(purpose: Purpose) -> str:
        return desk.signer.reply_address(support, ticket.number, agent, purpose)

    to = address(Purpose.AGENT)

    def command(line: str) -> str:
        return mailto(to, subject=subject, body=f"{line}\n\n")

    if ticket.assignee != agent:
        yield "take", command("#take")
    if ticket.status not in ENDED:
        if ticket.status is not Status.ON_HOLD:
            yield "hold", command("#hold")
        if not desk.may(agent, _RESOLVE, ticket):
            yield "resolve", command("#resolve resolved")
            yield "close", command("#close resolved")
    yield "note", mailto(address(Purpose.NOTE), subject=subject)
