"""Who had whom erased, and what must be kept: the rows of `erasure` and `legal_hold`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, or_, select, update

from maild.store.schema import contact, erasure, legal_hold
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
    address: str  # "" once it is done
    ordered_by: str
    reason: str
    ordered_at: datetime

    @property
    def names(self) -> str:
        """For people: whom it is about, as far as that is still known."""
        return self.address or (f"contact {self.contact}" if self.contact else "an address without a contact")


def begin_erasure(
    connection: Connection, *, address: str, number: int | None, by: str, reason: str, now: datetime
) -> int:
    """The number of the erasure of an address: a new one, or the one that was not finished."""
    unfinished = select(erasure.c.id).where(erasure.c.address == address, erasure.c.finished_at.is_(None))
    found = connection.execute(unfinished).scalar()
    if found is not None:
        return int(found)
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


def finish_erasure(connection: Connection, number: int, now: datetime) -> None:
    """It is done: nothing tells any more who it was."""
    done = update(erasure).where(erasure.c.id == number)
    connection.execute(done.values(finished_at=now, address=""))


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
        finish_erasure(connection, number, finished_at)


def erased_since(connection: Connection, moment: datetime) -> list[Order]:
    """The erasures that were not done yet then: a backup of that moment holds those people."""
    columns = [erasure.c[name] for name in Order.__slots__]
    query = select(*columns).where(or_(erasure.c.finished_at.is_(None), erasure.c.finished_at >= moment))
    return [Order(**row._mapping) for row in connection.execute(query.order_by(erasure.c.id))]


def whose(connection: Connection, order: Order) -> str:
    """The address that an erasure is about, in a store in which it was not done yet; "" when it is not known there."""
    if order.address or order.contact is None:
        return order.address
    address = connection.execute(select(contact.c.address).where(contact.c.id == order.contact)).scalar() or ""
    return "" if address.endswith(NOBODY) else address


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
