"""[retention]: what is let go when its time is over, what says so afterwards, and what stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from maild.app.retention import Retention, What
from maild.clock import utc_now
from maild.store.retention import StoredKept

DAY = timedelta(days=1)


@pytest.fixture
def store_url(request: pytest.FixtureRequest, new_store: Callable[[str], str]) -> str:
    """An empty database: SQLite, unless the test is `on_both`."""
    return new_store(getattr(request, "param", "sqlite"))


on_both = pytest.mark.parametrize("store_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def closed(house: Any) -> Any:
    """Ticket 1 is closed, ticket 2 is open, one mail is in quarantine."""
    for command in ("#resolve resolved", "#close"):
        done = house.maild("ticket", 1, command)
        assert done.exit_code == 0, done.output
    house.work()
    return house


def _no_log(event: str, **facts: object) -> None:
    """Nobody reads it."""


def _sweep(house: Any, after: timedelta, **ages: timedelta) -> int:
    """What the daemon does in a quiet moment, so much later."""
    return Retention(
        kept=StoredKept(house.database),
        ages={What(name): age for name, age in ages.items()},
        clock=lambda: utc_now() + after,
        log=_no_log,
    ).run()


@on_both
def test_mails_of_closed_tickets_lose_their_bytes_and_every_reader_says_so(closed: Any) -> None:
    assert _sweep(closed, 29 * DAY, mails=30 * DAY) == 0

    assert _sweep(closed, 31 * DAY, mails=30 * DAY) == 1

    for words in (("attachment", 1), ("outbox", "show", 1), ("attachment", 2, 1)):
        told = closed.maild(*words)
        assert told.exit_code == 1
        days = (utc_now() + 31 * DAY - timedelta(minutes=5), utc_now() + 31 * DAY)  # it may just have become midnight
        assert any(f"no longer kept (retention, {day:%Y-%m-%d})" in told.output for day in days)
    assert "it leaks more" in closed.maild("show", 1).stdout  # the words stay
    assert closed.maild("show", 2).exit_code == 0
    assert closed.maild("attachment", 3).exit_code == 0  # its ticket is open
    assert closed.maild("audit", "verify").exit_code == 0
    assert closed.maild("outbox", "retry", 1).exit_code == 1
    assert _sweep(closed, 32 * DAY, mails=30 * DAY) == 0
    closed.accept(
        "From: Kim <kim@customer.example>\nTo: support@example.com\nSubject: Re: The pump leaks\n"
        "Message-ID: <9@customer.example>\nIn-Reply-To: <2@customer.example>\n\nagain\n"
    )
    closed.work()
    assert "again" in closed.maild("show", 1).stdout


@on_both
def test_a_closed_ticket_is_emptied_and_still_counted(closed: Any) -> None:
    assert _sweep(closed, 366 * DAY, closed_tickets=365 * DAY) == 1

    shown = closed.maild("show", 1).stdout
    assert "(erased)" in shown
    assert "its time was over ([retention])" in shown
    assert "leaks" not in shown
    assert "kim@" not in shown
    assert [(t["number"], t["status"]) for t in closed.lines("tickets", "all")] == [(2, "new"), (1, "closed")]
    assert closed.maild("audit", "verify").exit_code == 0
    assert _sweep(closed, 367 * DAY, closed_tickets=365 * DAY) == 0
    closed.accept(
        "From: Kim <kim@customer.example>\nTo: support@example.com\nSubject: Re: The pump leaks\n"
        "Message-ID: <9@customer.example>\nIn-Reply-To: <2@customer.example>\n\nagain\n"
    )
    closed.work()
    assert len(closed.lines("tickets", "all")) == 3  # nobody is part of the old one any more


@pytest.mark.parametrize(("state", "what"), [("waiting", "closed_tickets"), ("sending", "mails")])
def test_a_ticket_stays_until_its_letters_are_out(closed: Any, state: str, what: str) -> None:
    letter = closed.sql("SELECT max(id) FROM outbox WHERE ticket = 1")[0][0]
    closed.sql("UPDATE outbox SET state = :state, sent_at = NULL WHERE id = :id", state=state, id=letter)

    assert _sweep(closed, 366 * DAY, **{what: 365 * DAY}) == 0

    assert "leaks" in closed.maild("show", 1).stdout
    assert closed.maild("outbox", "show", letter).exit_code == 0
    assert closed.maild("attachment", 1).exit_code == 0
    closed.sql("UPDATE outbox SET state = 'sent' WHERE id = :id", id=letter)
    assert _sweep(closed, 367 * DAY, **{what: 365 * DAY}) == 1
    assert closed.maild("outbox", "show", letter).exit_code == 1
    assert closed.maild("attachment", 1).exit_code == 1


def test_a_ticket_that_must_be_kept_stays_until_the_hold_ends(closed: Any) -> None:
    closed.maild("hold", "kim@customer.example")
    _sweep(closed, 366 * DAY, closed_tickets=365 * DAY, mails=DAY)
    assert "leaks" in closed.maild("show", 1).stdout
    assert closed.maild("attachment", 1).exit_code == 0

    closed.maild("hold", "kim@customer.example", "--end")
    _sweep(closed, 367 * DAY, closed_tickets=365 * DAY)

    assert "(erased)" in closed.maild("show", 1).stdout


@pytest.mark.parametrize("held", ["1", "kim@customer.example"])
def test_letters_of_a_ticket_that_must_be_kept_stay_until_the_hold_ends(closed: Any, held: str) -> None:
    closed.maild("hold", held)
    _sweep(closed, 31 * DAY, letters=30 * DAY)
    assert closed.maild("outbox", "show", 1).exit_code == 0

    closed.maild("hold", held, "--end")
    _sweep(closed, 31 * DAY, letters=30 * DAY)

    assert "no longer kept (retention" in closed.maild("outbox", "show", 1).output
    [told] = closed.lines("retention")
    assert told["letters"]["gone"] == closed.sql("SELECT count(*) FROM outbox")[0][0]  # none is counted twice


def test_what_nobody_wanted_goes_and_says_so(closed: Any) -> None:
    closed.sql("UPDATE outbox SET template = 'webhook' WHERE id = 2")
    ages = {"quarantine": 30 * DAY, "letters": 30 * DAY, "webhooks": 60 * DAY}

    assert _sweep(closed, 20 * DAY, **ages) == 0
    assert _sweep(closed, 31 * DAY, **ages) > 0

    assert closed.lines("quarantine", "list") == []
    assert "no longer kept (retention" in closed.maild("quarantine", "replay", 5).output
    assert "no longer kept (retention" in closed.maild("outbox", "show", 1).output
    assert closed.sql("SELECT gone FROM raw JOIN outbox ON outbox.raw = raw.id WHERE outbox.id = 2") == [(None,)]
    _sweep(closed, 61 * DAY, **ages)
    assert closed.sql("SELECT 1 FROM raw JOIN outbox ON outbox.raw = raw.id WHERE outbox.id = 2 AND gone IS NOT NULL")
    assert closed.maild("attachment", 1).exit_code == 0  # the mails themselves stay
    assert closed.maild("audit", "verify").exit_code == 0


def test_young_mails_are_never_walked_over(closed: Any) -> None:
    from sqlalchemy import event

    asked: list[str] = []
    event.listen(closed.database.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))

    _sweep(closed, timedelta(), letters=30 * DAY, mails=DAY, closed_tickets=DAY, rejected=DAY, quarantine=DAY)

    for statement in asked:
        if statement.lstrip().startswith("SELECT"):
            plan = closed.sql(f"EXPLAIN QUERY PLAN {statement}".replace("?", "1"))
            walked = [row[3] for row in plan if row[3].startswith("SCAN") and "INDEX" not in row[3]]
            assert all("retention" in each or "legal_hold" in each for each in walked), (statement, plan)


def test_the_command_tells_how_long_what_is_kept(closed: Any) -> None:
    closed.configure('\n[retention]\nclosed_tickets = "365d"\n')
    closed.sql("UPDATE ticket SET closed_at = '2020-01-01 00:00:00.000000' WHERE number = 1")

    [told] = closed.lines("retention", "--dry-run")
    shown = closed.maild("retention").stdout

    assert told["closed_tickets"] == {"kept": 365 * 86400.0, "gone": 0, "due": 1}
    assert told["mails"] == {"kept": None, "gone": 0, "due": 0}
    assert "for ever" in shown
    closed.parts.retention.run()
    [told] = closed.lines("retention", "--dry-run")
    assert told["closed_tickets"] == {"kept": 365 * 86400.0, "gone": 1, "due": 0}
