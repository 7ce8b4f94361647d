"""Keeps what is known in step with what is changed, while a group of mails is worked on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from maild.app.budgets import HOUR, Lately, Refusal
from maild.app.changes import LEFT, Changes, HeldBack, Joined, MailRecord, NewLetter, Result
from maild.app.known import KeptReference, Known, PastMail, Wanted
from maild.app.marks import HardBounce
from maild.app.outcome import Role
from maild.app.staff import Staff
from maild.app.work import Unit
from maild.sla.clocks import Clocks
from maild.threading.evidence import LONGEST_ID
from maild.threading.match import ClueTo
from maild.tickets.events import Event, EventKind, Facts, record, split_personal
from maild.tickets.lifecycle import Status
from maild.tickets.model import Ticket

if TYPE_CHECKING:
    from maild.app.routed_ahead import Routed

SHOWN_ROLES = (Role.CUSTOMER, Role.ANSWER)
_FRESH = timedelta(days=1)  # a clue that was seen this lately is not written again
MOST_PARTICIPANTS = 10  # people that a customer may bring to a ticket (RELIABILITY §5.2)


@dataclass(kw_only=True)
class Ledger:
    """The facts as they will be once the transaction commits, and the changes that make them so."""

    unit: Unit
    known: Known
    now: datetime
    salt: Callable[[], str]  # random, hex
    routed: Mapping[int, Routed] = field(default_factory=dict)  # inbox row -> what was worked out before
    changes: Changes = field(default_factory=Changes)
    new_events: dict[int, list[Event]] = field(default_factory=dict)  # ticket -> what is recorded now
    derived: dict[int, tuple[int, Clocks]] = field(default_factory=dict)  # ticket -> its version, and its clocks then
    silent: set[int] = field(default_factory=set)  # tickets that history was imported to: it promises nothing
    looked_at: set[int] = field(default_factory=set)  # tickets whose clocks are derived again even without an event
    put_off: dict[int, datetime | None] = field(
        default_factory=dict
    )  # ticket -> when its step is tried again; or never
    staff: Staff | None = None  # once somebody is to be assigned
    exceeded: dict[str, tuple[Refusal, int]] = field(default_factory=dict)  # scope -> the first refusal, its cause
    broken: dict[str, str] = field(default_factory=dict)  # file of a site's own letter -> why it could not be filled

    def ticket(self, number: int) -> Ticket:
        """A ticket as it stands now."""
        return self.known.tickets[number]

    def following(self, number: int) -> int:
        """The ticket in which one goes on that was merged or is a duplicate; else the same."""
        seen = {number}
        while (after := self.known.tickets[number].continued_by) and after in self.known.tickets and after not in seen:
            number = after
            seen.add(number)
        return number

    def meet(self, numbers: Iterable[int]) -> None:
        """Look up tickets that no mail has named; one that is not known afterwards does not exist."""
        if missing := {number for number in numbers if number > 0} - self.known.tickets.keys():
            self.known.add(self.unit.load(Wanted(tickets=missing), self.now))

    def events(self, number: int) -> list[Event]:
        """All events of a ticket, those of this transaction as well."""
        return [*self.unit.events(number), *self.new_events.get(number, ())]

    def open_ticket(self) -> int:
        """A new ticket, empty until its `opened` event is recorded."""
        number = self.unit.next_number()
        self.known.tickets[number] = Ticket(number=number)
        self.known.participants[number] = {}
        self.changes.opened.add(number)
        self.changes.tickets[number] = 0
        return number

    def record(
        self, number: int, kind: EventKind, *, at: datetime, actor: str, mail: int | None, facts: Facts | None = None
    ) -> None:
        """Append an event; the ticket follows from it."""
        before = self.known.tickets[number]
        self.changes.tickets.setdefault(number, before.version)
        data, content = split_personal(facts or {})
        after, event = record(
            before,
            kind,
            at=at,
            actor=actor,
            mail=mail,
            data=data,
            content=content,
            salt=self.salt() if content else "",
        )
        self.known.tickets[number] = after
        self.changes.events.append(event)
        self.new_events.setdefault(number, []).append(event)

    def move(
        self,
        number: int,
        to: Status,
        *,
        at: datetime,
        actor: str,
        mail: int | None,
        reason: str = "",
        code: str = "",
        continued_by: int | None = None,
    ) -> None:
        """Record a change of status; the caller has checked that it is allowed."""
        facts: dict[str, str | int | bool | None] = {"from": self.ticket(number).status, "to": to}
        if to is Status.ON_HOLD:
            facts["hold_reason"] = reason
        elif reason:
            facts["reason"] = reason
        if code:
            facts["resolution_code"] = code
        if continued_by:
            facts["continued_by"] = continued_by
        self.record(number, EventKind.STATUS, at=at, actor=actor, mail=mail, facts=facts)

    def join(
        self, number: int, address: str, name: str, role: str, answer_to: str = "", *, again: bool = False
    ) -> None:
        """Make somebody a participant; beyond the limit nobody more is but whom the ticket is for.

        Who has left stays away unless it is said that they come `again`: a copy of a mail says nothing of it.
        """
        left = self.known.left.get(number, set())
        if address in left and not (again or role == "contact"):
            return
        left.discard(address)
        people = self.known.participants.setdefault(number, {})
        if address and address not in people and (len(people) < MOST_PARTICIPANTS or role == "contact"):
            people[address] = name
            if answer_to:
                self.known.answer_to[number, address] = answer_to
            self.changes.participants.append(
                Joined(ticket=number, address=address, name=name, role=role, answer_to=answer_to)
            )

    def stay_away(self, number: int, address: str) -> None:
        """A participant is to take part no more, and is remembered as such."""
        name = self.known.participants[number].pop(address)
        self.known.answer_to.pop((number, address), None)
        self.known.left.setdefault(number, set()).add(address)
        self.changes.participants.append(Joined(ticket=number, address=address, name=name, role=LEFT, answer_to=""))

    def unite(self, number: int, into: int) -> None:
        """Give a ticket's people and mails to another; the caller has recorded that it goes on there."""
        self.bring_people(number, into)
        for kept in self.known.references.get(number, []):
            if not any(each.is_about(kept.reference) for each in self.known.references.get(into, [])):
                self.keep_reference(replace(kept, ticket=into))
        past = [*self.known.past.get(into, ()), *self.known.past.pop(number, ())]
        self.known.past[into] = sorted(past, key=lambda mail: mail.inbox)
        self.changes.mails = [replace(m, ticket=into) if m.ticket == number else m for m in self.changes.mails]
        self.changes.united[number] = into

    def bring_people(self, number: int, into: int) -> None:
        """Let the people of a ticket take part in another."""
        for address, name in self.known.participants.get(number, {}).items():
            self.join(into, address, name, "copied", self.known.answer_to.get((number, address), ""))

    def unjoin(self, number: int, address: str) -> None:
        """Take a joining back, as if it had not been; events that say why are the caller's."""
        if self.known.participants.get(number, {}).pop(address, None) is not None:
            self.known.answer_to.pop((number, address), None)
            joined = self.changes.participants
            self.changes.participants = [j for j in joined if (j.ticket, j.address) != (number, address)]
            self.changes.unjoined.add((number, address))

    def place(self, mails: Iterable[int], number: int) -> None:
        """Let mails belong to another ticket from now on; events that say why are the caller's."""
        moved = set(mails)
        self.changes.moved.update(dict.fromkeys(moved, number))
        for other, past in list(self.known.past.items()):
            if going := [each for each in past if each.inbox in moved and other != number]:
                self.known.past[other] = [each for each in past if each.inbox not in moved]
                stay = self.known.past.get(number, [])
                self.known.past[number] = sorted([*stay, *going], key=lambda each: each.inbox)

    def lead(self, message_id: str, number: int) -> None:
        """Let an id that is known lead to another ticket."""
        key = message_id[:LONGEST_ID]
        if key:
            keys = self.changes.keys if key in self.changes.keys else self.changes.moved_keys
            keys[key] = self.known.threads[key] = number

    def keep_reference(self, kept: KeptReference) -> None:
        """Keep what a ticket's mails name, in place of what was known of it."""
        others = [k for k in self.known.references.get(kept.ticket, []) if not k.is_about(kept.reference)]
        self.known.references[kept.ticket] = [*others, kept]
        self.changes.references[kept.ticket, kept.reference.sort, kept.reference.key] = kept

    def remember(self, clues: Iterable[str], number: int, at: datetime) -> None:
        """Let clues lead to this ticket from now on; the newest ticket of a person is the one they mean."""
        for clue in clues:
            before = self.known.clues.get(clue)
            if before is None or (before.ticket != number and at >= before.at) or at - before.at > _FRESH:
                self.known.clues[clue] = self.changes.clues[clue] = ClueTo(number, at)

    def know(self, message_id: str, number: int, *, own: bool = True) -> None:
        """Remember an id by which the ticket is known; an id that another ticket has stays there.

        `own`: a mail or letter has this id. An id that is only referred to lets the mail that brings
        it join, once; afterwards a sender who uses one id for many mails opens new tickets.
        """
        key = message_id[:LONGEST_ID]
        if not key:
            return
        if key not in self.known.threads:
            self.known.threads[key] = number
            self.changes.keys[key] = number
            if not own:
                self.known.only_referred.add(key)
        elif own and key in self.known.only_referred:
            self.known.only_referred.discard(key)
            self.changes.met.add(key)

    def write_letter(self, letter: NewLetter) -> None:
        """Put a letter into the outbox; the store leaves out one that the same cause has written before."""
        self.changes.letters.append(letter)

    def lately(self, scope: str) -> Lately:
        """What was counted in a scope until now."""
        if scope not in self.known.lately:
            self.known.lately[scope] = Lately()
        return self.known.lately[scope]

    def count(self, scope: str, *, written: int = 0, held: int = 0) -> None:
        """Count letters in a scope; the count is saved with the letters, so it is true after any crash."""
        self.lately(scope).add(written=written, held=held)
        before = self.changes.counted.get(scope, (0, 0))
        self.changes.counted[scope] = (before[0] + written, before[1] + held)

    def refuse(self, refusal: Refusal, cause: int) -> None:
        """Count a letter that a budget held back; the first in its span is alerted of."""
        if refusal.scope:
            if not self.lately(refusal.scope).held[max(refusal.within, HOUR)]:
                self.exceeded.setdefault(refusal.scope, (refusal, cause))
            self.count(refusal.scope, held=1)

    def hold(self, recipient: str, template: str, ticket: int) -> None:
        """Keep for a digest what was not told now."""
        self.changes.held.append(HeldBack(recipient=recipient, template=template, ticket=ticket, since=self.now))

    def note_bounce(self, address: str, letter: int, said: str) -> None:
        """A letter to this address came back for good; each letter counts once."""
        bounces = self.known.bounces.setdefault(address, [])
        if all(bounce.letter != letter for bounce in bounces):
            bounces.append(HardBounce(address=address, letter=letter, at=self.now, said=said))
            self.changes.bounces.append(bounces[-1])

    def heard_from(self, address: str) -> None:
        """Somebody wrote from this address: it is alive, whatever came back before."""
        if self.known.bounces.pop(address, None):
            self.changes.heard_from.add(address)

    def note_mail(self, record: MailRecord) -> None:
        """Keep what a processed mail says; later letters of its ticket may quote it, if its role allows."""
        self.changes.mails.append(record)
        if record.ticket is not None and record.role in SHOWN_ROLES:
            self.known.past.setdefault(record.ticket, []).append(
                PastMail(
                    inbox=record.inbox,
                    role=record.role,
                    message_id=record.message_id,
                    from_name=record.from_name,
                    from_address=record.from_address,
                    words=record.words,
                    at=record.at,
                )
            )

    def finish(self, result: Result) -> None:
        """Record how the work on a mail ended."""
        self.changes.results.append(result)
