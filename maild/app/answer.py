"""An agent's answer: his words and files go to the customer from the support address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from urllib.parse import unquote

from maild.app.desk_structure import Queue
from maild.app.ledger import Ledger
from maild.app.letter_facts import common_facts
from maild.app.letters import REFERENCES_KEPT, Letters
from maild.app.outcome import Role
from maild.app.ports import File
from maild.app.prepare import Prepared
from maild.ids import Purpose
from maild.mail.model import Address, Attachment
from maild.threading.clues import quote_clues

_THE_AGENTS_OWN = frozenset(
    {
        "application/pgp-keys",
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "text/vcard",
        "text/x-vcard",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is for the customer in an agent's mail."""

    agent: str
    words: str
    html: str = ""  # the same words as the agent's program shows them; "": as text does
    files: tuple[Attachment, ...] = ()


def files_for_customer(attachments: tuple[Attachment, ...], *, with_words: bool) -> tuple[Attachment, ...]:
    """The attachments that travel with an answer.

    Signatures and visiting cards belong to the agent's mail program, and hold the private address. A
    picture in the text of a mail without words is a logo, not an answer.
    """
    return tuple(a for a in attachments if a.type not in _THE_AGENTS_OWN and (with_words or not a.inline))


def without_private_address(answer: Answer, queue: Queue) -> str:
    """The words with our address in place of the agent's own: in a signature, say, or wherever it stands."""
    return re.sub(re.escape(answer.agent), queue.addresses[0], answer.words, flags=re.IGNORECASE)


def _html(answer: Answer, queue: Queue) -> str:
    """The HTML with our address in place of the agent's own, in links as well; "" where that is not certain."""
    html = re.sub(re.escape(answer.agent), queue.addresses[0], answer.html, flags=re.IGNORECASE)
    return "" if answer.agent in unquote(unescape(html)).lower() else html


def send_answer(
    answer: Answer,
    prepared: Prepared,
    number: int,
    ledger: Ledger,
    letters: Letters,
    *,
    question: Mapping[str, object],
) -> str:
    """Relay the agent's words from the support address; the agent's own address never appears.

    `question` has the links of the question whether it is solved, if that is asked below them. Returns
    to whom it went, or why it did not.
    """
    desk, ticket, agent = letters.desk, ledger.ticket(number), answer.agent
    if prepared.row.silent:
        return "not sent: imported silently"
    queue = desk.queue_named(ticket.queue)
    # What an agent asked for himself, before the ticket was given to a customer, is not for the customer.
    theirs = [
        p
        for p in ledger.known.past.get(number, [])
        if p.role is Role.CUSTOMER and (p.from_address == ticket.contact or p.from_address not in desk.agents)
    ]
    last = theirs[-1] if theirs else None
    names = ledger.known.participants.get(number, {})
    to = ledger.known.answer_to.get((number, ticket.contact), ticket.contact)
    if to in {address.address.lower() for address in (*prepared.mail.to, *prepared.mail.cc)}:
        return f"not sent again: the agent's own mail went to {to} as well"
    # Who wrote last is answered even if somebody else opened the ticket.
    also = last is not None and last.from_address not in (ticket.contact, to) and last.from_address in names
    quoted = last and {"who": last.from_name or last.from_address, "when": desk.time(last.at), "text": last.words}
    letters.write(
        ledger,
        "answer",
        cause=prepared.row.id,
        received_at=prepared.row.received_at,
        to=Address(names.get(ticket.contact, ""), to),
        copies=[Address(last.from_name, last.from_address)] if last and also else [],
        ticket=ticket,
        queue=queue,
        sender_name=desk.agents[agent],
        purpose=Purpose.CUSTOMER,
        in_reply_to=last.message_id if last else "",
        references=[p.message_id for p in theirs if p.message_id][-REFERENCES_KEPT:],
        auto_submitted="",
        files=[_file(a, prepared) for a in answer.files],
        facts={
            **common_facts(number, ledger, letters),
            "text": without_private_address(answer, queue),
            "html": _html(answer, queue),
            "agent_name": desk.agents[agent],
            "quoted": quoted,
            **question,
        },
    )
    people = [to, *([last.from_address] if last and also else [])]
    ledger.remember(quote_clues(answer.words, people), number, prepared.row.received_at)
    return f"sent to {to}"


def _file(attachment: Attachment, prepared: Prepared) -> File:
    return File(
        name=attachment.name,
        type=attachment.type,
        content=prepared.file_bytes(attachment.part),
        inline=attachment.inline,
        content_id=attachment.content_id,
    )
