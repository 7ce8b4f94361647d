"""One transaction of ingest: looks a whole group up in a few queries, and hands its changes to be saved."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, text, union_all, update

from maild.app.alerts import FailedLetter
from maild.app.assign_waiting import Waiting
from maild.app.budgets import scopes_of_ticket
from maild.app.changes import LEFT, Changes, HeldBack
from maild.app.known import Known, PastMail, Seen, SentLetter, Wanted
from maild.app.ledger import SHOWN_ROLES
from maild.app.outcome import Role
from maild.app.staff import Load, Roster
from maild.app.work import Claimed
from maild.store.among import among
from maild.store.clocks import load_facts
from maild.store.counts import forget_held, load_held, load_lately
from maild.store.events_read import events_of
from maild.store.hard_bounces import load_bounces
from maild.store.insert_rows import insert_rows
from maild.store.letters_read import wait_again
from maild.store.listing import StoredLists
from maild.store.neighbours import StoredNeighbours
from maild.store.reading import is_one_of
from maild.store.references import load_references
from maild.store.rows import claimed_before
from maild.store.saving import save_changes
from maild.store.schema import clue, contact, inbox, mail, outbox, participant, seen, thread_key, ticket
from maild.store.staff import (
    assign_alone,
    last_agents,
    load_absent,
    load_busy,
    load_loads,
    load_roster,
    load_waiting,
)
from maild.store.ticket_rows import as_ticket
from maild.store.watching import StoredWatch
from maild.threading.match import ClueTo
from maild.tickets.events import Event

__all__ = ["StoredUnit", "as_ticket"]

_HISTORY = 5  # past mails of each role that letters show
_LONGEST_PAST = 32_768  # characters of a past mail that letters show
_LONGEST_MERGE = 10  # merged tickets that are followed

# Statements are made once: SQLAlchemy takes longer to make and recognise one than SQLite to run it.
_SEEN = select(seen).where(among(seen.c.content_key))
_THREADS = select(thread_key).where(among(thread_key.c.key))
_CONTACTS = select(contact.c.address, contact.c.id).where(among(contact.c.address))
_ADDRESSES = select(contact.c.id, contact.c.address).where(among(contact.c.id))
_CLUES = select(clue).where(among(clue.c.key))
_LETTERS = select(outbox).where(among(outbox.c.nonce))
_TICKETS = select(ticket).where(among(ticket.c.number))
_PEOPLE = select(participant).where(among(participant.c.ticket))
# The newest mails of each role are found in the index alone; only they are read with their words.
_NEWEST = (
    func.row_number().over(partition_by=(mail.c.ticket, mail.c.role), order_by=mail.c.inbox.desc()).label("newest")
)
_NUMBERED = select(mail.c.inbox, _NEWEST).where(among(mail.c.ticket), mail.c.role.in_(SHOWN_ROLES)).subquery()
_PAST = (
    select(
        *(mail.c[name] for name in ("inbox", "ticket", "role", "message_id", "from_name", "from_address", "at")),
        # A mail may name ten tickets of somebody's by guessing: their longest mails must not fill our memory.
        func.substr(mail.c.words, 1, _LONGEST_PAST).label("words"),
    )
    .join(_NUMBERED, _NUMBERED.c.inbox == mail.c.inbox)
    .where(_NUMBERED.c.newest <= _HISTORY)
    .order_by(mail.c.inbox)
)


def _undone(column: Any) -> Any:
    return select(inbox.c.id, inbox.c.message_id, inbox.c.thread_hint).where(
        is_one_of(inbox.c.state, "waiting", "working"), inbox.c.attempts <= 1, among(column)
    )


# One index each; with OR, SQLite would use neither and read the whole inbox.
_UNDONE = union_all(_undone(inbox.c.message_id), _undone(inbox.c.thread_hint))
_NEXT_NUMBER = text("SELECT nextval('ticket_number_seq')")
_LAST_NUMBER = select(func.max(ticket.c.number))


def _meet(new: Any) -> Any:
    """Two workers may meet the same new person: the second one waits, and takes the first one's row."""
    return new.on_conflict_do_nothing(index_elements=["address"])


