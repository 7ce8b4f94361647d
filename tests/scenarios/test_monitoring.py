"""What operators see of a real maild, and what it tells them by itself."""

from __future__ import annotations

import http.client
import json
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from maild.app.tell_troubles import CALM, TellTroubles
from maild.app.troubles import Trouble
from maild.cli.main import app
from maild.store.standing_troubles import read_told, troubled_unit
from maild.testing.conversation import SETTINGS, Conversation
from maild.testing.desk import Desk, SetUp, running_desk
from maild.testing.mails import new_mail
from maild.testing.nursery import Nursery
from maild.testing.servers.daemon import HOST, free_port
from maild.testing.waiting import wait_until

ROOT = "root@example.com"


@contextmanager
def watched(
    folder: Path,
    nursery: Nursery,
    setup: SetUp | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    **more: str,
) -> Iterator[tuple[Desk, Any]]:
    """A desk that is looked at each second, and what a path of its HTTP says: (status, body)."""
    port = free_port()
    keys = {"listen": f'"{HOST}:{port}"', "look": '"1s"', "free_disk": '"1 MiB"', **more}
    table = "".join(f"{key} = {value}\n" for key, value in keys.items() if key != "tables")

    def ask(path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection(HOST, port, timeout=60)
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, body

    settings = f"{SETTINGS}\n[monitoring]\n{table}{more.get('tables', '')}"
    setup = setup or SetUp(store="sqlite")
    with running_desk(folder, setup, nursery, settings=settings, environment=environment) as desk:
        yield desk, ask


def value(text: str, sample: str) -> float:
    """A sample of the metrics; -1 when it is not there."""
    found = re.search(rf"(?m)^{re.escape(sample)} (.*)$", text)
    return float(found[1]) if found else -1


def maild(desk: Desk, *words: str) -> Any:
    return CliRunner().invoke(app, ["-c", str(desk.config), *words])


def test_the_metrics_of_all_processes_come_together(tmp_path: Path, nursery: Nursery, setup: SetUp) -> None:
    with watched(tmp_path, nursery, setup) as (desk, ask):
        for number in range(3):
            desk.send(new_mail(subject=f"Secret {number}"))
        desk.settle()

        def counted(sample: str, count: float) -> bool:
            return value(ask("/metrics")[1], sample) == count

        wait_until(lambda: counted('maild_mails_total{outcome="new_ticket"}', 3))
        wait_until(lambda: counted('maild_letters_total{state="sent"}', 9))
        text = ask("/metrics")[1]
        assert value(text, 'maild_mails_accepted_total{door="smtp"}') == 3
        assert value(text, "maild_mail_seconds_count") == 3
        assert value(text, 'maild_relay_answers_total{code="2xx"}') == 9
        wait_until(lambda: counted('maild_processes{role="worker"}', 2 if setup.shared else 1))
        assert value(text, "maild_ready") == value(text, "maild_up") == value(text, "maild_database_up") == 1
        assert ask("/health") == ask("/ready") == (200, '{"ok": true, "reasons": []}\n')
        facts = json.loads(maild(desk, "status", "--json").stdout)
        assert {role for each in facts["processes"] for role in each["roles"]} == {"doors", "worker"}
        assert facts["latest_mail"].keys() == {"smtp"}
        assert any(each["worked_at"] for each in facts["processes"])
        screen = maild(desk, "status").stdout
        # Nobody's address, no subject and no secret.
        for shown in (text, screen, *map(str, desk.logged())):
            assert not re.search(r"customer\.example|Secret \d|0123456789abcdef", shown)
        assert {"inbox", "ticket", "outcome", "seconds"} <= desk.logged("mail")[0].keys()
        assert {"letter", "ticket", "state", "code"} <= desk.logged("letter")[0].keys()
        desk.stop()
        assert "none: maild does not run" in maild(desk, "status").stdout


def test_a_worker_that_dies_makes_it_unready_and_is_told_of(tmp_path: Path, nursery: Nursery, redis_url: str) -> None:
    setup = SetUp(store="sqlite", broker=redis_url)
    with watched(tmp_path, nursery, setup, process_silent='"30s"') as (desk, ask):
        wait_until(lambda: ask("/ready")[0] == 200)  # the worker has said that it lives
        doors, *workers = desk._processes
        for worker in workers:
            worker.kill()
        wait_until(lambda: ask("/ready")[0] == 503)
        reasons = ask("/ready")[1]
        assert json.loads(reasons)["reasons"] == ["no worker is alive"]
        assert ask("/health")[0] == 200  # to start this one again would help nobody
        assert doors.ended is False


def test_what_needs_a_person_is_mailed_once(tmp_path: Path, nursery: Nursery) -> None:
    office = f'[[mailbox]]\nname = "office"\nhost = "{HOST}"\nport = {free_port()}\nsecurity = "none"\nusername = "x"\n'
    with watched(
        tmp_path, nursery, mailbox_silent='"1s"', tables=f'{office}password = "mailbox-canary"\npoll = "1s"\n'
    ) as (desk, ask):
        [letter] = desk.letters(ROOT)
        assert "Mailbox office has never been read" in str(letter.mail["Subject"])
        assert "maild check" in letter.text
        wait_until(lambda: value(ask("/metrics")[1], 'maild_trouble{name="mailbox office"}') == 1)
        looked = len(desk.logged("imap.unreachable")) + 2
        wait_until(lambda: len(desk.logged("imap.unreachable")) >= looked or desk.logged("trouble"))
        status = maild(desk, "status")
        assert status.exit_code == 1
        assert "Mailbox office has never been read" in status.stdout
        desk.send(new_mail())
        desk.settle()
        assert len(desk.letters(ROOT)) == 1
        assert [line["name"] for line in desk.logged("trouble")] == ["mailbox office"]
        assert "canary" not in letter.everything + status.stdout + ask("/metrics")[1]


def test_a_hanging_job_is_unhealthy_and_the_watchdog_is_no_longer_fed(tmp_path: Path, nursery: Nursery) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd, socket.socket() as relay:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(60)
        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "300000"}
        with watched(tmp_path, nursery, environment=environment, hung='"1s"') as (desk, ask):
            assert systemd.recv(100) == b"READY=1"
            assert systemd.recv(100) == b"WATCHDOG=1"
            desk.sink.stop()
            relay.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            relay.bind((HOST, desk.sink.port))
            relay.listen()  # takes connections and says nothing; send.timeout is 5 s
            desk.send(new_mail())
            wait_until(lambda: "the job deliver has not moved" in ask("/health")[1])
            wait_until(lambda: desk.logged("hanging"))
            systemd.settimeout(0)
            with suppress(BlockingIOError):
                while systemd.recv(100):
                    pass
            silent = [ask("/health")[0] for _ in range(60)]  # longer than between two feedings
            if 200 not in silent:
                with pytest.raises(BlockingIOError):
                    systemd.recv(100)
            relay.close()
            wait_until(lambda: ask("/health")[0] == 200)  # the connection timed out, and the job went on


