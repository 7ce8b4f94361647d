"""An agent's mail on a ticket: everything that it asks for is done, or nothing, and the agent is told."""

from __future__ import annotations

from dataclasses import replace

from maild.app.agent_letters import tell_agent
from maild.app.agent_request import AgentRequest, read_request, refusals
from maild.app.answer import send_answer, without_private_address
from maild.app.approving import By, Came, override_or_settle
from maild.app.changed_meanwhile import Meanwhile, answered_letter, answered_mail, changed_meanwhile
from maild.app.joining import Doer, meant
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.note_letters import keep_note
from maild.app.orders import carry_out, change_customer, refused_now
from maild.app.outcome import Outcome, Role, Taken
from maild.app.prepare import Prepared
from maild.app.telling_customers import question_below
from maild.ids import OF_AGENTS, read_reply_address
from maild.tickets.command_readers import HELP
from maild.tickets.events import EventKind
from maild.tickets.lifecycle import ENDED, MOVED_BY_ANSWER
from maild.tickets.model import Ticket
from maild.tickets.orders import does_something, done_line, undo_line


def agent_mail(prepared: Prepared, number: int, ledger: Ledger, letters: Letters, *, agent: str) -> Taken:
    """Do what the agent asks, all of it or nothing, and send the words to the customer."""
    letter = answered_letter(prepared, ledger, letters.desk)
    request = read_request(prepared, ledger.ticket(number), letters.desk, agent=agent, answered=letter)
    request = replace(
        request, order=meant(request.order, ledger, answered=answered_mail(prepared, ledger, letters.desk))
    )
    problems = refusals(request, number, ledger, letters, cause=prepared.row.id)
    problems = problems or refused_now(request.order, number, ledger, letters.desk, agent=agent)
    meanwhile = changed_meanwhile(request, prepared, number, ledger, letters)
    if problems and meanwhile.line:  # mostly the reason for it
        problems.append(f"{meanwhile.line[0].upper()}{meanwhile.line[1:]}.")
    problems = problems or list(meanwhile.problems)
    if problems:
        return _refuse(request, prepared, number, ledger, letters, problems=problems)
    if request.order.help:
        return _help(request, prepared, number, ledger, letters)
    if came := _overridden(request, prepared, number, ledger, letters):
        if came.problems:
            return _refuse(request, prepared, number, ledger, letters, problems=[*came.problems])
        facts = {"done": came.done, "undo": came.undo}
        told = tell_agent(prepared, number, ledger, letters, template="confirmation", facts=facts)
        return Taken(Outcome.COMMAND, number, (came.done, *told), Role.INTERNAL)
    return _do(request, prepared, number, ledger, letters, meanwhile=meanwhile)


def _refuse(
    request: AgentRequest,
    prepared: Prepared,
    number: int,
    ledger: Ledger,
    letters: Letters,
    *,
    problems: list[str],
) -> Taken:
    """Nothing of it is done; the agent gets the words back, with what would be right."""
    facts = {"problem": "\n".join(problems), "your_text": request.own}
    told = tell_agent(prepared, number, ledger, letters, template="problem", facts=facts)
    why = (f"refused: {line}" for problem in problems for line in problem.split("\n"))
    return Taken(Outcome.COMMAND, number, (*why, *told), Role.INTERNAL)


def _help(request: AgentRequest, prepared: Prepared, number: int, ledger: Ledger, letters: Letters) -> Taken:
    """`#help`: the list of commands, and nothing else."""
    lines = (line.partition(": ") for line in HELP.values())
    facts = {
        "commands": [{"form": form, "does": does} for form, _, does in lines],
        "your_text": request.own if request.order.words else "",
    }
    told = tell_agent(prepared, number, ledger, letters, template="help", facts=facts)
    return Taken(Outcome.COMMAND, number, ("the agent asked for help", *told), Role.INTERNAL)


