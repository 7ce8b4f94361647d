"""How many open clocks a configuration would move, before the daemon takes it: looked at, and nothing written."""

from __future__ import annotations

import time
from dataclasses import dataclass

from maild.app.desk import Desk
from maild.app.rederive import CLOCKS, GROUP, count_moved, derived_again
from maild.bootstrap import make_desk
from maild.cli.database import open_existing
from maild.cli.progress import progress
from maild.clock import utc_now
from maild.config.model import Config
from maild.errors import MaildError
from maild.store.dry_unit import DryUnit
from maild.store.engine import Database
from maild.store.reading import snapshot

_PATIENCE = 30.0  # seconds; some 100,000 tickets


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """What the configuration would do to the clocks that run."""

    tickets: int  # that are open, and were looked at
    open: int  # clocks of them that would run
    moved: int  # that would be due at another time, would begin or would be no more
    complete: bool  # no: there was too little time to look at every ticket

    def words(self) -> str:
        """In one line."""
        of = "" if self.complete else f" of the first {self.tickets} open tickets"
        return f"{self.open} open clocks{of}, {self.moved} would be due at another time"


def count_moves(config: Config, patience: float = _PATIENCE) -> Moves | None:
    """Derive the open clocks as the configuration wants them and compare; None when it would move none.

    That is so when the clocks were derived with it already, and when there is no database yet.
    """
    try:
        database = open_existing(config)
    except MaildError:
        return None  # what is wrong with it, others tell
    try:
        return _count(database, make_desk(config), time.monotonic() + patience)
    finally:
        database.close()


def _count(database: Database, desk: Desk, until: float) -> Moves | None:
    tickets = clocks = moved = last = 0
    now = utc_now()
    with snapshot(database) as connection, progress("clocks") as count:
        unit = DryUnit(connection)
        if unit.fingerprint(CLOCKS) == desk.levels.fingerprint:
            return None
        while numbers := unit.open_tickets(last, GROUP):
            if time.monotonic() > until:
                return Moves(tickets=tickets, open=clocks, moved=moved, complete=False)
            before = unit.due_times(numbers)
            ledger = derived_again(numbers, unit, desk, now, lambda: "")
            moved += count_moved(before, ledger)
            clocks += sum(row.clock.ended_at is None for row in ledger.changes.clocks)
            tickets += len(numbers)
            last = numbers[-1]
            count(len(numbers))
    return Moves(tickets=tickets, open=clocks, moved=moved, complete=True)
