"""What an agent's mail asks for, and why none of it may be done."""

from __future__ import annotations

from dataclasses import dataclass, replace

from maild.app.agent_words import agent_words, is_command
from maild.app.answer import Answer, files_for_customer
from maild.app.budgets import Refusal
from maild.app.desk import Desk
from maild.app.known import SentLetter
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.orders import no_customer, permissions_missing
from maild.app.prepare import Prepared
from maild.ids import Purpose, read_reply_address
from maild.mail.file_policy import refused_for_letter
from maild.mail.own_html import own_html
from maild.mail.own_marker import holds_marker
from maild.tickets.commands import read_order
from maild.tickets.model import Ticket
from maild.tickets.orders import Order, does_something

# Letters that nobody answers to the customer: whoever does answer one speaks to a colleague.
FOR_US_ALONE = frozenset({"approval", "digest", "help", "list", "low_rating", "offer", "sla_digest"})

_EMPTY = (
    "Nothing was sent: your mail has no words of yours, or only a signature. Write your answer above everything that"
    " you quote, or attach what the customer is to have."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRequest:
    """An agent's mail, read against the ticket as it stands."""

    agent: str
    own: str  # what the agent typed, commands and all: it comes back when nothing is done
    order: Order
    answer: Answer | None  # what goes to the customer; None when nothing does
    wordless: bool = False  # it quotes, and has no words of the agent's


def read_request(
    prepared: Prepared, ticket: Ticket, desk: Desk, *, agent: str, answered: SentLetter | None = None
) -> AgentRequest:
    """Read commands and words; nothing is done yet. `answered` is the letter of ours that the mail answers."""
    said = agent_words(prepared, desk.agents[agent])
    order = read_order(
        said.text,
        ticket,
        agent=agent,
        agents=frozenset(desk.agents),
        names=desk.names,
        top=said.begins,
        bottom=said.whole,
        whole=bool(prepared.mail.html),  # which shows where lines end
        spaced="MsoNormal" in prepared.mail.html,  # Outlook on Windows: each line is a paragraph
    )
    if order.words:
        planted = any(is_command(line) for line in said.signature.split("\n"))
        signed = "" if planted else said.signature
        order = replace(order, words="\n\n".join(filter(None, (order.words, signed))))
    attached = files_for_customer(prepared.mail.attachments, with_words=bool(order.words))
    is_task = ticket.source == "internal" and not (ticket.contact or order.customer)  # there is nobody outside
    among_us = answered is not None and answered.template in FOR_US_ALONE
    if is_task or among_us or _to_note_address(prepared, agent, desk):
        order = replace(order, note=True)
    if order.note and not (order.words or attached):  # there is nothing to keep
        order = replace(order, note=False)
    answer = None
    if not order.stays_inside and (order.words or attached):
        html = own_html(prepared.mail.html, order.words, is_command) if said.whole else ""
        answer = Answer(agent=agent, words=order.words, html=html, files=attached)
    own = prepared.reply.text if prepared.reply.left or not said.only_quoted else ""
    return AgentRequest(agent=agent, own=own, order=order, answer=answer, wordless=said.only_quoted)


def _to_note_address(prepared: Prepared, agent: str, desk: Desk) -> bool:
    """Whether it came to the address by which an agent's words stay inside.

    A colleague's will do, which proves nothing: an agent who answers all that got a note goes on with it.
    """
    tokens = (read_reply_address(address) for address in prepared.addressed if desk.is_ours(address))
    notes = [token for token in tokens if token and token.purpose is Purpose.NOTE]
    return any(desk.signer.verifies(token, each) for token in notes for each in (agent, *desk.agents))


def refusals(request: AgentRequest, number: int, ledger: Ledger, letters: Letters, *, cause: int) -> list[str]:
    """Why nothing of it may be done, a sentence for each reason; [] when all is well."""
    desk, ticket, order, answer = letters.desk, ledger.ticket(number), request.order, request.answer
    over_budget = letters.refusal(ledger, "answer", ticket.contact, number) if answer else None
    if over_budget is not None:
        ledger.refuse(over_budget, cause)
    if may_not := permissions_missing(order, ticket, desk, request.agent, answers=answer is not None):
        return may_not
    if not request.wordless and holds_marker(request.own):
        # An empty answer, or an unknown way of quoting: the notification, with notes in it, would go to the customer.
        why = "Nothing was sent: your words could not be told from the letter that you quote."
        return [f"{why} Write them above everything that you quote."]
    if refusal := no_customer(order.customer, desk):
        return [refusal]
    if answer is not None and (unsendable := _unsendable(answer, order, ticket, desk, over_budget)):
        return unsendable
    if order.problems:
        return list(order.problems)
    return [] if answer or does_something(order) else [_EMPTY]


def _unsendable(answer: Answer, order: Order, ticket: Ticket, desk: Desk, over_budget: Refusal | None) -> list[str]:
    """Why the answer cannot go to the customer."""
    if not (order.customer or ticket.contact):
        return ["Nothing was sent: the ticket has no customer's address."]
    if refused := refused_for_letter(answer.files, desk.files):  # words that speak of a file must not go without it
        return ["Nothing was sent, because of the files. Send your answer again without them.", *refused]
    if over_budget is not None:
        return [f"Nothing was sent, because a machine seems to answer here: {over_budget.why}. Send it again later."]
    return []
