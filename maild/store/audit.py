"""Checks the chain of every ticket against its row, in the order of tickets, in constant memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, func, select

from maild.store.events_read import as_event, events_in_order
from maild.store.reading import stream
from maild.store.schema import event, ticket
from maild.store.unit import as_ticket
from maild.tickets.events import verify


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found out about one ticket."""

    ticket: int
    events: int
    faults: tuple[str, ...]


def count_tickets(connection: Connection) -> int:
    """How many there are, for a progress bar."""
    return int(connection.execute(select(func.count()).select_from(ticket)).scalar_one())


def audit(connection: Connection, numbers: Sequence[int] = ()) -> Iterator[Checked]:
    """Check these tickets, or all; use it in a `snapshot`, else a change meanwhile looks like a fault.

    Events without a ticket, and tickets without an event, are faults as well.
    """
    tickets = select(ticket).order_by(ticket.c.number)
    events = events_in_order()
    if numbers:
        tickets, events = tickets.where(ticket.c.number.in_(numbers)), events.where(event.c.ticket.in_(numbers))
    chains = groupby(stream(connection, events), key=attrgetter("ticket"))
    try:
        yield from _side_by_side(stream(connection, tickets), chains)
    except (ValueError, TypeError) as error:  # a value that no program of ours has written
        yield Checked(ticket=0, events=0, faults=(f"a row cannot be read, what follows was not checked: {error}",))


def _side_by_side(tickets: Iterator[Any], chains: Iterator[tuple[int, Iterable[Any]]]) -> Iterator[Checked]:
    """Walk along tickets and chains, both in order of their numbers."""
    row, chain = next(tickets, None), next(chains, None)
    while row is not None or chain is not None:
        if chain is not None and (row is None or chain[0] < row.number):
            count = sum(1 for _ in chain[1])
            fault = f"ticket {chain[0]}: does not exist, but has {count} event{'s' if count != 1 else ''}"
            yield Checked(ticket=chain[0], events=count, faults=(fault,))
            chain = next(chains, None)
        elif row is not None and (chain is None or row.number < chain[0]):
            yield Checked(ticket=row.number, events=0, faults=(f"ticket {row.number}: has no events",))
            row = next(tickets, None)
        elif row is not None and chain is not None:
            yield _check(row, list(chain[1]))
            row, chain = next(tickets, None), next(chains, None)


def _check(row: Any, chain: list[Any]) -> Checked:
    faults: tuple[str, ...]
    try:
        faults = tuple(verify([as_event(each) for each in chain], as_ticket(row)))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        faults = (f"ticket {row.number}: cannot be rebuilt from its events: {type(error).__name__}: {error}",)
    return Checked(ticket=row.number, events=len(chain), faults=faults)
