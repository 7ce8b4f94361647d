"""Orders, serial numbers and products that mails name: found, looked up before any transaction, judged, kept.

A reference is a hint and no proof: anybody may know an order's number. It lets nobody read anything;
it tells agents what the directories say, rules what a mail is about, and, for a sender whom nothing else
names, which customer it may be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from maild.app.desk import Desk
from maild.app.desk_structure import Branch, Organisation
from maild.app.joining import Doer
from maild.app.known import KeptReference
from maild.app.ledger import Ledger
from maild.app.lookups import Asked, Looked, Lookups, folded
from maild.app.prepare import Prepared, is_answerable
from maild.mail.freemail import is_free_mail
from maild.routing.facts import Fit, Reference
from maild.routing.references import find_references
from maild.tickets.commands import split_commands
from maild.tickets.events import EventKind
from maild.tickets.lifecycle import ENDED
from maild.tickets.model import Ticket
from maild.tickets.orders import Command, Order

MOST = 10  # references of one mail: a mail of nothing but order numbers must not ask for all of them
SOON = timedelta(minutes=5)  # when a reference is looked up again that nobody could be asked about
FIELDS = {"order": "order_reference", "serial": "serial_number", "product": "product"}
_LONGEST = 200  # characters of a fact that is kept
_BELIEVED = (Fit.FITS, Fit.STALE, Fit.UNCHECKED)  # until somebody says otherwise
_BEST_FIRST = (Fit.FITS, Fit.STALE, Fit.MISMATCH, Fit.UNCHECKED, Fit.UNKNOWN)


def refer(group: Sequence[Prepared], desk: Desk, lookups: Lookups | None) -> list[Prepared]:
    """The mails of a group with what they name, looked up all at once; history is looked up later, by the sweep."""
    if lookups is None or not desk.finders:
        return list(group)
    named = [named_references(one, desk) for one in group]
    asked = [(one, found) for one, found in zip(group, named, strict=True) if found and not one.row.silent]
    wanted = {Asked(each.directory, each.key) for _, found in asked for each in found}
    answers = lookups.look_up(wanted) if wanted else {}
    return [_judged(one, found, answers, desk) for one, found in zip(group, named, strict=True)]


def refer_commands(
    commands: Sequence[Command], desk: Desk, lookups: Lookups | None, *, agent: str
) -> tuple[Reference, ...]:
    """The keys that agents' commands give, looked up now; nobody is asked about what belongs to no directory."""
    named = ordered_references(commands, desk)
    if lookups is None or not named:
        return ()
    answers = lookups.look_up({Asked(each.directory, each.key) for each in named})
    return tuple(judged(each, answers[Asked(each.directory, each.key)], agent, desk) for each in named)


def ordered_references(commands: Sequence[Command], desk: Desk) -> tuple[Reference, ...]:
    """What `#order`, `#serial` and `#product` name, once for each directory that has things of the sort."""
    keys = [(each.name, each.argument.split(" ")[0] if each.name == "order" else each.argument) for each in commands]
    keys += [
        (sort, each.argument.partition(" ")[2].strip())
        for each in commands
        for sort, where in FIELDS.items()
        if each.name == "set" and each.argument.partition(" ")[0] == where
    ]
    found = {
        (finder.name, folded(key)): Reference(sort=sort, key=key, directory=finder.name)
        for sort, key in keys
        for finder in desk.finders
        if key and finder.sort == sort
    }
    return tuple(found.values())[:MOST]


def keep_named(
    order: Order, references: Iterable[Reference], number: int, ledger: Ledger, desk: Desk, *, doer: Doer
) -> list[str]:
    """Keep what directories say of the keys that an order sets, and say it; a key of another customer is set as well.

    The agent may know better than the directory whose it is, so this is a warning and no refusal.
    """
    said = []
    contact = ledger.ticket(number).contact
    for found in references:
        if found.sort not in FIELDS or folded(order.gives(FIELDS[found.sort]) or "") != folded(found.key):
            continue
        other = _another_customer(found.facts.get("customer", ""), contact, desk)
        is_theirs = not other or found.fit not in (Fit.FITS, Fit.STALE)
        each = found if is_theirs else replace(found, fit=Fit.MISMATCH, why=other)
        keep_reference(each, number, ledger, desk)
        fill_fields([each], number, ledger, mail=doer.mail, at=doer.at)
        details = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in each.facts.items())
        careful = "careful, " if each.fit in (Fit.MISMATCH, Fit.UNKNOWN) else ""
        said.append(f"{careful}{each.sort} {each.key}: {each.fit}" + f", {details}" * bool(details) + f" ({each.why})")
    return said


