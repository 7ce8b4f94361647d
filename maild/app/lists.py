"""Answers an agent who asks by mail for a list of tickets, or for one ticket (MAIL.md §6).

Nothing is remembered of a list: its letter's subject says which page it was, and a reply brings that back.
"""

from __future__ import annotations

from collections.abc import Mapping

from maild.app.briefing import Briefing
from maild.app.customer_zone import time_in
from maild.app.desk import Desk
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.list_lines import ListLine, Readable
from maild.app.list_links import list_address
from maild.app.outcome import Outcome, Role, Taken
from maild.app.prepare import Prepared
from maild.app.timeline_facts import timeline_facts
from maild.app.zones import zone_of
from maild.ids import Purpose
from maild.mail.asked_lists import FORMS, Asked, Unclear, Which, read_asked, subject_of_page
from maild.mail.authenticity import Proof
from maild.mail.mailto import mailto
from maild.mail.model import Address, Kind
from maild.mail.own_line import says_nothing
from maild.sla.standing import Standing
from maild.threading.match import Match
from maild.tickets.command_readers import HELP
from maild.tickets.permissions import Permission, reach

PAGE = 25  # tickets of one letter
_STANDING = {Standing.FAILED: "failed", Standing.PAUSED: "paused", Standing.FULFILLED: "fulfilled", Standing.NONE: ""}
_DOES = {
    "mine": "the tickets that you have, the most urgent first",
    "unassigned": "what nobody has, the oldest first",
    "at risk": "whose clock runs, the one that is due first on top",
    "queue NAME": "what is open in a queue, the newest first",
    "search WORDS": "tickets with all these words, the newest first",
    "#42": "one ticket, with all that happened",
    "help": "this list",
}
_UNPROVED = (
    "You seem to ask for tickets, but nothing proves that the mail came from you, so none is shown."
    " Answer this letter with the same words: it can only be answered by who gets your mail."
)


def asked_of(prepared: Prepared, desk: Desk) -> Asked | Unclear | None:
    """What a mail in an agent's name asks for; None when it is any other mail."""
    sender, row = prepared.sender, prepared.row
    no_person = prepared.verdict.kind is not Kind.HUMAN or prepared.by_form or row.handling == "bare"
    if sender not in desk.agents or no_person or row.silent or not prepared.verdict.acknowledge:
        return None
    return read_asked(
        prepared.mail.subject,
        prepared.reply.text,
        name=f"{prepared.name} {desk.agents[sender]}",
        queues=[queue.name for queue in desk.queues],
        tag=desk.tag,
        personal=_is_personal(prepared, desk),
    )


def ticket_asked_for(prepared: Prepared, desk: Desk) -> set[int]:
    """The number of the ticket that an agent asks for, to be looked up."""
    asked = asked_of(prepared, desk)
    return {asked.number} if isinstance(asked, Asked) and asked.number else set()


def _is_personal(prepared: Prepared, desk: Desk) -> bool:
    """Whether it came to the address that only this agent was told of, and is not shown to be forged."""
    forged = prepared.authenticity.result is Proof.FAIL
    own = (a for a in prepared.addressed if desk.is_ours(a) and desk.signer.is_list_address(a, prepared.sender))
    return not forged and any(own)


def list_mail(prepared: Prepared, matched: Match, ledger: Ledger, letters: Letters) -> Taken | None:
    """Answer what an agent asks for; None when the mail is none of these requests.

    Only the agent's own address is answered, and only with what the agent may read.
    """
    desk, sender = letters.desk, prepared.sender
    asked = asked_of(prepared, desk)
    if asked is None:
        return None
    if not (matched.agent or prepared.proves_agent or _is_personal(prepared, desk)):
        # Without a word of its own the mail could not be a ticket either, so it is not made one.
        says_more = not says_nothing(prepared.reply.text, prepared.name)
        if isinstance(asked, Unclear) or says_more or prepared.authenticity.result is Proof.FAIL:
            return None
        why = f"{asked.line!r} is not answered: nothing proves that {sender} wrote it"
        return _tell(prepared, ledger, letters, why=why, problem=_UNPROVED)
    if isinstance(asked, Unclear):
        why = f"refused: {asked.problem}"
        return _tell(prepared, ledger, letters, why=why, problem=asked.problem, nearest=asked.nearest)
    if asked.which is Which.HELP:
        facts: dict[str, object] = {"subject_with_tag": f"{desk.name}: help", "commands": _commands()}
        return _write(prepared, "help", ledger, letters, why="the agent asked for help", facts=facts)
    if asked.which is Which.TICKET:
        return _one_ticket(prepared, asked.number, ledger, letters)
    return _page(prepared, asked, ledger, letters)


