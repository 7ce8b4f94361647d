"""Sets right what was written down while a clock was ahead: no mail waits for a day that was a mistake.

A waiting mail or letter is never due later than the longest wait between two tries. One that is was
written by a process whose clock was ahead, and is due now. A claim that ends a day from now was made by
such a clock, too: none is longer than minutes. An early try costs a try, an early end of a claim costs
work (a claim is checked again when the work is saved), waiting would cost days.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, select, update

from maild.store.engine import Database
from maild.store.reading import is_one_of
from maild.store.schema import inbox, outbox

#: No claim and no lease is meant to last so long: its end was written by a clock that was ahead.
ABSURD = timedelta(days=1)
_SLACK = timedelta(minutes=1)  # by which the clocks of several machines may honestly differ

_LATE = {
    inbox: and_(is_one_of(inbox.c.state, "waiting"), inbox.c.due_at > bindparam("limit")),
    outbox: and_(  # as its small index says it
        is_one_of(outbox.c.state, "waiting"), outbox.c.claim.is_(None), outbox.c.due_at > bindparam("limit")
    ),
}
_ANY = {table: select(table.c.id).where(late).limit(1) for table, late in _LATE.items()}


def set_right(database: Database, now: datetime, mail_wait: timedelta, letter_wait: timedelta) -> int:
    """Make due now what waits longer than any wait there is; how many mails and letters that were."""
    limits = {inbox: now + mail_wait + _SLACK, outbox: now + letter_wait + _SLACK}
    with database.read() as connection:  # nearly always there is nothing: no writer is disturbed
        wrong = [table for table, limit in limits.items() if connection.execute(_ANY[table], {"limit": limit}).first()]
    found = 0
    for table in wrong:
        with database.write() as connection:
            values = {"limit": limits[table], "v_now": now}
            found += connection.execute(
                update(table).where(_LATE[table]).values(due_at=bindparam("v_now", type_=table.c.due_at.type)), values
            ).rowcount
    return found
