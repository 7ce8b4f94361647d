"""One test for each row of the crash table in HOUSE.md: killed there, started again, nothing lost, nothing twice."""

import smtplib
from pathlib import Path

import pytest

from maild.store import schema
from maild.testing.desk import Desk, SetUp
from maild.testing.mails import new_mail, reply_to
from maild.testing.nursery import Nursery
from maild.testing.servers import DovecotServer
from maild.testing.stops import Stop
from maild.testing.waiting import wait_until

KIM, ANNA, ROOT = "kim@customer.example", "anna@staff.example", "root@example.com"
ACCEPT = "maild.store.inbox:StoredInbox.accept"
SAVE = "maild.store.unit:StoredUnit.save"
SEND = "maild.outbound.smtp:SmtpSender.send"
RING = "maild.worker.bells:Bells.ring"


@pytest.fixture
def marker(tmp_path: Path) -> str:
    return str(tmp_path / "stop")


def die(desk: Desk, nursery: Nursery, stop: Stop, mail: bytes) -> bool:
    """Run a desk, one process of which dies at a point, send it a mail, start it again; whether the mail got 250."""
    desk.start(nursery, stop=stop)
    try:
        desk.send(mail)
        said_yes = True
    except (smtplib.SMTPException, OSError):
        said_yes = False
    wait_until(lambda: stop.reached and desk.any_ended(), f"somebody to die at {stop.at}")
    desk.revive(nursery)
    return said_yes


def test_before_the_inbox_commit_there_is_no_250_and_the_sender_tries_again(
    desk: Desk, nursery: Nursery, marker: str
) -> None:
    mail = new_mail()
    assert not die(desk, nursery, Stop(at=ACCEPT, when="before", marker=marker), mail)
    assert desk.mails() == []
    desk.send(mail)
    assert desk.faults() == []
    assert [m.outcome for m in desk.mails()] == ["new_ticket"]


def test_after_the_commit_and_before_250_the_second_copy_is_a_duplicate(
    desk: Desk, nursery: Nursery, marker: str
) -> None:
    mail = new_mail()
    assert not die(desk, nursery, Stop(at=ACCEPT, when="after", marker=marker), mail)
    desk.send(mail)
    assert desk.faults() == []
    assert [m.outcome for m in desk.mails()] == ["new_ticket", "duplicate"]
    assert len(desk.sink.to(KIM)) == 1


def test_before_the_doorbell_the_sweep_finds_the_row(desk: Desk, nursery: Nursery, marker: str) -> None:
    die(desk, nursery, Stop(at=RING, when="before", marker=marker), new_mail())
    assert desk.faults() == []
    assert [m.outcome for m in desk.mails()] == ["new_ticket"]
    assert len(desk.sink.to(KIM)) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_inside_ingest_nothing_happened_and_it_runs_again(desk: Desk, nursery: Nursery, marker: str, when: str) -> None:
    assert die(desk, nursery, Stop(at=SAVE, when=when, marker=marker), new_mail())  # type: ignore[arg-type]
    assert desk.faults() == []
    assert [(m.outcome, m.attempts) for m in desk.mails()] == [("new_ticket", 2)]
    assert len(desk.sink.to(KIM)) == 1


def test_a_dead_workers_claim_is_freed_without_waiting_for_its_lease(desk: Desk, nursery: Nursery, marker: str) -> None:
    claim = Stop(at="maild.store.inbox:StoredDesktop.claim", when="after", found=True, marker=marker)
    die(desk, nursery, claim, new_mail())
    assert desk.faults() == []
    wait_until(lambda: desk.logged("work of a dead worker freed"))


