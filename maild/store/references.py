"""What tickets name: orders, serial numbers and products, and when each is looked up again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from maild.app.changes import Changes
from maild.app.known import KeptReference
from maild.routing.facts import Fit, Reference
from maild.store.among import among
from maild.store.engine import Database
from maild.store.schema import reference
from maild.tickets.events import EventKind
from maild.tickets.lifecycle import ENDED

_LOAD = (
    select(reference).where(among(reference.c.ticket)).order_by(reference.c.ticket, reference.c.sort, reference.c.key)
)
_OPEN = text("next_at IS NOT NULL")  # spelt as in the index
_DUE = select(reference).where(_OPEN, reference.c.next_at <= bindparam("now")).order_by(reference.c.next_at)
_KEYS = ["ticket", "sort", "key"]


def _saving() -> dict[str, Any]:
    statements: dict[str, Any] = {}
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql)):
        insert = dialect.insert(reference)
        values = {c.name: insert.excluded[c.name] for c in reference.columns if c.name not in _KEYS}
        statements[name] = insert.on_conflict_do_update(index_elements=_KEYS, set_=values)
    return statements


_SAVE = _saving()
_WAKE = (
    update(reference).where(among(reference.c.ticket), reference.c.next_at.is_(None)).values(next_at=bindparam("v_now"))
)


def load_references(connection: Connection, tickets: Collection[int]) -> dict[int, list[KeptReference]]:
    """What these tickets name."""
    found: dict[int, list[KeptReference]] = {}
    for row in connection.execute(_LOAD, {"keys": list(tickets)}):
        found.setdefault(row.ticket, []).append(_kept(row))
    return found


def save_references(connection: Connection, changes: Changes, now: datetime) -> None:
    """Write what tickets name; those of a ticket that was opened again are looked up again."""
    if changes.references:
        rows = [_row(kept) for _, kept in sorted(changes.references.items())]
        connection.execute(_SAVE[connection.dialect.name], rows)
    over = {str(status) for status in ENDED}
    reopened = {
        event.ticket
        for event in changes.events
        if event.kind is EventKind.STATUS and event.data.get("from") in over and event.data.get("to") not in over
    }
    if reopened:
        connection.execute(_WAKE, {"keys": sorted(reopened), "v_now": now})


class StoredReferences:
    """The port `DueReferences` on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, now: datetime, limit: int) -> list[KeptReference]:
        """See the port."""
        with self._database.read() as connection:
            return [_kept(row) for row in connection.execute(_DUE.limit(limit), {"now": now})]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceCounts:
    """References of open tickets, for `maild doctor`."""

    looked_at: int
    lost: int  # have fitted and do no longer
    stale: int  # nobody could be asked lately


def count_references(connection: Connection) -> ReferenceCounts:
    """Those that are looked up again and again; a small index holds them."""
    fits = select(reference.c.fit, reference.c.fitted_at.is_not(None), func.count()).where(_OPEN)
    rows = connection.execute(fits.group_by(reference.c.fit, reference.c.fitted_at.is_not(None))).all()
    return ReferenceCounts(
        looked_at=sum(count for *_, count in rows),
        lost=sum(count for fit, fitted, count in rows if fitted and fit in (Fit.UNKNOWN, Fit.MISMATCH)),
        stale=sum(count for fit, _, count in rows if fit in (Fit.STALE, Fit.UNCHECKED)),
    )


def _kept(row: Any) -> KeptReference:
    named = Reference(
        sort=row.sort, key=row.key, fit=Fit(row.fit), directory=row.directory, facts=dict(row.facts), why=row.why
    )
    return KeptReference(
        ticket=row.ticket,
        reference=named,
        checked_at=row.checked_at,
        fitted_at=row.fitted_at,
        next_at=row.next_at,
    )


def _row(kept: KeptReference) -> dict[str, Any]:
    named = kept.reference
    return {
        "ticket": kept.ticket,
        "sort": named.sort,
        "key": named.key,
        "fit": named.fit.value,
        "directory": named.directory,
        "facts": dict(named.facts),
        "why": named.why,
        "checked_at": kept.checked_at,
        "fitted_at": kept.fitted_at,
        "next_at": kept.next_at,
    }
