"""What lists and filters say of promises is what follows from the tickets' events, on either database."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select

from maild.app.changes import Changes, ClockRow
from maild.sla.clock import Clock
from maild.sla.clocks import Clocks, Rules, derive
from maild.sla.facts import Fact
from maild.sla.standing import Standing, standing
from maild.store.clocks import save_clocks
from maild.store.engine import Database
from maild.store.export import export_tickets
from maild.store.schema import ticket
from maild.store.standings import kept_clocks, standings, stands_as
from maild.store.tickets_read import Which, list_tickets
from maild.testing.conversation import START
from maild.tickets.events import EventKind, Facts

NOW = START + timedelta(days=2)
TERMS: Facts = {
    "policy": "standard",
    "calendar": "24x7",
    "first_response": 14_400,
    "resolution": 172_800,
    "next_response": 43_200,
}
HAPPENS = ("on_hold", "open", "resolved", "mail", "mail", "answer", "answer", "urgent", "more")


def a_ticket(chance: random.Random) -> Clocks:
    """A ticket with something of a past, at another moment each."""
    at = START + timedelta(hours=chance.randint(0, 47))
    facts = [Fact(1, at, EventKind.OPENED, 1, TERMS if chance.random() > 0.1 else {})]
    for seq in range(2, chance.randint(2, 8)):
        at = min(at + timedelta(minutes=chance.choice((1, 20, 90, 600))), NOW)
        what = chance.choice(HAPPENS)
        if what in ("mail", "answer"):
            facts.append(Fact(seq, at, EventKind(what), seq, {}))
        elif what in ("urgent", "more"):
            targets = {"resolution": 14_400 if what == "urgent" else 500_000}
            facts.append(Fact(seq, at, EventKind.TARGET, None, {**TERMS, **targets, "reason": "priority"}))
        else:
            facts.append(Fact(seq, at, EventKind.STATUS, None, {"from": "open", "to": what}))
    return derive(facts, Rules())


def keep(database: Database, tickets: dict[int, Clocks]) -> None:
    """Put tickets with these clocks into the store."""
    rows = [
        {"number": number, "status": "open", "opened_at": START, "version": 1, "head": "", "source": "email"}
        for number in tickets
    ]
    changes = Changes(clocks=[ClockRow(n, clock, None) for n, clocks in tickets.items() for clock in clocks.each])
    with database.write() as connection:
        connection.execute(insert(ticket), rows)
        save_clocks(connection, changes, NOW)


@pytest.fixture
def tickets(database: Database) -> dict[int, Clocks]:
    chance = random.Random(4)  # the same tickets every time
    made = {number: a_ticket(chance) for number in range(1, 301)}
    keep(database, made)
    return made


def test_rows_and_filters_say_what_the_events_say(database: Database, tickets: dict[int, Clocks]) -> None:
    derived = {number: standing(clocks.each, NOW) for number, clocks in tickets.items()}
    with database.read() as connection:
        assert standings(connection, tickets, NOW) == derived
        for word in Standing:
            wanted = {number for number, stands in derived.items() if stands.standing is word}
            assert wanted, f"no ticket stands as {word}"
            found = connection.execute(select(ticket.c.number).where(stands_as(word, NOW))).scalars()
            assert set(found) == wanted, word


def test_an_export_has_the_standing_of_every_ticket(database: Database, tickets: dict[int, Clocks]) -> None:
    with database.read() as connection:
        found = {each.number: stands for each, stands in export_tickets(connection, NOW)}
    assert found == {number: standing(clocks.each, NOW) for number, clocks in tickets.items()}


def test_a_list_tells_and_filters(database: Database, tickets: dict[int, Clocks]) -> None:
    with database.read() as connection:
        lines = list_tickets(connection, Which.OPEN, NOW, stand=Standing.PAUSED, limit=5)
    paused = [n for n, clocks in tickets.items() if standing(clocks.each, NOW).standing is Standing.PAUSED]
    assert [line.number for line in lines] == sorted(paused)[-1:-6:-1]
    assert {line.stands.standing for line in lines} == {Standing.PAUSED}


def test_a_row_is_the_clock_that_was_kept(database: Database, tickets: dict[int, Clocks]) -> None:
    with database.read() as connection:
        kept = kept_clocks(connection, tickets)
    same = ("kind", "cycle", "policy", "target", "started_at", "due_at", "paused_at", "ended_at", "why_ended")

    def facts(each: Any) -> list[object]:
        return [*(getattr(each, name) for name in same), each.failed(NOW)]

    def order(clock: Clock) -> tuple[datetime, str]:
        return clock.started_at, clock.kind

    assert {n: list(map(facts, rows)) for n, rows in kept.items()} == {
        n: list(map(facts, sorted(clocks.each, key=order))) for n, clocks in tickets.items() if clocks.each
    }


@pytest.fixture
def plans(database: Database) -> set[str]:
    """How SQLite finds the rows of every query."""
    found: set[str] = set()

    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            rows = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            found.update(row[3] for row in rows)

    event.listen(database.engine, "before_cursor_execute", explain)
    return found


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # PostgreSQL reads small tables whole
@pytest.mark.parametrize("word", list(Standing))
def test_no_filter_reads_every_clock(database: Database, plans: set[str], word: Standing) -> None:
    """For this there must be a query plan that never goes through all clocks, and the lists' own index."""
    with database.read() as connection:
        list_tickets(connection, Which.OPEN, NOW, stand=word)
    whole = [p for p in plans if p.startswith("SCAN clock") and "INDEX clock_" not in p]
    assert whole == []
    assert not any("USING INDEX clock_next" in plan for plan in plans)
