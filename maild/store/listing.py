"""Finds the tickets of lists by mail: one page of what an agent may read, at any number of tickets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    text,
    true,
)

from maild.app.list_lines import ListLine, Readable
from maild.mail.asked_lists import Asked, Which
from maild.store.reading import is_one_of
from maild.store.schema import clock, contact, ticket
from maild.store.search_index import BEFORE_SEARCH, read_words
from maild.store.searching import search_tickets
from maild.store.standings import standings
from maild.tickets.lifecycle import UNENDED, Status
from maild.tickets.permissions import Limits
from maild.tickets.priorities import PRIORITIES

_NAMES = ("number", "subject", "contact", "priority", "assignee", "queue", "opened_at", "language")
_OPEN = is_one_of(ticket.c.status, *UNENDED)
_RANK = case({name: rank for rank, name in enumerate(reversed(PRIORITIES))}, value=ticket.c.priority, else_=2)
_RUNNING = and_(clock.c.ended_at.is_(None), clock.c.due_at.is_not(None), clock.c.paused_at.is_(None))
_DUE = (  # when the first of a ticket's clocks runs out
    select(func.min(clock.c.due_at))
    .where(clock.c.ticket == ticket.c.number, _RUNNING)
    .correlate(ticket)
    .scalar_subquery()
)

SEARCHED = 1000  # of the newest tickets that a search finds; who looks further back says more words
_ANY: Limits = (frozenset(), frozenset())


def listed(
    connection: Connection, asked: Asked, agent: str, readable: Readable, now: datetime, *, limit: int
) -> tuple[list[ListLine], int, int]:
    """See the port `ListUnit`."""
    where, order = _condition(asked, agent), _ORDER.get(asked.which, _NEWEST)
    numbers = select(ticket.c.number)
    if asked.which is Which.AT_RISK:
        # From the clocks' own index: most tickets have none that runs. The + keeps SQLite from reading every clock
        # there ever was in the order of its key, to have the groups in order.
        each: Any = literal_column("+clock.ticket")
        first = select(each.label("ticket"), func.min(clock.c.due_at).label("due")).where(_RUNNING).group_by(each)
        running = first.subquery()
        # An outer join, which databases leave out where nothing is asked of the ticket: each clock has one.
        numbers = select(running.c.ticket).outerjoin(ticket, ticket.c.number == running.c.ticket)
        order = (running.c.due, running.c.ticket)
    elif asked.which is Which.SEARCH:
        where = ticket.c.number.in_(search_tickets(connection, asked.what, limit=SEARCHED))
    numbers = numbers.where(where, may_read(readable))
    total = int(connection.execute(select(func.count()).select_from(numbers.subquery())).scalar_one())
    page = max(1, min(asked.page, -(-total // limit)))
    chosen = connection.execute(numbers.order_by(*order).limit(limit).offset((page - 1) * limit)).scalars().all()
    return lines_of(connection, chosen, now), page, total


# With + 0, PostgreSQL finds what is open and sorts it. By the bare number it would walk along all tickets, to meet some
# that are open soon; but those are the newest ones, behind a million that are closed.
_NUMBER: Any = ticket.c.number + literal_column("0")
_NEWEST: tuple[Any, ...] = (_NUMBER.desc(),)
_ORDER: dict[Which, tuple[Any, ...]] = {
    Which.MINE: (_DUE.is_(None), _DUE, _RANK, ticket.c.number),
    Which.UNASSIGNED: (_NUMBER,),
}


def _condition(asked: Asked, agent: str) -> ColumnElement[bool]:
    match asked.which:
        case Which.MINE:
            return and_(_OPEN, ticket.c.assignee == agent)
        case Which.UNASSIGNED:
            return and_(_OPEN, ticket.c.assignee == "")
        case Which.QUEUE:
            return and_(_OPEN, ticket.c.queue == asked.what)
        case _:
            return true()


def open_tickets_of(
    connection: Connection, person: str, organisation: str, now: datetime, *, limit: int
) -> tuple[list[ListLine], int]:
    """See the port `ListUnit`."""
    whose = ticket.c.contact == person
    if organisation:
        # Spelt as in the partial index.
        whose = or_(whose, and_(ticket.c.customer == organisation, text("ticket.customer <> ''")))
    numbers = select(ticket.c.number).where(_OPEN, whose)
    total = int(connection.execute(select(func.count()).select_from(numbers.subquery())).scalar_one())
    chosen = connection.execute(numbers.order_by(*_NEWEST).limit(limit)).scalars().all()
    return lines_of(connection, chosen, now), total


def lines_of(connection: Connection, numbers: Sequence[int], now: datetime) -> list[ListLine]:
    """A line of each ticket, in this order."""
    query: Select[Any] = (
        select(*(ticket.c[name] for name in _NAMES), ticket.c.status, contact.c.name.label("contact_name"))
        .outerjoin(contact, contact.c.address == ticket.c.contact)
        .where(ticket.c.number.in_(numbers))
    )
    rows = {row.number: row for row in connection.execute(query)}
    stands = standings(connection, numbers, now)
    return [
        ListLine(
            **{name: getattr(rows[number], name) for name in _NAMES},
            status=Status(rows[number].status),
            contact_name=rows[number].contact_name or "",
            stands=stands[number],
        )
        for number in numbers
        if number in rows
    ]


def may_read(readable: Readable) -> ColumnElement[bool]:
    """The condition on a ticket that `maild.tickets.permissions.may` asks of one; a test compares the two."""
    reach = readable.reach
    if (_ANY, _ANY) in reach.places:  # the most agents: the database need not look at anything
        return true()
    places = [and_(*(_within(limits, readable) for limits in place)) for place in reach.places]
    own = ticket.c.assignee == reach.own if reach.own else false()
    return or_(own, *places)


def _within(limits: Limits, readable: Readable) -> ColumnElement[bool]:
    queues, teams = limits
    asked: list[ColumnElement[bool]] = []
    if queues:
        asked.append(ticket.c.queue.in_(sorted(queues)))
    if teams:
        of_queues = sorted(queue for queue, team in readable.teams.items() if team in teams)
        theirs: ColumnElement[bool] = ticket.c.queue.in_(of_queues)
        if readable.other_team in teams:
            theirs = or_(theirs, not_(ticket.c.queue.in_(sorted(readable.teams))))
        asked.append(or_(ticket.c.team.in_(sorted(teams)), and_(ticket.c.team == "", theirs)))
    return and_(true(), *asked)


class StoredLists:
    """The port `ListUnit` on an open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def listed(
        self, asked: Asked, agent: str, readable: Readable, now: datetime, *, limit: int
    ) -> tuple[Sequence[ListLine], int, int]:
        """See the port."""
        if asked.which is Which.SEARCH:
            self._read_words()
        return listed(self._connection, asked, agent, readable, now, limit=limit)

    def open_tickets_of(
        self, contact: str, organisation: str, now: datetime, *, limit: int
    ) -> tuple[Sequence[ListLine], int]:
        """See the port."""
        return open_tickets_of(self._connection, contact, organisation, now, limit=limit)

    def _read_words(self) -> None:
        """What was said a moment ago is found as well."""
        read_words(self._connection, BEFORE_SEARCH)
