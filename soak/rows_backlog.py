"""Rows of work that has piled up: in the inbox, and in a mailbox on its first day."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

from sqlalchemy import func, select

from maild.app.arrival import Arrival, Door
from maild.clock import utc_now
from maild.store import schema
from maild.store.inbox import StoredInbox
from maild.testing.desk import Desk, SetUp
from maild.testing.mails import envelope_of, new_mail
from maild.testing.nursery import Nursery
from maild.testing.servers import dovecot
from maild.testing.waiting import wait_until
from soak.row import Row, Shown, Way
from soak.rows_load import limit, memory

_HOURS = 4 * 3600.0  # seconds of patience: a full count on a slow machine
_THREAD = 5  # mails of one ticket


@contextmanager
def _stopped(way: Way, more: str = "") -> Iterator[tuple[Desk, Nursery]]:
    """A desk that has a database and does not run."""
    desk, nursery = Desk(way.folder, SetUp(store="sqlite")), Nursery()
    try:
        desk.start(nursery)
        desk.stop()
        desk.write_config(more)
        yield desk, nursery
    finally:
        desk.close()
        nursery.close()


def _until(condition: Callable[[], bool], what: str) -> None:
    """Look once in half a second: whoever looks at a large store all the time is what slows it down."""

    def look() -> bool:
        time.sleep(0.5)
        return condition()

    wait_until(look, what, _HOURS)


def _threads(count: int) -> list[bytes]:
    """Mails of customers, five about each matter; the later ones come long after the first."""
    mails = []
    for number in range(count):
        matter = number % max(1, count // _THREAD)
        first, own = f"m{matter}@customer.example", f"m{matter}.{number}@customer.example"
        later = number != matter
        mails.append(
            new_mail(
                f"Mail {number} about {matter}",
                sender=f"Kim <kim{matter}@customer.example>",
                subject=f"{'Re: ' if later else ''}Matter {matter}",
                message_id=own if later else first,
                headers={"References": f"<{first}>"} if later else {},
            )
        )
    return mails


def _disorder(desk: Desk) -> list[str]:
    """Tickets whose mails were not taken in the order in which they came."""
    asked = select(schema.event.c.ticket, schema.event.c.mail).where(schema.event.c.kind.in_(("opened", "mail")))
    with desk.database.read() as connection:
        rows = list(connection.execute(asked.order_by(schema.event.c.ticket, schema.event.c.seq)))
    both = [(before, after) for before, after in pairwise(rows) if before.ticket == after.ticket]
    return [f"ticket {a.ticket}: mail {b.mail} after mail {a.mail}" for a, b in both if b.mail < a.mail]


def _backlog(way: Way) -> Shown:
    """Mails that lie in the inbox when the daemon starts."""
    with _stopped(way) as (desk, nursery):
        store, raws = StoredInbox(desk.database, utc_now), _threads(way.count)
        for start in range(0, way.count, 500):
            store.accept([_arrival(raw) for raw in raws[start : start + 500]])
        desk.accepted.extend(raws)
        begun = time.monotonic()
        desk.start(nursery)
        _until(desk.at_rest, "the backlog to be drained")
        took = time.monotonic() - begun
        disorder = _disorder(desk)
        faults = desk.faults() + disorder + limit("seconds for 50,000", took * 50_000 / way.count, 1800)
        tickets, matters = len(desk.tickets()), max(1, way.count // _THREAD)
        faults += [f"{tickets} tickets instead of {matters}"] if tickets != matters else []
        return Shown(
            f"{way.count} mails drained to {tickets} tickets in {took:.0f} s, {way.count / took:.0f} "
            f"a second, order per ticket {'broken' if disorder else 'kept'}",
            faults,
        )


def _arrival(raw: bytes) -> Arrival:
    sender, recipient = envelope_of(raw)
    return Arrival(door=Door.SMTP, raw=raw, received_at=utc_now(), envelope_from=sender, envelope_to=(recipient,))


def _taken(desk: Desk) -> int:
    """How many mails are in the inbox."""
    with desk.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(schema.inbox)).scalar() or 0)


def _mailbox(way: Way) -> Shown:
    """The first run on a full mailbox, killed after a third: it goes on, and takes nothing twice."""
    with dovecot() as server:
        more = (
            f'\n[[mailbox]]\nname = "box"\nhost = "{server.host}"\nport = {server.port}\nsecurity = "none"\n'
            'username = "support"\npassword = "secret"\nfirst_run = "all"\n'
        )
        raws = [new_mail(f"Mail {n}", sender=f"Kim <kim{n % 5000}@customer.example>") for n in range(way.count)]
        for raw in raws:
            server.deliver(raw)
        way.say(f"{way.count} mails lie in the mailbox")
        with _stopped(way, more) as (desk, nursery):
            desk.accepted.extend(raws)
            begun = time.monotonic()
            desk.start(nursery)
            _until(lambda: _taken(desk) >= way.count // 3, "a third of it")
            peak, before = memory(desk, "VmHWM"), _taken(desk)
            desk.kill()
            desk.start(nursery)
            _until(lambda: _taken(desk) >= way.count and desk.at_rest(), "all of it")
            took, peak = time.monotonic() - begun, max(peak, memory(desk, "VmHWM"))
            faults = desk.faults() + limit("MiB", peak, 300) + limit("s", took * 100_000 / way.count, 3600)
            faults += [f"{_taken(desk) - way.count} came twice"] if _taken(desk) > way.count else []
            return Shown(
                f"{way.count} mails to tickets and letters in {took:.0f} s, {way.count / took:.0f} a second, killed "
                f"after {before}, {_taken(desk)} taken in all, peak {peak:.0f} MiB",
                faults,
            )


ROWS = (
    Row("L6", "backlog in the inbox", 50_000, _backlog),
    Row("L7", "full IMAP mailbox, first run, killed after a third", 100_000, _mailbox),
)