def _page(prepared: Prepared, asked: Asked, ledger: Ledger, letters: Letters) -> Taken:
    desk, agent = letters.desk, prepared.sender
    lines, page, total = ledger.unit.listed(asked, agent, readable_by(agent, desk), ledger.now, limit=PAGE)
    pages = max(1, -(-total // PAGE))
    shown = Asked(which=asked.which, what=asked.what, page=page)
    facts = {
        "subject_with_tag": subject_of_page(shown, pages),
        "title": shown.line,
        "rows": [_row(line, agent, letters) for line in lines],
        "total": total,
        "page": page,
        "pages": pages,
        "zone": str(zone_of(agent, desk)),
    }
    return _write(prepared, "list", ledger, letters, why=f"{shown.line}: page {page} of {pages}", facts=facts)


def readable_by(agent: str, desk: Desk) -> Readable:
    """The tickets that an agent may be told of."""
    return Readable(
        reach=reach(desk.person(agent), Permission.READ),
        teams={queue.name: queue.team for queue in desk.queues},
        other_team=desk.queues[0].team,
    )


def _row(line: ListLine, agent: str, letters: Letters) -> dict[str, object]:
    desk, tag = letters.desk, letters.tag(line.number)
    to = desk.signer.reply_address(desk.queue_named(line.queue).addresses[0], line.number, agent, Purpose.AGENT)
    stands, zone = line.stands, zone_of(agent, desk)
    return {
        "tag": tag,
        "subject": line.subject,
        "contact": line.contact_name or line.contact,
        "status_label": desk.label(line.status),
        "priority": line.priority,
        "assignee": desk.agents.get(line.assignee, line.assignee),
        "opened": time_in(line.opened_at, zone) if line.opened_at else "",
        "standing": _STANDING.get(stands.standing, "due"),
        "due": time_in(stands.due_at, zone) if stands.due_at else "",
        # Whoever writes there answers the customer, as by a reply to a notification.
        "href": mailto(to, subject=f"Re: {line.subject.replace(tag, '').strip()} {tag}"),
    }


def _one_ticket(prepared: Prepared, number: int, ledger: Ledger, letters: Letters) -> Taken:
    """One ticket with everything; a reply answers its customer, as one to a notification does."""
    desk, agent = letters.desk, prepared.sender
    ticket = ledger.known.tickets.get(number)
    if ticket is None or not desk.readers([agent], ticket):  # whether there is one is not told either
        said = f"There is no ticket {desk.tag}{number} that you may read."
        return _tell(prepared, ledger, letters, why=f"refused: {said}", problem=said)
    story = ledger.unit.story(number)
    facts = {
        **Briefing(number=number, ledger=ledger, letters=letters).facts(agent),
        "customer_name": ledger.known.participants.get(number, {}).get(ticket.contact) or ticket.contact,
        "customer_address": ticket.contact,
        "what": "",
        "text": ticket.description,
        "timeline": timeline_facts(story, desk.agents, zone_of(agent, desk)) if story else (),
    }
    return _write(prepared, "ticket", ledger, letters, why=f"shown: ticket {number}", facts=facts, number=number)


def _commands() -> list[dict[str, str]]:
    """Everything that an agent can write: as a subject, and in a mail."""
    lists = [{"form": form, "does": _DOES[form]} for form in FORMS]
    inside = (line.partition(": ") for line in HELP.values())
    return [*lists, *({"form": form, "does": does} for form, _, does in inside)]


def _tell(prepared: Prepared, ledger: Ledger, letters: Letters, *, why: str, problem: str, nearest: str = "") -> Taken:
    """Say that nothing is shown, and give back what was asked."""
    facts = {
        "number": "",  # about no ticket
        "subject_with_tag": f"Re: {prepared.mail.subject}" if prepared.mail.subject else letters.desk.name,
        "problem": problem,
        "nearest": nearest,
        "your_text": "\n".join(part for part in (prepared.mail.subject, prepared.reply.text) if part),
    }
    return _write(prepared, "problem", ledger, letters, why=why, facts=facts)


def _write(
    prepared: Prepared,
    template: str,
    ledger: Ledger,
    letters: Letters,
    *,
    why: str,
    facts: Mapping[str, object],
    number: int = 0,
) -> Taken:
    """Answer the agent, at the address that the configuration has; replies to all but a ticket ask for lists."""
    desk, row, agent = letters.desk, prepared.row, prepared.sender
    ticket = ledger.ticket(number) if number else None
    refused = letters.write(
        ledger,
        template,
        cause=row.id,
        received_at=row.received_at,
        to=Address(desk.agents[agent], agent),
        ticket=ticket,
        queue=desk.queue_named(ticket.queue) if ticket else desk.queues[0],
        purpose=Purpose.AGENT if ticket else None,
        reply_to="" if ticket else list_address(agent, desk),
        in_reply_to=prepared.mail.message_id,
        references=[prepared.mail.message_id] if prepared.mail.message_id else [],
        auto_submitted="auto-replied",
        facts={"desk_name": desk.name, **facts},
    )
    told = (f"{agent} is not told of it: {refused}",) if refused else ()
    return Taken(Outcome.COMMAND, None, (why, *told), Role.INTERNAL)
