"""What rules may ask of a mail, gathered from the mail as it was read, the desk and the ticket."""

from __future__ import annotations

from dataclasses import replace

from maild.app.desk import Desk
from maild.app.prepare import Prepared, is_answerable
from maild.app.references import branch_of, customer_of, named_references
from maild.routing.facts import FileFacts, MailFacts
from maild.tickets.model import Ticket

MOST_TEXT = 256 << 10  # characters that rules look at; whoever writes more has said it before


def facts_of(
    prepared: Prepared,
    desk: Desk,
    *,
    ticket: Ticket | None = None,
    from_agent: bool | None = None,
) -> MailFacts:
    """The facts of a mail; of what an agent handed on, those of the speaker.

    `ticket` is the one that a reply belongs to. `from_agent` says who sent the mail, where its speaker is
    somebody else. The language is found out only when something depends on it: rules, agents, the letters of a
    new ticket.
    """
    text = prepared.reply.text[:MOST_TEXT]
    route = desk.route(prepared.addressed)
    organisation, _ = customer_of(prepared, desk)
    branch = branch_of(prepared, organisation, desk)
    mail = prepared.mail
    of_letters = ticket is None and desk.languages.detect and is_answerable(prepared.verdict.kind)
    for_letters = of_letters and not (organisation and organisation.language)
    recipients = tuple(address.lower() for address in prepared.addressed)
    return MailFacts(
        subject=mail.subject,
        text=text,
        recipients=recipients,
        own_recipients=tuple(address for address in recipients if desk.is_ours(address)),
        queue=ticket.queue if ticket else route.queue,
        queue_why=f"queue {ticket.queue}: ticket {ticket.number} is in it" if ticket else route.why,
        sender=prepared.sender,
        customer=organisation.name if organisation else "",
        groups=_folded(organisation.groups) if organisation else frozenset(),
        tags=_folded(organisation.tags) if organisation else frozenset(),
        customer_priority=organisation.priority if organisation else "",
        branch=branch.name if branch else "",
        branch_manager=branch.manager if branch else "",
        kind=prepared.verdict.kind.value,
        authenticity=prepared.authenticity.result.value,
        headers=mail.headers,
        files=tuple(FileFacts(name=file.name, type=file.type.lower(), size=file.size) for file in mail.attachments),
        language=_language_of(prepared, desk) if desk.asks_language or for_letters else "",
        references=named_references(prepared, desk) if prepared.references is None else prepared.references,
        is_reply=ticket is not None,
        from_agent=prepared.sender in desk.agents if from_agent is None else from_agent,
        at=prepared.row.received_at,
        ticket_priority=ticket.priority if ticket else "",
        ticket_reason=ticket.reason_code if ticket else "",
        ticket_type=ticket.type if ticket else "",
        ticket_case_type=ticket.case_type if ticket else "",
        ticket_tags=frozenset(ticket.tags.lower().split()) if ticket else frozenset(),
    )


def with_language(prepared: Prepared, desk: Desk) -> Prepared:
    """The mail with its language, where anything may depend on that; asks the model of languages."""
    if not (desk.tells_languages and prepared.is_somebody):
        return prepared
    return replace(prepared, language=_language_of(prepared, desk))


def _language_of(prepared: Prepared, desk: Desk) -> str:
    known = prepared.language
    return desk.detect_language(prepared.reply.text[:MOST_TEXT]) if known is None else known


def _folded(words: frozenset[str]) -> frozenset[str]:
    return frozenset(word.lower() for word in words)
