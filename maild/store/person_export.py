"""All that is stored about one person, as files for that person; only reads.

What others wrote is not in it: of events by other contacts only that they happened, of others' tickets only the
person's own mails and letters.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
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
from maild.tickets.events import Event

Facts = dict[str, Any]
_HASHES = ("salt", "digest", "prev", "hash")  # they prove the chain, and say nothing about anybody


def person_files(connection: Connection, address: str) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of each file, one in memory at a time; none when nothing is known of the address (lower case)."""
    found = find_person(connection, address)
    who = _first(connection, select(contact).where(contact.c.address == address))
    if not found.anything and not who:
        return
    actor = f"contact:{who['id']}" if who else ""
    yield "person.json", _json(_person(connection, address, who, found))
    yield "tickets.json", _json([_ticket(connection, number, actor) for number in found.tickets])
    said = [_event(each, actor) for number in found.others for each in events_of(connection, number)]
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


def _ticket(connection: Connection, number: int, actor: str) -> Facts:
    row = as_ticket(connection.execute(select(ticket).where(ticket.c.number == number)).one())
    looked_up = _rows(connection, select(reference).where(reference.c.ticket == number).order_by(reference.c.sort))
    facts = {field.name: getattr(row, field.name) for field in fields(row) if field.name != "head"}
    return facts | {
        "references": [_without(each, "ticket") for each in looked_up],
        "events": [_event(each, actor) for each in events_of(connection, number)],
    }


def _event(one: Event, actor: str) -> Facts:
    facts = {field.name: getattr(one, field.name) for field in fields(one) if field.name not in _HASHES}
    others = one.actor.startswith("contact:") and one.actor != actor
    return facts | ({"content": None} if others else {})


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