def test_a_trouble_and_its_end_are_written_on_either_database(talk: Conversation) -> None:
    def look(wait: timedelta, *found: Trouble) -> None:
        talk.wait(wait)
        tell = TellTroubles(
            unit=lambda: troubled_unit(talk.database),
            letters=talk.parts.letters,
            log=talk._log,
            salt=lambda: "00" * 16,
            remind=timedelta(days=1),
        )
        with talk.database.read() as connection:
            told = read_told(connection)
        tell.run(talk.now, found, told)
        talk.work()

    def subjects() -> list[str]:
        return [str(letter.mail["Subject"]) for letter in talk.letters(ROOT)]

    disk = Trouble(name="disk", says="Only 5 MiB are free", advice="Make room.", command="maild status")
    box = Trouble(name="mailbox office", says="Mailbox office was not read for 20 min", command="maild check")
    look(timedelta(), disk)
    look(timedelta(minutes=1), disk)
    assert subjects() == ["[maild] Only 5 MiB are free"]
    look(timedelta(hours=24), disk, box)
    assert subjects()[1:] == ["[maild] 2 things need a person"]
    text = talk.letters(ROOT)[-1].text
    assert "Only 5 MiB are free" in text
    assert "Since: " in text
    assert "maild check" in text
    look(timedelta(minutes=1), box)
    look(CALM, box)
    assert subjects()[2:] == ["[maild] All clear: disk"]
    assert [line["event"] for line in talk.log if "trouble" in str(line["event"])] == [
        "trouble", "trouble", "trouble lasts", "trouble over",
    ]  # fmt: skip


def test_an_address_beyond_this_machine_must_be_wanted(tmp_path: Path) -> None:
    file = tmp_path / "maild.toml"
    file.write_text(f'{SETTINGS}\n[monitoring]\nlisten = "0.0.0.0:9725"\n')
    file.chmod(0o600)
    refused = CliRunner().invoke(app, ["-c", str(file), "status"])
    assert refused.exit_code == 78
    assert "beyond_loopback = true" in refused.stderr
    file.write_text(f'{SETTINGS}\n[monitoring]\nlisten = "0.0.0.0:9725"\nbeyond_loopback = true\n')
    assert "beyond_loopback" not in CliRunner().invoke(app, ["-c", str(file), "status"]).stderr
