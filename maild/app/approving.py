"""Overrides: commands that rules refuse, and that somebody who may approves (`#override`, `#approve`, `#deny`)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from maild.app.approval_letters import ask_for_approval, tell_asker
from maild.app.desk import Desk
from maild.app.joining import meant
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.orders import carry_out, change_customer, no_customer, permissions_missing, refused_now
from maild.app.override_requests import Request, requests_of
from maild.app.recipients import manager_of
from maild.tickets.commands import check_commands
from maild.tickets.events import EventKind
from maild.tickets.model import Ticket
from maild.tickets.orders import Order, Verdict, done_line, undo_line
from maild.tickets.permissions import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who acts on which ticket, by what, and when."""

    number: int
    agent: str  # the address; "": an admin, who may everything
    actor: str
    mail: int | None
    at: datetime
    silent: bool = False  # old mail is imported: nobody is asked or told


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What came of it; with problems, nothing was done."""

    done: str = ""
    undo: str = ""
    problems: tuple[str, ...] = ()


def override_or_settle(order: Order, by: By, ledger: Ledger, letters: Letters) -> Came | None:
    """Do what an order with `#override`, `#approve` or `#deny` asks for; None for any other order.

    Also None for an override of what nothing refuses: it is carried out like any order. The caller has
    found neither problems in the order nor permissions that are missing.
    """
    if by.silent and (order.verdict or order.override):
        return Came(problems=("imported mail asks for no approval and gives none",))
    if order.verdict:
        return _settle(order.verdict, by, ledger, letters)
    refused = _refused(order, ledger.ticket(by.number), letters.desk, by.agent) if order.override else ()
    return _override(order, refused, by, ledger, letters) if refused else None


def _refused(order: Order, ticket: Ticket, desk: Desk, agent: str) -> tuple[str, ...]:
    """What rules refuse of an order: moves, missing fields, and the permission to end a ticket."""
    what = order.needs.get(Permission.RESOLVE)
    lacks = desk.may(agent, Permission.RESOLVE, ticket) if what and agent else ""
    return (*order.refused, *([f"{what}: {lacks}"] if lacks else []))


def _override(order: Order, refused: tuple[str, ...], by: By, ledger: Ledger, letters: Letters) -> Came:
    """Ask who may approve; who may himself is not kept waiting."""
    desk, ticket = letters.desk, ledger.ticket(by.number)
    alone = not by.agent or not any(
        desk.may(by.agent, each, ticket) for each in (Permission.OVERRIDE, Permission.APPROVE)
    )
    asked = () if alone else _approvers(ticket, ledger, letters, asker=by.agent)
    if not (alone or asked):
        return Came(problems=(*refused, _nobody(ticket, desk, by.agent)))
    older = requests_of(by.number, ledger).open
    facts = {
        "commands": "\n".join(order.lines),
        "because": order.override,
        "refused": "\n".join(refused),
        "asker": by.agent,
        "asked": ", ".join(asked),
    }
    ledger.record(by.number, EventKind.REQUESTED, at=by.at, actor=by.actor, mail=by.mail, facts=facts)
    request = requests_of(by.number, ledger).open
    if request is None:
        raise AssertionError(f"ticket {by.number}: a request is open as soon as it is recorded")
    if older and older.asker != by.agent:
        problem = f"your request {older.number} is given up: {_who(by, desk)} made another one, number {request.number}"
        tell_asker(older, by.number, ledger, letters, at=by.at, mail=by.mail, problem=problem)
    if alone:
        return _carry_out(request, order, by, ledger, letters)
    ask_for_approval(request, by.number, ledger, letters, asked=asked, refused=refused, at=by.at, mail=by.mail)
    wants = "; ".join(request.lines)
    return Came(done=f"nothing yet: {', '.join(asked)} was asked to approve request {request.number} ({wants})")


def _approvers(ticket: Ticket, ledger: Ledger, letters: Letters, *, asker: str) -> tuple[str, ...]:
    """Who is asked: the team's manager alone, if he may, else all who may; only whom a letter reaches."""
    desk = letters.desk
    able = [
        agent
        for agent in desk.readers(desk.agents, ticket)
        if agent != asker
        and not desk.may(agent, Permission.APPROVE, ticket)
        and letters.refusal(ledger, "approval", agent, ticket.number) is None
    ]
    manager = manager_of(ticket, desk).lower()
    return (manager,) if manager in able else tuple(able)


