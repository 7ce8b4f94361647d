"""Saves what a group of mails changed: one statement a table, however many mails there were."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from maild.app.changes import LEFT, Changes, MailRecord, NewLetter, Result
from maild.app.known import Known
from maild.app.outcome import Outcome
from maild.errors import Conflict
from maild.mail.invitation_forms import invitation_json
from maild.store.among import among
from maild.store.clocks import save_clocks
from maild.store.counts import save_counts, save_held
from maild.store.hard_bounces import save_bounces
from maild.store.insert_rows import insert_rows
from maild.store.many import execute_many
from maild.store.reading import still
from maild.store.references import save_references
from maild.store.rows import store_raw
from maild.store.schema import (
    attachment,
    clue,
    event,
    event_content,
    inbox,
    mail,
    outbox,
    participant,
    seen,
    thread_key,
    ticket,
)
from maild.store.search_index import mark_words
from maild.store.staff import save_staff
from maild.store.steps import save_steps
from maild.tickets.events import Event

# Statements are made once: SQLAlchemy takes longer to make and recognise one than SQLite to run it.
_TICKET_COLUMNS = [c.name for c in ticket.columns]
_CHANGES: dict[str, Any] = {name: bindparam(f"v_{name}") for name in _TICKET_COLUMNS if name != "number"}
_CHANGE_TICKET = (
    update(ticket)
    .where(ticket.c.number == bindparam("b_number"), ticket.c.version == bindparam("b_version"))
    .values(_CHANGES)
)
_FINISH = (
    update(inbox)
    .where(inbox.c.id == bindparam("b_id"), still(inbox.c.state, "working"))
    .values(
        state=bindparam("v_state"),
        outcome=bindparam("v_outcome"),
        ticket=bindparam("v_ticket"),
        why=bindparam("v_why"),
        trouble=bindparam("v_trouble"),
        done_at=bindparam("v_done_at"),
        claim=None,
        lease_until=None,
    )
)
_INSERTS = {table.name: insert(table) for table in (ticket, event, event_content, mail, attachment)}
_NONCES = select(outbox.c.nonce).where(among(outbox.c.nonce))
_BOUNCED = update(outbox).where(outbox.c.id == bindparam("b_id")).values(bounced=bindparam("v_said"))
_UNITE = update(mail).where(mail.c.ticket == bindparam("b_ticket")).values(ticket=bindparam("v_into"))
_PLACE = update(mail).where(mail.c.inbox == bindparam("b_inbox")).values(ticket=bindparam("v_ticket"))
_LEAD_ELSEWHERE = update(thread_key).where(thread_key.c.key == bindparam("b_key")).values(ticket=bindparam("v_ticket"))
_UNJOINED = delete(participant).where(
    participant.c.ticket == bindparam("b_ticket"), participant.c.address == bindparam("b_address")
)
# Who is there already stays as he came, unless he leaves, or comes back.
_JOIN = {
    name: dialect.insert(participant).on_conflict_do_update(
        index_elements=["ticket", "address"],
        set_={column: dialect.insert(participant).excluded[column] for column in ("name", "role", "answer_to")},
        where=or_(dialect.insert(participant).excluded.role == LEFT, participant.c.role == LEFT),
    )
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
_MET = update(thread_key).where(thread_key.c.key == bindparam("b_key")).values(own=True)
_MAIL_FIELDS = ("inbox", "ticket", "kind", "role", "message_id", "from_name", "from_address", "subject", "words", "at")
_JOINED = ("ticket", "address", "name", "role", "answer_to")
_ATTACHMENT_FIELDS = ("part", "name", "type", "size", "sha256", "inline", "runs", "scan", "scan_says")
_EVENT_FIELDS = ("ticket", "seq", "at", "kind", "actor", "mail", "digest", "prev", "hash")
_LETTER_FIELDS = [name for name in NewLetter.__slots__ if name != "raw"]


def save_changes(connection: Connection, changes: Changes, known: Known, now: datetime) -> None:
    """Write everything. Raises Conflict, or what the database raises for a row that is there already."""
    _save_tickets(connection, changes, known)
    if changes.unjoined:
        connection.execute(_UNJOINED, [{"b_ticket": n, "b_address": a} for n, a in sorted(changes.unjoined)])
    if changes.participants:
        joined = [{name: getattr(p, name) for name in _JOINED} for p in changes.participants]
        execute_many(connection, _JOIN[connection.dialect.name], joined)
    # In order, so that two workers with the same keys wait for each other instead of deadlocking.
    insert_rows(connection, thread_key, [_key(k, n, known) for k, n in sorted(changes.keys.items())])
    if met := sorted(changes.met - set(changes.keys)):
        connection.execute(_MET, [{"b_key": key} for key in met])
    if changes.clues:
        led = [{"key": k, "ticket": to.ticket, "at": to.at} for k, to in sorted(changes.clues.items())]
        insert_rows(connection, clue, led, _lead_there)
    insert_rows(
        connection,
        seen,
        [{"content_key": k, "inbox": s.inbox, "ticket": s.ticket} for k, s in sorted(changes.seen.items())],
    )
    _save_events(connection, changes.events)
    save_clocks(connection, changes, now)
    save_steps(connection, changes)
    save_references(connection, changes, now)
    _save_mails(connection, changes.mails)
    if changes.united:
        connection.execute(_UNITE, [{"b_ticket": n, "v_into": into} for n, into in changes.united.items()])
    if changes.moved:
        connection.execute(_PLACE, [{"b_inbox": i, "v_ticket": n} for i, n in sorted(changes.moved.items())])
    if changes.moved_keys:
        connection.execute(
            _LEAD_ELSEWHERE, [{"b_key": k, "v_ticket": n} for k, n in sorted(changes.moved_keys.items())]
        )
    _save_letters(connection, changes.letters)
    if changes.bounced:
        said = [{"b_id": letter, "v_said": words[:500]} for letter, words in changes.bounced.items()]
        connection.execute(_BOUNCED, said)
    save_bounces(connection, changes.bounces, changes.heard_from)
    save_held(connection, changes.held)
    save_staff(connection, changes, now)
    mark_words(connection, changes)
    _save_results(connection, changes.results, now)
    # Last: on PostgreSQL every worker waits here for the one that counts, and it only has to commit.
    save_counts(connection, changes.counted, now)


def _lead_there(new: Any) -> Any:
    """The latest mail says where a clue leads; history that is imported says nothing of what came later."""
    changed = {name: new.excluded[name] for name in ("ticket", "at")}
    return new.on_conflict_do_update(index_elements=["key"], set_=changed, where=new.excluded.at >= clue.c.at)


def _insert(connection: Connection, table: str, rows: list[dict[str, Any]]) -> None:
    execute_many(connection, _INSERTS[table], rows)


def _key(key: str, number: int, known: Known) -> dict[str, Any]:
    return {"key": key, "ticket": number, "own": key not in known.only_referred}


def _save_tickets(connection: Connection, changes: Changes, known: Known) -> None:
    rows = {n: {name: getattr(known.tickets[n], name) for name in _TICKET_COLUMNS} for n in changes.tickets}
    _insert(connection, "ticket", [rows[n] for n in sorted(changes.opened)])
    changed = sorted(set(changes.tickets) - changes.opened)
    if not changed:
        return
    values = [
        {f"v_{k}": v for k, v in rows[n].items() if k != "number"} | {"b_number": n, "b_version": changes.tickets[n]}
        for n in changed
    ]
    if execute_many(connection, _CHANGE_TICKET, values) != len(changed):
        raise Conflict("another worker changed the same ticket first")


def _save_events(connection: Connection, events: Sequence[Event]) -> None:
    _insert(
        connection,
        "event",
        [{**{name: getattr(e, name) for name in _EVENT_FIELDS}, "data": dict(e.data)} for e in events],
    )
    _insert(
        connection,
        "event_content",
        [
            {"ticket": e.ticket, "seq": e.seq, "salt": e.salt, "content": dict(e.content)}
            for e in events
            if e.content is not None
        ],
    )


def _save_mails(connection: Connection, mails: Sequence[MailRecord]) -> None:
    _insert(
        connection,
        "mail",
        [
            {name: getattr(m, name) for name in _MAIL_FIELDS}
            | {"invitation": invitation_json(m.invitation) if m.invitation else None}
            for m in mails
        ],
    )
    _insert(
        connection,
        "attachment",
        [
            {"inbox": m.inbox, **{name: getattr(a, name) for name in _ATTACHMENT_FIELDS}}
            for m in mails
            for a in m.attachments
        ],
    )


def _save_letters(connection: Connection, letters: Sequence[NewLetter]) -> None:
    """Write letters, but none that the same cause has written before: a replay sends nothing twice."""
    if not letters:
        return
    written = set(connection.execute(_NONCES, {"keys": [letter.nonce for letter in letters]}).scalars())
    fresh = list({letter.nonce: letter for letter in letters if letter.nonce not in written}.values())
    raws = store_raw(connection, [letter.raw for letter in fresh], ours=True)
    insert_rows(
        connection,
        outbox,
        [
            {name: getattr(letter, name) for name in _LETTER_FIELDS}
            | {"raw": raw_id, "size": len(letter.raw), "state": "waiting", "due_at": letter.created_at}
            for letter, raw_id in zip(fresh, raws, strict=True)
        ],
    )


def _save_results(connection: Connection, results: Sequence[Result], now: datetime) -> None:
    if not results:
        return
    values = [
        {
            "b_id": r.inbox,
            "v_state": "quarantined" if r.outcome is Outcome.QUARANTINED else "done",
            "v_outcome": r.outcome,
            "v_ticket": r.ticket,
            "v_why": list(r.why),
            "v_trouble": r.trouble or None,
            "v_done_at": now,
        }
        for r in results
    ]
    if execute_many(connection, _FINISH, values) != len(results):
        raise Conflict("another worker finished the same mail first")
