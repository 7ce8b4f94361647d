"""Whether clocks of open tickets are what their events say: `maild doctor --deep` asks, and may derive them anew.

Nothing is promised anew here: only rows are compared and made, by the terms that stand in the events.
"""

from __future__ import annotations

from collections.abc import Iterator

from maild.app.desk import Desk
from maild.app.rederive import CLOCKS, GROUP, from_events, moved_tickets
from maild.cli.findings import Finding
from maild.clock import utc_now
from maild.errors import Conflict
from maild.store.dry_unit import DryUnit
from maild.store.engine import Database
from maild.store.inbox import StoredDesktop
from maild.store.reading import snapshot

_RUN = "maild doctor --deep --repair"


def clocks(database: Database, desk: Desk, *, repair: bool) -> Iterator[Finding]:
    """Compare the running clocks of all open tickets with their events, a group at a time."""
    differ: list[int] = []
    last = 0
    with snapshot(database) as connection:
        unit = DryUnit(connection)
        if unit.fingerprint(CLOCKS) != desk.levels.fingerprint:
            yield Finding("clocks of tickets", "not compared: a running maild derives them for this configuration")
            return
        while numbers := unit.open_tickets(last, GROUP):
            ledger = from_events(numbers, unit, desk, utc_now())
            differ += sorted(moved_tickets(unit.due_times(numbers), ledger))
            last = numbers[-1]
    mended = [number for number in differ if repair and _mend(database, desk, number)]
    for number in differ:
        if number in mended:
            yield Finding(f"clocks of ticket {number}", "differed from its events; they were derived anew")
        else:
            yield Finding(f"clocks of ticket {number}", "differ from its events", f"they are derived anew by {_RUN}")
    if not differ:
        yield Finding("clocks of tickets", "agree with their events")


def _mend(database: Database, desk: Desk, number: int) -> bool:
    """False: somebody was faster."""
    try:
        with StoredDesktop(database).unit() as unit:
            unit.alone([number])
            ledger = from_events([number], unit, desk, utc_now())
            unit.save(ledger.changes, ledger.known, ledger.now)
    except Conflict:
        return False
    return True
