"""Several workers on one PostgreSQL share tickets out as one would: each once, in turns, within capacity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from maild.app.assign_waiting import Waiting
from maild.app.staff import BY_ADMIN, Absence
from maild.store import schema
from maild.store.staff import end_absence, save_absence
from maild.store.unit import StoredUnit
from maild.testing.conversation import SETTINGS, Conversation
from maild.testing.databases import PostgresCopies
from maild.testing.invariants import check
from maild.testing.mails import new_mail, reply_to

WORKERS, GROUP = 4, 5
AGENTS = ["anna@staff.example", "ben@staff.example", "cara@staff.example"]
CARA = """
[[agent]]
name = "Cara Agent"
address = "cara@staff.example"
"""
QUEUE = '[[queue]]\nname = "support"\naddresses = ["support@example.com"]\nteam = "first"\n'
Workers = Callable[..., list[Conversation]]


@pytest.fixture
def workers(postgres_copies: PostgresCopies, tmp_path: Path) -> Iterator[Workers]:
    """Makes workers on one database, each with connections of its own."""
    url = postgres_copies.emptied()
    made: list[Conversation] = []

    def make(settings: str, capacity: int = 1000) -> list[Conversation]:
        fresh = []
        agents = f"{SETTINGS}{CARA}".replace("[[agent]]", f"[[agent]]\ncapacity = {capacity}")
        for number in range(WORKERS):
            folder = tmp_path / f"worker-{len(made)}"
            folder.mkdir()
            owner = f"here:{len(made) + 1}:{number}"
            made.append(Conversation(url, folder, settings=f"{agents}{QUEUE}{settings}", owner=owner))
            fresh.append(made[-1])
        return fresh

    yield make
    faults = check(made[0].database)
    for one in made:
        one.close()
    assert faults == []


def accept(worker: Conversation, numbers: range) -> None:
    for number in numbers:
        worker.accept(new_mail(f"It is broken, {number}.", sender=f"c{number}@customer{number}.example"))


def work(workers: list[Conversation]) -> None:
    """All of them at once, until nothing is left."""

    def one(worker: Conversation) -> None:
        ingest = replace(worker.parts.ingest, group=GROUP)
        while ingest.run():
            pass

    with ThreadPoolExecutor(len(workers)) as pool:
        list(pool.map(one, workers))
    workers[0].parts.send_all()


def given(worker: Conversation) -> Counter[str]:
    """How many tickets each agent has; every one was given exactly once."""
    tickets = worker.rows(schema.ticket)
    gifts = Counter(event.ticket for event in worker.rows(schema.event) if event.kind == "set")
    assert all(gifts[ticket.number] == bool(ticket.assignee) for ticket in tickets)
    return Counter(ticket.assignee for ticket in tickets)


def is_done(worker: Conversation, mails: int) -> bool:
    """Every mail was finished, and opened one ticket."""
    states = [row.state for row in worker.rows(schema.inbox)]
    return states == ["done"] * mails and len(worker.rows(schema.ticket)) == mails


TEAM = f'[[team]]\nname = "first"\nagents = {AGENTS}\n'


def test_four_workers_give_everybody_as_many(workers: Workers) -> None:
    team = workers(f'{TEAM}assign = "round_robin"')
    accept(team[0], range(200))
    work(team)
    assert is_done(team[0], 200)
    counts = given(team[0])
    assert set(counts) == set(AGENTS)
    assert max(counts.values()) - min(counts.values()) <= 1


def test_turns_go_on_where_they_were_before_a_restart(workers: Workers) -> None:
    settings = f'{TEAM}assign = "round_robin"'
    before = workers(settings)
    accept(before[0], range(50))
    work(before)
    after = workers(settings)  # new processes remember nothing but what is stored
    accept(after[0], range(50, 100))
    work(after)
    assert is_done(after[0], 100)
    counts = given(after[0])
    assert max(counts.values()) - min(counts.values()) <= 1


def test_nobody_gets_more_than_there_is_room_for(workers: Workers) -> None:
    team = workers(f'{TEAM}assign = "least_loaded"', capacity=10)
    accept(team[0], range(60))
    work(team)
    assert is_done(team[0], 60)
    assert given(team[0]) == dict.fromkeys(AGENTS, 10) | {"": 30}
    assert len(team[0].rows(schema.awaiting)) == 30


def test_a_ticket_that_somebody_takes_by_hand_at_that_moment_stays_his(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    watcher, other, *_ = workers(f'{TEAM}assign = "round_robin"\n')
    with watcher.database.write() as connection:
        for address in AGENTS:
            save_absence(connection, Absence(address=address, since=watcher.now, until=None, source=BY_ADMIN))
    accept(watcher, range(1))
    work([watcher])
    with watcher.database.write() as connection:
        end_absence(connection, AGENTS[0])
    told = watcher.letters(AGENTS[2])[0]
    choose = StoredUnit.waiting

    def taken_meanwhile(unit: StoredUnit) -> list[Waiting]:
        found = choose(unit)
        other.receive(reply_to(told, "#assign me", sender=AGENTS[2]))
        return found

    monkeypatch.setattr(StoredUnit, "waiting", taken_meanwhile)
    watcher.watch()
    assert watcher.ticket(1).assignee == AGENTS[2]
    assert watcher.rows(schema.awaiting) == []
