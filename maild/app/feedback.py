"""A customer's word about the solution: it is solved, it is not, so many stars. By a signed address, or by a reply.

Whoever acts is proved: the address was made for this person, or the reply answers a letter that only participants
got. A forged mail is an ordinary one, an automatic reply or a bounce never comes here, and our own people neither
vote nor confirm.
"""

from __future__ import annotations

from datetime import timedelta

from maild.app.aftercare import may_ask, write_closing
from maild.app.customer_letters import nobody_to_write_to, write_to_customer
from maild.app.customer_mail import NOT_SOLVED, SOLVED, customer_reply
from maild.app.ledger import Ledger
from maild.app.letter_facts import common_facts, customer_facts, past_mails
from maild.app.letters import Letters
from maild.app.outcome import Outcome, Role, Taken
from maild.app.people import actor_of
from maild.app.prepare import Prepared
from maild.app.recipients import recipients_of, told_of
from maild.app.service_levels import MANAGER
from maild.app.steps import policy_of
from maild.app.telling import tell_agents
from maild.app.ticket_facts import facts_of
from maild.ids import OF_AGENTS, RATES, Purpose, ReplyToken, Signer
from maild.mail.authenticity import Proof
from maild.mail.gratitude import is_mere_thanks
from maild.mail.model import Address, Kind
from maild.mail.ratings import Rating, comment_of, rating_of
from maild.mail.verdicts import Said, verdict_of
from maild.sla.aftercare import CONFIRMED, aftermath
from maild.threading.match import Link, Match
from maild.tickets.events import EventKind, Facts
from maild.tickets.lifecycle import Status

_ANSWERED_WITHIN = timedelta(days=14)  # a rating in a mail that names no letter of ours
_ENDED = frozenset({Status.RESOLVED, Status.CLOSED})
_ASKING = frozenset({"feedback", "closing"})  # letters that a rating answers


def letter_answered(prepared: Prepared, signer: Signer) -> str:
    """The nonce of the letter of ours that a mail answers; "" when it answers none."""
    for message_id in prepared.mail.in_reply_to[:1]:
        parts = message_id.partition("@")[0].split(".")
        if len(parts) == 4 and signer.read_message_id(message_id) is not None:
            return parts[2].lower()
    return ""


def customers_word(prepared: Prepared, matched: Match, ledger: Ledger, letters: Letters) -> Taken | None:
    """Do what a mail says about the solution, if that is what it is for; None for any other mail."""
    desk = letters.desk
    if prepared.row.silent or prepared.verdict.kind is not Kind.HUMAN:
        return None
    token = _token(prepared, ledger, desk.signer)
    number = matched.ticket
    if prepared.sender in desk.agents and (number is None or ledger.ticket(number).contact != prepared.sender):
        if token is None:
            return None
        why = "it came to an address that was made for the customer: our own people do not say that it is solved"
        return Taken(Outcome.COMMAND, token.ticket, (why,), Role.INTERNAL)
    if prepared.authenticity.result is Proof.FAIL:
        return None
    if number is None:
        return _too_late(token, prepared, matched, ledger)
    if token is not None:
        return _by_address(token, prepared, matched, ledger, letters)
    return _by_words(prepared, matched, number, ledger, letters)


def _token(prepared: Prepared, ledger: Ledger, signer: Signer) -> ReplyToken | None:
    """The signed address for such a word that the mail came to, if we made it for a participant of its ticket."""
    for piece in prepared.evidence:
        token = piece.token
        if token is not None and token.purpose not in (*OF_AGENTS, Purpose.CUSTOMER):
            people = ledger.known.participants.get(token.ticket, {})
            if any(signer.verifies(token, person) for person in people):
                return token
    return None


def _too_late(token: ReplyToken | None, prepared: Prepared, matched: Match, ledger: Ledger) -> Taken | None:
    """A rating of a ticket that was closed long ago makes no new one, unless there are words in it."""
    if token is None or matched.linked != token.ticket or _has_words(prepared):
        return None
    if matched.linked_why == Link.STRANGER:
        return _noted(prepared, token.ticket, f"{prepared.sender} takes no part in it, and says nothing", ledger)
    if token.purpose is Purpose.UNSOLVED:
        return None
    return _noted(prepared, token.ticket, "it comes too late to count, and says nothing else", ledger)


def _by_address(
    token: ReplyToken, prepared: Prepared, matched: Match, ledger: Ledger, letters: Letters
) -> Taken | None:
    number = token.ticket
    if number != matched.ticket:  # that ticket goes on in another one
        return None
    if token.purpose is Purpose.SOLVED:
        return _confirm(prepared, matched, number, ledger, letters)
    if token.purpose is Purpose.UNSOLVED:
        return _reject(prepared, matched, number, ledger, letters)
    if not _is_theirs(token, prepared.sender, number, ledger, letters.desk.signer):
        if _has_words(prepared):
            return None
        return _noted(prepared, number, "it rates by an address that was made for somebody else", ledger)
    said = rating_of(prepared.reply.text, prepared.name)
    words = said.comment if said else comment_of(prepared.reply.text, prepared.name)
    return _rate(Rating(RATES[token.purpose], words), prepared, number, ledger, letters)


