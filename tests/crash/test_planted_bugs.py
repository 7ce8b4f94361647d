"""The harness can see: each of these bugs, planted in the daemon, makes the checker complain."""

from pathlib import Path

import pytest

from maild.testing import stops
from maild.testing.conversation import Conversation
from maild.testing.databases import SqliteCopies
from maild.testing.desk import Desk, SetUp
from maild.testing.invariants import check
from maild.testing.mails import new_mail
from maild.testing.nursery import Nursery
from maild.testing.stops import Stop
from maild.testing.waiting import wait_until


@pytest.fixture
def desk(tmp_path: Path):  # type: ignore[no-untyped-def]
    made = Desk(tmp_path, SetUp(store="sqlite"))
    yield made
    made.close()


def test_a_250_before_the_commit_is_found(desk: Desk, nursery: Nursery) -> None:
    desk.start(nursery, plant="yes_before_commit")
    desk.send(new_mail())
    desk.kill()
    desk.start(nursery)
    [fault] = desk.faults()
    assert "got 250 1 times and is in the inbox 0 times" in fault


def test_a_mail_that_is_claimed_twice_is_found(sqlite_copies: SqliteCopies, tmp_path: Path) -> None:
    talk = Conversation(sqlite_copies.make(tmp_path), tmp_path)
    undo = stops.double_claim()
    try:
        talk.receive(new_mail())
    finally:
        undo()
    assert "inbox 1: opened 2 tickets" in check(talk.database, posted=talk.sender.posted)
    talk.close()


def test_an_automatic_letter_that_is_sent_again_is_found(desk: Desk, nursery: Nursery, tmp_path: Path) -> None:
    stop = Stop(at="maild.outbound.smtp:SmtpSender.send", when="after", marker=str(tmp_path / "stop"))
    desk.start(nursery, stop=stop)
    desk.send(new_mail())
    wait_until(lambda: stop.reached)
    desk.kill()
    desk.start(nursery, plant="resend_automatic")
    assert "outbox 1 (acknowledgement): automatic, but sent 2 times" in desk.faults()


def test_a_changed_event_is_found(sqlite_copies: SqliteCopies, tmp_path: Path) -> None:
    talk = Conversation(sqlite_copies.make(tmp_path), tmp_path)
    talk.receive(new_mail())
    with talk.database.write() as connection:
        triggers = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
        for name in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("UPDATE event SET actor = 'admin' WHERE seq = 1")
    assert any("was changed after it was written" in fault for fault in check(talk.database))
    talk.close()
