"""The outbox as the sender and the sweep see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, or_, select, text, update

from maild.app.deliver import Due, LetterState, Sent
from maild.app.ports import Letter
from maild.app.sweep import Swept
from maild.app.webhooks import WEBHOOK
from maild.store.among import among
from maild.store.clocks import due_tickets
from maild.store.counts import forget_counts, old_counts, recipients_held
from maild.store.engine import Database
from maild.store.hard_bounces import forget_old_bounces, old_bounces
from maild.store.many import execute_many
from maild.store.reading import is_one_of, still
from maild.store.rows import whole, within_memory
from maild.store.schema import Moment, inbox, lease, outbox, raw
from maild.store.staff import anybody_waits
from maild.store.steps import due_steps
from maild.store.wrong_clock import ABSURD, set_right

# Statements are made once: SQLAlchemy takes longer to make and recognise one than SQLite to run it.
_DUE = (
    select(outbox.c.id, outbox.c.size)
    .where(is_one_of(outbox.c.state, "waiting"), outbox.c.claim.is_(None), outbox.c.due_at <= bindparam("now"))
    .order_by(outbox.c.due_at, outbox.c.id)
    .limit(bindparam("limit"))
)
_DUE_ALONE = _DUE.with_for_update(skip_locked=True)
_CLAIM = (
    update(outbox).where(among(outbox.c.id)).values(claim=bindparam("v_claim"), lease_until=bindparam("v_lease_until"))
)
_CLAIMED = (
    select(outbox, raw.c.body, raw.c.pieces)
    .join(raw, raw.c.id == outbox.c.raw)
    .where(among(outbox.c.id))
    .order_by(outbox.c.id)
)
_DUE_MAIL = select(inbox.c.id).where(is_one_of(inbox.c.state, "waiting"), inbox.c.due_at <= bindparam("now")).limit(1)
_UNTOLD = select(outbox.c.id).where(is_one_of(outbox.c.state, "failed"), text("NOT told")).limit(1)
_WORKING = select(inbox.c.id, inbox.c.claim, inbox.c.lease_until).where(is_one_of(inbox.c.state, "working"))
_CLAIMED_LETTERS = select(outbox.c.id, outbox.c.state, outbox.c.automatic, outbox.c.claim, outbox.c.lease_until).where(
    outbox.c.claim.is_not(None)
)
_BEGIN = (
    update(outbox)
    .where(among(outbox.c.id), still(outbox.c.claim, bindparam("b_claim")), still(outbox.c.state, "waiting"))
    # The lease begins anew with each letter: a slow relay may take minutes over every one of a group.
    .values(state="sending", attempts=outbox.c.attempts + 1, lease_until=bindparam("v_lease_until"))
    .returning(outbox.c.id)
)
_END = (
    update(outbox)
    .where(
        outbox.c.id == bindparam("b_id"), still(outbox.c.claim, bindparam("b_claim")), still(outbox.c.state, "sending")
    )
    .values(
        state=bindparam("v_state"),
        answer=bindparam("v_answer"),
        uncertain=or_(outbox.c.uncertain, bindparam("v_uncertain")),
        sent_at=bindparam("v_sent_at"),
        due_at=func.coalesce(bindparam("v_retry_at", type_=Moment), outbox.c.due_at),
        claim=None,
        lease_until=None,
    )
)


class StoredOutbox:
    """The port `Outbox` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, now: datetime, owner: str, lease: timedelta, limit: int) -> list[Due]:
        """See the port."""
        with self._database.read() as connection:  # an idle worker must not disturb the writers
            if connection.execute(_DUE, {"now": now, "limit": 1}).first() is None:
                return []
        with self._database.write() as connection:
            ids = within_memory(connection.execute(_DUE_ALONE, {"now": now, "limit": limit}).all())
            if not ids:
                return []
            connection.execute(_CLAIM, {"keys": ids, "v_claim": owner, "v_lease_until": now + lease})
            # Within the claim: if reading fails, nothing stays claimed.
            rows = connection.execute(_CLAIMED, {"keys": ids}).all()
            return [_due(row, whole(connection, row.raw, row)) for row in rows]

    def step(self, ended: Sequence[Sent], begin: Sequence[Due], owner: str, lease_until: datetime) -> frozenset[int]:
        """See the port."""
        if not ended and not begin:
            return frozenset()

        def record(connection: Connection) -> frozenset[int]:
            execute_many(connection, _END, [_outcome(sent) | {"b_claim": owner} for sent in ended])
            if not begin:
                return frozenset()
            these = {"keys": [due.id for due in begin], "b_claim": owner, "v_lease_until": lease_until}
            return frozenset(connection.execute(_BEGIN, these).scalars())

        return self._database.join(record)

    def let_go(self, rest: Sequence[Due] | None, owner: str) -> None:
        """See the port. One of `rest` that is marked as being sent was marked by a commit whose answer was lost."""
        if rest is None:
            these = outbox.c.state == "waiting"
        else:
            these = and_(outbox.c.id.in_([due.id for due in rest]), outbox.c.state.in_(("waiting", "sending")))
        free = {"state": "waiting", "claim": None, "lease_until": None}
        with self._database.write() as connection:
            connection.execute(update(outbox).where(these, outbox.c.claim == owner).values(free))


def _outcome(sent: Sent) -> dict[str, Any]:
    return {
        "b_id": sent.due.id,
        "v_state": sent.state,
        "v_answer": sent.answer[:500],
        "v_uncertain": sent.uncertain,
        "v_sent_at": sent.at if sent.state is LetterState.SENT else None,
        "v_retry_at": sent.retry_at,
    }


