"""Whole conversations with real processes, and what they do when things around them go away."""

import json
import smtplib
import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner

from maild.cli.main import app
from maild.testing.desk import Desk, SetUp, running_desk
from maild.testing.mails import delivery_report, new_mail, reply_to
from maild.testing.nursery import Nursery
from maild.testing.servers import postgres, redis
from maild.testing.waiting import wait_until

KIM, ANNA = "kim@customer.example", "anna@staff.example"


def conversation(desk: Desk) -> None:
    """A customer writes, an agent holds, the customer replies, the agent's answer bounces."""
    photo = ("Tür.jpg", "image/jpeg", b"\xff\xd8" + bytes(5000))
    desk.send(new_mail("Die Tür klemmt. Grüße", subject="Tür für Büro", files=[photo]))
    [acknowledgement] = desk.letters(KIM)
    assert acknowledgement.mail["Subject"] == "Tür für Büro [#1]"
    desk.send(reply_to(desk.letters(ANNA)[0], "#hold a photo\n\nPlease send a photo.", files=[photo]))
    answer = desk.letters(KIM, 2)[-1]
    assert "staff.example" not in answer.everything
    wait_until(lambda: desk.tickets()[0].status == "on_hold")
    desk.send(reply_to(answer, "I am away.", headers={"Auto-Submitted": "auto-replied"}))
    wait_until(lambda: [m.outcome for m in desk.mails()][-1] == "automatic")
    assert desk.tickets()[0].status == "on_hold"
    desk.send(reply_to(answer, "Here it is."))
    wait_until(lambda: desk.tickets()[0].status == "open")
    desk.send(delivery_report(answer), sender="", to=answer.sender)
    wait_until(lambda: [m.outcome for m in desk.mails()][-1] == "bounce")
    desk.send(new_mail("broken").replace(b"MIME-Version: 1.0", b"Content-Type: multipart/mixed"))
    assert desk.faults() == []
    assert [m.outcome for m in desk.mails()] == ["new_ticket", "reply", "automatic", "reply", "bounce", "new_ticket"]


def test_a_conversation_through_the_program_as_it_is_started_by_an_admin(setup: SetUp, tmp_path: Path) -> None:
    with running_desk(tmp_path, setup) as desk:
        conversation(desk)
        assert set(desk.stop()) == {0}
        assert desk.logged("stopped")


def burst(desk: Desk, number: int, mails: int) -> None:
    """One customer's mails, over one connection, until the door closes."""
    try:
        with desk.connect() as smtp:
            for count in range(mails):
                desk.send(new_mail(f"Mail {count}", sender=f"Kim <kim{number}@customer.example>"), over=smtp)
    except (smtplib.SMTPException, OSError):
        pass  # what did not get 250 need not be there


def test_sigterm_under_load_loses_nothing_and_ends_by_itself(desk: Desk, nursery: Nursery) -> None:
    senders = [threading.Thread(target=burst, args=(desk, number, 200)) for number in range(4)]
    for sender in senders:
        sender.start()
    wait_until(lambda: len(desk.accepted) >= 40)
    desk.stop()
    for sender in senders:
        sender.join()
    assert len(desk.accepted) < 800, "it was over before the stop; the test shows nothing"
    assert [m for m in desk.mails() if m.state == "working"] == []
    desk.start(nursery)
    assert desk.faults() == []
    assert len(desk.tickets()) == len(desk.mails())


def test_letters_wait_while_the_relay_is_away(desk: Desk) -> None:
    desk.sink.stop()
    desk.send(new_mail())
    wait_until(lambda: [line for line in desk.logged("letter") if line["state"] == "waiting"])
    assert desk.sink.posted == []
    desk.sink.start()
    assert desk.faults() == []
    assert len(desk.sink.to(KIM)) == 1


def test_a_letter_that_is_refused_for_good_is_told_and_an_answer_opens_the_ticket(desk: Desk) -> None:
    desk.send(new_mail())
    notification = desk.letters(ANNA)[0]
    desk.settle()
    desk.sink.refuse[KIM] = "550 5.1.1 no such user"
    desk.send(reply_to(notification, "Please oil it."))
    assert "did not reach" in desk.letters(ANNA, 2)[-1].text
    assert "could not be delivered" in desk.letters("root@example.com")[0].text
    assert desk.faults() == []
    assert desk.tickets()[0].status == "open"


def test_the_same_config_with_a_new_queue_is_taken_in_by_sighup(desk: Desk) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        desk.send(new_mail(to="sales@example.com"))
    desk.write_config('\n[[queue]]\nname = "sales"\naddresses = ["sales@example.com"]\n')
    processes = len(desk.logged("ready"))
    desk.reload()
    wait_until(lambda: len(desk.logged("reloaded")) == processes)
    desk.send(new_mail(to="sales@example.com"))
    desk.settle()
    assert [t.queue for t in desk.tickets()] == ["sales"]


