"""The next steps of tickets, those that are due, and who was asked for a rating lately."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from maild.app.changes import Changes
from maild.errors import Conflict
from maild.sla.aftercare import Step, StepKind
from maild.store.many import execute_many
from maild.store.reading import is_one_of
from maild.store.schema import Moment, asked, inbox, step, ticket
from maild.tickets.lifecycle import Status

# Statements are made once: SQLAlchemy takes longer to make and recognise one than SQLite to run it.
_DUE = (
    select(step.c.ticket)
    .where(step.c.due_at <= bindparam("now"))
    .order_by(step.c.due_at, step.c.ticket)
    .limit(bindparam("limit"))
)
# The tickets are locked, as by whoever takes a mail in (see `maild.store.clocks`).
_DUE_ALONE = _DUE.join(ticket, ticket.c.number == step.c.ticket).with_for_update(of=ticket, skip_locked=True)
# As in `maild.store.unit`: what fails again and again holds nothing up.
_UNREAD = select(inbox.c.id).where(is_one_of(inbox.c.state, "waiting", "working"), inbox.c.attempts <= 1).limit(1)
_GONE = delete(step).where(step.c.ticket == bindparam("b_ticket"))
_POSTPONE = (
    update(step)
    .where(step.c.ticket == bindparam("b_ticket"), step.c.due_at <= bindparam("b_until"))
    .values(due_at=bindparam("b_until"))
)
_WAITING = (Status.RESPONDED, Status.ON_HOLD, Status.RESOLVED)  # statuses in which a ticket may have a step


def _made() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Plan a step; look at every ticket that may have one; note who was asked; on either database."""
    plan, look, note = {}, {}, {}
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql)):
        new: Any = dialect.insert(step)
        plan[name] = new.on_conflict_do_update(
            index_elements=["ticket"], set_={"kind": new.excluded.kind, "due_at": new.excluded.due_at}
        )
        all_of_them = select(ticket.c.number, literal(StepKind.LOOK.value), bindparam("now", type_=Moment)).where(
            is_one_of(ticket.c.status, *_WAITING)
        )
        new = dialect.insert(step).from_select(["ticket", "kind", "due_at"], all_of_them)
        look[name] = new.on_conflict_do_update(index_elements=["ticket"], set_={"due_at": new.excluded.due_at})
        new = dialect.insert(asked)
        note[name] = new.on_conflict_do_update(
            index_elements=["address"],
            set_={"at": new.excluded.at},
            # Another worker may be asking the same customer about another ticket at this moment.
            where=asked.c.at <= bindparam("b_before", type_=Moment),
        ).returning(asked.c.address)
    return plan, look, note


_PLAN, _LOOK, _NOTE = _made()


def save_steps(connection: Connection, changes: Changes) -> None:
    """Keep what is to be done next. Raises Conflict when another worker has just asked one of these customers."""
    name = connection.dialect.name
    if gone := sorted(number for number, planned in changes.steps.items() if planned is None):
        connection.execute(_GONE, [{"b_ticket": number} for number in gone])
    if planned := [(number, each) for number, each in sorted(changes.steps.items()) if each is not None]:
        execute_many(connection, _PLAN[name], [{"ticket": n, "kind": s.kind, "due_at": s.due_at} for n, s in planned])
    for address, (at, before) in sorted(changes.asked.items()):
        if connection.execute(_NOTE[name], {"address": address, "at": at, "b_before": before}).first() is None:
            raise Conflict("another worker asked the same customer first")
        connection.execute(delete(asked).where(asked.c.at < before))


def due_steps(connection: Connection, now: datetime, limit: int, *, alone: bool = False) -> list[int]:
    """The tickets with a step that is due, the longest due first; `alone`: locked, without another watcher's.

    None while a mail is unread: it may be what the customer says to it.
    """
    found = list(connection.execute(_DUE_ALONE if alone else _DUE, {"now": now, "limit": limit}).scalars())
    return [] if found and mails_wait(connection) else found


def mails_wait(connection: Connection) -> bool:
    """Whether a mail in its first try is not worked off yet."""
    return connection.execute(_UNREAD).first() is not None


def postpone_step(connection: Connection, number: int, until: datetime) -> None:
    """Do a ticket's step not before then."""
    connection.execute(_POSTPONE, {"b_ticket": number, "b_until": until})


def look_at_all(connection: Connection, now: datetime) -> bool:
    """Let every ticket that may have a step be looked at; whether there is any."""
    return connection.execute(_LOOK[connection.dialect.name], {"now": now}).rowcount > 0


def asked_at(connection: Connection, address: str) -> datetime | None:
    """When a customer was asked for a rating last, as far as that is still known."""
    return connection.execute(select(asked.c.at).where(asked.c.address == address)).scalar()


def planned_step(connection: Connection, number: int) -> Step | None:
    """What is to be done next about a ticket, as it is stored."""
    row: Any = connection.execute(select(step).where(step.c.ticket == number)).first()
    return Step(StepKind(row.kind), row.due_at) if row else None
