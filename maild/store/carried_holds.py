"""Holds as another store can tell what they are on: numbers mean other tickets and contacts there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from maild.store.erasures import Hold, every_hold, holds_on, put_on_hold
from maild.store.schema import contact, event
from maild.store.tombstones import NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedHold:
    """A hold, and what it is on."""

    hold: Hold
    of: str  # a contact's address; of a ticket, the hash of its first event; "" when that is gone

    @property
    def says(self) -> str:
        """For people: "ticket 42 (case 7)"; a contact by the address."""
        kind, _, number = self.hold.name.partition(":")
        return f"{kind} {self.of if kind == 'contact' and self.of else number} ({self.hold.reason})"


def holds_to_carry(connection: Connection) -> list[CarriedHold]:
    """Everything that must be kept in this store."""
    return [CarriedHold(hold=hold, of=_what(connection, hold.name)) for hold in every_hold(connection)]


def carry_holds(
    connection: Connection, holds: Sequence[CarriedHold], now: datetime
) -> tuple[list[CarriedHold], list[CarriedHold]]:
    """Put on those that this store has not; (those, and those whose ticket or contact is not in it).

    A contact that came later is made: what comes again of theirs is kept from the first mail on.
    """
    put: list[CarriedHold] = []
    lost: list[CarriedHold] = []
    for each in holds:
        name = each.hold.name
        if name.startswith("contact:") and each.of:
            name = f"contact:{_number_of(connection, each.of, now)}"
        elif not each.of or _what(connection, name) != each.of:
            lost.append(each)
            continue
        if not holds_on(connection, [name]):
            old = each.hold
            put_on_hold(connection, Hold(name=name, since=old.since, ordered_by=old.ordered_by, reason=old.reason))
            put.append(each)
    return put, lost


def _what(connection: Connection, name: str) -> str:
    kind, _, number = name.partition(":")
    if kind == "ticket":
        opened = select(event.c.hash).where(event.c.ticket == int(number), event.c.seq == 1)
        return str(connection.execute(opened).scalar() or "")
    address = connection.execute(select(contact.c.address).where(contact.c.id == int(number))).scalar() or ""
    return "" if address.endswith(NOBODY) else address


def _number_of(connection: Connection, address: str, now: datetime) -> int:
    found = connection.execute(select(contact.c.id).where(contact.c.address == address)).scalar()
    if found is None:
        made = insert(contact).values(address=address, created_at=now).returning(contact.c.id)
        found = connection.execute(made).scalar_one()
    return int(found)
