"""Heartbeats, counters and what people were told, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from maild.app.tell_troubles import Told
from maild.errors import Conflict
from maild.store.engine import Database
from maild.store.processes import (
    FORGOTTEN,
    Beat,
    beat,
    database_now,
    end,
    forget_processes,
    read_meters,
    read_processes,
)
from maild.store.schema import process
from maild.store.standing_troubles import read_told, troubled_unit

MAILS = ("maild_mails_total", 'outcome="reply"')
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def says(owner: str, **changes: Any) -> Beat:
    facts: dict[str, Any] = {
        "owner": owner,
        "place": "desk",
        "pid": 7,
        "roles": frozenset({"worker", "doors"}),
        "running": timedelta(minutes=5),
        "idle": timedelta(seconds=30),
    }
    return Beat(**facts | changes)


def living(database: Database) -> list[Any]:
    with database.read() as connection:
        return read_processes(connection, database_now(connection))


def test_a_process_lives_as_long_as_it_says_so(database: Database) -> None:
    beat(database, says("a"), {})
    beat(database, says("b", pid=8, idle=None, roles=frozenset({"worker"})), {})
    first, second = living(database)
    assert (first.pid, first.roles, second.roles) == (7, {"doors", "worker"}, {"worker"})
    assert first.silent < timedelta(minutes=1)
    assert timedelta(seconds=29) < first.worked_at - first.started_at - timedelta(minutes=4) < timedelta(seconds=31)
    assert second.worked_at is None
    end(database, "a")
    assert [each.pid for each in living(database)] == [8]


def test_who_is_gone_or_long_silent_is_forgotten(database: Database) -> None:
    for owner in ("a", "b", "c"):
        beat(database, says(owner), {})
    with database.write() as connection:
        long_ago = database_now(connection) - FORGOTTEN
        connection.execute(update(process).where(process.c.owner == "b").values(beat_at=long_ago))
    assert len(living(database)) == 2
    assert forget_processes(database, lambda owner: owner == "a") == 2
    with database.read() as connection:
        assert connection.execute(select(process.c.owner)).scalars().all() == ["c"]


def test_who_begins_takes_the_place_of_its_like_only(database: Database) -> None:
    beat(database, says("both"), {})
    beat(database, says("doors", roles=frozenset({"doors"})), {})
    beat(database, says("worker", roles=frozenset({"worker"})), {})
    assert forget_processes(database, lambda _: True, frozenset({"worker"})) == 1
    assert {each.owner for each in living(database)} == {"both", "doors"}
    assert forget_processes(database, lambda _: True, frozenset({"worker", "doors"})) == 2


def test_the_counters_of_all_processes_are_added_up(database: Database) -> None:
    beat(database, says("a"), {MAILS: 2, ("maild_mail_seconds_sum", ""): 0.5})
    beat(database, says("b"), {MAILS: 3})
    end(database, "a")
    beat(database, says("c"), {MAILS: 1})  # after a restart it goes on from there
    with database.read() as connection:
        assert read_meters(connection) == [("maild_mail_seconds_sum", "", 0.5), (*MAILS, 6)]


def test_what_people_were_told_is_remembered_until_it_is_forgotten(database: Database) -> None:
    disk = Told(name="disk", says="full", since=NOW, told_at=NOW)
    with troubled_unit(database) as unit:
        assert unit.told_troubles() == {}
        unit.keep_troubles([disk], [])
    later = Told(name="disk", says="full", since=NOW, told_at=NOW, gone_at=NOW + timedelta(hours=1))
    with troubled_unit(database) as unit:
        unit.keep_troubles([later], [])
    with database.read() as connection:
        assert read_told(connection) == {"disk": later}
    with troubled_unit(database) as unit:
        unit.keep_troubles([], ["disk"])
    with pytest.raises(Conflict), troubled_unit(database) as unit:  # another process had cleared it
        unit.keep_troubles([], ["disk"])
