"""What assignment stands on: turns, absences, loads, and tickets that wait for an agent."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, delete, func, or_, select, text
from sqlalchemy.dialects import postgresql, sqlite

from maild.app.assign_waiting import Waiting
from maild.app.changes import Changes
from maild.app.staff import BY_ADMIN, BY_MAIL, Absence, Awaiting, Load, Roster
from maild.routing.assignment import weight_of
from maild.store.among import among
from maild.store.reading import is_one_of
from maild.store.schema import absence, awaiting, contact, ticket, turn
from maild.tickets.lifecycle import UNENDED, Status
from maild.tickets.model import Ticket
from maild.tickets.priorities import PRIORITIES

# Held to the end of the transaction. The number is only ours: the letters "mail" and "assi".
_ALONE = text("SELECT pg_advisory_xact_lock(1835100524, 1634956137)")
_BUSY = [status for status in UNENDED if status is not Status.ON_HOLD]
# Statements are made once: SQLAlchemy takes longer to make and recognise one than SQLite to run it.
_LOADS = (
    select(ticket.c.assignee, ticket.c.priority, func.count().label("tickets"))
    .where(among(ticket.c.assignee), is_one_of(ticket.c.status, *_BUSY))
    .group_by(ticket.c.assignee, ticket.c.priority)
)
_LAST = (
    select(ticket.c.assignee)
    .where(ticket.c.contact == contact.c.address, text("ticket.assignee <> ''"))
    .order_by(ticket.c.number.desc())
    .limit(1)
    .correlate(contact)
    .scalar_subquery()
)
_LAST_AGENTS = select(contact.c.address, _LAST.label("agent")).where(among(contact.c.address))
_RANK = case({name: rank for rank, name in enumerate(reversed(PRIORITIES))}, value=ticket.c.priority, else_=2)
_CHOSEN_BY = (
    *("number", "status", "assignee", "queue", "team", "priority"),
    *("type", "case_type", "customer", "language", "contact"),
)
_WAITING = (
    select(awaiting, *(ticket.c[name] for name in _CHOSEN_BY))
    .join(ticket, ticket.c.number == awaiting.c.ticket)
    .order_by(_RANK, awaiting.c.since, awaiting.c.ticket)
)
_BUSY_OF = (
    select(ticket.c.number)
    .where(ticket.c.assignee == bindparam("b_agent"), is_one_of(ticket.c.status, *_BUSY))
    .order_by(_RANK, ticket.c.number)
    .limit(bindparam("b_limit"))
)
_ABSENT_OF = select(absence).where(among(absence.c.address))
_WAITS = select(func.min(awaiting.c.ticket))  # one step in the key
_WAITS_NO_MORE = delete(awaiting).where(awaiting.c.ticket == bindparam("b_ticket"))
_AWAITING = ("ticket", "since", "why", "fixed", "strategy", "skill")
_ABSENCE = ("address", "since", "until", "source", "mail")
_IS_BACK = delete(absence).where(absence.c.address == bindparam("b_address"))
_IS_BACK_BY_MAIL = _IS_BACK.where(absence.c.source == BY_MAIL)


def _upserts() -> tuple[dict[str, Any], ...]:
    """Insert or change: a turn, an absence, what a ticket waits for; on either database."""
    turns, absences, waits = {}, {}, {}
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql)):
        new: Any = dialect.insert(turn)
        turns[name] = new.on_conflict_do_update(
            index_elements=["agent"], set_={"number": new.excluded.number, "at": new.excluded.at}
        )
        new = dialect.insert(absence)
        # An admin's word stands until it is over, whatever automatic replies say.
        stands = and_(
            absence.c.source == BY_ADMIN, or_(absence.c.until.is_(None), absence.c.until > new.excluded.since)
        )
        absences[name] = new.on_conflict_do_update(
            index_elements=["address"],
            set_={column: new.excluded[column] for column in _ABSENCE[1:]},
            where=or_(new.excluded.source == BY_ADMIN, ~stands),
        )
        new = dialect.insert(awaiting)
        waits[name] = new.on_conflict_do_update(
            index_elements=["ticket"], set_={column: new.excluded[column] for column in _AWAITING[2:]}
        )
    return turns, absences, waits


_TURN, _ABSENT, _AWAIT = _upserts()


def assign_alone(connection: Connection) -> None:
    """Wait until no other transaction assigns, and keep the others waiting; on SQLite a writer is alone anyway."""
    if connection.dialect.name != "sqlite":
        connection.execute(_ALONE)


def load_roster(connection: Connection) -> Roster:
    """Every turn and every absence; there is one row an agent."""
    turns = {row.agent: row.number for row in connection.execute(select(turn))}
    return Roster(turns=turns, absences=load_absences(connection))


def load_absences(connection: Connection) -> dict[str, Absence]:
    """Every absence, those that are over as well."""
    return {row.address: Absence(**row._mapping) for row in connection.execute(select(absence))}


def load_absent(connection: Connection, agents: Collection[str]) -> dict[str, Absence]:
    """The absences of some agents, those that are over as well."""
    rows = connection.execute(_ABSENT_OF, {"keys": sorted(agents)})
    return {row.address: Absence(**row._mapping) for row in rows}


def load_busy(connection: Connection, agent: str, limit: int) -> list[int]:
    """What an agent has open that is not on hold, the highest priority first, then the oldest."""
    return list(connection.execute(_BUSY_OF, {"b_agent": agent, "b_limit": limit}).scalars())


def load_turns(connection: Connection) -> dict[str, datetime]:
    """When each agent had his last turn."""
    return {row.agent: row.at for row in connection.execute(select(turn))}


def load_loads(connection: Connection, agents: Collection[str]) -> dict[str, Load]:
    """What these agents have open; an index holds all that is read."""
    loads: dict[str, Load] = {}
    for row in connection.execute(_LOADS, {"keys": sorted(agents)}):
        more = Load(row.tickets * weight_of(row.priority), row.tickets)
        loads[row.assignee] = loads.get(row.assignee, Load()).plus(more)
    return loads


def last_agents(connection: Connection, contacts: Collection[str]) -> dict[str, str]:
    """Who has the newest ticket of each contact that anybody has."""
    rows = connection.execute(_LAST_AGENTS, {"keys": contacts})
    return {row.address: row.agent for row in rows if row.agent}


def load_waiting(connection: Connection) -> list[Waiting]:
    """Tickets that wait for an agent, the highest priority first, then the oldest."""
    return [
        Waiting(
            waits=Awaiting(**{name: getattr(row, name) for name in _AWAITING}),
            ticket=Ticket(**{name: getattr(row, name) for name in _CHOSEN_BY} | {"status": Status(row.status)}),
        )
        for row in connection.execute(_WAITING)
    ]


def anybody_waits(connection: Connection) -> bool:
    """Whether a ticket waits for an agent; one look at a table that is empty on most days."""
    return connection.execute(_WAITS).scalar() is not None


def save_staff(connection: Connection, changes: Changes, now: datetime) -> None:
    """Turns that were had, absences and waits that begin or end; in order, against deadlocks."""
    dialect = connection.dialect.name
    if changes.turns:
        rows = [{"agent": a, "number": n, "at": now} for a, n in sorted(changes.turns.items())]
        connection.execute(_TURN[dialect], rows)
    for address, begins in sorted(changes.absences.items()):
        if begins is None:
            connection.execute(_IS_BACK_BY_MAIL, {"b_address": address})
        else:
            save_absence(connection, begins)
    for number, asked in sorted(changes.awaiting.items()):
        if asked is None:
            connection.execute(_WAITS_NO_MORE, {"b_ticket": number})
        else:
            connection.execute(_AWAIT[dialect], {name: getattr(asked, name) for name in _AWAITING})


def save_absence(connection: Connection, begins: Absence) -> None:
    """Somebody is away from now on; an automatic reply does not change what an admin said."""
    values = {name: getattr(begins, name) for name in _ABSENCE}
    connection.execute(_ABSENT[connection.dialect.name], values)


def end_absence(connection: Connection, address: str) -> bool:
    """Somebody is back, says an admin; whether he was away."""
    return connection.execute(_IS_BACK, {"b_address": address}).rowcount > 0
