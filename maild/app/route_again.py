"""Routes a ticket again when its reason code has changed: from the mail that opened it, and under the new code.

Routing again never changes the reason, so that it cannot cause itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from maild.app.assign import Asked, assign
from maild.app.assignment_letter import tell_of_ticket
from maild.app.desk import Desk
from maild.app.forwarded import handed_on
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.prepare import Prepared, prepare
from maild.app.recipients import is_still_theirs, told_of
from maild.app.routed import decide, fixed_assignee, sorted_fields
from maild.app.routing_facts import facts_of
from maild.errors import Permanent
from maild.mail.packages import Package
from maild.routing.catalogue import BRANCH_MANAGER
from maild.routing.decision import Decision
from maild.routing.facts import MailFacts
from maild.tickets.by_hand import is_by_hand, priority_by_hand
from maild.tickets.events import Event, EventKind
from maild.tickets.model import Ticket

_NOTHING = {"team": "of its queue", "assignee": "nobody"}  # in words
# From where a value comes that nothing but the new reason, or a rule, could have given.
_OF_ROUTING = ("rule ", "reason ", "case type ")


def route_again(
    number: int,
    ledger: Ledger,
    letters: Letters,
    *,
    mail: int | None,
    at: datetime,
    keep: Collection[str] = (),
    but: str = "",
    silent: bool = False,
    tell: bool = True,
) -> str:
    """Give a ticket the team, queue, assignee and priority that follow from its new reason, and tell whose it is now.

    `mail` is the one that brought the reason; fields in `keep` stay, because they were set with it. `but` is who
    did it and needs no notification; without `tell` nobody gets one. History, which is `silent`, gets none either,
    and is shared out to nobody. Returns what was done, in words.
    """
    desk, ticket = letters.desk, ledger.ticket(number)
    events = [*ledger.unit.events(number), *ledger.new_events.get(number, ())]
    facts, decision = _decide(ticket, events, ledger, desk)
    fields, why_not = _changes(ticket, facts, decision, desk, events=events, keep=keep)
    fields = {name: value for name, value in fields.items() if name not in keep and value != getattr(ticket, name)}
    words = [f"{name} {value or _NOTHING[name]}" for name, value in fields.items()]
    said = f"routed again: reason {ticket.reason_code} -> {', '.join(words) or 'nothing changes'}"
    if not fields:
        return "; ".join([said, *why_not])
    # No address in the chain.
    public = (word if not word.startswith("assignee") else "another assignee" for word in words)
    why = f"routed again: reason {ticket.reason_code} -> {', '.join(public)}"
    ledger.record(number, EventKind.SET, at=at, actor="system", mail=mail, facts={**fields, "why": why})
    if not silent and "assignee" not in keep and not ledger.ticket(number).assignee:
        asked = Asked(strategy=decision.assign, skill=decision.skill)
        why_not += assign(number, asked, ledger, desk, at=at, mail=mail)
    if tell and not silent:
        _tell(number, decision, ledger, letters, at=at, but=but)
    return "; ".join([said, *why_not])


def _decide(ticket: Ticket, events: Sequence[Event], ledger: Ledger, desk: Desk) -> tuple[MailFacts, Decision]:
    """What routing says under the ticket's reason; without the mail that opened it, what the reason itself says."""
    opening = next((event.mail for event in events if event.kind is EventKind.OPENED and event.mail), None)
    row = ledger.unit.mail(opening) if opening else None
    if row is None:
        return _by_reason(ticket, ledger.now, desk)
    prepared = prepare(row, desk, _unopened)
    if prepared.forward and prepared.forward.address.lower() == ticket.contact:
        prepared = handed_on(prepared, desk, proved=True).speaker
    known = ledger.known.references.get(ticket.number)
    if known:  # as directories know it by now
        prepared = replace(prepared, references=tuple(kept.reference for kept in known))
    facts = facts_of(_for_contact(prepared, ticket), desk, from_agent=prepared.sender in desk.agents)
    facts = replace(facts, reason=ticket.reason_code)
    return facts, decide(facts, desk)


def _for_contact(prepared: Prepared, ticket: Ticket) -> Prepared:
    """The customer may be somebody else by now than who wrote."""
    return replace(prepared, sender=ticket.contact or prepared.sender)


def _by_reason(ticket: Ticket, now: datetime, desk: Desk) -> tuple[MailFacts, Decision]:
    branch = desk.branch_of(ticket.contact)
    facts = MailFacts(
        queue=ticket.queue,
        sender=ticket.contact,
        branch=branch.name if branch else "",
        branch_manager=branch.manager if branch else "",
        at=now,
    )
    reason = next((each for each in desk.router.catalogue.reasons if each.code == ticket.reason_code), None)
    why = ("the mail that opened it is kept no more, so the reason alone decides",)
    if reason is None:
        return facts, Decision(queue=ticket.queue, team=ticket.team, queue_source="address", why=why)
    to_manager = reason.team == BRANCH_MANAGER
    return facts, Decision(
        queue=reason.queue or ticket.queue,
        queue_source=f"reason {reason.code}",
        team="" if to_manager else reason.team,
        assignee=BRANCH_MANAGER if to_manager and facts.branch_manager else "",
        reason=reason.code,
        why=why,
    )


def _unopened(data: bytes) -> Package:
    raise Permanent(f"a package of {len(data)} bytes: its files are not looked at again to route it")


def _changes(
    ticket: Ticket,
    facts: MailFacts,
    decision: Decision,
    desk: Desk,
    *,
    events: Sequence[Event],
    keep: Collection[str],
) -> tuple[dict[str, str], list[str]]:
    """The fields that routing gives anew, and what of it could not be done.

    What a person has said of queue and team gives way to a rule or a reason, not to the address or to nothing.
    """
    sorted_anew, why_not = sorted_fields(decision, facts, desk)
    fields = {"queue": decision.queue, "team": sorted_anew.get("team", "")}
    for name, says_nothing in (("queue", decision.queue_source == "address"), ("team", not fields["team"])):
        if name in keep or (says_nothing and is_by_hand(events, name)):
            fields[name] = getattr(ticket, name)
    if decision.priority_source.startswith(_OF_ROUTING) and not priority_by_hand(events):
        fields["priority"] = decision.priority
    moved = replace(ticket, queue=fields["queue"], team=fields["team"])
    assignee, why_assigned = fixed_assignee(decision, facts, moved, desk)
    if assignee:
        return {**fields, "assignee": assignee}, why_not
    if moved.team != ticket.team or moved.queue != ticket.queue:
        # Whoever had it answers for it no more; a strategy may choose somebody else.
        fields["assignee"] = ticket.assignee if is_still_theirs(moved, desk) else ""
    return fields, [*why_not, *why_assigned]


def _tell(number: int, decision: Decision, ledger: Ledger, letters: Letters, *, at: datetime, but: str) -> None:
    """Notify whoever has the ticket from now on; too many notifications end in a digest."""
    ticket = ledger.ticket(number)
    tell_of_ticket(
        number,
        [recipient for recipient in told_of(ticket, letters.desk) if recipient != but],
        ledger,
        letters,
        what="routed again",
        about=f"routed again {number} {ticket.version}",
        at=at,
        routed="; ".join(line for line in decision.why if line),
    )