def _is_theirs(token: ReplyToken, sender: str, number: int, ledger: Ledger, signer: Signer) -> bool:
    """Whether the address was made for this sender, or for where the sender wants answers."""
    answer_to = ledger.known.answer_to.get((number, sender), sender)
    return signer.verifies(token, sender) or signer.verifies(token, answer_to)


def _by_words(prepared: Prepared, matched: Match, number: int, ledger: Ledger, letters: Letters) -> Taken | None:
    """A whole reply that is a rating, or a yes or no, to a letter that asks for it."""
    status = ledger.ticket(number).status
    if status not in _ENDED or not matched.strong or _has_files(prepared):
        return None
    nonce = letter_answered(prepared, letters.desk.signer)
    letter = ledger.known.letters.get(nonce)
    template = letter.template if letter is not None and letter.ticket == number else ""
    if _was_asked(prepared, number, ledger, nonce=nonce, template=template) and (
        rating := rating_of(prepared.reply.text, prepared.name)
    ):
        return _rate(rating, prepared, number, ledger, letters)
    said = verdict_of(prepared.reply.text, prepared.name) if status is Status.RESOLVED else None
    if said is None or (said.bare and not _asks_whether(template, number, ledger, letters)):
        return None
    return (_confirm if said.solved else _reject)(prepared, matched, number, ledger, letters)


def _was_asked(prepared: Prepared, number: int, ledger: Ledger, *, nonce: str, template: str) -> bool:
    """Whether a number in this mail is a rating, and not the answer to another question."""
    found = aftermath(facts_of(number, ledger))
    if found.asked_at is None:
        return False
    if nonce:
        return template in _ASKING
    nothing_since = found.answered_at is None or found.answered_at <= found.asked_at
    return nothing_since and prepared.row.received_at - found.asked_at <= _ANSWERED_WITHIN


def _asks_whether(template: str, number: int, ledger: Ledger, letters: Letters) -> bool:
    """Whether the letter that was answered asks if it is solved."""
    confirm = policy_of(number, ledger, letters.desk).confirm
    return template == "resolution" or (template == "answer" and confirm)


def _rate(rating: Rating, prepared: Prepared, number: int, ledger: Ledger, letters: Letters) -> Taken:
    """Record a rating; the ticket stays as it is. A later one takes its place."""
    row, desk = prepared.row, letters.desk
    before = aftermath(facts_of(number, ledger)).stars
    facts: Facts = {"stars": rating.stars, **({"comment": rating.comment} if rating.comment else {})}
    ledger.record(
        number, EventKind.RATED, at=row.received_at, actor=actor_of(prepared, ledger), mail=row.id, facts=facts
    )
    why = [f"the customer rates it {rating.stars} of 5, which changes nothing else"]
    low = policy_of(number, ledger, desk).feedback.low
    if rating.stars <= low and all(stars > low for stars in before):
        why += _tell_manager(rating, prepared, number, ledger, letters)
    if rating.comment or _has_files(prepared):
        why += tell_agents(prepared, number, f"rated {rating.stars} of 5", ledger, letters)
    why += _receipt("rated", prepared, number, ledger, letters, stars=rating.stars)
    return Taken(Outcome.REPLY, number, tuple(why), Role.CUSTOMER)


def _tell_manager(rating: Rating, prepared: Prepared, number: int, ledger: Ledger, letters: Letters) -> list[str]:
    """A customer is not content: the team's manager hears of it, else who had the ticket, else the admins."""
    desk, ticket = letters.desk, ledger.ticket(number)
    recipients = recipients_of((MANAGER,), ticket, desk) or told_of(ticket, desk) or desk.alerts_to
    facts = {
        **common_facts(number, ledger, letters),
        "tag": letters.tag(number),
        "subject": ticket.subject,
        **customer_facts(number, ledger),
        "assignee": desk.agents.get(ticket.assignee, ticket.assignee),
        "stars": rating.stars,
        "comment": rating.comment,
        "history": past_mails(number, ledger, desk),
    }
    for recipient in recipients:
        letters.write(
            ledger,
            "low_rating",
            cause=prepared.row.id,
            received_at=prepared.row.received_at,
            to=Address(desk.agents.get(recipient, ""), recipient),
            ticket=ticket,
            queue=desk.queue_named(ticket.queue),
            purpose=Purpose.NOTE if recipient in desk.agents else None,  # what a manager says of it stays inside
            in_reply_to=desk.signer.ticket_id(desk.domain, number),
            facts=facts,
        )
    return [f"low: {', '.join(recipients) or 'nobody'} is told"]


