"""Lets go of what is old, a batch at a time, and remembers how far it has come.

Closed tickets are walked in the order in which they were closed (a small index), mails on no ticket and letters
in the order of their rows: what is behind the mark was looked at. A ticket that is opened and closed again
comes by again; one that must be kept is passed, and `maild hold --end` sets the mark back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, func, insert, or_, select, true, update

from maild.app.outcome import Outcome
from maild.app.retention import What
from maild.app.webhooks import WEBHOOK
from maild.errors import Conflict
from maild.store.engine import Database
from maild.store.erasing import erase_ticket
from maild.store.erasures import holds_on
from maild.store.reading import is_one_of
from maild.store.schema import (
    attachment,
    contact,
    event_content,
    inbox,
    legal_hold,
    mail,
    outbox,
    participant,
    raw,
    retention,
    ticket,
)
from maild.store.tombstones import batched, empty_raws, forget_contact, forget_mails

BATCH = 20  # tickets between two looks at whether anything better is to be done
WINDOW = 200  # mails and letters
_SETTLED = ("sent", "dropped")
_UNSENT = ("waiting", "sending")  # it ends, for a letter that cannot be sent expires


@dataclass(frozen=True, slots=True)
class Mark:
    """How far it has come."""

    at: datetime | None = None
    position: int = 0
    gone: int = 0


class StoredKept:
    """The port `Kept` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def let_go(self, what: What, before: datetime, now: datetime) -> int:
        """See the port."""
        with self._database.read() as connection:
            # A mail may come back into quarantine behind the mark; those that were let go are there no more.
            mark = Mark() if what is What.QUARANTINE else marks(connection).get(what, Mark())
            due = _DUE[what].window(connection, before, mark)
        if not due:
            return 0
        note = f"retention, {now:%Y-%m-%d}"
        if what in (What.MAILS, What.CLOSED_TICKETS):
            for looked_at, row in enumerate(due):
                if not self._ticket(what, row.number, note, now):
                    return looked_at  # the next run begins with it
                self._mark(what, row.closed_at, row.number, 1)
            return len(due)
        chosen = [row.id for row in due if row.chosen]
        gone = 0
        for some in batched(chosen):
            with self._database.write() as connection:
                gone += _LET_GO[what](connection, some, note)
        self._mark(what, None, due[-1].id, gone)
        return len(due)

    def _ticket(self, what: What, number: int, note: str, now: datetime) -> bool:
        """One ticket, in one transaction; False, and nothing is done, while a letter of it is on its way out.

        One that somebody is changing comes by again when it is closed again.
        """
        try:
            with self._database.write() as connection:
                whose = select(ticket.c.closed_at, ticket.c.contact).where(ticket.c.number == number)
                row = connection.execute(whose.with_for_update()).first()  # or a letter may be written meanwhile
                if row is None or row.closed_at is None or _kept_among(connection, [number]):
                    return True
                on_its_way = select(outbox.c.id).where(outbox.c.ticket == number, outbox.c.state.in_(_UNSENT))
                if connection.execute(on_its_way.limit(1)).first():
                    return False
                mails = _mails(connection, number)
                if what is What.MAILS:
                    _empty(connection, number, mails, note)
                    return True
                ids = connection.execute(select(mail.c.message_id).where(mail.c.inbox.in_(mails))).scalars()
                keys: tuple[list[str], list[str], list[str]] = ([], [each for each in ids if each], [])
                erase_ticket(connection, number, mails, gone=note, now=now, why={"why": "retention"}, keys=keys)
                connection.execute(delete(participant).where(participant.c.ticket == number))
                if not connection.execute(
                    select(ticket.c.number).where(ticket.c.contact == row.contact).limit(1)
                ).first():
                    forget_contact(connection, row.contact)  # none of their tickets says anything any more
        except Conflict:
            pass
        return True

    def _mark(self, what: What, at: datetime | None, position: int, gone: int) -> None:
        with self._database.write() as connection:
            values = {"at": at, "position": position, "gone": retention.c.gone + gone}
            if not connection.execute(update(retention).where(retention.c.what == what).values(values)).rowcount:
                connection.execute(insert(retention).values(what=what.value, at=at, position=position, gone=gone))


def marks(connection: Connection) -> dict[str, Mark]:
    """How far each sort has come."""
    return {row.what: Mark(row.at, row.position, row.gone) for row in connection.execute(select(retention))}


def count_due(connection: Connection, what: What, before: datetime) -> int:
    """How many tickets, mails or letters would be let go now, those that must be kept among them."""
    return _DUE[what].count(connection, before, marks(connection).get(what, Mark()))


def set_back(connection: Connection) -> None:
    """Look at everything again: some of it need not be kept any more."""
    connection.execute(update(retention).values(at=None, position=0))


@dataclass(frozen=True, slots=True)
class _Rows:
    """Mails or letters, in the order of their rows, which is nearly that of their age."""

    table: Any
    moment: Any
    among: Any  # what an index finds, or everything
    chosen: Any

    def window(self, connection: Connection, before: datetime, mark: Mark) -> list[Any]:
        """The next rows behind the mark, up to the first that is too young: the young ones are never walked over."""
        columns = (self.table.c.id, self.moment.label("moment"), self.chosen.label("chosen"))
        behind = select(*columns).where(self.among, self.table.c.id > mark.position)
        rows = connection.execute(behind.order_by(self.table.c.id).limit(WINDOW))
        return list(takewhile(lambda row: row.moment < before, rows))

    def count(self, connection: Connection, before: datetime, mark: Mark) -> int:
        """How many of all of them are due; reads every row that is behind the mark."""
        due = (self.among, self.chosen, self.table.c.id > mark.position, self.moment < before)
        return int(connection.execute(select(func.count()).select_from(self.table).where(*due)).scalar_one())


