"""The letter to an agent who gets a ticket without a mail that tells of it: by a strategy, a colleague, a new route."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from maild.app.briefing import Briefing
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.mail_files import MailFiles
from maild.app.outcome import Role
from maild.ids import Purpose
from maild.mail.model import Address
from maild.mail.reading import FileReader

ASSIGNMENT, NOTIFICATION = "assignment", "notification"


def tell_of_ticket(
    number: int,
    recipients: Sequence[str],
    ledger: Ledger,
    letters: Letters,
    *,
    what: str,
    about: str,
    at: datetime,
    routed: str = "",
) -> list[str]:
    """Tell agents of a ticket as it stands, with what its customer wrote last and the files of that mail.

    Whoever has it gets an assignment, others a notification; what a budget holds back, a digest tells of.
    Returns why somebody is not told now.
    """
    desk, ticket = letters.desk, ledger.ticket(number)
    queue = desk.queue_named(ticket.queue)
    past = list(reversed(ledger.known.past.get(number, [])))
    names = ledger.known.participants.get(number, {})
    briefing = Briefing(number=number, ledger=ledger, letters=letters)
    files = files_of_customer(number, ledger, letters)
    held = []
    for recipient in recipients:
        along = recipient == ticket.assignee or len(recipients) <= desk.travelling.recipients

        def facts(recipient: str = recipient, *, along: bool = along) -> dict[str, object]:
            told = briefing.facts(recipient)
            return {
                **told,
                "what": what,
                "customer_name": names.get(ticket.contact) or ticket.contact or desk.name,
                "customer_address": ticket.contact or queue.addresses[0],
                "routed": routed,
                "text": past[0].words if past else ticket.description,
                "history": _behind_the_first(told["history"]),
                "attachments": files.facts(along=along) if files else (),
            }

        refused = letters.write(
            ledger,
            ASSIGNMENT if recipient == ticket.assignee else NOTIFICATION,
            cause=0,
            about=about,
            received_at=at,
            to=Address(desk.agents.get(recipient, ""), recipient),
            ticket=ticket,
            queue=queue,
            sender_name=names.get(ticket.contact, ""),
            purpose=Purpose.AGENT,
            in_reply_to=desk.signer.ticket_id(desk.domain, number),
            files=files.along if files and along else (),
            facts=facts,
        )
        if refused:
            ledger.hold(recipient, NOTIFICATION, number)
            held.append(refused)
    return held


def _behind_the_first(history: object) -> Sequence[object]:
    return history[1:] if isinstance(history, Sequence) else ()


def files_of_customer(number: int, ledger: Ledger, letters: Letters) -> MailFiles | None:
    """The files of the customer's last mail; None when it has none."""
    written = [past for past in ledger.known.past.get(number, []) if past.role is Role.CUSTOMER]
    found = ledger.unit.files(written[-1].inbox) if written else ()
    if not found:
        return None
    inbox = written[-1].inbox

    @cache  # the mail is loaded and taken apart once, and only if a file goes along
    def reader() -> FileReader:
        row = ledger.unit.mail(inbox)
        return FileReader(row.raw if row is not None else b"")

    def read(part: str) -> bytes:
        return reader()(part)

    desk = letters.desk
    return MailFiles(found, read, inbox=inbox, travelling=desk.travelling, policy=desk.files)
