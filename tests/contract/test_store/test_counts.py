"""Counts that budgets are judged by, letters held back, and hard bounces."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from maild.app.budgets import DAY, FIVE_MINUTES, HOUR, TEN_MINUTES
from maild.app.changes import HeldBack
from maild.app.marks import HardBounce
from maild.store import schema
from maild.store.counts import forget_held, load_held, load_lately, save_counts, save_held
from maild.store.engine import Database
from maild.store.hard_bounces import forget_bounces, load_bounces, save_bounces
from maild.testing.conversation import START, Conversation
from maild.testing.mails import new_mail

MINUTE = timedelta(minutes=1)


def counted(database: Database, after: timedelta) -> list[int]:
    """What five minutes, ten, an hour and a day know of a letter that was written at the beginning."""
    with database.read() as connection:
        lately = load_lately(connection, {"total"}, START + after)
    return [lately["total"].written[w] for w in (FIVE_MINUTES, TEN_MINUTES, HOUR, DAY)] if lately else [0] * 4


def test_a_letter_counts_as_long_as_its_window_and_the_minute_under_way(database: Database) -> None:
    with database.write() as connection:
        save_counts(connection, {"total": (1, 0)}, START)
    seen = {minutes: counted(database, minutes * MINUTE) for minutes in (0, 5, 6, 10, 11, 60, 61, 1440, 1441)}
    assert seen == {
        0: [1, 1, 1, 1],
        5: [1, 1, 1, 1],
        6: [0, 1, 1, 1],
        10: [0, 1, 1, 1],
        11: [0, 0, 1, 1],
        60: [0, 0, 1, 1],
        61: [0, 0, 0, 1],
        1440: [0, 0, 0, 1],
        1441: [0, 0, 0, 0],
    }


def test_no_count_of_many_workers_is_lost(database: Database) -> None:
    scopes = {f"to kim{number}@x.example": (1, 2) for number in range(20)} | {"total": (20, 0)}

    def work(_: int) -> None:
        with database.write() as connection:
            save_counts(connection, scopes, START)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(40)))
    with database.read() as connection:
        found = load_lately(connection, set(scopes), START)
    assert found["total"].written[DAY] == 800
    assert {(c.written[HOUR], c.held[HOUR]) for scope, c in found.items() if scope != "total"} == {(40, 80)}


def test_a_transaction_that_fails_counts_nothing(database: Database) -> None:
    def count_and_fail() -> None:
        with database.write() as connection:
            save_counts(connection, {"total": (1, 0)}, START)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        count_and_fail()
    assert counted(database, timedelta()) == [0, 0, 0, 0]


def test_sweeps_at_the_same_moment_write_one_digest(talk: Conversation) -> None:
    for number in range(25):
        talk.accept(new_mail(f"Mail {number}"))
    talk.work()
    talk.wait(6 * MINUTE)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: talk.parts.sweep.run(), range(8)))
    written = [row.recipient for row in talk.rows(schema.outbox) if row.template == "digest"]
    assert sorted(written) == ["anna@staff.example", "ben@staff.example"]
    assert talk.rows(schema.held_back) == []


def test_bounces_are_kept_once_a_letter_until_they_are_forgotten(database: Database) -> None:
    def bounce(letter: int, said: str) -> HardBounce:
        return HardBounce(address="ann@x.example", letter=letter, at=START, said=said)

    with database.write() as connection:
        save_bounces(connection, [bounce(2, "second"), bounce(1, "first")], set())
        save_bounces(connection, [bounce(1, "first again"), bounce(3, "x" * 1000)], {"ben@x.example"})
        found = load_bounces(connection, {"ann@x.example", "ben@x.example"})
        assert sorted(b.said[:12] for b in found["ann@x.example"]) == ["first", "second", "x" * 12]
        assert forget_bounces(connection, ["ann@x.example"]) == 3
        assert load_bounces(connection, {"ann@x.example"}) == {}


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_what_is_held_back_while_a_digest_is_written_waits_for_the_next_one(database: Database) -> None:
    def hold(ticket: int) -> None:
        with database.write() as connection:
            save_held(
                connection, [HeldBack(recipient="anna@staff.example", template="breach", ticket=ticket, since=START)]
            )

    hold(1)
    with database.write() as connection:
        held = load_held(connection, "anna@staff.example")
        hold(2)
        forget_held(connection, held)
    with database.read() as connection:
        assert [one.ticket for one in load_held(connection, "anna@staff.example")] == [2]
