"""`maild doctor`: what it sees, and what it mends."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from maild.bootstrap.owner import PLACE
from maild.cli.findings_of_versions import library_fault, sqlite_finding

NEW = "From: Nia <nia@new.example>\nTo: support@example.com\nSubject: New\nMessage-ID: <9@new.example>\n\nnew\n"


def findings(house: Any, *words: str) -> dict[str, dict[str, Any]]:
    return {each["what"]: each for each in json.loads(house.maild("doctor", "--json", *words).stdout)}


def moment(house: Any, at: datetime) -> Any:
    return f"{at:%Y-%m-%d %H:%M:%S}" if house.database.sqlite else at


def test_what_follows_from_events_is_made_anew_from_them(house: Any) -> None:
    before = house.sql("SELECT * FROM ticket WHERE number = 1")
    house.sql("UPDATE ticket SET subject = 'tampered', priority = 'low' WHERE number = 1")
    house.parts.indexing.run()
    house.sql("DELETE FROM search_words")
    assert findings(house).get("ticket 1") is None  # it costs a look at the whole store

    found = findings(house, "--deep")
    assert "tampered" in found["ticket 1"]["says"]
    assert "maild doctor --deep --repair" in found["ticket 1"]["advice"] + found["search"]["advice"]
    assert house.sql("SELECT subject FROM ticket WHERE number = 1")[0].subject == "tampered"

    mended = findings(house, "--deep", "--repair")
    assert mended["ticket 1"]["ok"]
    assert house.sql("SELECT * FROM ticket WHERE number = 1") == before
    assert house.maild("audit", "verify").exit_code == 0
    house.parts.indexing.run()
    assert [t["number"] for t in house.lines("tickets", "--search", "pump")] == [1]
    assert findings(house, "--deep")["tickets"]["ok"]


def test_clocks_that_differ_from_their_events_are_derived_anew(house: Any) -> None:
    house.accept(NEW)
    house.work()
    house.parts.rederive.run()
    house.database.close()
    assert findings(house, "--deep")["clocks of tickets"]["ok"]
    due = house.sql("SELECT ticket, kind, due_at FROM clock WHERE ended_at IS NULL ORDER BY 1, 2")
    [[number]] = house.sql("SELECT max(number) FROM ticket")
    later = moment(house, datetime.now(UTC) + timedelta(days=99))
    house.sql("UPDATE clock SET due_at = :later WHERE ticket = :n AND kind = 'resolution'", later=later, n=number)
    found = findings(house, "--deep")
    assert [name for name in found if name.startswith("clocks of ticket ")] == [f"clocks of ticket {number}"]
    assert "--deep --repair" in found[f"clocks of ticket {number}"]["advice"]

    assert findings(house, "--deep", "--repair")[f"clocks of ticket {number}"]["ok"]

    assert house.sql("SELECT ticket, kind, due_at FROM clock WHERE ended_at IS NULL ORDER BY 1, 2") == due
    assert findings(house, "--deep")["clocks of tickets"]["ok"]
    assert house.maild("audit", "verify").exit_code == 0


def test_a_history_that_was_changed_is_never_mended(house: Any) -> None:
    house.tamper("UPDATE event SET actor = 'nobody' WHERE ticket = 1 AND seq = 1")
    house.sql("UPDATE ticket SET subject = 'tampered' WHERE number = 1")
    found = findings(house, "--deep", "--repair")["ticket 1"]
    assert "restore a backup" in found["advice"]
    assert house.sql("SELECT subject FROM ticket WHERE number = 1")[0].subject == "tampered"


def test_what_the_dead_held_is_freed(house: Any) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    house.sql(
        "UPDATE outbox SET state = 'sending', claim = :owner, lease_until = :until WHERE id IN (1, 2)",
        owner=f"{PLACE}:{ended.pid}:dead",
        until=moment(house, datetime.now(UTC) + timedelta(hours=1)),
    )
    house.sql("UPDATE outbox SET automatic = FALSE WHERE id = 2")
    assert "--repair" in findings(house)["claims"]["advice"]
    assert "1 letters uncertain" in findings(house, "--repair")["claims"]["says"]
    states = {row.id: row.state for row in house.sql("SELECT id, state FROM outbox WHERE id IN (1, 2)")}
    assert states == {1: "uncertain", 2: "waiting"}
    house.work()
    again = findings(house)
    assert "uncertain" in again["letters uncertain"]["advice"]  # the automatic one was not sent again
    assert "2 (ticket 1)" in again["letters sent again after a crash"]["says"]  # the answer was, and is named
    assert again["letters sent again after a crash"]["ok"]


def test_files_that_others_may_read_are_closed(house: Any) -> None:
    house.parts.config.desk.data.mkdir(exist_ok=True)
    house.parts.config.desk.data.chmod(0o755)
    store = house.parts.config.desk.data / "oauth"
    store.mkdir()
    store.chmod(0o755)
    assert "chmod 0750" in findings(house)["mode of oauth"]["advice"]
    assert "is 0750 now" in findings(house, "--repair")["mode of oauth"]["says"]
    assert findings(house)["file modes"]["ok"]


def test_half_written_letters_of_long_ago_are_removed(house: Any) -> None:
    folder = house.parts.config.send.path / "tmp"
    for name, age in (("old", timedelta(days=3)), ("young", timedelta())):
        (folder / name).write_text("x")
        at = (datetime.now(UTC) - age).timestamp()
        os.utime(folder / name, (at, at))
    assert "1 in" in findings(house)["half-written letters"]["says"]
    findings(house, "--repair")
    assert [file.name for file in folder.iterdir()] == ["young"]


def test_whether_a_commit_survives_a_power_cut(house: Any) -> None:
    found = findings(house)
    if house.database.sqlite:
        assert found["durability"]["says"] == "journal wal, synchronous FULL"
        assert found["durability"]["ok"]
    else:  # the tests' private server is quick, and loses all with the power
        assert "fsync = off" in found["durability"]["advice"]
        assert found["clock"]["ok"]


@pytest.mark.parametrize(
    ("version", "ok"),
    [((3, 40, 1), False), ((3, 44, 6), True), ((3, 45, 9), False), ((3, 50, 7), True), ((3, 51, 2), False),
     ((3, 51, 3), True), ((3, 53, 0), True)],
)  # fmt: skip
def test_a_sqlite_that_can_damage_a_file_is_named(version: tuple[int, int, int], ok: bool) -> None:
    assert sqlite_finding(version).ok is ok


def test_a_library_with_a_known_fault_is_named() -> None:
    assert library_fault("jinja2", "3.1.6", "a way out") == ""
    assert "jinja2" in library_fault("jinja2", "99.0.1", "a way out")
    assert "a way out" in library_fault("jinja2", "99.0.1", "a way out")
    assert library_fault("no-such-library", "1", "") == ""
