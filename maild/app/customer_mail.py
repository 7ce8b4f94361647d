"""A customer's mail: it opens a ticket, or goes on with one."""

from __future__ import annotations

from dataclasses import replace

from maild.app.acknowledging import acknowledge
from maild.app.assign import Asked, assign
from maild.app.cautions import cautions_of_new, cautions_of_sender
from maild.app.clocks import opening_facts
from maild.app.forwarded import Handed, ask_for_customer, note_handing
from maild.app.languages import of_customer
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.outcome import Outcome, Role, Taken
from maild.app.people import actor_of, answer_to, join_copied
from maild.app.prepare import Prepared, is_answerable
from maild.app.recipients import recipients_of
from maild.app.references import fields_of, link_references, said_of
from maild.app.reply_routing import route_reply
from maild.app.routed import act, fixed_assignee, in_short, sorted_fields, turned_away
from maild.app.routed_ahead import route_new
from maild.app.telling import tell_agents
from maild.mail.gratitude import is_gratitude
from maild.threading.match import Match
from maild.tickets.events import EventKind
from maild.tickets.lifecycle import ON_CUSTOMER_MAIL, Status

SOLVED, NOT_SOLVED = "solved", "not solved"  # what a customer says by an address that was made for it
_SOLVED = frozenset({Status.RESOLVED, Status.CLOSED})
_DESCRIPTION = 2000  # characters of the first mail kept as the ticket's description


def new_ticket(
    mail_read: Prepared, matched: Match, ledger: Ledger, letters: Letters, handed: Handed | None = None
) -> Taken:
    """Open a ticket, acknowledge it and tell the agents, as far as its kind allows.

    `handed`: what the mail is when an agent sent it; its speaker is the customer then.
    """
    prepared = handed.speaker if handed else mail_read
    desk, mail, row = letters.desk, prepared.mail, prepared.row
    routed = ledger.routed.get(row.id) or route_new(prepared, desk, from_agent=mail_read.sender in desk.agents)
    facts, decision = routed.facts, routed.decision
    speaks = of_customer(facts.customer, facts.language, desk)
    if not (handed and handed.trusted) and (
        away := turned_away(prepared, decision, ledger, letters, language=speaks.language)
    ):
        return away
    number = ledger.open_ticket()
    actor = actor_of(prepared, ledger)
    fields, why_not = sorted_fields(decision, facts, desk)
    promised = replace(
        ledger.ticket(number),
        **fields,  # type: ignore[arg-type]  # each is a text
        customer=facts.customer,
        contact=prepared.sender,
    )
    # History is given to nobody.
    named, why_named = ("", []) if row.silent else fixed_assignee(decision, facts, promised, desk)
    is_chosen = not row.silent and named in ("", *desk.agents)  # an agent may be absent
    ledger.record(
        number,
        EventKind.OPENED,
        at=row.received_at,
        actor=actor,
        mail=row.id,
        facts={
            **fields,
            **({"assignee": named} if named and not is_chosen else {}),
            "source": handed.source if handed else "email",
            **({} if row.silent else opening_facts(promised, desk)),
            "customer": facts.customer,
            "subject": mail.subject,
            "description": prepared.reply.text[:_DESCRIPTION],
            "contact": prepared.sender,
            **fields_of(prepared.references or ()),
        },
    )
    ledger.record(number, EventKind.MAIL, at=row.received_at, actor=actor, mail=row.id)
    link_references(prepared, number, ledger, desk)
    act(decision, number, prepared, ledger, letters)
    why = [
        *said_of(prepared, facts.customer, desk),
        *([speaks.why] if speaks.why else ()),
        *decision.why,
        *why_not,
        *(() if named and is_chosen else why_named),
    ]
    if is_chosen:
        asked = Asked(fixed=named, strategy=decision.assign, skill=decision.skill)
        why += assign(number, asked, ledger, desk, at=row.received_at, mail=row.id)
    if matched.linked is not None:
        ledger.record(
            number,
            EventKind.LINKED,
            at=row.received_at,
            actor="system",
            mail=row.id,
            facts={"ticket": matched.linked, "why": matched.linked_why},
        )
        why.append(f"linked to ticket {matched.linked}")
    wanted = answer_to(prepared, letters)
    ledger.join(number, prepared.sender, mail.sender.name if mail.sender else "", "contact", wanted)
    ledger.join(number, wanted, "", "copied")
    ledger.join(number, prepared.list_name, "", "list")
    join_copied(prepared, number, ledger, letters)
    if handed:
        why += note_handing(mail_read, handed, number, ledger)
    if handed and handed.question:
        why.append(ask_for_customer(mail_read, handed, number, ledger, letters))
    else:
        why.append(acknowledge(prepared, matched, number, ledger, letters, decision=decision))
    if is_answerable(prepared.verdict.kind):
        warnings = cautions_of_new(prepared, matched, letters)
        note = handed.note if handed else ""
        why += tell_agents(
            prepared,
            number,
            "new ticket",
            ledger,
            letters,
            warnings=warnings,
            note=note,
            routed=in_short(decision),
            also=recipients_of(decision.notify, ledger.ticket(number), desk),
        )
    return Taken(Outcome.NEW_TICKET, number, tuple(why), _role_of_new(prepared, handed))