def _nobody(ticket: Ticket, desk: Desk, asker: str) -> str:
    able = [a for a in desk.agents if a != asker and not desk.may(a, Permission.APPROVE, ticket)]
    if able:
        return f"#override: no letter can be sent now to who may approve: {', '.join(able)}"
    return f"#override: nobody else may approve; a role with {Permission.APPROVE} has to be given to somebody"


def _settle(verdict: Verdict, by: By, ledger: Ledger, letters: Letters) -> Came:
    """Carry out what was asked for, or say no; either way the asker is told."""
    found, name = requests_of(by.number, ledger), f"#{verdict.command}"
    request, said = found.open, verdict.words
    if verdict.request is not None and verdict.request not in found.numbers and not verdict.approves:
        said = f"{verdict.request} {said}"  # such as "#deny 3 days are too many"
        verdict = replace(verdict, request=None)
    if request is None:
        return Came(problems=(f"{name}: nobody asks for an approval on this ticket, or it was given or denied before",))
    if verdict.request not in (request.number, None) or (verdict.request is None and found.replaced):
        wants = f"{request.asker} wants {'; '.join(request.lines)}, because {request.because}"
        text = f"it is request {request.number} that waits: {wants}; write {name} {request.number} if you mean that one"
        return Came(problems=(f"{name}: {text}",))
    if by.agent and by.agent == request.asker:
        return Came(problems=(f"{name}: you asked for it yourself, so somebody else has to say so",))
    if verdict.approves:
        return _approve(request, said, by, ledger, letters)
    facts: dict[str, str | int | bool | None] = {"request": request.number, "because": said, "asker": request.asker}
    ledger.record(by.number, EventKind.DENIED, at=by.at, actor=by.actor, mail=by.mail, facts=facts)
    because = f": {said}" if said else ""
    problem = f"{_who(by, letters.desk)} has denied request {request.number}{because}"
    told = tell_asker(request, by.number, ledger, letters, at=by.at, mail=by.mail, problem=problem)
    return Came(done=f"request {request.number} is denied{because}; {told}")


def _approve(request: Request, said: str, by: By, ledger: Ledger, letters: Letters) -> Came:
    """The commands are checked again: neither the ticket nor the desk stood still meanwhile."""
    desk, before = letters.desk, ledger.ticket(by.number)
    order = check_commands(
        request.commands, "", before, agent=request.asker, agents=frozenset(desk.agents), names=desk.names
    )
    order = meant(order, ledger)
    problems = list(order.problems)
    if request.asker not in desk.agents:
        problems = [f"{request.asker} is no agent any more"]
    problems += permissions_missing(order, before, desk, request.asker, answers=False)
    if refusal := no_customer(order.customer, desk):
        problems.append(refusal)
    problems += refused_now(order, by.number, ledger, desk, agent=request.asker)
    if problems:
        first = f"request {request.number} can be carried out no more; nothing was done"
        problem = "\n".join((f"{_who(by, desk)} has approved, but {first}", *problems))
        told = tell_asker(request, by.number, ledger, letters, at=by.at, mail=by.mail, problem=problem)
        return Came(problems=(f"#approve: {first}; {told}", *problems))
    came = _carry_out(request, order, by, ledger, letters, said=said)
    done = f"{_who(by, desk)} has approved request {request.number}{f' ({said})' if said else ''}: {came.done}"
    told = tell_asker(request, by.number, ledger, letters, at=by.at, mail=by.mail, done=done, undo=came.undo)
    return Came(done=f"request {request.number} is approved: {came.done}; {told}", undo=came.undo)


def _carry_out(request: Request, order: Order, by: By, ledger: Ledger, letters: Letters, *, said: str = "") -> Came:
    """Record the approval, then what was asked for, as done by who asked."""
    number, at, mail, before = by.number, by.at, by.mail, ledger.ticket(by.number)
    facts: dict[str, str | int | bool | None] = {"request": request.number, "asker": request.asker}
    facts |= {"because": said} if said else {}
    ledger.record(number, EventKind.APPROVED, at=at, actor=by.actor, mail=mail, facts=facts)
    if order.customer:
        change_customer(order.customer, number, ledger, letters.desk, actor=request.actor, mail=mail, at=at)
    again = carry_out(order, number, ledger, letters, actor=request.actor, mail=mail, at=at, agent=request.asker)
    done = "; ".join(part for part in (done_line(order), again) if part)
    return Came(done=done, undo=undo_line(before, order))


def _who(by: By, desk: Desk) -> str:
    return f"{desk.agents.get(by.agent, by.agent)} <{by.agent}>" if by.agent else "an admin"
