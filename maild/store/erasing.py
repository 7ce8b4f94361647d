"""Erases a person, or a ticket whose time is over: a ticket at a time, each in one transaction.

What is left to do is seen from what is still there: who is interrupted begins again, and finds the rest.
Each ticket touched gets an event that says so, without saying who; its chain verifies, because the chain
holds digests only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, cast, delete, func, insert, or_, select, update

from maild.errors import Conflict, Permanent
from maild.store.engine import Database
from maild.store.erasures import count_erasure, finish_erasure, holds_on
from maild.store.persons import Found, find_person, ids_of, keys_of, mails_on
from maild.store.schema import (
    absence,
    asked,
    awaiting,
    clue,
    contact,
    event,
    event_content,
    hard_bounce,
    held_back,
    inbox,
    lately,
    mail,
    outbox,
    participant,
    reference,
    step,
    ticket,
)
from maild.store.ticket_rows import as_ticket
from maild.store.tombstones import (
    ERASED,
    batched,
    empty_raws,
    forget_contact,
    forget_keys,
    forget_letters,
    forget_mails,
    forget_words,
)
from maild.tickets.events import Event, EventKind, Facts, record
from maild.tickets.model import Ticket

_RACES = 5
# What of a ticket people write in their own words, or what leads to a person. The rest is counted in reports.
_BLANK = (
    *("description", "tags", "contact", "customer", "order_reference", "order_line", "serial_number", "claim"),
    *("installation", "resolution_notes", "root_cause", "hold_reason"),
)
_EVENT = ("ticket", "seq", "at", "kind", "actor", "mail", "digest", "prev", "hash")


class Erasing:
    """Erases one person; may be run again at any time."""

    def __init__(self, database: Database, *, address: str, pseudonym: str, erasure: int, now: datetime) -> None:
        """`address` in lower case; `pseudonym` names its owner afterwards; `erasure` is the number of the order."""
        self._database = database
        self._address = address
        self._pseudonym = pseudonym
        self._erasure = erasure
        self._now = now
        self._gone = f"erasure {erasure}, {now:%Y-%m-%d}"

    def run(self, progress: Callable[[int], None] = lambda _done: None) -> int:
        """Erase everything that can be; returns how many mails and letters are being worked on, and are left.

        With 0 it is finished. `progress` counts tickets and batches. Raises Conflict, Temporary.
        """
        busy = 0
        for _ in range(_RACES):  # whoever wrote meanwhile is found by the next look
            found, waiting = self._find()
            if busy or not (found.tickets or found.others):
                break
            self._keys(found)
            for number in found.tickets:
                busy += self._again(lambda n=number: self._own(n))  # type: ignore[misc]
                progress(1)
            for number in found.others:
                self._again(lambda n=number, found=found: self._others(n, found))  # type: ignore[misc]
                progress(1)
        else:
            found, waiting = self._find()
            busy += len(found.tickets) + len(found.others)
        left = busy + found.undone
        for some in batched(sorted(found.mails - waiting)):
            self._again(lambda some=some: self._mails(some))  # type: ignore[misc]
        for some in batched(sorted(found.letters)):
            left += self._again(lambda some=some: self._letters(some))  # type: ignore[misc]
        with self._database.write() as connection:
            self._marginal(connection)
            if not left:
                forget_contact(connection, self._address)
                finish_erasure(connection, self._erasure, self._now, self._pseudonym)
        return left

    def _find(self) -> tuple[Found, set[int]]:
        """What there is of them, and which of their mails are on tickets that still have to be erased."""
        with self._database.read() as connection:
            found = find_person(connection, self._address)
            numbers = (*found.tickets, *found.others)
            return found, {each for number in numbers for each in _mails_of(connection, number)}

    def _again(self, work: Callable[[], int]) -> int:
        """A transaction that the daemon may be faster than."""
        for left in reversed(range(_RACES)):
            try:
                return work()
            except Conflict:
                if not left:
                    raise
        raise AssertionError

    def _keys(self, found: Found) -> None:
        """By what their mails and tickets are known: of all at once, for each look at it reads whole tables.

        Comes first: a ticket that is erased is not found a second time. Who answers meanwhile begins anew.
        """
        with self._database.read() as connection:
            on_own = {each for number in found.tickets for each in mails_on(connection, number, self._address)}
            contents, ids, clues = keys_of(connection, found.mails | on_own, found.tickets)
        with self._database.write() as connection:
            for number in (*found.tickets, *found.others):
                self._refuse_held(connection, number)
            forget_keys(connection, contents, ids)
            for some in batched(clues):
                connection.execute(delete(clue).where(clue.c.key.in_(some)))

    def _refuse_held(self, connection: Connection, number: int) -> None:
        """Raises Permanent: somebody may have forbidden it since it began."""
        whose = connection.execute(select(contact.c.id).where(contact.c.address == self._address)).scalar()
        if held := holds_on(connection, [f"ticket:{number}", f"contact:{whose}"]):
            [first, *_] = held
            name = first.name.replace(":", " ")
            raise Permanent(f"stopped: {name} must be kept since {first.since:%Y-%m-%d %H:%M} ({first.reason})")

    def _own(self, number: int) -> int:
        """All that a ticket of theirs says; returns how many letters or mails of it are being worked on."""
        with self._database.read() as connection:
            mails = mails_on(connection, number, self._address)
            ids = ids_of(connection, mails)
        with self._database.write() as connection:
            self._refuse_held(connection, number)
            if busy := _busy(connection, outbox.c.ticket == number):
                return busy
            counts = erase_ticket(
                connection, number, mails, gone=self._gone, now=self._now, why=self._why, keys=([], ids, [])
            )
            people = delete(participant).where(participant.c.ticket == number, participant.c.address == self._address)
            connection.execute(people)
            count_erasure(connection, self._erasure, counts)
        return 0

    @property
    def _why(self) -> Facts:
        return {"why": "request", "request": self._erasure}

    def _others(self, number: int, found: Found) -> int:
        """What they said on somebody else's ticket."""
        with self._database.read() as connection:
            mails = sorted(found.mails.intersection(_mails_of(connection, number)))
            ids = ids_of(connection, mails)
        with self._database.write() as connection:
            self._refuse_held(connection, number)
            row = _locked(connection, number)
            if row is None:
                return 0
            said = event_content.c.ticket == number
            by_mail = select(event.c.seq).where(event.c.ticket == number, event.c.mail.in_(mails))
            names = func.lower(cast(event_content.c.content, Text)).contains(self._address, autoescape=True)
            connection.execute(delete(event_content).where(said, or_(event_content.c.seq.in_(by_mail), names)))
            emptied = empty_raws(connection, _copies(connection, number, mails), self._gone)
            emptied += forget_mails(connection, mails, self._gone)
            forget_keys(connection, (), ids)
            people = delete(participant).where(participant.c.ticket == number, participant.c.address == self._address)
            connection.execute(people)
            forget_words(connection, [number])
            _record(connection, as_ticket(row), self._why, self._now)
            count_erasure(connection, self._erasure, {"other_tickets": 1, "mails": len(mails), "raw": emptied})
        return 0

    def _mails(self, mails: Iterable[int]) -> int:
        """Mails on no ticket: in quarantine, turned away, second copies, machines'."""
        some = list(mails)
        with self._database.read() as connection:
            contents, ids, _ = keys_of(connection, some, ())
        with self._database.write() as connection:
            emptied = forget_mails(connection, some, self._gone)
            forget_keys(connection, contents, ids)
            count_erasure(connection, self._erasure, {"mails": len(some), "raw": emptied})
        return 0

    def _letters(self, letters: Iterable[int]) -> int:
        """Letters to them about other people's tickets; returns how many are being sent."""
        some = list(letters)
        with self._database.write() as connection:
            if busy := _busy(connection, outbox.c.id.in_(some)):
                return busy
            emptied = forget_letters(connection, some, self._gone)
            count_erasure(connection, self._erasure, {"letters": len(some), "raw": emptied})
        return 0

    def _marginal(self, connection: Connection) -> None:
        """Counts, marks and dates by address."""
        for table in (asked, hard_bounce, absence):
            connection.execute(delete(table).where(table.c.address == self._address))
        connection.execute(delete(held_back).where(held_back.c.recipient == self._address))
        connection.execute(delete(lately).where(lately.c.scope.endswith(f" {self._address}", autoescape=True)))
        envelope = func.lower(inbox.c.envelope_from) == self._address
        settled = inbox.c.state.in_(("done", "quarantined"))
        connection.execute(update(inbox).where(envelope, settled).values(envelope_from=None))