def _do(
    request: AgentRequest, prepared: Prepared, number: int, ledger: Ledger, letters: Letters, *, meanwhile: Meanwhile
) -> Taken:
    """Carry it out: the note or the answer, then the commands, then one line of confirmation."""
    desk, row, before = letters.desk, prepared.row, ledger.ticket(number)
    order, answer, agent = request.order, request.answer, request.agent
    actor = f"agent:{ledger.known.contacts[agent]}"
    done: list[str] = []
    said: list[str] = []  # beside what was ordered; it makes a confirmation of its own
    if order.customer:
        change_customer(order.customer, number, ledger, desk, actor=actor, mail=row.id, at=row.received_at)
    if order.note:
        done.append("kept as an internal note")
        doer = Doer(actor=actor, mail=row.id, at=row.received_at, agent=agent)
        files = prepared.mail.attachments
        said += keep_note(order.words, number, ledger, letters, doer, files=files, tell=not row.silent)
    if answer:
        ledger.record(number, EventKind.ANSWER, at=row.received_at, actor=actor, mail=row.id)
        question = question_below(order, number, ledger, letters)
        done.append(send_answer(answer, prepared, number, ledger, letters, question=question))
    again = carry_out(
        order,
        number,
        ledger,
        letters,
        actor=actor,
        mail=row.id,
        at=row.received_at,
        agent=agent,
        silent=row.silent,
        references=prepared.references or (),
    )
    if answer and not order.moves and before.status in MOVED_BY_ANSWER:
        answered = desk.answered_status(ledger.ticket(number))
        ledger.move(number, answered, at=row.received_at, actor=actor, mail=row.id, reason="answered")
        done.append(f"status is now {desk.label(answered)}")
    said += [*_cautions(request, prepared, number, ledger, letters, before=before), *filter(None, [meanwhile.line])]
    if does_something(order) or said:
        line = "; ".join(part for part in (done_line(order), again, *said) if part)
        facts = {"done": line, "undo": undo_line(before, order)}
        done.extend([line, *tell_agent(prepared, number, ledger, letters, template="confirmation", facts=facts)])
    if answer is None:
        return Taken(Outcome.COMMAND, number, tuple(done), Role.INTERNAL, words=order.words if order.note else None)
    # Never the commands: later letters show colleagues, and the customer, what was answered.
    words = without_private_address(answer, desk.queue_named(before.queue))
    return Taken(Outcome.REPLY, number, tuple(done), Role.ANSWER, words=words)


def _cautions(
    request: AgentRequest, prepared: Prepared, number: int, ledger: Ledger, letters: Letters, *, before: Ticket
) -> list[str]:
    """What the agent should know of an answer that went out."""
    desk, said = letters.desk, []
    if request.answer is not None:
        if mark := letters.mark(ledger, before.contact):
            said.append(f"your answer is tried, but {mark.sentence(desk.time(mark.until))}")
        if before.status in ENDED and not request.order.moves:
            label = desk.label(before.status)
            said.append(f"your answer was sent, and the ticket stays {label}; write #reopen to go on with it")
        if request.wordless:
            said.append("your mail had no words of yours, so only its files were sent")
    if seen_by := _saw_reply_address(prepared, number, ledger):
        said.append(f"careful, {seen_by} got your mail as well and knows now where agents' answers go")
    return said


def _overridden(
    request: AgentRequest, prepared: Prepared, number: int, ledger: Ledger, letters: Letters
) -> Came | None:
    """What came of an override, or of what is said of one; None for any other order."""
    row, agent = prepared.row, request.agent
    actor = f"agent:{ledger.known.contacts[agent]}"
    by = By(number=number, agent=agent, actor=actor, mail=row.id, at=row.received_at, silent=row.silent)
    return override_or_settle(request.order, by, ledger, letters)


def _saw_reply_address(prepared: Prepared, number: int, ledger: Ledger) -> str:
    """A participant who got the agent's own mail, and in it the agent's signed reply address; "" for none."""
    written = (*prepared.mail.to, *prepared.mail.cc)
    if not any((token := read_reply_address(each.address)) and token.purpose in OF_AGENTS for each in written):
        return ""
    people = ledger.known.participants.get(number, {})
    return next((each.address for each in written if each.address.lower() in people), "")
