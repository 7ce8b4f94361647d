"""Fills a store with tickets in bulk, as true as if each had come by mail: the chains verify."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert, text

from maild.store.engine import Database
from maild.store.migrate import upgrade
from maild.store.rows import pack
from maild.store.schema import (
    contact,
    event,
    event_content,
    inbox,
    mail,
    outbox,
    participant,
    raw,
    seen,
    thread_key,
    ticket,
)
from maild.tickets.events import Event, EventKind, record, split_personal
from maild.tickets.model import Ticket

_BATCH = 2000  # tickets a transaction
_CONTACTS = 20_000
_BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
_WORDS = "The pump that we have received does not start after a cold night; the display shows error 17.\r\n" * 10

Row = dict[str, Any]


def fill_database(url: str, count: int) -> None:
    """Put `count` tickets into an empty database, each with a mail, its events and its acknowledgement."""
    database = Database(url)
    upgrade(database)
    with database.write() as connection:
        people = [_contact(number) for number in range(min(count, _CONTACTS))]
        connection.execute(insert(contact), people)
    for first in range(1, count + 1, _BATCH):
        rows: dict[Table, list[Row]] = {}
        for number in range(first, min(first + _BATCH, count + 1)):
            for table, row in _ticket(number):
                rows.setdefault(table, []).append(row)
        with database.write() as connection:
            for table, many in rows.items():
                connection.execute(insert(table), many)
    if not database.sqlite:
        with database.write() as connection:  # the rows came with ids of their own
            connection.execute(text("SELECT setval('ticket_number_seq', :last)"), {"last": count})
            for table, last in ((raw, 2 * count), (inbox, count), (outbox, count), (contact, len(people))):
                sequence = text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :last)")
                connection.execute(sequence, {"table": table.name, "last": last})
            connection.execute(text("ANALYZE"))
    database.close()


def _contact(number: int) -> Row:
    return {"id": number + 1, "address": f"old{number}@past.example", "name": f"Old {number}", "created_at": _BEGIN}


def _ticket(number: int) -> Iterator[tuple[Table, Row]]:
    """Every row of one ticket; inbox row N made ticket N and letter N."""
    who = number % _CONTACTS
    at = _BEGIN + timedelta(seconds=300 * number)
    address, subject, message_id = f"old{who}@past.example", f"Pump {number}", f"old{number}@past.example"
    letter_id = f"m.{number}.old@example.com"
    after, events = _events(number, address, subject, who + 1, at)
    yield ticket, asdict(after)
    yield participant, {"ticket": number, "address": address, "name": f"Old {who}", "role": "contact"}
    yield thread_key, {"key": message_id, "ticket": number, "own": True}
    yield thread_key, {"key": letter_id, "ticket": number, "own": True}
    yield seen, {"content_key": hashlib.sha256(message_id.encode()).hexdigest()[:32], "inbox": number, "ticket": number}
    for one in events:
        names = ("ticket", "seq", "at", "kind", "actor", "mail", "digest", "prev", "hash")
        yield event, {name: getattr(one, name) for name in names} | {"data": dict(one.data)}
        if one.content is not None:
            yield event_content, {"ticket": number, "seq": one.seq, "salt": one.salt, "content": dict(one.content)}
    head = f"From: Old {who} <{address}>\r\nTo: support@example.com\r\nSubject: {subject}\r\n"
    body = f"{head}Message-ID: <{message_id}>\r\n\r\n{_WORDS}".encode()
    yield raw, {"id": 2 * number - 1, "size": len(body), "body": pack(body)}
    yield raw, {"id": 2 * number, "size": len(body), "body": pack(body)}
    yield inbox, _inbox(number, address, message_id, at) | {"size": len(body)}
    yield (
        mail,
        {
            "inbox": number,
            "ticket": number,
            "kind": "human",
            "role": "customer",
            "message_id": message_id,
            "from_name": f"Old {who}",
            "from_address": address,
            "subject": subject,
            "words": _WORDS,
            "at": at,
        },
    )
    yield outbox, _letter(number, address, letter_id, subject, at) | {"size": len(body)}


def _events(number: int, address: str, subject: str, who: int, at: datetime) -> tuple[Ticket, list[Event]]:
    facts = {
        "queue": "support",
        "source": "email",
        "language": "",
        "subject": subject,
        "description": _WORDS[:500],
        "contact": address,
    }
    data, content = split_personal(facts)
    actor, salt = f"contact:{who}", f"{number:032x}"
    opened, first = record(
        *(Ticket(number=number), EventKind.OPENED),
        at=at,
        actor=actor,
        salt=salt,
        mail=number,
        data=data,
        content=content,
    )
    after, second = record(opened, EventKind.MAIL, at=at, actor=actor, salt="", mail=number)
    return after, [first, second]


def _inbox(number: int, address: str, message_id: str, at: datetime) -> Row:
    return {
        "id": number,
        "door": "smtp",
        "envelope_from": address,
        "envelope_to": ["support@example.com"],
        "received_at": at,
        "raw": 2 * number - 1,
        "message_id": message_id,
        "thread_hint": message_id,
        "state": "done",
        "attempts": 1,
        "due_at": at,
        "outcome": "new_ticket",
        "ticket": number,
        "why": ["kind human: nothing says that a program wrote it", "queue support"],
        "done_at": at,
    }


def _letter(number: int, address: str, message_id: str, subject: str, at: datetime) -> Row:
    return {
        "id": number,
        "nonce": f"{number:016d}",
        "ticket": number,
        "cause": number,
        "template": "acknowledgement",
        "recipient": address,
        "copies": [],
        "automatic": True,
        "envelope_from": "support@example.com",
        "message_id": message_id,
        "subject": f"{subject} [#{number}]",
        "raw": 2 * number,
        "state": "sent",
        "attempts": 1,
        "created_at": at,
        "due_at": at,
        "expires_at": at + timedelta(days=5),
        "sent_at": at,
        "answer": "250 ok",
    }