def erase_ticket(
    connection: Connection,
    number: int,
    mails: list[int],
    *,
    gone: str,
    now: datetime,
    why: Facts,
    keys: tuple[list[str], list[str], list[str]],
) -> Counter[str]:
    """Take away all that a ticket and these mails on it say, and note it in its chain; returns what was done.

    No letter of it may be being sent. `keys` as `keys_of` finds them. Raises Conflict.
    """
    row = _locked(connection, number)
    if row is None:
        return Counter()
    contents, ids, clues = keys
    letters = list(connection.execute(select(outbox.c.id).where(outbox.c.ticket == number)).scalars())
    emptied = forget_letters(connection, letters, gone) + forget_mails(connection, mails, gone)
    forget_keys(connection, contents, ids)
    for some in batched(clues):
        connection.execute(delete(clue).where(clue.c.key.in_(some)))
    for table in (event_content, reference, step, awaiting):
        connection.execute(delete(table).where(table.c.ticket == number))
    forget_words(connection, [number])
    blank = dict.fromkeys(_BLANK, "") | {"subject": ERASED}
    _record(connection, replace(as_ticket(row), **blank), why, now)  # type: ignore[arg-type]  # texts, by their names
    return Counter(tickets=1, mails=len(mails), letters=len(letters), raw=emptied)


