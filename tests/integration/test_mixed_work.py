"""Everything at once on one PostgreSQL: mails, commands, absences, clocks and what waits. Nobody waits in a circle."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from maild.app.staff import BY_ADMIN, Absence
from maild.store import schema
from maild.store.staff import end_absence, save_absence
from maild.testing.conversation import SETTINGS, Conversation
from maild.testing.databases import PostgresCopies
from maild.testing.invariants import check
from maild.testing.mails import new_mail, reply_to
from maild.tickets.lifecycle import ENDED

WORKERS, TICKETS = 4, 40
ANNA, BEN = "anna@staff.example", "ben@staff.example"
MORE = """
[[queue]]
name = "support"
addresses = ["support@example.com"]
team = "first"

[[team]]
name = "first"
agents = ["anna@staff.example", "ben@staff.example"]
assign = "least_loaded"

[[team]]
name = "second"
agents = ["ben@staff.example"]
assign = "round_robin"

[[escalation]]
name = "late"
clocks = ["first_response"]
at = "1%"
raise_priority = true
tag = "late"
"""
COMMANDS = (
    "#close resolved",
    "#hold x",
    f"#assign {BEN}",
    "#priority critical",
    "#assign me",
    "#team second",
    "Hello.",
)


@pytest.fixture
def team(postgres_copies: PostgresCopies, tmp_path: Path) -> Iterator[list[Conversation]]:
    url = postgres_copies.emptied()
    made = []
    for number in range(WORKERS):
        folder = tmp_path / f"worker-{number}"
        folder.mkdir()
        settings = SETTINGS.replace("[[agent]]", "[[agent]]\ncapacity = 12") + MORE
        made.append(Conversation(url, folder, settings=settings, owner=f"here:{number + 1}:{number}"))
    yield made
    for one in made:
        one.close()


def test_everything_at_once(team: list[Conversation]) -> None:
    first = team[0]
    for number in range(TICKETS):
        first.accept(new_mail(f"It is broken, {number}.", sender=f"c{number}@customer{number}.example"))
    first.work()
    assert len(first.rows(schema.awaiting)) == TICKETS - 24
    dice = random.Random(5)
    told = [one for agent in (ANNA, BEN) for one in first.letters(agent) if "Reply-To" in one.mail]
    mails = [reply_to(one, dice.choice(COMMANDS), sender=one.recipients[0]) for one in told]
    mails += [new_mail(f"Another, {n}.", sender=f"c{n}@customer{n}.example") for n in range(TICKETS)]
    dice.shuffle(mails)
    for mail in mails:
        first.accept(mail)

    def one(worker: Conversation) -> None:
        worker.wait(timedelta(minutes=35))
        ingest = replace(worker.parts.ingest, group=3)
        for turn in range(20):
            ingest.run()
            worker.parts.watch_clocks()
            with worker.database.write() as connection:
                if turn % 2:
                    end_absence(connection, BEN)
                else:
                    save_absence(connection, Absence(address=BEN, since=worker.now, until=None, source=BY_ADMIN))

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(one, team))
    assert [line for worker in team for line in worker.log if line["event"] == "mail failed"] == []
    with first.database.read() as connection:
        circles = connection.execute(
            text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        ).scalar()
    assert circles == 0
    first.wait(timedelta(hours=2))  # what was put back, because its parent was in another's hands
    first.work()
    first.watch()
    tickets = {row.number: row for row in first.rows(schema.ticket)}
    waits = {row.ticket for row in first.rows(schema.awaiting)}
    assert all(row.state == "done" for row in first.rows(schema.inbox))
    assert [n for n in waits if tickets[n].assignee or tickets[n].status in ENDED] == []
    lost = {n for n, row in tickets.items() if not row.assignee and row.status not in ENDED} - waits
    assert lost == set()
    assert check(first.database) == []