def named_references(one: Prepared, desk: Desk) -> tuple[Reference, ...]:
    """What a mail names that may open a ticket, in its own words or what an agent hands on; nobody is asked yet."""
    if not one.is_somebody or one.row.handling == "bare" or one.mail.over_limit:
        return ()
    forwarded = f"\n\n{one.forward.subject}\n{one.forward.text}" if one.forward else ""
    text = one.reply.text + forwarded
    ordered = ordered_references(split_commands(one.reply.text)[0], desk) if one.sender in desk.agents else ()
    # Each directory by itself: two of a sort may both know a key, and the better answer counts.
    found = [each for finder in desk.finders for each in find_references(one.mail.subject, text, [finder])]
    return tuple([*ordered, *found][:MOST])


def _judged(one: Prepared, found: Sequence[Reference], answers: Mapping[Asked, Looked], desk: Desk) -> Prepared:
    sender = _whose(one)
    best: dict[tuple[str, str], Reference] = {}
    for each in found:
        looked = answers.get(Asked(each.directory, each.key), Looked(trouble="history is looked up later"))
        reference = judged(each, looked, sender, desk)
        same = (reference.sort, folded(reference.key))
        if same not in best or _rank(reference) < _rank(best[same]):
            best[same] = reference
    return replace(one, references=tuple(best.values()))


def _rank(reference: Reference) -> int:
    return _BEST_FIRST.index(reference.fit)


def _whose(one: Prepared) -> str:
    """Whose orders a mail may name; "" when it is written in nobody's name, as a program's or an agent's own."""
    if one.forward is not None and one.forward.sure:
        return one.forward.address.lower()
    return one.sender if is_answerable(one.verdict.kind) else ""


def judged(named: Reference, looked: Looked, sender: str, desk: Desk) -> Reference:
    """What a directory's answer means for somebody who names this; `sender` is "" for nobody in particular."""
    if looked.entry is None:
        if looked.trouble:
            return replace(named, fit=Fit.UNCHECKED, facts={}, why=looked.trouble)
        return replace(named, fit=Fit.UNKNOWN, facts={}, why=f"the directory {named.directory} does not know it")
    facts = {name: value[:_LONGEST] for name, value in looked.entry.facts.items()}
    known = replace(named, key=looked.entry.key, facts=facts)
    if other := _another_customer(looked.entry.facts.get("customer", ""), sender, desk):
        return replace(known, fit=Fit.MISMATCH, why=other)
    if looked.trouble:
        when = f" on {desk.time(looked.at)}" if looked.at else ""
        return replace(known, fit=Fit.STALE, why=f"it fitted{when}; since then: {looked.trouble}")
    return replace(known, fit=Fit.FITS, why=f"the directory {named.directory} has it")


def _another_customer(customer: str, sender: str, desk: Desk) -> str:
    """Why what belongs to this customer is not the sender's; "" when it may be.

    `customer` is an address, a domain or a name. A sender who belongs to no organisation may still be
    somebody of the customer's, unless the customer is such a person as well.
    """
    if not customer or not sender or sender in desk.agents:
        return ""
    theirs, ours = desk.organisation_meant(customer), desk.organisation_of(sender)
    if theirs is not None and ours is not None:
        return "" if theirs is ours else f"it belongs to {theirs.name}, not to {ours.name}"
    if theirs is not None:
        return ""
    domain = customer.rpartition("@")[2].lower()
    own = sender.rpartition("@")[2]
    if "@" in customer:
        same = customer.lower() == sender or (domain == own and not is_free_mail(own))
        return "" if same else f"it belongs to {customer}"
    if ours is not None and customer.casefold() != ours.name.casefold() and domain != own:
        return f"it belongs to {customer}, not to {ours.name}"
    return ""


def customer_by_reference(references: Iterable[Reference], desk: Desk) -> tuple[Organisation, Reference] | None:
    """The organisation of ours whose order or serial number is named, as the directory knows it (MAIL.md §3)."""
    for each in references:
        meant = desk.organisation_meant(each.facts.get("customer", "")) if each.fit is Fit.FITS else None
        if meant is not None:
            return meant, each
    return None


def customer_of(prepared: Prepared, desk: Desk) -> tuple[Organisation | None, Reference | None]:
    """The organisation that a mail is of, and the reference that tells so when nothing better does (MAIL.md §3)."""
    organisation = desk.organisation_of(prepared.sender)
    if organisation is not None or prepared.sender in desk.agents:
        return organisation, None
    return customer_by_reference(prepared.references or (), desk) or (None, None)


