"""`maild status`: one screen, whatever there is."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from maild.bootstrap.last_backup import LastBackup, note_backup
from maild.bootstrap.owner import PLACE
from maild.store.processes import Beat, beat


def alive(house: Any, *roles: str, pid: int = 0, **more: Any) -> None:
    facts = {"running": timedelta(hours=5), "idle": timedelta(minutes=3)} | more
    owner = f"elsewhere:{pid}:{'-'.join(roles)}"
    beat(house.database, Beat(owner=owner, place=PLACE, pid=pid or os.getpid(), roles=frozenset(roles), **facts), {})


def test_an_ordinary_desk_fits_on_a_screen(house: Any) -> None:
    house.sql("UPDATE inbox SET state = 'done'")
    alive(house, "doors", pid=11)
    alive(house, "worker", pid=12)
    alive(house, "worker", pid=13, idle=None)
    note_backup(
        house.parts.config.desk.data,
        LastBackup(at=datetime.now(UTC) - timedelta(hours=7), file=house.file, bytes=1),
    )
    house.parts.mailboxes.note_success("office", datetime.now(UTC) - timedelta(seconds=20))
    done = house.maild("status")
    assert done.exit_code == 0, done.stdout
    lines = done.stdout.splitlines()
    wide = [line for line in lines if len(line) > 80 and not line.startswith(("Configuration", "Database"))]
    assert (wide, len(lines) <= 24) == ([], True)
    assert {line[:14].strip() for line in lines} >= {
        "Configuration", "Database", "Disk", "Mailbox", "Mails in", "Letters out", "Tickets", "Clocks", "Processes",
    }  # fmt: skip
    assert "last backup 7 h ago" in done.stdout
    assert "worked 3 min ago" in done.stdout
    assert "has not worked yet" in done.stdout
    assert "smtp" not in done.stdout  # there is no such door
    (facts,) = house.lines("status")
    assert facts["ok"] is True
    assert {each["pid"] for each in facts["processes"]} == {11, 12, 13}
    assert set(facts["latest_mail"]) == {"smtp"}


def test_workers_that_are_no_longer_heard_of_need_a_person(house: Any) -> None:
    house.sql("UPDATE inbox SET state = 'done'")
    alive(house, "worker", pid=12)
    assert house.maild("status").exit_code == 0
    old = datetime.now(UTC) - timedelta(minutes=5)
    house.sql("UPDATE process SET beat_at = :old", old=f"{old:%Y-%m-%d %H:%M:%S}" if house.database.sqlite else old)
    done = house.maild("status")
    assert done.exit_code == 1
    assert "! No worker is alive" in done.stdout
    assert "not heard of for 5 min" in done.stdout


def test_who_was_killed_here_is_dead_at_once_and_not_forgotten(house: Any) -> None:
    house.sql("UPDATE inbox SET state = 'done'")
    with subprocess.Popen(["sleep", "600"]) as killed, ExitStack() as stack:
        stack.callback(killed.kill)
        before = f"{PLACE}:{killed.pid}:{'1' * 20}-token"  # had this number, and was started at another moment
        facts: dict[str, Any] = {"place": PLACE, "pid": killed.pid, "roles": frozenset({"doors", "worker"})}
        facts |= {"running": timedelta(hours=5), "idle": None}
        beat(house.database, Beat(owner=before, **facts), {})
        done = house.maild("status")
        assert done.exit_code == 1
        assert re.search(r"died: last heard of \d+ s ago", done.stdout)
        assert "! No worker is alive" in done.stdout
        house.sql("UPDATE process SET owner = :owner", owner=f"{PLACE}:{killed.pid}:{started(killed.pid)}-token")
        assert house.maild("status").exit_code == 0  # that is the one which runs
    old = datetime.now(UTC) - timedelta(days=9)
    house.sql("UPDATE process SET beat_at = :old", old=f"{old:%Y-%m-%d %H:%M:%S}" if house.database.sqlite else old)
    done = house.maild("status")
    assert done.exit_code == 1
    assert "died: last heard of 9 d ago" in done.stdout
    assert f"! Process {socket.gethostname()}:{killed.pid} died 9 d ago and was not started again" in done.stdout


def started(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[19]
