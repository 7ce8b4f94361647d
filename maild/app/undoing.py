"""Takes back what an agent has ordered on a ticket, and on those that the order joined with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from maild.app.desk import Desk
from maild.app.joining import Doer, bring, link, move_mail
from maild.app.ledger import Ledger
from maild.app.letters import Letters
from maild.app.telling_customers import is_told
from maild.errors import Permanent
from maild.tickets.events import Event, EventKind, Facts
from maild.tickets.joining import OPPOSITE, Why, mails_of, other_ticket, why_linked
from maild.tickets.lifecycle import ENDED, Status
from maild.tickets.orders import Order
from maild.tickets.permissions import Permission
from maild.tickets.undo import REASON, TOO_OLD, Did, Undo, last_order, take_back

# Words of one side only: each stands for what is done to both.
_ASKED_HERE = frozenset(
    {
        Why.LINKED,
        Why.UNLINKED,
        Why.MERGED_INTO,
        Why.TAKEN_OUT,
        Why.DUPLICATE_OF,
        Why.NO_DUPLICATE_OF,
        Why.SPLIT_FROM,
        Why.REJOINED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """An order, and what takes it back on each of its tickets."""

    did: Did
    undone: Mapping[int, Undo]


def undo_refused(order: Order, number: int, ledger: Ledger, desk: Desk, *, agent: str) -> list[str]:
    """Why nothing can be taken back; [] when it can, or when the order is no undo. `agent` "": the command line."""
    if not order.undo:
        return []
    whose = order.undo_of or agent
    events = ledger.events(number)
    if whose != agent and agent and (why := desk.may(agent, Permission.OVERRIDE, ledger.ticket(number))):
        return [f"#undo {whose}: only what is one's own; {why}"]
    if any(event.digest and event.content is None for event in events):
        return ["#undo: the words of this ticket were erased, so nobody knows what it was before"]
    did = _last(events, whose, ledger)
    if did is None:
        return [_nothing(events, whose, ledger)]
    if ledger.now - did.at > TOO_OLD:
        return [
            f"#undo: what {whose or 'anybody'} did last was on {desk.time(did.at)}, longer than a day ago; {_INSTEAD}"
        ]
    plan = _plan(did, number, ledger)
    if all(undo.is_empty for undo in plan.undone.values()):
        stays = "; ".join(each for undo in plan.undone.values() for each in undo.stays)
        return [f"#undo: what was done last cannot be taken back: {stays or 'it changed nothing'}"]
    return [
        *_not_allowed(plan, ledger, desk, agent),
        *_changed_since(plan, ledger, desk),
        *_written_since(plan, ledger),
    ]


_INSTEAD = "write what it is to be"


def _nothing(events: list[Event], whose: str, ledger: Ledger) -> str:
    """That somebody has ordered nothing here, and who did."""
    last = last_order(events, "")
    by = _names([last.actor], ledger)[last.actor] if last else ""
    others = f"; the last order is of {by}" + (f": #undo {by}" if "@" in by else "") if by and by != whose else ""
    return f"#undo: {whose or 'nobody'} has ordered nothing on this ticket{others}"


def _last(events: list[Event], whose: str, ledger: Ledger) -> Did | None:
    if not whose:
        return last_order(events, "")
    names = _names([event.actor for event in events if event.actor.startswith("agent:")], ledger)
    actor = next((actor for actor, address in names.items() if address == whose), None)
    return last_order(events, actor) if actor else None


def _names(actors: list[str], ledger: Ledger) -> dict[str, str]:
    """Who agents are, by what events call them."""
    numbers = {a: int(a.partition(":")[2]) for a in actors if ":" in a}
    addresses = ledger.unit.addresses(set(numbers.values())) if numbers else {}
    return {actor: addresses.get(numbers.get(actor, 0), actor) for actor in actors}


def _plan(did: Did, number: int, ledger: Ledger) -> _Plan:
    """What takes the order back on this ticket and on every one that it was joined with or parted from."""
    others = {other_ticket(event) for event in did.events if why_linked(event)}
    ledger.meet(others)
    numbers = [number, *sorted(others & ledger.known.tickets.keys())]
    return _Plan(did=did, undone={n: take_back(n, ledger.events(n), did) for n in numbers})


def _not_allowed(plan: _Plan, ledger: Ledger, desk: Desk, agent: str) -> list[str]:
    refused = []
    for number, undo in plan.undone.items():
        ticket = ledger.ticket(number)
        moved = undo.status is not None and (undo.status in ENDED or ticket.status in ENDED)
        needs = [Permission.WRITE, *([Permission.RESOLVE] if moved else [])]
        refused += [f"#undo: {why}" for need in needs if agent and (why := desk.may(agent, need, ticket))]
    return refused


def _changed_since(plan: _Plan, ledger: Ledger, desk: Desk) -> list[str]:
    changed = [(number, each) for number, undo in plan.undone.items() for each in undo.changed]
    names = _names([each.by for _, each in changed], ledger)
    return [
        f"#undo: {each.what} was changed since, by {names[each.by]} on {desk.time(each.at)}"
        + (f" (ticket {number})" if number != next(iter(plan.undone)) else "")
        + f"; {_INSTEAD}"
        for number, each in changed
    ]


def _written_since(plan: _Plan, ledger: Ledger) -> list[str]:
    """Who would take part no more, and has written: these words would stay with people whom they are not for."""
    refused = []
    for number, back in plan.undone.items():
        events = ledger.events(number)
        began = next((event.seq for event in events if plan.did.is_of(event)), 0)
        wrote = [event.actor for event in events if event.seq > began and event.kind is EventKind.MAIL]
        refused += [
            f"#undo: {address} came by this to ticket {number} and has written there since; {_INSTEAD}"
            for address in sorted(set(_names(wrote, ledger).values()) & set(back.joined))
        ]
    return refused


def undo(order: Order, number: int, ledger: Ledger, letters: Letters, doer: Doer) -> list[str]:
    """Take the order back as a whole; `undo_refused` has looked. Returns what came of it."""
    events = ledger.events(number)
    did = _last(events, order.undo_of or doer.agent, ledger)
    if did is None:
        raise Permanent(f"ticket {number}: nothing to take back; undo_refused is to be asked first")
    plan, said = _plan(did, number, ledger), []
    for each, back in plan.undone.items():
        where = "" if each == number else f"{letters.tag(each)}: "
        said += [where + line for line in [back.line()] if line]
        if back.status is not None and did.is_wordless and is_told(each, ledger, letters):
            label = letters.desk.label(ledger.ticket(each).status)
            said.append(f"{where}the customer was told that it is {label}, and is not told that it is so no more")
        _take_back(each, back, ledger, doer)
    turned: set[frozenset[int]] = set()
    for each, back in plan.undone.items():
        for event in back.links:
            pair = frozenset({each, other_ticket(event)})
            why = why_linked(event)
            if why in _ASKED_HERE and pair not in turned:  # of a link both sides say the same
                turned.add(pair)
                _turn_round(each, event, OPPOSITE[why], ledger, doer)
                said.append(f"{letters.tag(each)} is {OPPOSITE[why]} {letters.tag(other_ticket(event))}")
    said += dict.fromkeys(stays for back in plan.undone.values() for stays in back.stays)
    return ["; ".join(["taken back", *said])]


def _take_back(number: int, back: Undo, ledger: Ledger, doer: Doer) -> None:
    """Record fields, customer and status as they were."""

    def record(kind: EventKind, facts: Facts) -> None:
        ledger.record(number, kind, at=doer.at, actor=doer.actor, mail=doer.mail, facts={**facts, "reason": REASON})

    for address in back.joined:
        ledger.unjoin(number, address)
    if back.contact is not None:
        record(EventKind.CUSTOMER, {"contact": back.contact, "customer": back.customer})
        ledger.join(number, back.contact, "", "contact")
    if back.fields:
        record(EventKind.SET, back.fields)
    if back.status is not None:
        facts: dict[str, str | int | bool | None] = {"from": ledger.ticket(number).status, "to": back.status}
        if back.status is Status.ON_HOLD:
            facts["hold_reason"] = back.hold_reason
        if back.status is Status.DUPLICATE:
            facts["continued_by"] = back.continued_by
        record(EventKind.STATUS, facts)


def _turn_round(number: int, event: Event, back: Why, ledger: Ledger, doer: Doer) -> None:
    """Take one joining or parting back; `back` is the word that says so on this ticket."""
    other = other_ticket(event)
    if back in (Why.MERGED_INTO, Why.DUPLICATE_OF):
        bring(number, other, back, ledger, doer)
    elif back in (Why.SPLIT_FROM, Why.REJOINED):
        _move_back(number, event, back, ledger, doer)
    else:
        if back is Why.TAKEN_OUT:
            _place_own(number, ledger, doer)
        link(number, other, back, ledger, doer)


def _place_own(number: int, ledger: Ledger, doer: Doer) -> None:
    """The mails of a ticket come back to it; the one that asks for that stays where it came to."""
    ledger.place(mails_of(ledger.events(number)) - {doer.mail}, number)


def _move_back(number: int, event: Event, back: Why, ledger: Ledger, doer: Doer) -> None:
    """The mail of a split goes back to the old ticket, in which the new one goes on; or out of it again."""
    old, cause = other_ticket(event), event.data.get("cause")
    inbox = int(cause) if isinstance(cause, int) else 0
    past = [each for mails in ledger.known.past.values() for each in mails]
    message_id = next((each.message_id for each in past if each.inbox == inbox), "")
    move_mail(inbox, message_id, ledger, doer, of=number, old=old, why=back)
    if back is Why.REJOINED:
        facts: Facts = {
            "from": ledger.ticket(number).status,
            "to": Status.DUPLICATE,
            "reason": REASON,
            "continued_by": old,
        }
        ledger.record(number, EventKind.STATUS, at=doer.at, actor=doer.actor, mail=doer.mail, facts=facts)
        ledger.unite(number, old)
    else:
        _place_own(number, ledger, doer)