def branch_of(prepared: Prepared, customer: Organisation | None, desk: Desk) -> Branch | None:
    """The branch that looks after a mail's sender: by domain or organisation, else as a directory says of an order."""
    found = desk.branch_of(prepared.sender) or (desk.branch_of(customer.name) if customer else None)
    if found is not None or prepared.sender in desk.agents:
        return found
    said = [each.facts.get("branch", "").casefold() for each in prepared.references or () if each.fit is Fit.FITS]
    return next((branch for branch in desk.branches if branch.name.casefold() in said), None)


def said_of(prepared: Prepared, customer: str, desk: Desk) -> list[str]:
    """What is kept of why: what the directories said, and by what the customer is known."""
    lines = [f"{each.sort} {each.key} {each.fit}: {each.why}" for each in prepared.references or ()]
    _, known_by = customer_of(prepared, desk)
    if customer and known_by:
        lines.append(f"customer {customer}: known only by {known_by.sort} {known_by.key}")
    return lines


def fields_of(references: Iterable[Reference]) -> dict[str, str]:
    """The fields of a ticket that follow: the first of each sort that fits, or that nobody could be asked about."""
    fields: dict[str, str] = {}
    believed = [each for each in references if each.fit in _BELIEVED]
    for each in believed:
        if each.sort in FIELDS:
            fields.setdefault(FIELDS[each.sort], each.key)
    for each in believed:
        if product := each.facts.get("product"):
            fields.setdefault("product", product)
    return fields


def link_references(prepared: Prepared, number: int, ledger: Ledger, desk: Desk) -> None:
    """Keep what a mail names with its ticket, and fill the ticket's fields that are empty."""
    for each in prepared.references or ():
        keep_reference(each, number, ledger, desk)
    fill_fields(prepared.references or (), number, ledger, mail=prepared.row.id, at=prepared.row.received_at)


def fill_fields(
    references: Iterable[Reference], number: int, ledger: Ledger, *, mail: int | None, at: datetime
) -> None:
    """Set the fields that nobody has set yet."""
    ticket = ledger.ticket(number)
    new = {name: value for name, value in fields_of(references).items() if not getattr(ticket, name)}
    if new:
        ledger.record(number, EventKind.SET, at=at, actor="system", mail=mail, facts=new)


def keep_reference(new: Reference, number: int, ledger: Ledger, desk: Desk) -> None:
    """Keep a reference as it was judged now; one that no longer fits is noted on the ticket, not hidden."""
    kept = ledger.known.references.get(number, [])
    old = next((k for k in kept if k.is_about(new)), None)
    if old is not None:
        new = replace(new, key=old.reference.key)
        if new.fit is Fit.UNCHECKED and old.reference.fit in (Fit.FITS, Fit.STALE):
            since = f" on {desk.time(old.fitted_at)}" if old.fitted_at else ""
            why = f"it fitted{since}; since then: {new.why}"
            new = replace(new, fit=Fit.STALE, facts=old.reference.facts, why=why)
        elif new.fit is Fit.UNCHECKED:  # what was said stands
            new = old.reference
    fitted_at = ledger.now if new.fit is Fit.FITS else old.fitted_at if old else None
    if fitted_at is not None and new.fit is Fit.UNKNOWN:
        new = replace(new, facts={}, why=f"{new.why}; it fitted until {desk.time(fitted_at)}")
    row = KeptReference(
        ticket=number,
        reference=new,
        checked_at=ledger.now,
        fitted_at=fitted_at,
        next_at=_next_look(new, ledger.ticket(number), ledger.now, desk),
    )
    ledger.keep_reference(row)
    if row.is_lost and not (old and old.is_lost):
        words = f"The {new.sort} {new.key} no longer fits: {new.why}."
        ledger.record(number, EventKind.NOTE, at=ledger.now, actor="system", mail=None, facts={"words": words})


def _next_look(reference: Reference, ticket: Ticket, now: datetime, desk: Desk) -> datetime | None:
    """When a reference is looked up again: while its ticket is open and its directory is there."""
    refresh = desk.directories.get(reference.directory)
    if refresh is None or ticket.status in ENDED:
        return None
    return now + (min(refresh, SOON) if reference.fit in (Fit.UNCHECKED, Fit.STALE) else refresh)


def reference_lines(number: int, ledger: Ledger) -> list[dict[str, str]]:
    """What is known of a ticket's references, for agents only."""
    return [reference_line(kept) for kept in ledger.known.references.get(number, [])]


def reference_line(kept: KeptReference) -> dict[str, str]:
    """A reference as letters speak of it; that it is unknown needs no reason, unless it was known."""
    reference = kept.reference
    plain = reference.fit is Fit.FITS or (reference.fit is Fit.UNKNOWN and not kept.is_lost)
    return {
        "sort": reference.sort,
        "key": reference.key,
        "fit": reference.fit.value,
        "directory": reference.directory,
        "details": ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in reference.facts.items()),
        "why": "" if plain else reference.why,
    }
