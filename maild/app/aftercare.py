"""Does what is next by itself about a ticket: follow-ups, giving up, closing, asking for a rating.

What is done is recorded as an event in the transaction that writes the letter, and the next step follows from that
event: done twice, after a crash or by two watchers, there is nothing left to do the second time.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from maild.app.customer_letters import (
    nobody_to_write_to,
    rating_links,
    refused_now,
    result_of,
    write_to_customer,
)
from maild.app.desk import Desk
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.outcome import Role
from maild.app.steps import planned, policy_of
from maild.app.ticket_facts import facts_of
from maild.app.work import Unit
from maild.clock import Clock
from maild.sla.aftercare import BY_TIME, NEVER, NO_ANSWER, Step, StepKind, aftermath
from maild.tickets.events import EventKind
from maild.tickets.lifecycle import TRANSITIONS, Status

_POLICY = "aftercare"  # what the fingerprint in the store is of
_TRIED_AGAIN = timedelta(hours=1)  # after which a letter that a budget held back is tried again
_GAVE_UP_CODE, _SOLVED_CODE = "no_answer", "resolved"
# A hold that waits for the customer: by the answer itself, or by an agent who said so.
_FOR_CUSTOMER = re.compile(r"(?i)^answered$|\b(?:customer|client|kunden?|cliente)\b|عميل")


class CareUnit(Unit, Protocol):
    """A transaction that knows which configuration steps were planned by."""

    def fingerprint(self, name: str) -> str:
        """Of the configuration that steps were planned by last; "" when none were."""

    def keep_fingerprint(self, name: str, fingerprint: str) -> None:
        """They are planned by this one now."""

    def look_at_all(self, now: datetime) -> bool:
        """Let every ticket that may have a step be looked at now; whether there is any."""


@dataclass(frozen=True, kw_only=True)
class Reconsider:
    """The use case: after the policy has changed, every ticket that it may be about is looked at again."""

    unit: Callable[[], AbstractContextManager[CareUnit]]
    desk: Desk
    clock: Clock

    def run(self) -> bool:
        """Whether there are tickets to look at, because the policy is another one than steps were planned by."""
        policy = hashlib.sha256(repr(self.desk.aftercare).encode()).hexdigest()
        with self.unit() as unit:
            if unit.fingerprint(_POLICY) == policy:
                return False
            found = unit.look_at_all(self.clock())
            unit.keep_fingerprint(_POLICY, policy)
        return found


def take_step(
    number: int, ledger: Ledger, letters: Letters, *, begun: datetime, after_start: timedelta = timedelta()
) -> None:
    """Do what is due about a ticket now, by the policy of now; if nothing is, nothing is done.

    What fell due before we have `begun` waits until `after_start` is over: while nobody ran, customers may have
    written, and their mails are still in mailboxes and in the queues of other mail systems.
    """
    step = planned(number, ledger, letters.desk)
    if step is None or step.due_at > ledger.now:
        return
    if step.due_at < begun and ledger.now < begun + after_start:
        ledger.put_off[number] = begun + after_start
        return
    match step.kind:
        case StepKind.FOLLOW_UP:
            _follow_up(step, number, ledger, letters)
        case StepKind.GIVE_UP:
            _give_up(number, ledger, letters)
        case StepKind.CLOSE:
            _close(step, number, ledger, letters)
        case _:
            _ask(step, number, ledger, letters)


def _follow_up(step: Step, number: int, ledger: Ledger, letters: Letters) -> None:
    if _may_not_press(number, ledger, letters):
        ledger.put_off[number] = None
        return
    if refused_now("follow_up", number, ledger, letters):
        ledger.put_off[number] = ledger.now + _TRIED_AGAIN
        return
    facts = facts_of(number, ledger)
    desk, found = letters.desk, aftermath(facts)
    # Of a ticket that was merged into this one there are answers as well, and they went to somebody else.
    own = {fact.mail for fact in facts if fact.kind is EventKind.ANSWER}
    past = ledger.known.past.get(number, [])
    answers = [each for each in past if each.role is Role.ANSWER and each.inbox in own]
    _record(number, EventKind.FOLLOWED_UP, ledger, count=step.count)
    write_to_customer(
        "follow_up",
        number,
        ledger,
        letters,
        about=f"follow-up {ledger.ticket(number).version}",
        at=step.due_at,
        facts={
            "count": step.count,
            "asked_at": desk.time(found.answered_at) if found.answered_at else "",
            "text": answers[-1].words if answers else "",
            "closes_at": _gives_up_at(number, ledger, desk),
        },
    )


def _gives_up_at(number: int, ledger: Ledger, desk: Desk) -> str:
    """When it will be closed if the customer stays silent; "" while there is another follow-up before that."""
    following = planned(number, ledger, desk)
    return desk.time(following.due_at) if following and following.kind is StepKind.GIVE_UP else ""


def _may_not_press(number: int, ledger: Ledger, letters: Letters) -> bool:
    ticket = ledger.ticket(number)
    waits_for_others = ticket.status is Status.ON_HOLD and not _FOR_CUSTOMER.search(ticket.hold_reason)
    return waits_for_others or bool(nobody_to_write_to(number, ledger, letters))


def _give_up(number: int, ledger: Ledger, letters: Letters) -> None:
    if _may_not_press(number, ledger, letters):
        ledger.put_off[number] = None
        return
    _move_to_closed(number, ledger, reason=NO_ANSWER, code=_GAVE_UP_CODE)
    if policy_of(number, ledger, letters.desk).tell_closed:
        write_closing(number, ledger, letters, why="no_answer")


def _close(step: Step, number: int, ledger: Ledger, letters: Letters) -> None:
    """Close a resolved ticket; the letter about it is the request for a rating as well."""
    policy = policy_of(number, ledger, letters.desk)
    found = aftermath(facts_of(number, ledger))
    code = ledger.ticket(number).resolution_code or _SOLVED_CODE
    silent = step.is_late(ledger.now) or bool(nobody_to_write_to(number, ledger, letters))
    writes = not silent and (policy.feedback.enabled or policy.tell_closed)
    if writes and refused_now("closing", number, ledger, letters):  # the letter belongs to the closing
        ledger.put_off[number] = ledger.now + _TRIED_AGAIN
        return
    _move_to_closed(number, ledger, reason=BY_TIME, code=code)
    if silent:
        return
    asks = policy.feedback.enabled and not found.asked and found.was_answered and may_ask(number, ledger, letters)
    if asks or policy.tell_closed:
        write_closing(number, ledger, letters, why="time", asks=asks)


def _move_to_closed(number: int, ledger: Ledger, *, reason: str, code: str) -> None:
    """Close a ticket, by way of resolved where no other leads there."""
    if Status.CLOSED not in TRANSITIONS[ledger.ticket(number).status]:
        ledger.move(number, Status.RESOLVED, at=ledger.now, actor="system", mail=None, reason=reason, code=code)
    ledger.move(number, Status.CLOSED, at=ledger.now, actor="system", mail=None, reason=reason, code=code)


def write_closing(
    number: int,
    ledger: Ledger,
    letters: Letters,
    *,
    why: str = "",
    asks: bool = False,
    cause: int | None = None,
    answers: str = "",
) -> str:
    """Tell the customer that the ticket is closed, and `asks` for a rating in the same letter."""
    ticket, desk = ledger.ticket(number), letters.desk
    facts: dict[str, object] = {"why": why, "code": result_of(number, ledger, letters)}
    if ticket.closed_at and desk.reopen_within > NEVER:
        facts["reopen_until"] = desk.time(ticket.closed_at + desk.reopen_within)
    if asks:
        facts["rating_links"] = rating_links(number, ledger, letters)
    about, at = f"closing {ticket.version}", ticket.closed_at or ledger.now
    refused = write_to_customer(
        "closing", number, ledger, letters, about=about, at=at, facts=facts, cause=cause, answers=answers
    )
    if asks and not refused:
        _note_asked(number, ledger, letters)
    return refused


def _ask(step: Step, number: int, ledger: Ledger, letters: Letters) -> None:
    """Ask for a rating, or remind of that."""
    reminds = step.kind is StepKind.REMIND
    if nobody_to_write_to(number, ledger, letters) or not (reminds or may_ask(number, ledger, letters)):
        ledger.put_off[number] = None
        return
    count = 2 if reminds else 1
    refused = write_to_customer(
        "feedback",
        number,
        ledger,
        letters,
        about=f"feedback {count}",
        at=step.due_at,
        facts={"rating_links": rating_links(number, ledger, letters), "count": count},
    )
    if refused:
        ledger.put_off[number] = ledger.now + _TRIED_AGAIN
        return
    _note_asked(number, ledger, letters)


def may_ask(number: int, ledger: Ledger, letters: Letters) -> bool:
    """Whether the customer may be asked to rate this ticket at all, and was not asked about another one lately."""
    ticket, feedback = ledger.ticket(number), policy_of(number, ledger, letters.desk).feedback
    if ticket.resolution_code in feedback.not_for or letters.desk.queue_named(ticket.queue).internal:
        return False
    if ticket.contact in ledger.changes.asked:
        return False
    last = ledger.unit.asked_at(ticket.contact)
    return last is None or ledger.now - last >= feedback.pause


def _note_asked(number: int, ledger: Ledger, letters: Letters) -> None:
    pause = policy_of(number, ledger, letters.desk).feedback.pause
    count = aftermath(facts_of(number, ledger)).asked + 1
    _record(number, EventKind.ASKED, ledger, count=count)
    if count == 1:
        ledger.changes.asked[ledger.ticket(number).contact] = ledger.now, ledger.now - pause


def _record(number: int, kind: EventKind, ledger: Ledger, *, count: int) -> None:
    ledger.record(number, kind, at=ledger.now, actor="system", mail=None, facts={"count": count})