def test_a_faulty_config_is_refused_by_sighup_and_the_old_one_stays(desk: Desk) -> None:
    desk.write_config('\n[desk]\nname = ""\ntwice = true\n')
    processes = len(desk.logged("ready"))
    desk.reload()
    refused = wait_until(
        lambda: found if len(found := desk.logged("reload refused, the old configuration stays")) == processes else []
    )
    assert "maild.toml" in str(refused[0]["problems"])
    desk.send(new_mail())
    assert desk.faults() == []
    assert len(desk.sink.to(KIM)) == 1


def test_a_reload_to_an_address_that_is_taken_keeps_the_old_doors(desk: Desk) -> None:
    sales = '\n[[queue]]\nname = "sales"\naddresses = ["sales@example.com"]\n'
    desk.write_config(f'{sales}\n[[receiver]]\nlisten = "127.0.0.1:{desk.sink.port}"\n')
    desk.reload()
    wait_until(lambda: desk.logged("reload failed, the old configuration stays"))
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        desk.send(new_mail(to="sales@example.com"))
    desk.send(new_mail())
    assert desk.faults() == []


# ---------------------------------------------------------------------------- servers go away


def test_postgresql_away_is_451_and_everything_goes_on_by_itself(
    nursery: Nursery, redis_url: str, tmp_path: Path
) -> None:
    with postgres(durable=True) as server:
        setup = SetUp(store=server.create_database("desk"), broker=redis_url)
        with running_desk(tmp_path, setup, nursery) as desk:
            desk.send(new_mail("before"))
            desk.settle()
            desk.sink.stop()
            desk.send(new_mail("its letters are on their way"))
            wait_until(lambda: len(desk.logged("mail")) == 2)
            server.stop_immediately()
            with pytest.raises(smtplib.SMTPDataError) as refused:
                desk.send(new_mail("during"))
            assert refused.value.smtp_code == 451
            assert b"postgres" not in refused.value.smtp_error.lower()  # no inside details
            wait_until(lambda: desk.logged("sweep failed"))
            desk.sink.start()
            server.start()
            wait_until(lambda: _accepts(desk))
            assert desk.faults() == []
            assert len(desk.sink.to(KIM)) == 3


def _accepts(desk: Desk) -> bool:
    try:
        desk.send(new_mail("after"))
    except smtplib.SMTPException:
        return False
    return True


def test_redis_away_loses_nothing_and_takes_no_mail_hostage(
    nursery: Nursery, postgres_url: str, tmp_path: Path
) -> None:
    with redis() as server, running_desk(tmp_path, SetUp(store=postgres_url, broker=server.url), nursery) as desk:
        desk.send(new_mail("before"))
        desk.settle()
        server.kill()
        desk.send(new_mail("during"))
        server.start()  # empty, like one that lost everything
        desk.settle()
        server.flush()
        desk.send(new_mail("after"))
        assert desk.faults() == []
        assert len(desk.sink.to(KIM)) == 3


# ---------------------------------------------------------------------------- maild reload

SALES = '\n[[queue]]\nname = "sales"\naddresses = ["sales@example.com"]\n'


def test_maild_reload_tells_what_changed_and_who_took_it(desk: Desk) -> None:
    desk.write_config(SALES)
    processes = desk.logged("ready")

    told = CliRunner().invoke(app, ["--config", str(desk.config), "reload"])

    assert told.exit_code == 0, told.output
    first, *changes = told.output.splitlines()
    assert first.startswith("reloaded by process")
    assert len(first.split(",")) == len(processes)
    assert changes == ["  queue support is gone", "  queue sales is new"]
    assert [line["changed"] for line in desk.logged("reloaded")] == [
        ["queue support is gone", "queue sales is new"]
    ] * len(processes)
    desk.send(new_mail(to="sales@example.com"))
    again = CliRunner().invoke(app, ["--config", str(desk.config), "reload", "--json"])
    assert [each["changed"] for each in json.loads(again.output)["processes"]] == [[]] * len(processes)


def test_maild_reload_of_a_faulty_file_tells_its_faults_and_no_process(desk: Desk) -> None:
    desk.write_config('\n[tickets]\nreopen_within = "soon"\n')
    told = CliRunner().invoke(app, ["--config", str(desk.config), "reload"])
    assert told.exit_code == 78
    assert "'soon' is not a duration" in told.output
    desk.write_config()
    assert CliRunner().invoke(app, ["--config", str(desk.config), "reload"]).exit_code == 0
    assert desk.logged("reload refused, the old configuration stays") == []


def test_maild_reload_tells_why_the_daemon_could_not_take_it(nursery: Nursery, tmp_path: Path) -> None:
    with running_desk(tmp_path, SetUp(store="sqlite"), nursery) as desk:
        desk.write_config(f'{SALES}\n[[receiver]]\nlisten = "127.0.0.1:{desk.sink.port}"\n')
        told = CliRunner().invoke(app, ["--config", str(desk.config), "reload"])
        assert told.exit_code == 1
        assert "keeps its configuration" in told.output
        assert str(desk.sink.port) in told.output
        desk.kill()
        told = CliRunner().invoke(app, ["--config", str(desk.config), "reload"])
        assert told.exit_code == 1
        assert "no maild runs here" in told.output
        assert list((tmp_path / "data" / "run").glob("*.json")) == []
