"""The harness can see: each of these bugs, planted in the daemon, makes the checker complain."""

import shutil
from pathlib import Path

import pytest

from maild.testing import stops
from maild.testing.conversation import Conversation
from maild.testing.databases import SqliteCopies
from maild.testing.desk import Desk, SetUp
from maild.testing.invariants import check
from maild.testing.mails import new_mail
from maild.testing.nursery import Nursery
from maild.testing.servers import DovecotServer
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


@pytest.mark.parametrize(
    ("after", "plant"),
    [("move", ""), ("delete", "touch_before_commit"), ("flag", "touch_before_commit")],
)
def test_a_mailbox_that_is_touched_before_the_commit_is_found(
    dovecot_server: DovecotServer, nursery: Nursery, tmp_path: Path, after: str, plant: str
) -> None:
    desk = Desk(tmp_path, SetUp(store="sqlite"))
    desk.write_config(
        f'\n[[mailbox]]\nname = "box"\nhost = "{dovecot_server.host}"\nport = {dovecot_server.port}\n'
        f'security = "none"\nusername = "support"\npassword = "secret"\nfirst_run = "all"\nafter = "{after}"\n'
    )
    stop = Stop(at="maild.store.inbox:StoredInbox.accept", when="before", marker=str(tmp_path / "stop"))
    try:
        name = dovecot_server.deliver(new_mail("by IMAP")).name
        desk.start(nursery, stop=stop, plant=plant)
        wait_until(lambda: stop.reached)
        desk.kill()
        inbox = dovecot_server.maildir()
        there = [path.name for part in ("new", "cur") for path in (inbox / part).glob(f"{name}*")]
        untouched = [one for one in there if not set(one.partition(":2,")[2]) & set("FT")]
        assert bool(untouched) is not bool(plant)
    finally:
        desk.close()
        shutil.rmtree(dovecot_server.maildir())  # for the next test


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
    assert any(fault.endswith(": automatic, but sent 2 times") for fault in desk.faults())


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