def test_an_automatic_letter_that_the_relay_took_unrecorded_is_not_sent_again(
    desk: Desk, nursery: Nursery, marker: str
) -> None:
    die(desk, nursery, Stop(at=SEND, when="after", marker=marker), new_mail())
    assert desk.faults() == []
    uncertain = [row for row in desk.rows(schema.outbox) if row.uncertain]
    assert {letter.state for letter in uncertain} == {"uncertain"}
    assert len(uncertain) <= 3  # what may be under way at once: send.connections
    taken = [len(desk.sink.to(letter.recipient)) for letter in uncertain]
    assert max(taken) == 1  # one ended; of the others each may have arrived, or not


def test_an_agents_answer_that_the_relay_took_unrecorded_is_sent_again_as_the_same_mail(
    desk: Desk, nursery: Nursery, marker: str
) -> None:
    desk.start(nursery)
    desk.send(new_mail())
    notification = desk.letters(ANNA)[0]
    desk.settle()
    desk.stop()
    die(desk, nursery, Stop(at=SEND, when="after", marker=marker), reply_to(notification, "Please oil it."))
    assert desk.faults() == []
    first, second = desk.sink.to(KIM)[1:]
    assert first.raw == second.raw
    [letter] = [row for row in desk.rows(schema.outbox) if row.uncertain]
    assert (letter.state, letter.template) == ("sent", "answer")


def test_a_relay_that_falls_silent_after_the_dot_is_as_uncertain_as_a_crash(desk: Desk, nursery: Nursery) -> None:
    desk.start(nursery)
    desk.sink.fall_silent.add(KIM)
    desk.send(new_mail())
    desk.settle()
    desk.send(reply_to(desk.letters(ANNA)[0], "Please oil it."))
    wait_until(lambda: len(desk.sink.to(KIM)) >= 3)
    desk.sink.fall_silent.clear()
    assert desk.faults() == []
    assert [(r.template, r.state) for r in desk.rows(schema.outbox) if r.uncertain] == [
        ("acknowledgement", "uncertain"),
        ("answer", "sent"),
    ]


def test_a_mail_that_kills_every_worker_is_quarantined_and_told(setup: SetUp, nursery: Nursery, tmp_path: Path) -> None:
    desk = Desk(tmp_path, setup, attempts=2)
    try:
        desk.start(nursery, plant="deadly_mail")
        desk.send(new_mail("DEADLY"))
        while not _finished(desk):
            wait_until(lambda: _finished(desk) or desk.any_ended())
            desk.revive(nursery)
        [alert] = desk.letters(ROOT)
        desk.settle()
        desk.kill()
        desk.start(nursery)
        desk.send(new_mail("I come behind it"))
        assert desk.faults() == []
        assert [m.outcome for m in desk.mails()] == ["quarantined", "new_ticket"]
        assert "maild quarantine show 1" in alert.text
        assert desk.mails()[0].trouble == "its worker died 2 times"
    finally:
        desk.close()


def _finished(desk: Desk) -> bool:
    return [m.state for m in desk.mails()] == ["quarantined"]


def test_a_mail_between_the_commit_and_its_move_is_not_taken_in_twice(
    dovecot_server: DovecotServer, nursery: Nursery, marker: str, tmp_path: Path
) -> None:
    desk = Desk(tmp_path, SetUp(store="sqlite"))
    desk.write_config(
        f'\n[[mailbox]]\nname = "box"\nhost = "{dovecot_server.host}"\nport = {dovecot_server.port}\n'
        'security = "none"\nusername = "support"\npassword = "secret"\nfirst_run = "all"\npoll = "1s"\n'
    )
    try:
        stop = Stop(at=ACCEPT, when="after", marker=marker)
        dovecot_server.deliver(new_mail("by IMAP"))
        desk.start(nursery, stop=stop)
        wait_until(lambda: stop.reached and desk.any_ended())
        desk.revive(nursery)
        processed = dovecot_server.maildir() / ".Processed"
        wait_until(lambda: [*processed.glob("new/*"), *processed.glob("cur/*")], "the mail to be moved")
        assert desk.faults() == []
        assert [m.outcome for m in desk.mails()] == ["new_ticket"]
        assert len(desk.sink.to(KIM)) == 1
    finally:
        desk.close()
