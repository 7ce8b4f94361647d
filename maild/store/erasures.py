"""Who had whom erased, and what must be kept: the rows of `erasure` and `legal_hold`.

Once it is done, an order names the person by a pseudonym (`Signer.pseudonyms`): numbers of contacts mean other people
in a backup of before, or of a store that went another way after a restore.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, or_, select, union, update

from maild.store.persons import unread_writers
from maild.store.reading import stream
from maild.store.schema import contact, erasure, inbox, legal_hold, mail, outbox, participant
from maild.store.tombstones import NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Something that must be kept."""

    name: str  # "ticket:42", "contact:17"
    since: datetime
    ordered_by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An erasure that somebody ordered."""

    contact: int | None  # None: the address was nobody's whom we knew
    address: str  # once it is done: their pseudonym, or "" of before there were any
    ordered_by: str
    reason: str
    ordered_at: datetime

    @property
    def open(self) -> bool:
        """Whether it is not done yet, and tells the address."""
        return "@" in self.address

    @property
    def names(self) -> str:
        """For people: whom it is about, as far as that is still known."""
        if self.open:
            return self.address
        return f"contact {self.contact}" if self.contact else "an address without a contact"


def begin_erasure(
    connection: Connection, *, address: str, number: int | None, by: str, reason: str, now: datetime
) -> int:
    """The number of the erasure of an address: a new one, or the one that was not finished.

    That one counts as ordered `now`, unless it was later: it takes away what was written until then, too.
    """
    unfinished = erasure.c.address == address, erasure.c.finished_at.is_(None)
    found = connection.execute(select(erasure.c.id, erasure.c.ordered_at).where(*unfinished)).first()
    if found is not None:
        moved = update(erasure).where(erasure.c.id == found.id)
        connection.execute(moved.values(ordered_at=max(found.ordered_at, now)))
        return int(found.id)
    values: dict[str, object] = {
        "contact": number,
        "address": address,
        "ordered_by": by,
        "reason": reason,
        "ordered_at": now,
        "counts": {},
    }
    return int(connection.execute(insert(erasure).values(values).returning(erasure.c.id)).scalar_one())


def count_erasure(connection: Connection, number: int, counts: Mapping[str, int]) -> None:
    """Add to what an erasure has done so far."""
    row = connection.execute(select(erasure.c.counts).where(erasure.c.id == number)).scalar_one()
    added = {name: row.get(name, 0) + counts.get(name, 0) for name in {*row, *counts}}
    connection.execute(update(erasure).where(erasure.c.id == number).values(counts=added))


def finish_erasure(connection: Connection, number: int, now: datetime, pseudonym: str) -> None:
    """It is done: only who has the key and the address can tell any more who it was."""
    done = update(erasure).where(erasure.c.id == number)
    connection.execute(done.values(finished_at=now, address=pseudonym))


def erasure_counts(connection: Connection, number: int) -> dict[str, int]:
    """What an erasure has taken away so far."""
    return dict(connection.execute(select(erasure.c.counts).where(erasure.c.id == number)).scalar_one())


def unfinished(connection: Connection) -> list[int]:
    """Erasures that were interrupted: call `maild erase` again."""
    return list(connection.execute(select(erasure.c.id).where(erasure.c.finished_at.is_(None))).scalars())


def keep_order(connection: Connection, order: Order, finished_at: datetime | None) -> None:
    """Remember an order of another store, for a backup that is restored later may hold the person.

    `finished_at` is now when there was nobody to erase, None when it may not be done yet.
    """
    number = begin_erasure(
        connection,
        address=order.address,
        number=order.contact,
        by=order.ordered_by,
        reason=order.reason,
        now=order.ordered_at,
    )
    if finished_at:
        finish_erasure(connection, number, finished_at, order.address)


def erased_when(connection: Connection) -> dict[str, datetime]:
    """When the last erasure of each person was ordered that is done, by pseudonyms."""
    done = (erasure.c.finished_at.is_not(None), erasure.c.address != "")
    query = select(erasure.c.address, func.max(erasure.c.ordered_at)).where(*done).group_by(erasure.c.address)
    return {row[0]: row[1] for row in connection.execute(query)}


def erased_since(connection: Connection, moment: datetime) -> list[Order]:
    """The erasures that were not done yet then: a backup of that moment holds those people."""
    columns = [erasure.c[name] for name in Order.__slots__]
    query = select(*columns).where(or_(erasure.c.finished_at.is_(None), erasure.c.finished_at >= moment))
    return [Order(**row._mapping) for row in connection.execute(query.order_by(erasure.c.id))]


def not_done_yet(connection: Connection, orders: Sequence[Order]) -> list[Order]:
    """Those that this store has not carried out itself: who wrote anew after that is nobody's to erase."""
    query = select(erasure.c.ordered_at, erasure.c.ordered_by, erasure.c.reason)
    done = {tuple(row) for row in connection.execute(query.where(erasure.c.finished_at.is_not(None)))}
    return [order for order in orders if (order.ordered_at, order.ordered_by, order.reason) not in done]


