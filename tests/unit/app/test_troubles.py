"""What counts as trouble, and how often people hear of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.app.tell_troubles import CALM, Decision, Told, decide
from maild.app.trouble_facts import Expiry, Facts, MailboxFacts, Outage, ProcessFacts
from maild.app.troubles import Bounds, Trouble, told_by, troubles

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def process(*roles: str, silent: timedelta = timedelta()) -> ProcessFacts:
    return ProcessFacts(
        place="desk", pid=7, roles=frozenset(roles), started_at=NOW - DAY, silent=silent, worked_at=None
    )


def facts(**changes: Any) -> Facts:
    """A desk on which all is well, but for the changes."""
    calm: dict[str, Any] = {
        "now": NOW,
        "since": NOW - DAY,
        "inbox": {"waiting": 0},
        "outbox": {},
        "processes": [process("doors", "worker")],
        "free_disk": 1 << 40,
    }
    return Facts(**calm | changes)


def box(read: timedelta | None, **more: Any) -> MailboxFacts:
    return MailboxFacts(name="office", read_at=None if read is None else NOW - read, **more)


CASES = [
    ({}, None),
    ({"mailboxes": [box(minutes(14))]}, None),
    ({"mailboxes": [box(minutes(16))]}, "Mailbox office was not read for 16 min"),
    ({"mailboxes": [box(minutes(16), trouble="login refused")]}, "16 min: login refused"),
    ({"mailboxes": [box(None)]}, "Mailbox office has never been read"),
    ({"mailboxes": [box(None)], "since": NOW - minutes(5)}, None),  # it was just started
    ({"mailboxes": [box(DAY)], "since": NOW - minutes(5)}, None),  # so it was after a day's rest
    ({"mail_due": NOW - minutes(14)}, None),
    ({"mail_due": NOW - minutes(15), "inbox": {"waiting": 3}}, "Mail waits for 15 min (3 in all)"),
    ({"mail_due": NOW + minutes(5)}, None),  # it is tried again then
    ({"mail_due": NOW - DAY, "resumed": NOW - minutes(1)}, None),  # it came while maild was stopped
    ({"mail_due": NOW - DAY, "resumed": NOW - minutes(2)}, "Mail waits for 1 d"),
    ({"letter_due": NOW - DAY, "letter_written": NOW - DAY, "resumed": NOW - minutes(1)}, None),
    ({"next_look": NOW - DAY, "resumed": NOW - minutes(1)}, None),
    ({"letter_due": NOW - minutes(15)}, "nobody sends them"),
    ({"letter_written": NOW - timedelta(hours=3), "letter_due": NOW + minutes(9)}, None),
    ({"letter_written": NOW - timedelta(hours=5), "letter_due": NOW + minutes(9)}, "A letter waits for 5 h"),
    ({"outbox": {"waiting": 1001}}, "1001 letters wait"),
    ({"outbox": {"waiting": 1000}}, None),
    ({"next_look": NOW - minutes(15)}, "nobody looks at them"),
    ({"processes": [process("doors")]}, "No worker is alive"),
    ({"processes": [process("doors"), process("worker", silent=minutes(3))]}, "No worker is alive"),
    ({"processes": [process("doors"), process("worker", silent=minutes(1))]}, None),
    ({"processes": [replace(process("worker"), died=True), process("doors")]}, "No worker is alive"),
    ({"processes": [process("worker"), replace(process("doors", silent=minutes(1)), died=True)]}, "desk:7 died 1 min"),
    ({"processes": [process("worker"), replace(process("doors"), died=True)]}, None),  # it is being started again
    ({"processes": []}, None),  # nothing runs: whoever stopped it knows
    ({"free_disk": (1 << 30) - 1}, "Only 1023 MiB are free"),
    ({"broker_up": False, "broker_away": NOW - minutes(2)}, "Redis does not answer"),
    ({"broker_up": False, "broker_away": NOW - timedelta(seconds=20)}, None),
    ({"expiries": [Expiry(what="token of office", until=NOW + timedelta(days=20))]}, None),
    ({"expiries": [Expiry(what="token of office", until=NOW + timedelta(days=3))]}, "expires in 3 d"),
    ({"expiries": [Expiry(what="token of office", until=NOW - DAY)]}, "has expired"),
    ({"expiries": [Expiry(what="token of office", until=None, trouble="withdrawn")]}, "cannot be used: withdrawn"),
    ({"expiries": [Expiry(what="token of office", until=None)]}, None),
    ({"outage": Outage(since=NOW - minutes(9), until=NOW)}, "The database was away"),
    ({"outage": Outage(since=NOW - timedelta(seconds=9), until=NOW)}, None),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "says"), CASES)
def test_what_needs_a_person(changes: dict[str, Any], says: str | None) -> None:
    found = troubles(facts(**changes), Bounds())
    assert [says is not None and says in trouble.says for trouble in found] == ([True] if says else [])


def test_an_old_backup_is_told_where_that_is_wanted() -> None:
    old = facts(backup_at=NOW - 3 * DAY)
    assert troubles(old, Bounds()) == []
    assert [t.says for t in troubles(old, Bounds(backup_age=2 * DAY))] == ["The last backup is 3 d old"]
    assert [t.name for t in troubles(facts(since=NOW - 3 * DAY), Bounds(backup_age=2 * DAY))] == ["backup"]


def test_what_a_machine_has_of_its_own_is_named_after_it() -> None:
    ends = Expiry(what="token of mailbox:office on call", until=NOW)
    worst = facts(here="desk1", free_disk=0, expiries=[ends], mailboxes=[box(DAY)])
    mine, everybodys = told_by(worst, shared=False), told_by(worst, shared=True)
    names = ["disk on desk1", "mailbox office", "token of mailbox:office on call on desk1", "backup on desk1"]
    found = [trouble.name for trouble in troubles(replace(worst, since=NOW - DAY), Bounds(backup_age=DAY))]
    assert found == names
    assert [name for name in names if mine(name)] == [names[0], *names[2:]]
    assert [name for name in names if everybodys(name)] == ["mailbox office"]
    assert not mine("disk on desk2")
    assert everybodys("disk on desk2")  # nobody lives there
    assert not told_by(replace(worst, here="desk3"), shared=True)("disk on desk")  # the worker does


@pytest.mark.parametrize(
    ("name", "changes"), [("disk", {"free_disk": (1 << 30) + 1000}), ("outbox", {"outbox": {"waiting": 900}})]
)
def test_what_is_in_trouble_stays_so_until_it_is_well_beyond_its_limit(name: str, changes: dict[str, Any]) -> None:
    assert troubles(facts(**changes), Bounds()) == []
    assert [t.name for t in troubles(facts(**changes), Bounds(), standing={name})] == [name]


# ---------------------------------------------------------------------------- telling

DISK = Trouble(name="disk", says="Only 1 MiB is free")


class Memory:
    """What is remembered between looks, and what people heard."""

    def __init__(self) -> None:
        self.told: dict[str, Told] = {}
        self.heard: list[str] = []

    def look(self, now: datetime, found: Sequence[Trouble]) -> Decision:
        decision = decide(now, found, self.told, DAY)
        self.heard += [f"{t.name} begins" for t in decision.begun]
        self.heard += [f"{t.name} lasts" for t, _ in decision.lasting]
        self.heard += [f"{t.name} is over" for t in decision.ended]
        self.told |= {t.name: t for t in decision.keep}
        for name in decision.forget:
            del self.told[name]
        return decision


def test_people_hear_once_again_after_a_day_and_when_it_is_over() -> None:
    memory = Memory()
    for minute in range(0, 2 * 24 * 60, 10):
        memory.look(NOW + minutes(minute), [DISK])
    assert memory.heard == ["disk begins", "disk lasts"]
    end = NOW + 2 * DAY
    memory.look(end, [])
    memory.look(end + CALM - minutes(1), [])
    assert memory.heard == ["disk begins", "disk lasts"]
    memory.look(end + CALM, [])
    assert memory.heard == ["disk begins", "disk lasts", "disk is over"]
    assert memory.told == {}


def test_what_comes_and_goes_within_minutes_is_one_trouble() -> None:
    memory = Memory()
    for minute in range(0, 300, 5):
        memory.look(NOW + minutes(minute), [DISK] if minute % 10 == 0 else [])
    assert memory.heard == ["disk begins"]


def test_what_is_over_already_is_told_once_and_not_watched() -> None:
    memory = Memory()
    memory.look(NOW, [Trouble(name="database", says="was away", over=True)])
    for minute in range(1, 60):
        memory.look(NOW + minutes(minute), [])
    assert memory.heard == ["database begins"]


def test_a_look_at_which_nothing_changes_writes_nothing() -> None:
    memory = Memory()
    assert memory.look(NOW, [DISK]).anything
    assert not memory.look(NOW + minutes(1), [DISK]).anything
    assert not Memory().look(NOW, []).anything


@given(st.lists(st.booleans(), max_size=200), st.integers(1, 600))
def test_each_beginning_has_one_end_and_a_day_at_most_one_reminder(there: list[bool], every: int) -> None:
    memory = Memory()
    for step, is_there in enumerate(there):
        memory.look(NOW + minutes(step * every), [DISK] if is_there else [])
    turns = [line for line in memory.heard if line != "disk lasts"]
    assert turns == ["disk begins", "disk is over"] * (len(turns) // 2) + ["disk begins"] * (len(turns) % 2)
    assert memory.heard.count("disk lasts") <= len(there) * every / (24 * 60)
