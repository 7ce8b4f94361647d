"""The board of running clocks, on either database, and what it costs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert

from maild.app.changes import Changes, ClockRow
from maild.sla.clocks import Rules, derive
from maild.sla.facts import Fact
from maild.store.at_risk import ClockCounts, Whose, at_risk, count_clocks, count_paused
from maild.store.clocks import save_clocks
from maild.store.engine import Database
from maild.store.schema import ticket
from maild.testing.conversation import START
from maild.tickets.events import EventKind, Facts

NOW = START + timedelta(hours=2)
ANNA, BEN = "anna@staff.example", "ben@staff.example"
TICKETS = [  # queue, team, assignee, hours to the resolution, on hold
    ("support", "", ANNA, 5, False),
    ("sales", "", BEN, 1, False),
    ("support", "", "", 3, True),
    ("sales", "field", ANNA, 4, False),
]


@pytest.fixture
def database(database: Database) -> Database:
    rows, clocks = [], []
    for number, (queue, team, assignee, hours, held) in enumerate(TICKETS, 1):
        row = {"number": number, "queue": queue, "team": team, "assignee": assignee}
        rows.append(row | {"status": "open", "opened_at": START, "version": 1, "head": "", "source": "email"})
        terms: Facts = {"policy": "standard", "calendar": "24x7", "resolution": hours * 3600}
        facts = [Fact(1, START, EventKind.OPENED, 1, terms)]
        if held:
            facts.append(Fact(2, NOW, EventKind.STATUS, None, {"from": "open", "to": "on_hold"}))
        clocks += [ClockRow(number, c, c.crossing(50)) for c in derive(facts, Rules()).each]
    with database.write() as connection:
        connection.execute(insert(ticket), rows)
        save_clocks(connection, Changes(clocks=clocks), NOW)
    return database


@pytest.mark.parametrize(
    ("whose", "tickets", "paused"),
    [
        (Whose(), [2, 4, 1], 1),
        (Whose(queue="support"), [1], 1),
        (Whose(agent=ANNA), [4, 1], 0),
        (Whose(team="field"), [4], 0),
        (Whose(team="field", team_queues=["support"]), [4, 1], 1),
        (Whose(team="field", agent=BEN), [], 0),
    ],
)
def test_the_first_due_is_on_top(database: Database, whose: Whose, tickets: list[int], paused: int) -> None:
    with database.read() as connection:
        assert [line.clock.ticket for line in at_risk(connection, whose, 10)] == tickets
        assert [line.clock.ticket for line in at_risk(connection, whose, 1)] == tickets[:1]
        assert count_paused(connection, whose) == paused


def test_clocks_are_counted(database: Database) -> None:
    with database.read() as connection:
        assert count_clocks(connection, NOW) == ClockCounts(
            running=3, paused=1, overdue=1, next_look=START + timedelta(minutes=30)
        )


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # PostgreSQL reads small tables whole
def test_the_board_follows_the_index_of_due_times(database: Database) -> None:
    """Among a million open clocks it reads those that it shows."""
    plans: list[str] = []

    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            rows = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            plans.extend(row[3] for row in rows)

    event.listen(database.engine, "before_cursor_execute", explain)
    with database.read() as connection:
        at_risk(connection, Whose(), 50)
        assert "USING INDEX clock_due" in plans[0]
        assert not [plan for plan in plans if "TEMP B-TREE FOR ORDER BY" in plan]
        plans.clear()
        at_risk(connection, Whose(queue="support"), 50)
        assert "USING INDEX clock_due" in plans[0]
        plans.clear()
        at_risk(connection, Whose(agent=ANNA), 50)
        assert "ticket_assignee" in plans[0]
        plans.clear()
        count_clocks(connection, NOW)
        assert [plan for plan in plans if "INDEX" not in plan] == []