def _confirm(prepared: Prepared, matched: Match, number: int, ledger: Ledger, letters: Letters) -> Taken:
    """The customer says that it is solved: a resolved ticket is closed, one that is open has an agent read it."""
    row, ticket = prepared.row, ledger.ticket(number)
    if ticket.status is Status.CLOSED and (_says_no_more(prepared) or not _has_words(prepared)):
        return _noted(prepared, number, "it says that it is solved, and is closed already", ledger)
    if ticket.status is not Status.RESOLVED:
        return customer_reply(prepared, matched, number, ledger, letters, says=SOLVED)
    actor = actor_of(prepared, ledger)
    ledger.record(number, EventKind.MAIL, at=row.received_at, actor=actor, mail=row.id)
    code = ticket.resolution_code or "resolved"
    at = max(row.received_at, ticket.resolved_at or row.received_at)
    ledger.move(number, Status.CLOSED, at=at, actor=actor, mail=row.id, reason=CONFIRMED, code=code)
    why = ["the customer says that it is solved: it is closed"]
    if _has_words(prepared) and not _says_no_more(prepared):
        why += tell_agents(prepared, number, SOLVED, ledger, letters)
    why += _tell_closed(prepared, number, ledger, letters)
    return Taken(Outcome.REPLY, number, tuple(why), Role.CUSTOMER)


def _tell_closed(prepared: Prepared, number: int, ledger: Ledger, letters: Letters) -> list[str]:
    """The letter about the closing, which asks for a rating, or else a receipt."""
    policy, found = policy_of(number, ledger, letters.desk), aftermath(facts_of(number, ledger))
    asks = policy.feedback.enabled and not found.asked and found.was_answered and may_ask(number, ledger, letters)
    if not (asks or policy.tell_closed) or nobody_to_write_to(number, ledger, letters):
        return _receipt("confirmed", prepared, number, ledger, letters)
    if refused := _may_not_answer(prepared):
        return [refused]
    answers = prepared.mail.message_id
    write_closing(number, ledger, letters, why="confirmed", asks=asks, cause=prepared.row.id, answers=answers)
    return []


def _reject(prepared: Prepared, matched: Match, number: int, ledger: Ledger, letters: Letters) -> Taken:
    """The customer says that it is not solved: it is open again, and the agents hear of it."""
    taken = customer_reply(prepared, matched, number, ledger, letters, says=NOT_SOLVED)
    said = _receipt("rejected", prepared, number, ledger, letters)
    return Taken(taken.outcome, taken.ticket, (*taken.why, *said), taken.role)


def _receipt(
    done: str, prepared: Prepared, number: int, ledger: Ledger, letters: Letters, *, stars: int = 0
) -> list[str]:
    """Tell the customer that it was understood; returns why not."""
    if refused := _may_not_answer(prepared) or nobody_to_write_to(number, ledger, letters):
        return [f"no receipt: {refused}"]
    if prepared.sender != ledger.ticket(number).contact:  # the letter is for whom the ticket is for
        return []
    refused = write_to_customer(
        "receipt",
        number,
        ledger,
        letters,
        about=f"receipt {prepared.row.id}",
        at=prepared.row.received_at,
        facts={"done": done, "stars": stars},
        cause=prepared.row.id,
        answers=prepared.mail.message_id,
    )
    return [f"no receipt: {refused}"] if refused else []


def _may_not_answer(prepared: Prepared) -> str:
    if not prepared.verdict.acknowledge:
        return prepared.verdict.acknowledge_why
    if prepared.authenticity.forbids_answer:
        return "the sender's address may be forged"
    return ""


def _noted(prepared: Prepared, number: int, why: str, ledger: Ledger) -> Taken:
    """Keep a mail that changes nothing: nobody waits for an answer to it, so it is none of the customer's."""
    row = prepared.row
    ledger.record(
        number,
        EventKind.AUTOMATIC,
        at=row.received_at,
        actor="system",
        mail=row.id,
        facts={"sort": prepared.verdict.kind},
    )
    return Taken(Outcome.REPLY, number, (f"noted: {why}",), Role.AUTOMATIC)


def _has_words(prepared: Prepared) -> bool:
    return bool(comment_of(prepared.reply.text, prepared.name)) or _has_files(prepared)


def _has_files(prepared: Prepared) -> bool:
    return any(not file.inline for file in prepared.mail.attachments)


def _says_no_more(prepared: Prepared) -> bool:
    """Whether the words beside the verdict are nothing that anybody has to read."""
    if _has_files(prepared):
        return False
    said = verdict_of(prepared.reply.text, prepared.name)
    return said == Said(solved=True, bare=said.bare) if said else is_mere_thanks(prepared.reply.text, prepared.name)