class StoredUnit(StoredLists, StoredNeighbours, StoredWatch):
    """The port `Unit` on an open transaction."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._last_number: int | None = None

    def undone_before(self, claimed: Sequence[Claimed], refers: Sequence[frozenset[str]]) -> set[int]:
        """See the port."""
        ids = {i for answered in refers for i in answered}
        mine = {row.id for row in claimed}
        undone = self._rows(_UNDONE, ids)
        others = [row for row in undone if row.id not in mine]
        early = set()
        for row, answered in zip(claimed, refers, strict=True):
            if any(o.id < row.id and (o.message_id in answered or o.thread_hint in answered) for o in others):
                early.add(row.id)
        return early

    def load(self, wanted: Wanted, now: datetime) -> Known:
        """See the port."""
        known = Known()
        known.seen = {r.content_key: Seen(r.inbox, r.ticket) for r in self._rows(_SEEN, wanted.content_keys)}
        threads = self._rows(_THREADS, wanted.message_ids)
        known.threads = {row.key: row.ticket for row in threads}
        known.only_referred = {row.key for row in threads if not row.own}
        known.clues = {row.key: ClueTo(row.ticket, row.at) for row in self._rows(_CLUES, wanted.clues)}
        known.contacts = self._contacts(wanted.people, now)
        for row in self._rows(_LETTERS, wanted.nonces):
            known.letters[row.nonce] = SentLetter(
                id=row.id,
                ticket=row.ticket,
                template=row.template,
                recipient=row.recipient,
                subject=row.subject,
                cause=row.cause,
                created_at=row.created_at,
            )
        named = {letter.ticket for letter in known.letters.values() if letter.ticket}
        led = {found.ticket for found in known.clues.values()}
        self._load_tickets(known, wanted.tickets | set(known.threads.values()) | named | led)
        if known.tickets:
            known.facts = load_facts(self._connection, known.tickets)
            known.references = load_references(self._connection, known.tickets)
        if assignees := {t.assignee for t in known.tickets.values() if t.assignee}:
            known.absences = load_absent(self._connection, assignees)
        scopes = wanted.scopes.union(*map(scopes_of_ticket, known.tickets))
        known.lately = load_lately(self._connection, scopes, now)
        recipients = {letter.recipient for letter in known.letters.values()}
        known.bounces = load_bounces(self._connection, wanted.addresses.union(recipients, *known.participants.values()))
        return known

    def _contacts(self, people: Mapping[str, str], now: datetime) -> dict[str, int]:
        found = dict(self._rows(_CONTACTS, people))
        new = [{"address": a, "name": people[a], "created_at": now} for a in sorted(people) if a not in found]
        if new:
            insert_rows(self._connection, contact, new, _meet)
            found.update(self._rows(_CONTACTS, [row["address"] for row in new]))
        return found

    def _load_tickets(self, known: Known, numbers: Iterable[int]) -> None:
        """Tickets, those they continue in, their people and their last mails."""
        missing = set(numbers)
        for _ in range(_LONGEST_MERGE):
            found = [as_ticket(row) for row in self._rows(_TICKETS, missing)]
            known.tickets.update({t.number: t for t in found})
            missing = {t.continued_by for t in found if t.continued_by} - set(known.tickets)
            if not missing:
                break
        for row in self._rows(_PEOPLE, known.tickets):
            if row.role == LEFT:
                known.left.setdefault(row.ticket, set()).add(row.address)
                continue
            known.participants.setdefault(row.ticket, {})[row.address] = row.name
            if row.answer_to:
                known.answer_to[row.ticket, row.address] = row.answer_to
        for row in self._rows(_PAST, known.tickets):
            known.past.setdefault(row.ticket, []).append(
                PastMail(
                    inbox=row.inbox,
                    role=Role(row.role),
                    message_id=row.message_id,
                    from_name=row.from_name,
                    from_address=row.from_address,
                    words=row.words,
                    at=row.at,
                )
            )

    def _rows(self, statement: Any, keys: Iterable[Any]) -> Sequence[Any]:
        wanted = list(keys)
        return self._connection.execute(statement, {"keys": wanted}).all() if wanted else ()

    def events(self, ticket: int) -> Sequence[Event]:
        """See the port."""
        return events_of(self._connection, ticket)

    def addresses(self, contacts: Collection[int]) -> dict[int, str]:
        """See the port."""
        return dict(self._rows(_ADDRESSES, contacts))

    def busy_tickets(self, agent: str, limit: int) -> list[int]:
        """See the port."""
        return load_busy(self._connection, agent, limit)

    def mail(self, inbox: int) -> Claimed | None:
        """See the port."""
        return claimed_before(self._connection, inbox)

    def next_number(self) -> int:
        """See the port. On SQLite this transaction is the only writer, so numbers have no gaps."""
        if self._connection.dialect.name != "sqlite":
            return int(self._connection.execute(_NEXT_NUMBER).scalar_one())
        if self._last_number is None:
            self._last_number = self._connection.execute(_LAST_NUMBER).scalar() or 0
        self._last_number += 1
        return self._last_number

    def save(self, changes: Changes, known: Known, now: datetime) -> None:
        """See the port."""
        save_changes(self._connection, changes, known, now)

    def roster(self) -> Roster:
        """See the port `StaffUnit`."""
        assign_alone(self._connection)
        return load_roster(self._connection)

    def loads(self, agents: Collection[str]) -> dict[str, Load]:
        """See the port `StaffUnit`."""
        return load_loads(self._connection, agents)

    def last_agents(self, contacts: Collection[str]) -> dict[str, str]:
        """See the port `StaffUnit`."""
        return last_agents(self._connection, contacts)

    def waiting(self) -> list[Waiting]:
        """See the port `WaitingUnit`."""
        return load_waiting(self._connection)

    def held(self, recipient: str) -> list[HeldBack]:
        """See the port `HeldUnit`."""
        return load_held(self._connection, recipient)

    def forget_held(self, held: Sequence[HeldBack]) -> None:
        """See the port `HeldUnit`."""
        forget_held(self._connection, held)

    def untold(self, limit: int) -> list[FailedLetter]:
        """See the port `Failures`."""
        failed = select(outbox).where(is_one_of(outbox.c.state, "failed"), text("NOT told")).order_by(outbox.c.id)
        return [
            FailedLetter(
                id=row.id,
                ticket=row.ticket,
                template=row.template,
                recipient=row.recipient,
                subject=row.subject,
                cause=row.cause,
                answer=row.answer,
                created_at=row.created_at,
            )
            for row in self._connection.execute(failed.limit(limit).with_for_update(skip_locked=True))
        ]

    def wait_again(self, letters: Sequence[int] | None, now: datetime, until: datetime) -> list[SentLetter]:
        """See the port `RetryUnit`."""
        return wait_again(self._connection, letters, now, until)

    def told(self, letters: Sequence[int]) -> None:
        """See the port `Failures`."""
        self._connection.execute(update(outbox).where(outbox.c.id.in_(letters)).values(told=True))
