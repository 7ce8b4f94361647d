"""The inbox: mails are accepted into it durably, and claimed from it by workers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, insert, select, true, update

from maild.app.arrival import LARGE, Arrival, Cursor
from maild.app.work import Claimed, Due
from maild.clock import Clock
from maild.store.among import among
from maild.store.engine import Database, forget_large
from maild.store.mailboxes import upsert_mailbox
from maild.store.many import execute_many
from maild.store.reading import is_one_of
from maild.store.rows import as_claimed, insert_many, pack, whole, within_memory
from maild.store.schema import inbox, raw
from maild.store.unit import StoredUnit
from maild.threading.glance import glance

# Statements are made once: SQLAlchemy takes longer to make and recognise one than SQLite to run it.
_DUE = (
    select(inbox.c.id, inbox.c.attempts, inbox.c.size)
    .where(is_one_of(inbox.c.state, "waiting"), inbox.c.due_at <= bindparam("now"))
    .order_by(inbox.c.id)
    .limit(bindparam("limit"))
)
_DUE_ALONE = _DUE.with_for_update(skip_locked=True)
_CLAIM = (
    update(inbox)
    .where(among(inbox.c.id))
    .values(
        state="working",
        attempts=inbox.c.attempts + 1,
        claim=bindparam("v_claim"),
        lease_until=bindparam("v_lease_until"),
    )
)
_CLAIMED = (
    select(inbox, raw.c.body, raw.c.pieces)
    .join(raw, raw.c.id == inbox.c.raw)
    .where(among(inbox.c.id))
    .order_by(inbox.c.id)
)
_ACCEPT = insert(inbox)
_STORED = select(inbox.c.transport_key).where(among(inbox.c.transport_key))


class StoredInbox:
    """The port `Inbox` on the database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def accept(self, arrivals: Sequence[Arrival], cursor: Cursor | None = None) -> int:
        """See the port."""
        now = self._clock()
        keys = [a.transport_key for a in arrivals if a.transport_key]
        # Compressed and looked at before the transaction, so that the database is held for as short as possible.
        packed = [(a, pack(a.raw), _row(a, now)) for a in arrivals]

        def store(connection: Connection) -> int:
            stored = self._stored(connection, keys)
            fresh = [each for each in packed if each[0].transport_key is None or each[0].transport_key not in stored]
            ids = insert_many(connection, raw, [{"size": len(a.raw), "body": body} for a, body, _ in fresh])
            rows = [{**row, "raw": raw_id} for (_, _, row), raw_id in zip(fresh, ids, strict=True)]
            execute_many(connection, _ACCEPT, rows)
            if cursor is not None:
                upsert_mailbox(connection, cursor.mailbox, uidvalidity=cursor.uidvalidity, last_uid=cursor.last_uid)
            return len(fresh)

        largest = max((len(a.raw) for a in arrivals), default=0)
        if largest <= LARGE:
            return self._database.join(store)
        with self._database.write() as connection:
            forget_large(connection, largest)
            return store(connection)

    @staticmethod
    def _stored(connection: Connection, keys: Sequence[str]) -> set[str]:
        if not keys:
            return set()
        return set(connection.execute(_STORED, {"keys": keys}).scalars())


def _row(arrival: Arrival, now: datetime) -> dict[str, object]:
    """An arrival as it waits, but for where its raw mail is."""
    message_id, hint = glance(arrival.raw)
    return {
        "door": arrival.door,
        "transport_key": arrival.transport_key,
        "envelope_from": _plain(arrival.envelope_from),
        "envelope_to": [_plain(a) for a in arrival.envelope_to],
        "received_at": arrival.received_at,
        "size": len(arrival.raw),
        "message_id": message_id,
        "thread_hint": hint,
        "silent": arrival.silent,
        "state": "waiting",
        "due_at": now,
    }


def _plain(text: str | None) -> str | None:
    """Text that every database takes: PostgreSQL refuses NUL and lone surrogates."""
    return None if text is None else text.replace("\0", "").encode("utf-8", "replace").decode()


class StoredDesktop:
    """The port `Desktop` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def unit(self) -> Iterator[StoredUnit]:
        """See the port."""
        with self._database.write() as connection:
            yield StoredUnit(connection)

    def next_due(self, now: datetime) -> Due | None:
        """See the port."""
        with self._database.read() as connection:
            found = connection.execute(_DUE, {"now": now, "limit": 1}).first()
        return None if found is None else Due(size=found.size, tried=found.attempts > 0)

    def claim(self, now: datetime, owner: str, lease: timedelta, limit: int) -> list[Claimed]:
        """See the port."""
        with self._database.write() as connection:
            rows = connection.execute(_DUE_ALONE, {"now": now, "limit": limit}).all()
            tried = next((at for at, row in enumerate(rows) if row.attempts), None)
            rows = rows[:1] if tried == 0 else rows[:tried]
            ids = within_memory(rows)
            if not ids:
                return []
            forget_large(connection, rows[0].size)
            connection.execute(_CLAIM, {"keys": ids, "v_claim": owner, "v_lease_until": now + lease})
            # Within the claim: if reading fails, nothing stays claimed.
            found = connection.execute(_CLAIMED, {"keys": ids}).all()
            return [as_claimed(row, whole(connection, row.raw, row)) for row in found]

    def put_back(self, ids: Sequence[int] | None, due_at: datetime, owner: str, *, counted: bool) -> None:
        """See the port."""
        these = true() if ids is None else inbox.c.id.in_(ids)
        with self._database.write() as connection:
            connection.execute(
                update(inbox)
                .where(these, inbox.c.claim == owner, inbox.c.state == "working")
                .values(
                    state="waiting",
                    attempts=inbox.c.attempts - (0 if counted else 1),
                    due_at=due_at,
                    claim=None,
                    lease_until=None,
                )
            )

    def failed(self, inbox_id: int, due_at: datetime, owner: str, trouble: str) -> None:
        """See the port."""
        with self._database.write() as connection:
            connection.execute(
                update(inbox)
                .where(inbox.c.id == inbox_id, inbox.c.claim == owner, inbox.c.state == "working")
                .values(state="waiting", due_at=due_at, claim=None, lease_until=None, trouble=_plain(trouble))
            )
