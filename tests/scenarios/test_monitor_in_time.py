"""What the monitor makes of time that nobody could use: a machine that slept, a clock that was set, a database away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from maild.bootstrap.monitor import Monitor
from maild.bootstrap.owner import OWNER
from maild.errors import Temporary
from maild.store import leases
from maild.store.processes import Beat, beat
from maild.store.schema import mailbox, trouble
from maild.testing.conversation import SETTINGS, START, Conversation
from maild.testing.databases import SqliteCopies

OFFICE = '[[mailbox]]\nname = "office"\nhost = "mail.example"\nusername = "x"\npassword = "y"\n'
MINUTE = timedelta(minutes=1)


class Machine:
    """One process with doors that is looked at, a mailbox that was just read, and a worker beside it."""

    def __init__(self, talk: Conversation, patch: pytest.MonkeyPatch) -> None:
        self.talk = talk
        self.seconds = 1000.0  # on the clock that stands still while the machine sleeps
        self.patch = patch
        patch.setattr("maild.bootstrap.monitor.utc_now", lambda: talk.now)
        patch.setattr("maild.store.processes.utc_now", lambda: talk.now)
        patch.setattr("maild.bootstrap.monitor.time", SimpleNamespace(monotonic=lambda: self.seconds))
        with talk.database.write() as connection:
            connection.execute(mailbox.insert().values(name="office", last_success=talk.now))
        self.monitor = Monitor(
            talk.database, roles=frozenset({"doors"}), parts=lambda: talk.parts, doorbell=talk, log=talk._log
        )
        self.work()
        self.look()

    def work(self) -> None:
        """The worker says that it lives."""
        says = Beat(owner="w", place="desk", pid=7, roles=frozenset({"worker"}), running=timedelta(hours=9), idle=None)
        beat(self.talk.database, says, {})

    def look(self) -> list[object]:
        """The names of what people were told of until now."""
        self.monitor._beat()
        self.monitor._look()
        return [line["name"] for line in self.talk.log if line["event"] == "trouble"]

    def passes(self, length: timedelta) -> None:
        """Time goes by."""
        self.talk.wait(length)
        self.seconds += length.total_seconds()

    def loses_the_database(self, length: timedelta) -> None:
        """Nobody can write to it for so long."""

        def away(*_: object) -> None:
            raise Temporary("away")

        with self.patch.context() as patch:
            patch.setattr("maild.bootstrap.monitor.beat", away)
            self.monitor._beat()
            self.passes(length)


@pytest.fixture
def machine(sqlite_copies: SqliteCopies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    talk = Conversation(sqlite_copies.make(tmp_path), tmp_path, settings=f"{SETTINGS}\n{OFFICE}")
    yield Machine(talk, monkeypatch)
    talk.close()


def test_what_is_silent_is_told_of(machine: Machine) -> None:
    machine.passes(20 * MINUTE)
    assert machine.look() == ["workers", "mailbox office"]


def test_after_sleep_nobody_is_late(machine: Machine) -> None:
    machine.talk.wait(timedelta(hours=8))
    assert machine.look() == []
    machine.passes(20 * MINUTE)  # but from then on it counts
    assert machine.look() == ["workers", "mailbox office"]


def test_a_clock_that_was_set_back_hides_nothing_for_long(machine: Machine) -> None:
    with machine.talk.database.write() as connection:
        connection.execute(mailbox.update().values(last_success=None))
    machine.talk.wait(timedelta(days=-3))
    assert machine.look() == []
    machine.passes(20 * MINUTE)
    assert "mailbox office" in machine.look()


def test_each_machine_tells_of_its_own_disk_and_one_of_what_is_everybodys(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = {"desk1": 1 << 20, "desk2": 1 << 20}
    monitors = {}
    for name in free:
        monitors[name] = Monitor(
            machine.talk.database,
            roles=frozenset({"doors"}),
            parts=lambda: machine.talk.parts,
            doorbell=machine.talk,
            log=machine.talk._log,
        )

    def look(*names: str) -> list[object]:
        for name in names:
            with monkeypatch.context() as patch:
                patch.setattr("maild.bootstrap.monitored.PLACE", f"{name}/1")
                patch.setattr("maild.bootstrap.monitor.PLACE", f"{name}/1")
                patch.setattr("maild.bootstrap.monitor.OWNER", f"{name}/1:7:x")
                patch.setattr("maild.bootstrap.monitor._LEASE_HERE", f"monitoring {name}")
                disk = SimpleNamespace(disk_usage=lambda _, name=name: SimpleNamespace(free=free[name]))
                patch.setattr("maild.bootstrap.monitored.shutil", disk)
                monitors[name]._beat()
                monitors[name]._look()
        return [(line["event"], line["name"]) for line in machine.talk.log if "trouble" in str(line["event"])]

    leases.drop(machine.talk.database, "monitoring", OWNER)
    with machine.talk.database.write() as connection:  # told before names had machines: no all-clear while it goes on
        told = {"says": "Only 1 MiB is free", "since": machine.talk.now, "told_at": machine.talk.now}
        connection.execute(trouble.insert().values(name="disk", **told))
    both = [("trouble", "disk on desk1"), ("trouble", "disk on desk2")]
    assert look("desk1", "desk2", "desk1", "desk2") == both
    free["desk2"] = 1 << 40
    for _ in range(2):
        machine.talk.work()  # the letters go out
        machine.passes(11 * MINUTE)
        machine.work()
        with machine.talk.database.write() as connection:
            connection.execute(mailbox.update().values(last_success=machine.talk.now))
        look("desk1", "desk2")
    assert look() == [*both, ("trouble over", "disk on desk2")]
    with machine.talk.database.read() as connection:
        assert connection.execute(select(trouble.c.name)).scalars().all() == ["disk on desk1"]
    text = " ".join(machine.talk.letters("root@example.com")[0].text.split())
    assert "are free for the data folder on desk1" in text


def test_after_an_outage_there_is_one_alert(machine: Machine) -> None:
    machine.loses_the_database(30 * MINUTE)
    assert machine.look() == ["database"]


def test_of_an_outage_only_whoever_leads_tells_and_nobody_days_later(machine: Machine) -> None:
    leases.drop(machine.talk.database, "monitoring", OWNER)
    leases.take(machine.talk.database, "monitoring", "another", START + timedelta(days=1), MINUTE)
    machine.monitor._leads_until.clear()
    machine.loses_the_database(5 * MINUTE)
    machine.work()
    assert machine.look() == []
    machine.passes(6 * MINUTE)
    machine.work()
    machine.look()
    leases.drop(machine.talk.database, "monitoring", "another")
    machine.passes(MINUTE)
    machine.work()
    assert "database" not in machine.look()