def _due(row: Any, raw_letter: bytes) -> Due:
    return Due(
        id=row.id,
        letter=Letter(
            raw=raw_letter,
            message_id=row.message_id,
            envelope_from=row.envelope_from,
            envelope_to=(row.recipient,),
            webhook=row.template == WEBHOOK,
        ),
        automatic=row.automatic,
        template=row.template,
        ticket=row.ticket,
        attempts=row.attempts,
        expires_at=row.expires_at,
    )


class StoredForgotten:
    """The port `Forgotten` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def stale(self, now: datetime, gone: Callable[[str], bool]) -> bool:
        """Whether anything is claimed by workers that are gone; the next sweep frees it."""
        with self._database.read() as connection:
            return self._owners(connection, now, gone)

    def sweep(self, now: datetime, gone: Callable[[str], bool]) -> Swept:
        """See the port."""
        if not self.stale(now, gone):
            return Swept(mails_freed=0, letters_freed=0, letters_uncertain=0)
        with self._database.write() as connection:
            mails, letters, uncertain = self._free(connection, now, gone)
        return Swept(mails_freed=mails, letters_freed=letters, letters_uncertain=uncertain)

    def due(self, now: datetime) -> frozenset[str]:
        """See the port."""
        with self._database.read() as connection:
            mails = connection.execute(_DUE_MAIL, {"now": now}).first()
            letters = connection.execute(_DUE, {"now": now, "limit": 1}).first()
            letters = letters or connection.execute(_UNTOLD).first()
            clocks = due_tickets(connection, now, 1) or due_steps(connection, now, 1)
        found = {"ingest": mails, "deliver": letters, "watch": clocks}
        return frozenset(bell for bell, work in found.items() if work)

    def set_right(self, now: datetime, mail_wait: timedelta, letter_wait: timedelta) -> int:
        """See the port."""
        return set_right(self._database, now, mail_wait, letter_wait)

    def anybody_waits(self) -> bool:
        """See the port."""
        with self._database.read() as connection:
            return anybody_waits(connection)

    def anything_failed(self) -> bool:
        """Whether there are letters that failed and that nobody was told of."""
        with self._database.read() as connection:
            return connection.execute(_UNTOLD).first() is not None

    def held_since(self, before: datetime) -> list[str]:
        """For whom letters have been held back since then: whose digests are due."""
        with self._database.read() as connection:
            return recipients_held(connection, before)

    def forget(self, now: datetime, bounces_before: datetime) -> None:
        """See the port."""
        with self._database.read() as connection:
            old = old_counts(connection, now) or old_bounces(connection, bounces_before)
        if old:
            with self._database.write() as connection:
                forget_counts(connection, now)
                forget_old_bounces(connection, bounces_before)

    @staticmethod
    def _owners(connection: Connection, now: datetime, gone: Callable[[str], bool]) -> bool:
        """Whether there is anything to free."""
        mails = select(inbox.c.claim, inbox.c.lease_until).where(is_one_of(inbox.c.state, "working")).distinct()
        letters = select(outbox.c.claim, outbox.c.lease_until).where(outbox.c.claim.is_not(None)).distinct()
        claims = [*connection.execute(mails), *connection.execute(letters)]
        holders = connection.execute(select(lease.c.owner)).scalars()
        return any(_over(until, now) or gone(owner) for owner, until in claims) or any(map(gone, holders))

    @staticmethod
    def _free(connection: Connection, now: datetime, gone: Callable[[str], bool]) -> tuple[int, int, int]:
        """Free dead workers' claims: (mails, letters not begun or sent again, letters left uncertain)."""
        # Locked, because on PostgreSQL its worker may be committing at this moment; who holds a lock is alive.
        working = connection.execute(_WORKING.with_for_update(skip_locked=True))
        mails = [row.id for row in working if _over(row.lease_until, now) or gone(row.claim)]
        connection.execute(
            update(inbox)
            .where(inbox.c.id.in_(mails))
            .values(state="waiting", claim=None, lease_until=None, due_at=now, trouble="the worker on it died")
        )
        claimed = connection.execute(_CLAIMED_LETTERS.with_for_update(skip_locked=True))
        dead = [row for row in claimed if _over(row.lease_until, now) or gone(row.claim)]
        free: dict[str, Any] = {"claim": None, "lease_until": None}
        # The relay may have taken it: an automatic letter is not worth a second copy, an answer is (HOUSE).
        lost = [row.id for row in dead if row.state == "sending" and row.automatic]
        again = [row.id for row in dead if row.state == "sending" and not row.automatic]
        begun = update(outbox).values(**free, uncertain=True)
        connection.execute(begun.where(outbox.c.id.in_(lost)).values(state="uncertain"))
        connection.execute(begun.where(outbox.c.id.in_(again)).values(state="waiting", due_at=now))
        leases = connection.execute(select(lease)).all()
        connection.execute(delete(lease).where(lease.c.name.in_([row.name for row in leases if gone(row.owner)])))
        untouched = [row.id for row in dead if row.state == "waiting"]
        connection.execute(update(outbox).where(outbox.c.id.in_(untouched)).values(**free))
        return len(mails), len(untouched) + len(again), len(lost)


def _over(until: datetime, now: datetime) -> bool:
    """Whether a claim has ended, or never should have lasted so long."""
    return not now <= until <= now + ABSURD