def _role_of_new(prepared: Prepared, handed: Handed | None) -> Role:
    """Whose words open the ticket."""
    if not is_answerable(prepared.verdict.kind):
        return Role.AUTOMATIC
    if handed and handed.question:  # an agent's own mail: it must never be quoted to the customer
        return Role.INTERNAL if prepared.proves_agent else Role.UNPROVED
    return Role.CUSTOMER


def customer_reply(
    prepared: Prepared, matched: Match, number: int, ledger: Ledger, letters: Letters, *, says: str = ""
) -> Taken:
    """Add a participant's mail to a ticket; it ends a hold at the moment it arrived (SLA.md).

    `says` is SOLVED or NOT_SOLVED when it came to an address that says so: it may have no words then.
    """
    row = prepared.row
    actor = actor_of(prepared, ledger)
    ledger.record(number, EventKind.MAIL, at=row.received_at, actor=actor, mail=row.id)
    if matched.colleague:
        ledger.join(number, prepared.sender, prepared.name, "copied", again=True)
    if matched.strong:  # a forged From with a guessed number must bring nobody in (RELIABILITY §5.2)
        join_copied(prepared, number, ledger, letters)
    link_references(prepared, number, ledger, letters.desk)
    before = ledger.ticket(number).status
    thanks_stay = before in _SOLVED and not says and not letters.desk.thanks_reopen
    if thanks_stay and is_gratitude(prepared.mail, prepared.reply):
        stays = f"it says thanks and nothing else, so the ticket stays {letters.desk.label(before)}"
        return Taken(Outcome.REPLY, number, (stays,), Role.CUSTOMER)
    after = ON_CUSTOMER_MAIL.get(before, before)
    what = "reply"
    why: tuple[str, ...] = ()
    if after is not before:
        reason, what = {Status.ON_HOLD: ("resume", "resumed"), Status.RESPONDED: ("reply", "reply")}.get(
            before, ("reopen", "reopened")
        )
        if says == NOT_SOLVED and before in _SOLVED:
            reason = "rejected"
        # IMAP tells whole seconds: a reply in the second of the hold did not end it before it began.
        at = max(row.received_at, ledger.ticket(number).held_at or row.received_at)
        ledger.move(number, after, at=at, actor=actor, mail=row.id, reason=reason)
        why = (f"{letters.desk.label(before)} becomes {letters.desk.label(after)}: the customer wrote",)
    routed = route_reply(prepared, number, ledger, letters)
    is_nobodys = not ledger.ticket(number).assignee and number not in ledger.changes.awaiting
    if what == "reopened" and is_nobodys and not row.silent:  # when it ended, it ceased to wait for somebody
        why += tuple(assign(number, Asked(), ledger, letters.desk, at=row.received_at, mail=row.id))
    held = tell_agents(
        prepared,
        number,
        says or what,
        ledger,
        letters,
        warnings=cautions_of_sender(prepared),
        routed=routed.in_short,
        also=routed.also,
    )
    return Taken(Outcome.REPLY, number, (*why, *routed.why, *held), Role.CUSTOMER)