@dataclass(frozen=True, slots=True)
class _Tickets:
    """Closed tickets of which there is `anything` to let go."""

    anything: Any

    def window(self, connection: Connection, before: datetime, mark: Mark) -> list[Any]:
        """The next ones behind the mark."""
        query = self._due(before, mark).order_by(ticket.c.closed_at, ticket.c.number)
        return list(connection.execute(query.limit(BATCH)))

    def count(self, connection: Connection, before: datetime, mark: Mark) -> int:
        """How many of all of them are due."""
        return int(
            connection.execute(select(func.count()).select_from(self._due(before, mark).subquery())).scalar_one()
        )

    def _due(self, before: datetime, mark: Mark) -> Any:
        query = select(ticket.c.closed_at, ticket.c.number)
        query = query.where(ticket.c.closed_at.is_not(None), ticket.c.closed_at < before, self.anything)
        if mark.at is None:
            return query
        same = and_(ticket.c.closed_at == mark.at, ticket.c.number > mark.position)
        return query.where(or_(ticket.c.closed_at > mark.at, same))


_SENT = outbox.c.state.in_(_SETTLED)
_DUE: Mapping[What, _Rows | _Tickets] = {
    What.MAILS: _Tickets(
        or_(
            exists().where(inbox.c.ticket == ticket.c.number, raw.c.id == inbox.c.raw, raw.c.gone.is_(None)),
            exists().where(outbox.c.ticket == ticket.c.number, raw.c.id == outbox.c.raw, raw.c.gone.is_(None)),
        )
    ),
    What.CLOSED_TICKETS: _Tickets(exists().where(event_content.c.ticket == ticket.c.number)),
    What.LETTERS: _Rows(outbox, outbox.c.created_at, true(), and_(outbox.c.template != WEBHOOK, _SENT)),
    What.WEBHOOKS: _Rows(outbox, outbox.c.created_at, true(), and_(outbox.c.template == WEBHOOK, _SENT)),
    What.QUARANTINE: _Rows(inbox, inbox.c.received_at, is_one_of(inbox.c.state, "quarantined"), true()),
    What.REJECTED: _Rows(inbox, inbox.c.received_at, is_one_of(inbox.c.outcome, Outcome.REJECTED), true()),
}


def _letters(connection: Connection, rows: Sequence[int], note: str) -> int:
    chosen = select(outbox.c.raw, outbox.c.ticket).where(outbox.c.id.in_(rows), outbox.c.state.in_(_SETTLED))
    return empty_raws(connection, [row.raw for row in _free(connection, chosen)], note)


def _mails_aside(connection: Connection, rows: Sequence[int], note: str) -> int:
    aside = or_(is_one_of(inbox.c.state, "quarantined"), is_one_of(inbox.c.outcome, Outcome.REJECTED))
    still = select(inbox.c.id, inbox.c.ticket).where(inbox.c.id.in_(rows), aside).with_for_update()
    return forget_mails(connection, [row.id for row in _free(connection, still)], note)


def _free(connection: Connection, chosen: Any) -> list[Any]:
    """Rows without those on tickets that must be kept."""
    rows = list(connection.execute(chosen))
    kept = _kept_among(connection, {row.ticket for row in rows if row.ticket is not None})
    return [row for row in rows if row.ticket not in kept]


_LET_GO: Mapping[What, Callable[[Connection, Sequence[int], str], int]] = {
    What.LETTERS: _letters,
    What.WEBHOOKS: _letters,
    What.QUARANTINE: _mails_aside,
    What.REJECTED: _mails_aside,
}


def _kept_among(connection: Connection, numbers: Collection[int]) -> set[int]:
    """Which of these tickets must be kept, for themselves or for their contact's sake."""
    if connection.execute(select(legal_hold.c.name).limit(1)).first() is None:
        return set()
    kept: set[int] = set()
    for some in batched(sorted(numbers)):
        whose = select(ticket.c.number, contact.c.id).outerjoin(contact, contact.c.address == ticket.c.contact)
        names = {
            row.number: (f"ticket:{row.number}", f"contact:{row.id}")
            for row in connection.execute(whose.where(ticket.c.number.in_(some)))
        }
        held = {hold.name for hold in holds_on(connection, [name for both in names.values() for name in both])}
        kept.update(number for number, both in names.items() if held.intersection(both))
    return kept


def _mails(connection: Connection, number: int) -> list[int]:
    """All mails on a ticket that are worked off."""
    on = select(inbox.c.id).where(inbox.c.ticket == number, inbox.c.state.in_(("done", "quarantined")))
    moved = select(mail.c.inbox).where(mail.c.ticket == number)
    return sorted({*connection.execute(on).scalars(), *connection.execute(moved).scalars()})


def _empty(connection: Connection, number: int, mails: Sequence[int], note: str) -> None:
    """The bytes of a ticket's mails and letters; its words stay, and the names of its files."""
    raws = list(connection.execute(select(inbox.c.raw).where(inbox.c.id.in_(mails))).scalars())
    went = select(outbox.c.raw).where(outbox.c.ticket == number, outbox.c.state.in_(_SETTLED))
    raws += connection.execute(went).scalars()
    empty_raws(connection, raws, note)
    unscanned = update(attachment).where(attachment.c.inbox.in_(mails), attachment.c.scan == "unscanned")
    connection.execute(unscanned.values(scan="unscannable", scan_says="it is no longer kept"))
