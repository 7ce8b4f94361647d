"""Carries out escalations: hands the ticket on, raises it, and tells people, with the standard note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from maild.app.assign import strategy_of
from maild.app.clock_letters import ESCALATION, ClockLetter, write_clock_letter
from maild.app.clocks import clocks_of, opening_facts
from maild.app.desk import Desk
from maild.app.ledger import Ledger
from maild.app.letter_facts import common_facts
from maild.app.letters import Letters
from maild.app.recipients import manager_of, recipients_of, team_of
from maild.app.service_levels import MANAGER, TEAM
from maild.app.staff import Awaiting
from maild.ids import Purpose
from maild.mail.model import Address
from maild.routing.assignment import NONE
from maild.sla.clock import Clock
from maild.sla.escalations import Due, Escalation, Task
from maild.sla.terms import LABELS, ClockKind
from maild.tickets.escalation_note import EscalationNote
from maild.tickets.events import EventKind, Facts
from maild.tickets.lifecycle import Status
from maild.tickets.priorities import raised

Actions = list[tuple[str, str]]  # what was done, as letters word it, and with which value


def escalate(due: Sequence[Due], number: int, ledger: Ledger, letters: Letters) -> None:
    """Carry out what is due about a ticket; a rule that several clocks call for at once is carried out once."""
    calls: dict[str, tuple[Escalation, list[Clock]]] = {}
    for each in due:
        for rule in each.escalations:
            calls.setdefault(rule.name, (rule, []))[1].append(each.clock)
    for rule, clocks in calls.values():
        done = _carry_out(rule, clocks[0], number, ledger, letters)
        for clock in clocks:
            facts: Facts = {"rule": rule.name, "clock": clock.kind, "cycle": clock.cycle, "done": done}
            ledger.record(number, EventKind.ESCALATED, at=ledger.now, actor="system", mail=None, facts=facts)


def _carry_out(rule: Escalation, clock: Clock, number: int, ledger: Ledger, letters: Letters) -> str:
    """Do what a rule says, and put the standard note on the ticket; returns what was done, in words."""
    desk = letters.desk
    actions = _act(rule, number, ledger, letters)
    ticket = ledger.ticket(number)
    percent = clock.used(ledger.now) * 100 // clock.target
    why = f"{LABELS[clock.kind]}: {percent} % of the target of policy {clock.policy} is used"
    note = _standard_note(number, ledger, desk)
    text = "\n".join((f"Escalated by the rule {rule.name}. {why}.", *note.lines()))
    ledger.record(number, EventKind.NOTE, at=ledger.now, actor="system", mail=None, facts={"words": text})
    letter = ClockLetter(
        template=ESCALATION,
        number=number,
        clock=clock,
        occasion=f"rule {rule.name}",
        facts={
            "rule": rule.name,
            "why": "",
            "actions": [{"what": what, "value": value} for what, value in actions],
            "blocker": note.blocker,
            "owner": note.owner,
            "eta": note.eta,
        },
    )
    is_new = any(what == "assigned" for what, _ in actions)
    told = _tell(letter, rule, ledger, letters, to=ticket.assignee if is_new else "")
    return "; ".join(f"{what}: {value}" for what, value in [*actions, *(("told", each) for each in told)])


def _act(rule: Escalation, number: int, ledger: Ledger, letters: Letters) -> Actions:
    """Change the ticket as the rule says; what is so already is not done again."""
    desk, ticket = letters.desk, ledger.ticket(number)
    assignee = manager_of(ticket, desk) if rule.assign == MANAGER else rule.assign
    priority = raised(ticket.priority) if rule.raise_priority else ticket.priority
    tags = ticket.tags if rule.tag in ticket.tags.split() else f"{ticket.tags} {rule.tag}".strip()
    wanted = {
        "assignee": assignee.lower() or ticket.assignee,
        "team": rule.team or ticket.team,
        "priority": priority,
        "tags": tags,
    }
    fields = {name: value for name, value in wanted.items() if value != getattr(ticket, name)}
    if fields:
        ledger.record(number, EventKind.SET, at=ledger.now, actor="system", mail=None, facts=fields)
    moved = ledger.ticket(number)
    if "team" in fields and not moved.assignee and (strategy := strategy_of(moved, desk)) != NONE:
        # Who assigns is alone, and we hold the ticket already: the next look at what waits finds its agent.
        waits = Awaiting(ticket=number, since=ledger.now, why=f"escalation {rule.name}", strategy=strategy)
        ledger.changes.awaiting[number] = waits
    words = {"assignee": "assigned", "tags": "tag"}
    actions = [(words.get(name, name), rule.tag if name == "tags" else value) for name, value in fields.items()]
    if rule.status and not desk.lifecycle.refusal(ledger.ticket(number), Status(rule.status)):
        reason = f"escalation {rule.name}"
        ledger.move(number, Status(rule.status), at=ledger.now, actor="system", mail=None, reason=reason)
        actions.append(("status", desk.label(Status(rule.status))))
    if rule.task:
        actions.append(("task", letters.tag(_open_task(rule.task, number, ledger, letters))))
    return actions


def _open_task(task: Task, number: int, ledger: Ledger, letters: Letters) -> int:
    """Open a ticket of our own, linked with the one that it is for, and tell the agents of its queue."""
    desk, made = letters.desk, ledger.open_ticket()
    ticket = replace(ledger.ticket(made), queue=task.queue)
    facts = {"queue": task.queue, "source": "internal", "subject": task.subject, **opening_facts(ticket, desk)}
    ledger.record(made, EventKind.OPENED, at=ledger.now, actor="system", mail=None, facts=facts)
    for one, other, why in ((number, made, "task"), (made, number, "task for")):
        linked: Facts = {"ticket": other, "why": why}
        ledger.record(one, EventKind.LINKED, at=ledger.now, actor="system", mail=None, facts=linked)
    ticket, queue = ledger.ticket(made), desk.queue_named(task.queue)
    for agent in recipients_of((TEAM,), ticket, desk):
        refused = letters.write(
            ledger,
            "notification",
            cause=0,
            about=f"task {made}",
            received_at=ledger.now,
            to=Address(desk.agents.get(agent, ""), agent),
            ticket=ticket,
            queue=queue,
            purpose=Purpose.AGENT,
            in_reply_to=desk.signer.ticket_id(desk.domain, made),
            facts={
                **common_facts(made, ledger, letters),
                "tag": letters.tag(made),
                "what": "new task",
                "subject": task.subject,
                "customer_name": desk.name,
                "customer_address": queue.addresses[0],
                "status_label": desk.label(ticket.status),
                "queue": ticket.queue,
                "opened_at": desk.time(ledger.now),
                "text": task.subject,
                "task_for": {"tag": letters.tag(number), "subject": ledger.ticket(number).subject},
            },
        )
        if refused:
            ledger.hold(agent, "notification", made)
    return made


def _standard_note(number: int, ledger: Ledger, desk: Desk) -> EscalationNote:
    """What the ticket itself knows of it; a due time that has passed is nobody's estimate."""
    ticket = ledger.ticket(number)
    clocks = (clock for clock in clocks_of(number, ledger, desk).running if clock.kind is ClockKind.RESOLUTION)
    eta = next((clock.due_at for clock in clocks), None)
    team = team_of(ticket, desk)
    owner = desk.agents.get(ticket.assignee, ticket.assignee) or (team.name if team else "")
    return EscalationNote(ticket.hold_reason, owner, desk.time(eta) if eta and eta > ledger.now else "")


def _tell(letter: ClockLetter, rule: Escalation, ledger: Ledger, letters: Letters, *, to: str) -> list[str]:
    """Send the letter to whom the rule names, and to `to`, who has the ticket now, if that is new."""
    ticket, desk = ledger.ticket(letter.number), letters.desk
    recipients = dict.fromkeys([*recipients_of(rule.notify, ticket, desk), *([to] if to else [])])
    return write_clock_letter(letter, desk.readers(recipients, ticket), ledger, letters)
