"""One statement for many rows writes what SQLAlchemy would write, on either database."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import StatementError

from maild.store.engine import Database
from maild.store.many import execute_many
from maild.store.schema import event, search_due, ticket

NOW = datetime(2026, 3, 2, 9, 0, 0, 7, tzinfo=UTC)
TICKETS = [{"number": n, "status": "new", "version": 1, "head": "", "opened_at": NOW} for n in (1, 2)]
EVENTS = [
    {"ticket": n, "seq": 1, "at": NOW, "kind": "opened", "actor": "system", "mail": None, "prev": "", "hash": f"{n}"}
    | {"digest": "", "data": {"queue": "Hilfe für alle", "n": n}}
    for n in (1, 2)
]


def both_ways(
    database: Database, statement: Any, rows: list[dict[str, Any]], query: Any
) -> tuple[list[Any], list[Any]]:
    """What a query finds after our way, and after SQLAlchemy's own."""

    def found(write: Any) -> list[Any]:
        with database.engine.connect() as connection:
            connection.execute(insert(ticket), TICKETS)
            write(connection)
            rows = list(connection.execute(query).all())
            connection.rollback()
            return rows

    def ours(connection: Connection) -> None:
        execute_many(connection, statement, rows)

    return found(ours), found(lambda connection: connection.execute(statement, rows))


@pytest.mark.parametrize(
    ("statement", "rows", "query"),
    [
        (insert(event), EVENTS, select(event)),  # moments and JSON
        (insert(search_due), [{"ticket": 1}, {"ticket": 2}], select(search_due.c.ticket)),  # one value
        (
            insert(ticket),
            [{**t, "number": 7} for t in TICKETS[:1]],
            select(ticket).where(ticket.c.number == 7),
        ),  # defaults
        (
            update(ticket)
            .where(ticket.c.number == bindparam("b_number"))
            .values(type=bindparam("v_type"), subject="s"),
            [{"b_number": 1, "v_type": "a"}, {"b_number": 2, "v_type": "b"}],
            select(ticket).order_by(ticket.c.number),
        ),
    ],
    ids=["types", "one value", "defaults", "update"],
)
def test_rows_are_written_as_by_sqlalchemy(
    database: Database, statement: Any, rows: list[dict[str, Any]], query: Any
) -> None:
    ours, theirs = both_ways(database, statement, rows, query)
    assert ours == theirs
    assert ours


def test_it_tells_how_many_rows_it_met(database: Database) -> None:
    change = update(ticket).where(ticket.c.number == bindparam("b_number")).values(type=bindparam("v_type"))
    with database.write() as connection:
        execute_many(connection, insert(ticket), TICKETS)
        assert execute_many(connection, change, [{"b_number": n, "v_type": "x"} for n in (1, 2, 3)]) == 2
        assert execute_many(connection, change, []) == 0


def test_a_row_without_one_of_the_values_is_refused(database: Database) -> None:
    with pytest.raises((KeyError, StatementError)), database.write() as connection:
        execute_many(connection, insert(search_due), [{"ticket": 1}, {}])


def test_the_hour_that_a_zone_has_twice_is_kept_as_two(database: Database) -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))  # Python takes the two for equal
    events = [EVENTS[0] | {"at": first}, EVENTS[1] | {"at": first.replace(fold=1)}]

    ours, _ = both_ways(database, insert(event), events, select(event.c.at).order_by(event.c.ticket))

    assert [at for (at,) in ours] == [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]