def numbered(connection: Connection, orders: Sequence[Order]) -> dict[Order, str]:
    """The addresses of those that name a person by number alone: orders of before there were pseudonyms."""
    found: dict[Order, str] = {}
    for order in orders:
        if not order.address and order.contact is not None:
            address = connection.execute(select(contact.c.address).where(contact.c.id == order.contact)).scalar()
            if address and not address.endswith(NOBODY):
                found[order] = address
    return found


def recognised(
    connection: Connection, orders: Sequence[Order], pseudonyms: Callable[[str], Sequence[str]]
) -> dict[Order, str]:
    """The addresses of those that tell one, or a pseudonym of an address that is known here."""
    wanted = {order.address for order in orders if order.address and not order.open}
    known: dict[str, str] = {}
    for places in (_addresses, unread_writers):  # the dearer one only for whom the first does not know
        for address in places(connection) if wanted - known.keys() else ():
            known |= dict.fromkeys(wanted.intersection(pseudonyms(address)), address)
    return {
        order: order.address if order.open else known[order.address]
        for order in orders
        if order.open or order.address in known
    }


def _addresses(connection: Connection) -> Iterator[str]:
    """Every address in a column by which a person may be found, once; in lower case."""
    places = (contact.c.address, mail.c.from_address, participant.c.address, outbox.c.recipient, inbox.c.envelope_from)
    for row in stream(connection, union(*(select(func.lower(place)) for place in places))):
        if row[0]:
            yield row[0]


def find_contact(connection: Connection, who: str) -> tuple[int | None, str]:
    """A contact's number and address, by either of them; no number for an address that no contact has.

    A number may be written as in `Hold`: "contact:17". Raises KeyError for a number that no contact has.
    """
    who = who.removeprefix("contact:")
    chosen = contact.c.id == int(who) if who.isdecimal() else contact.c.address == who.lower()
    row = connection.execute(select(contact.c.id, contact.c.address).where(chosen)).first()
    if row is None and who.isdecimal():
        raise KeyError(who)
    return (None, who.lower()) if row is None else (row.id, row.address)


def holds_on(connection: Connection, names: Sequence[str]) -> list[Hold]:
    """Which of these must be kept, by names as in `Hold`."""
    rows = connection.execute(select(legal_hold).where(legal_hold.c.name.in_(names)).order_by(legal_hold.c.name))
    return [Hold(**row._mapping) for row in rows]


def every_hold(connection: Connection) -> list[Hold]:
    """Everything that must be kept."""
    return [Hold(**row._mapping) for row in connection.execute(select(legal_hold).order_by(legal_hold.c.since))]


def put_on_hold(connection: Connection, hold: Hold) -> None:
    """Have something kept; a hold that is there is replaced."""
    release(connection, hold.name)
    values = {name: getattr(hold, name) for name in Hold.__slots__}
    connection.execute(insert(legal_hold).values(values))


def release(connection: Connection, name: str) -> bool:
    """It need not be kept any more; False when nothing said so."""
    return connection.execute(delete(legal_hold).where(legal_hold.c.name == name)).rowcount > 0
