"""Letters to a ticket's customer that no mail of his has caused: to whom, in which thread, with which links.

The links are `mailto:`, to signed addresses that were made for this recipient: a scanner that fetches every link of
a mail sends nothing, and who only guesses a number has no address that counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from maild.app.budgets import scopes_of_customer
from maild.app.known import Wanted
from maild.app.ledger import Ledger
from maild.app.letter_facts import common_facts
from maild.app.letters import REFERENCES_KEPT, Letters
from maild.app.outcome import Role
from maild.ids import RATES, Purpose
from maild.mail.mailto import mailto
from maild.mail.model import Address
from maild.mail.robots import is_no_reply, is_unattended
from maild.tickets.resolutions import BUILT_IN, label_of

_IN_WORDS = frozenset(each.code for each in BUILT_IN)


def nobody_to_write_to(number: int, ledger: Ledger, letters: Letters) -> str:
    """Why no letter about a ticket goes to its customer by itself; "" when one may."""
    desk, ticket = letters.desk, ledger.ticket(number)
    if not ticket.contact:
        return "the ticket is nobody's outside"
    if ticket.contact in desk.agents or desk.is_ours(ticket.contact):
        return "the ticket is one of our own"
    people = ledger.known.participants.get(number, {})
    if any(address.startswith("list:") for address in people):
        return "the ticket came through a mailing list"
    to = recipient_of(number, ledger)
    if is_no_reply(to.address) or is_unattended(to):
        return f"nobody reads mail to {to.address}"
    theirs = [past for past in ledger.known.past.get(number, []) if past.role is Role.CUSTOMER]
    if not theirs:  # a machine's mail opened it, or nobody has written yet
        return "no person wrote"
    mark = letters.mark(ledger, to.address)
    return mark.sentence(desk.time(mark.until)) if mark else ""


def recipient_of(number: int, ledger: Ledger) -> Address:
    """Who gets the letters about a ticket: its contact, where answers are wanted."""
    contact = ledger.ticket(number).contact
    to = ledger.known.answer_to.get((number, contact), contact)
    return Address(ledger.known.participants.get(number, {}).get(contact, ""), to)


def refused_now(template: str, number: int, ledger: Ledger, letters: Letters) -> str:
    """Why a letter would not be written at this moment, because of its budgets; "" when it would."""
    address = recipient_of(number, ledger).address
    _know_budgets(address, ledger)
    refusal = letters.refusal(ledger, template, address, number)
    return refusal.why if refusal else ""


def write_to_customer(
    template: str,
    number: int,
    ledger: Ledger,
    letters: Letters,
    *,
    about: str,
    at: datetime,
    facts: Mapping[str, object],
    cause: int | None = None,
    answers: str = "",
) -> str:
    """Write one letter; returns why it may not be written now, or "".

    `about` and `at` name its cause, so that doing the work again makes the same letter; `cause` is the inbox row if
    a mail caused it, and `answers` the Message-ID of one that it answers.
    """
    ticket, desk = ledger.ticket(number), letters.desk
    to = recipient_of(number, ledger)
    _know_budgets(to.address, ledger)
    theirs = [
        past.message_id
        for past in ledger.known.past.get(number, [])
        if past.role is Role.CUSTOMER and past.message_id and past.from_address not in desk.agents
    ]
    return letters.write(
        ledger,
        template,
        cause=cause or 0,
        about=f"{about} {number}",
        received_at=at,
        to=to,
        ticket=ticket,
        queue=desk.queue_named(ticket.queue),
        purpose=Purpose.CUSTOMER,
        in_reply_to=answers or (theirs[-1] if theirs else ""),
        references=[*theirs, *([answers] if answers else [])][-REFERENCES_KEPT:],
        auto_submitted="auto-replied" if answers else "auto-generated",
        facts={
            **common_facts(number, ledger, letters),
            "tag": letters.tag(number),
            "greeting_name": to.name,
            "subject": ticket.subject,
            "zone": str(desk.zone),
            **facts,
        },
    )


def _know_budgets(address: str, ledger: Ledger) -> None:
    """Look up how many letters this customer got lately, unless that is known: whose turn it is only the work shows."""
    missing = scopes_of_customer(address) - ledger.known.lately.keys()
    if missing:
        found = ledger.unit.load(Wanted(scopes=missing), ledger.now).lately
        ledger.known.lately.update({scope: lately for scope, lately in found.items() if scope in missing})


def result_of(number: int, ledger: Ledger, letters: Letters) -> str:
    """How a ticket ended: a code that letters have words for, else what the site has its customers read for it."""
    desk, ticket = letters.desk, ledger.ticket(number)
    code, to = ticket.resolution_code, recipient_of(number, ledger).address
    language = letters.language(to, "", ticket, desk.queue_named(ticket.queue))
    label = desk.lifecycle.label_of(code, language)
    return code if label == label_of(code, language) and code in _IN_WORDS else label


def solution_links(number: int, ledger: Ledger, letters: Letters) -> dict[str, object]:
    """The links by which the customer says that it is solved, or is not."""
    return {
        "yes_link": _link(Purpose.SOLVED, number, ledger, letters),
        "no_link": _link(Purpose.UNSOLVED, number, ledger, letters),
    }


def rating_links(number: int, ledger: Ledger, letters: Letters) -> list[dict[str, object]]:
    """A link for each number of stars, the best first."""
    best_first = sorted(RATES.items(), key=lambda rate: -rate[1])
    return [
        {"stars": stars, "href": _link(purpose, number, ledger, letters, say=f"{stars}/5")}
        for purpose, stars in best_first
    ]


def _link(purpose: Purpose, number: int, ledger: Ledger, letters: Letters, say: str = "Re:") -> str:
    """A mail to a signed address, ready to be sent; whatever is written in it goes along [RFC 6068 §2]."""
    desk, ticket = letters.desk, ledger.ticket(number)
    support = desk.queue_named(ticket.queue).addresses[0]
    to = recipient_of(number, ledger).address
    address = desk.signer.reply_address(support, number, to, purpose)
    return mailto(address, subject=f"{say} {letters.subject(ticket)}")