def _locked(connection: Connection, number: int) -> Any:
    return connection.execute(select(ticket).where(ticket.c.number == number).with_for_update()).first()


def _record(connection: Connection, before: Ticket, why: Facts, now: datetime) -> Event:
    """Append the event that says that something was taken away, and save the ticket as it stands now."""
    after, made = record(before, EventKind.ERASED, at=now, actor="admin", salt="", data=why)
    connection.execute(
        insert(event).values({**{name: getattr(made, name) for name in _EVENT}, "data": dict(made.data)})
    )
    changes = {name: getattr(after, name) for name in (*_BLANK, "subject", "version", "head")}
    saved = update(ticket).where(ticket.c.number == before.number, ticket.c.version == before.version)
    if connection.execute(saved.values(changes)).rowcount != 1:
        raise Conflict("another worker changed the same ticket first")
    return made


def _mails_of(connection: Connection, number: int) -> list[int]:
    return list(connection.execute(select(mail.c.inbox).where(mail.c.ticket == number)).scalars())


def _copies(connection: Connection, number: int, mails: list[int]) -> list[int]:
    """Our copies of letters about a ticket from the first of these mails on, which may show or quote them."""
    first = select(func.min(inbox.c.received_at)).where(inbox.c.id.in_(mails)).scalar_subquery()
    since = select(outbox.c.raw).where(outbox.c.ticket == number, outbox.c.created_at >= first)
    return list(connection.execute(since.where(outbox.c.state.in_(("sent", "dropped")))).scalars())


def _busy(connection: Connection, chosen: ColumnElement[bool]) -> int:
    """How many letters are in somebody's hands."""
    claimed = select(func.count()).select_from(outbox).where(chosen, outbox.c.claim.is_not(None))
    return int(connection.execute(claimed).scalar_one())
