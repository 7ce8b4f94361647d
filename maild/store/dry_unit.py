"""A transaction of ingest that only looks: for `maild explain`, which decides and changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from maild.app.known import Known, Wanted
from maild.app.staff import Roster
from maild.store.schema import contact
from maild.store.staff import load_roster
from maild.store.unit import StoredUnit

NOBODY = 0  # the contact of a person, and the number of a ticket, who would be new


class DryUnit(StoredUnit):
    """The port `Unit` on a reading transaction."""

    def load(self, wanted: Wanted, now: datetime) -> Known:
        """See the port; people who are not known are not made known."""
        known = super().load(replace(wanted, people={}), now)
        rows = select(contact.c.address, contact.c.id).where(contact.c.address.in_(sorted(wanted.people)))
        known.contacts = dict.fromkeys(wanted.people, NOBODY)
        known.contacts |= {row.address: row.id for row in self._connection.execute(rows)}
        return known

    def roster(self) -> Roster:
        """See the port; nobody has to wait, because nothing is given."""
        return load_roster(self._connection)

    def next_number(self) -> int:
        """See the port; PostgreSQL would not give a number back."""
        return NOBODY

    def _read_words(self) -> None:
        """Nothing: a search finds what was read by now."""
