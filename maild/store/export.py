"""Everything that is stored, as streams of plain values for other programs."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, func, select

from maild.app.webhooks import WEBHOOK
from maild.sla.standing import Stands, standing
from maild.store.events_read import as_event, events_in_order
from maild.store.reading import stream
from maild.store.schema import inbox, mail, outbox, ticket
from maild.store.standings import EVERY_CLOCK, as_kept
from maild.store.unit import as_ticket
from maild.tickets.events import Event
from maild.tickets.model import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class MailLine:
    """One mail, in or out, and what became of it."""

    ticket: int | None
    message_id: str
    direction: str  # "in" or "out"
    received_at: datetime  # out: when it was written
    kind: str | None  # out: the template; None: nobody has looked yet, or need not
    outcome: str | None  # out: the state; None: waiting
    inbox: int | None
    outbox: int | None


def export_tickets(connection: Connection, now: datetime) -> Iterator[tuple[Ticket, Stands]]:
    """Every ticket in order, with where it stands with what was promised; reads the two tables side by side."""
    clocks = groupby(stream(connection, EVERY_CLOCK), key=lambda row: row.ticket)
    number, rows = next(clocks, _NO_MORE)
    for row in stream(connection, select(ticket).order_by(ticket.c.number)):
        while number is not None and number < row.number:
            number, rows = next(clocks, _NO_MORE)
        kept = map(as_kept, rows) if number == row.number else ()
        yield as_ticket(row), standing(list(kept), now)


_NO_MORE: tuple[int | None, Iterator[Any]] = (None, iter(()))


def export_events(connection: Connection) -> Iterator[Event]:
    """Every event, ticket by ticket."""
    return (as_event(row) for row in stream(connection, events_in_order()))


def export_mails(connection: Connection) -> Iterator[MailLine]:
    """Every mail that came and every letter, in order of time; the database sorts, so any number will do."""
    # What was read from the mail is better than the quick look at its header.
    message_id = func.coalesce(func.nullif(mail.c.message_id, ""), inbox.c.message_id).label("message_id")
    # A ticket that was united with another has left its mails to that one.
    ticket_now = func.coalesce(mail.c.ticket, inbox.c.ticket).label("ticket")
    came = (
        select(inbox.c.id, ticket_now, message_id, inbox.c.received_at, mail.c.kind, inbox.c.outcome)
        .outerjoin(mail, mail.c.inbox == inbox.c.id)
        .order_by(inbox.c.received_at, inbox.c.id)
    )
    columns = [outbox.c[name] for name in ("id", "ticket", "message_id", "created_at", "template", "state")]
    went = select(*columns).where(outbox.c.template != WEBHOOK).order_by(outbox.c.created_at, outbox.c.id)
    return heapq.merge(
        (_came(row) for row in stream(connection, came)),
        (_went(row) for row in stream(connection, went)),
        key=lambda line: line.received_at,
    )


def _came(row: Any) -> MailLine:
    return MailLine(
        ticket=row.ticket,
        message_id=row.message_id,
        direction="in",
        received_at=row.received_at,
        kind=row.kind,
        outcome=row.outcome,
        inbox=row.id,
        outbox=None,
    )


def _went(row: Any) -> MailLine:
    return MailLine(
        ticket=row.ticket,
        message_id=row.message_id,
        direction="out",
        received_at=row.created_at,
        kind=row.template,
        outcome=row.state,
        inbox=None,
        outbox=row.id,
    )
