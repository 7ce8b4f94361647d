"""All that is stored about one person, as files for that person; only reads.

What others wrote is not in it: of events by other contacts, and of the time when a ticket was for somebody else,
only that they happened; of tickets that are for others now only the person's own events, mails and letters.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from maild.errors import NotKept
from maild.store.events_read import events_of
from maild.store.persons import Found, find_person
from maild.store.rows import load_raw
from maild.store.schema import (
    absence,
    asked,
    attachment,
    contact,
    hard_bounce,
    inbox,
    mail,
    outbox,
    participant,
    reference,
    ticket,
)
from maild.store.ticket_rows import as_ticket
from maild.tickets.events import Event, EventKind

Facts = dict[str, Any]
_HASHES = ("salt", "digest", "prev", "hash")  # they prove the chain, and say nothing about anybody


def found_for(connection: Connection, address: str) -> Found:
    """What there is of a person; what they opened and is for somebody else now is among others' tickets."""
    found = find_person(connection, address)
    own = set(connection.execute(select(ticket.c.number).where(ticket.c.contact == address)).scalars())
    others = {*found.others, *found.tickets} - own
    return replace(found, tickets=tuple(sorted(own)), others=tuple(sorted(others)))


def person_files(connection: Connection, address: str) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of each file, one in memory at a time; none when nothing is known of the address (lower case)."""
    found = found_for(connection, address)
    who = _first(connection, select(contact).where(contact.c.address == address))
    if not found.anything and not who:
        return
    actor = f"contact:{who['id']}" if who else ""
    yield "person.json", _json(_person(connection, address, who, found))
    yield "tickets.json", _json([_ticket(connection, number, address, actor) for number in found.tickets])
    said = [_event(each) for number in found.others for each in events_of(connection, number)]
    yield "on-tickets-of-others.json", _json([each for each in said if actor and each["actor"] == actor])
    mails = [_mail(connection, number) for number in sorted(found.mails)]
    letters = _rows(connection, select(outbox).where(func.lower(outbox.c.recipient) == address).order_by(outbox.c.id))
    yield "mails.json", _json([_without(each, "raw") for each in mails])
    shown = ("id", "ticket", "template", "automatic", "message_id", "subject", "state", "created_at", "sent_at")
    yield "letters.json", _json([{name: each[name] for name in (*shown, "answer", "bounced")} for each in letters])
    for each in mails:
        yield from _raw(connection, f"mails/{each['id']}", each["raw"])
    for each in letters:
        yield from _raw(connection, f"letters/{each['id']}", each["raw"])


def _person(connection: Connection, address: str, who: Facts, found: Found) -> Facts:
    part = select(participant).where(participant.c.address == address).order_by(participant.c.ticket)
    bounces = select(hard_bounce.c.at, hard_bounce.c.said).where(hard_bounce.c.address == address)
    away = select(absence.c.since, absence.c.until, absence.c.source).where(absence.c.address == address)
    return {
        "address": address,
        "name": who.get("name", ""),
        "contact": who.get("id"),
        "known_since": who.get("created_at"),
        "tickets": list(found.tickets),
        "tickets_of_others": list(found.others),
        "takes_part": [_without(each, "address") for each in _rows(connection, part)],
        "mails_that_wait": found.undone,
        "asked_to_rate_at": connection.execute(select(asked.c.at).where(asked.c.address == address)).scalar(),
        "absence": _first(connection, away) or None,
        "bounces": _rows(connection, bounces.order_by(hard_bounce.c.at)),
    }


def _ticket(connection: Connection, number: int, address: str, actor: str) -> Facts:
    row = as_ticket(connection.execute(select(ticket).where(ticket.c.number == number)).one())
    looked_up = _rows(connection, select(reference).where(reference.c.ticket == number).order_by(reference.c.sort))
    facts = {field.name: getattr(row, field.name) for field in fields(row) if field.name != "head"}
    events, theirs = _events(connection, number, address, actor)
    words = {} if theirs else {"subject": None, "description": None}
    return facts | words | {"references": [_without(each, "ticket") for each in looked_up], "events": events}


def _events(connection: Connection, number: int, address: str, actor: str) -> tuple[list[Facts], bool]:
    """The events of a person's ticket, and whether it was theirs from the beginning: #customer may have come later."""
    shown: list[Facts] = []
    theirs = first = True
    for each in events_of(connection, number):
        by_another = each.actor.startswith("contact:") and each.actor != actor
        whose = (each.content or {}).get("contact", "")  # "": nobody's, or erased
        if each.kind is EventKind.OPENED:
            theirs = first = not by_another and whose in ("", address)
        elif each.kind is EventKind.CUSTOMER:
            theirs = whose == address
        said = each.actor == actor or (theirs and not by_another)
        shown.append(_event(each) | ({} if said else {"content": None}))
    return shown, first


def _event(one: Event) -> Facts:
    return {field.name: getattr(one, field.name) for field in fields(one) if field.name not in _HASHES}


def _mail(connection: Connection, number: int) -> Facts:
    query = select(inbox.c.id, inbox.c.raw, inbox.c.received_at, inbox.c.outcome, inbox.c.ticket)
    facts = _first(connection, query.where(inbox.c.id == number))
    facts |= _without(_first(connection, select(mail).where(mail.c.inbox == number)), "inbox")
    files = select(attachment.c.part, attachment.c.name, attachment.c.type, attachment.c.size)
    return facts | {"files": _rows(connection, files.where(attachment.c.inbox == number).order_by(attachment.c.part))}


def _raw(connection: Connection, name: str, raw_id: int) -> Iterator[tuple[str, bytes]]:
    try:
        yield f"{name}.eml", load_raw(connection, [raw_id])[raw_id]
    except NotKept as error:
        yield f"{name}.txt", f"{error}\n".encode()


def _rows(connection: Connection, query: Select[Any]) -> list[Facts]:
    return [dict(row._mapping) for row in connection.execute(query)]


def _first(connection: Connection, query: Select[Any]) -> Facts:
    return next(iter(_rows(connection, query)), {})


def _without(facts: Facts, *names: str) -> Facts:
    return {name: value for name, value in facts.items() if name not in names}


def _json(value: Facts | Iterable[Facts]) -> bytes:
    return json.dumps(value, default=_plain, ensure_ascii=False, indent=1).encode() + b"\n"


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, frozenset | set | tuple) else str(value)
