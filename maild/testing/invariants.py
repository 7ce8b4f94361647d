"""Checks what must hold after whatever happened: HOUSE's invariants 1 to 7, RELIABILITY §11's I1 to I6.

    faults = check(database, accepted=desk.accepted, posted=sink.posted)
    assert faults == []

The work must be at rest: nothing waiting, nobody working.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table, select

from maild.app.deliver import LetterState
from maild.app.outcome import Outcome
from maild.app.webhooks import WEBHOOK
from maild.store import schema
from maild.store.audit import audit
from maild.store.engine import Database
from maild.store.rows import load_raw
from maild.testing.sink import Posted
from maild.threading.glance import glance
from maild.tickets.events import EventKind

_REST = (LetterState.SENT, LetterState.UNCERTAIN, LetterState.FAILED, LetterState.DROPPED)
_NO_EFFECT = (Outcome.DUPLICATE, Outcome.QUARANTINED, Outcome.REJECTED)


def check(database: Database, *, accepted: Iterable[bytes] = (), posted: Sequence[Posted] | None = None) -> list[str]:
    """Everything that is wrong, in words; [] when every invariant holds.

    `accepted` are the mails that got 250, as they were sent; `posted` is what the relay took, None
    when nobody looked.
    """
    with database.read() as connection:
        return [
            *_mails(connection, accepted),
            *_effects(connection),
            *_letters(connection, posted),
            *_alerts(connection),
            *(fault for checked in audit(connection, []) for fault in checked.faults),  # I6
        ]


def _all(connection: Connection, table: Table) -> list[Row[Any]]:
    return list(connection.execute(select(table).order_by(*table.primary_key.columns)))


def _content(raw: bytes) -> str:
    """What tells a mail from others: the door adds a Received line, so the header as a whole will not do."""
    body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2].strip()
    return hashlib.sha256(glance(raw)[0].encode() + b"\n" + body).hexdigest()


def _mails(connection: Connection, accepted: Iterable[bytes]) -> Iterable[str]:
    """I1, I2: what got 250 is there, whole; every mail has ended in one outcome."""
    rows = _all(connection, schema.inbox)
    gone = set(connection.execute(select(schema.raw.c.id).where(schema.raw.c.gone.is_not(None))).scalars())
    raws = load_raw(connection, [row.raw for row in rows if row.raw not in gone])
    stored = defaultdict(list)
    for row in rows:
        if row.raw in raws:
            stored[_content(raws[row.raw])].append(row)
        ended = {"done": row.outcome not in (None, Outcome.QUARANTINED), "quarantined": True}.get(row.state)
        if not ended:
            yield f"inbox {row.id}: no outcome: state {row.state}, outcome {row.outcome}, trouble {row.trouble}"
        if row.claim is not None:
            yield f"inbox {row.id}: still claimed by {row.claim}"
    for content, times in Counter(map(_content, accepted)).items():
        if len(stored[content]) < times:
            yield f"a mail got 250 {times} times and is in the inbox {len(stored[content])} times ({content[:8]})"
    for content, same in stored.items():
        effective = [row for row in same if row.outcome not in _NO_EFFECT]
        if len(effective) > 1:
            yield f"one mail took effect as inbox rows {[row.id for row in effective]} ({content[:8]})"


def _alerts(connection: Connection) -> Iterable[str]:
    """SLA.md: each ticket, clock, cycle, target revision and threshold alerts once; an escalation once a cycle."""
    told: Counter[tuple[object, ...]] = Counter()
    for row in _all(connection, schema.event):
        if row.kind in (EventKind.ALERT, EventKind.ESCALATED) and row.data.get("clock"):  # agents escalate as they like
            what = (
                ("clock", "cycle", "revision", "level") if row.kind == EventKind.ALERT else ("clock", "cycle", "rule")
            )
            told[row.ticket, row.kind, *(row.data.get(name) for name in what)] += 1
    for key, times in told.items():
        if times > 1:
            yield f"ticket {key[0]}: {key[1]} {key[2:]} was done {times} times"


def _effects(connection: Connection) -> Iterable[str]:
    """I3: one mail, one effect, and the tables agree with each other."""
    inbox = {row.id: row for row in _all(connection, schema.inbox)}
    events = _all(connection, schema.event)
    opened = Counter(row.mail for row in events if row.kind == EventKind.OPENED)
    joined = Counter((row.mail, row.kind) for row in events if row.kind in (EventKind.MAIL, EventKind.ANSWER))
    yield from (f"inbox {mail}: opened {n} tickets" for mail, n in opened.items() if n > 1 and mail is not None)
    yield from (f"inbox {mail}: {n} events {kind}" for (mail, kind), n in joined.items() if n > 1)
    for row in inbox.values():
        if row.outcome == Outcome.NEW_TICKET and opened[row.id] != 1:
            yield f"inbox {row.id}: outcome new_ticket, but opened {opened[row.id]}"
        if row.outcome != Outcome.NEW_TICKET and opened[row.id]:
            yield f"inbox {row.id}: outcome {row.outcome}, but it opened a ticket"
    kept = {row.inbox for row in _all(connection, schema.mail)}
    effective = {row.id for row in inbox.values() if row.state == "done" and row.outcome not in _NO_EFFECT}
    if kept != effective:
        yield f"mails kept and mails that took effect differ: {sorted(kept ^ effective)}"
    tickets = {row.number for row in _all(connection, schema.ticket)}
    if tickets != {row.ticket for row in events}:
        yield f"tickets without events, or events without a ticket: {tickets ^ {row.ticket for row in events}}"
    letters = _all(connection, schema.outbox)
    acks = Counter(row.ticket for row in letters if row.template in ("acknowledgement", "missing_information"))
    yield from (f"ticket {ticket}: acknowledged {n} times" for ticket, n in acks.items() if n > 1)
    told = Counter(row.cause for row in letters if row.template == "rejection")
    yield from (f"inbox {mail}: its rejection was told {n} times" for mail, n in told.items() if n > 1)
    turned_away = (row for row in inbox.values() if row.outcome == Outcome.REJECTED)
    yield from (f"inbox {row.id}: rejected, but on ticket {row.ticket}" for row in turned_away if row.ticket)


def _letters(connection: Connection, posted: Sequence[Posted] | None) -> Iterable[str]:
    """I4, I5: every letter once, or recorded as uncertain; to whom it was written, in the same bytes."""
    gone = set(connection.execute(select(schema.raw.c.id).where(schema.raw.c.gone.is_not(None))).scalars())
    rows = [row for row in _all(connection, schema.outbox) if row.raw not in gone]
    raws = load_raw(connection, [row.raw for row in rows])
    for row in rows:
        if row.state not in _REST:
            yield f"outbox {row.id}: not at rest: {row.state}"
        if row.claim is not None:
            yield f"outbox {row.id}: still claimed by {row.claim}"
    if posted is None:
        return
    copies: dict[tuple[str, str], list[Posted]] = defaultdict(list)
    for one in posted:
        for recipient in one.recipients:
            copies[one.message_id, recipient].append(one)
    strange = copies.keys() - {(row.message_id, row.recipient) for row in rows}
    yield from (f"a letter was sent that is not in the outbox: {i} to {to}" for i, to in strange)
    for row in rows:
        if row.template == WEBHOOK:
            continue  # no relay gets it
        sent = copies[row.message_id, row.recipient]
        where = f"outbox {row.id} ({row.template})"
        if row.state == LetterState.SENT and not sent:
            yield f"{where}: recorded as sent, but the relay never got it"
        if row.automatic and len(sent) > 1:
            yield f"{where}: automatic, but sent {len(sent)} times"
        if len(sent) > 1 and not row.uncertain:
            yield f"{where}: sent {len(sent)} times, and nothing says that it was uncertain"
        if any(one.raw != raws[row.raw] for one in sent):
            yield f"{where}: the bytes differ from those in the outbox"
