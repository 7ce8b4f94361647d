"""Hard bounces by address: what marks follow from, and how people see and clear them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from maild.app.marks import HardBounce
from maild.store.among import among
from maild.store.schema import hard_bounce

_OF_ADDRESSES = select(hard_bounce).where(among(hard_bounce.c.address)).order_by(hard_bounce.c.at)
_FORGET = delete(hard_bounce).where(among(hard_bounce.c.address))
_OLD = hard_bounce.c.at < bindparam("oldest")
# A letter counts once, whether its report comes twice or the relay refused it before.
_NOTE = {
    name: dialect.insert(hard_bounce).on_conflict_do_nothing(index_elements=["address", "letter"])
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}


def load_bounces(connection: Connection, addresses: Collection[str]) -> dict[str, list[HardBounce]]:
    """The bounces of these addresses, oldest first."""
    return _by_address(connection.execute(_OF_ADDRESSES, {"keys": sorted(addresses)})) if addresses else {}


def all_bounces(connection: Connection) -> dict[str, list[HardBounce]]:
    """The bounces of every address."""
    return _by_address(connection.execute(select(hard_bounce).order_by(hard_bounce.c.address, hard_bounce.c.at)))


def _by_address(rows: Any) -> dict[str, list[HardBounce]]:
    found: dict[str, list[HardBounce]] = {}
    for row in rows:
        found.setdefault(row.address, []).append(HardBounce(**row._mapping))
    return found


def save_bounces(connection: Connection, bounces: Sequence[HardBounce], heard_from: Collection[str]) -> None:
    """Forget those of addresses that wrote, and keep new ones."""
    forget_bounces(connection, heard_from)
    if bounces:
        rows = [{"address": b.address, "letter": b.letter, "at": b.at, "said": b.said[:500]} for b in bounces]
        connection.execute(
            _NOTE[connection.dialect.name], sorted(rows, key=lambda row: (row["address"], row["letter"]))
        )


def forget_bounces(connection: Connection, addresses: Collection[str]) -> int:
    """Forget the bounces of these addresses; returns how many there were."""
    return connection.execute(_FORGET, {"keys": sorted(addresses)}).rowcount if addresses else 0


def old_bounces(connection: Connection, oldest: datetime) -> bool:
    """Whether there are bounces from before `oldest`."""
    return connection.execute(select(hard_bounce.c.at).where(_OLD).limit(1), {"oldest": oldest}).first() is not None


def forget_old_bounces(connection: Connection, oldest: datetime) -> None:
    """Remove them."""
    connection.execute(delete(hard_bounce).where(_OLD), {"oldest": oldest})
