"""The private servers start, answer, stop and come back; nothing outlives a killed test run."""

import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from imapclient import IMAPClient
from redis import Redis

from maild.testing.servers import (
    DovecotServer,
    MissingServer,
    PostgresServer,
    RedisServer,
    dovecot,
    postgres,
    redis,
)
from maild.testing.servers.daemon import PrivateServer, find_program
from maild.testing.waiting import wait_until

MAIL = b"From: ann@example.com\r\nSubject: broken\r\n\r\nIt is broken.\r\n"


@pytest.fixture
def imap(dovecot_server: DovecotServer) -> Iterator[IMAPClient]:
    with IMAPClient(dovecot_server.host, dovecot_server.port, ssl=False) as client:
        client.login("support", dovecot_server.users["support"])
        client.select_folder("INBOX")
        yield client


def test_dovecot_can_do_what_the_poller_needs(imap: IMAPClient) -> None:
    assert {b"IDLE", b"MOVE", b"UIDPLUS"} <= set(imap.capabilities())


def test_dovecot_moves_an_appended_mail(imap: IMAPClient) -> None:
    imap.create_folder("Done")
    imap.append("INBOX", MAIL)
    (uid,) = imap.search("ALL")[-1:]
    imap.move([uid], "Done")
    assert uid not in imap.search("ALL")
    imap.select_folder("Done")
    assert imap.fetch(imap.search("ALL"), ["RFC822.SIZE"])


def test_dovecot_tells_an_idling_client_of_a_delivery(imap: IMAPClient, dovecot_server: DovecotServer) -> None:
    imap.idle()
    path = dovecot_server.deliver(MAIL)
    answers = imap.idle_check(timeout=25)  # without inotify it would look every half minute
    imap.idle_done()
    assert any(what == b"EXISTS" for _, what in answers), "IDLE is not told by inotify"
    assert path.is_relative_to(dovecot_server.maildir())


def test_dovecot_numbers_mails_in_the_order_of_their_delivery(
    imap: IMAPClient, dovecot_server: DovecotServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    nanoseconds = count(time.time_ns(), 700_000_000)  # a minute passes
    monkeypatch.setattr(time, "time_ns", lambda: next(nanoseconds))
    others = imap.search()
    for number in range(100):
        dovecot_server.deliver(b"Subject: %d\r\n\r\n" % number)
    imap.noop()
    found = imap.fetch(sorted(set(imap.search()) - set(others)), ["BODY.PEEK[]"])
    assert [found[uid][b"BODY[]"].split()[1] for uid in sorted(found)] == [b"%d" % number for number in range(100)]


def test_dovecot_speaks_tls_with_a_certificate_that_can_be_checked(dovecot_server: DovecotServer) -> None:
    if dovecot_server.certificate is None:
        pytest.skip("no openssl to make a certificate")
    context = ssl.create_default_context(cafile=dovecot_server.certificate)
    with IMAPClient(dovecot_server.host, dovecot_server.tls_port, ssl_context=context) as client:
        client.login("support", "secret")


def test_dovecot_keeps_its_mail_and_port_over_a_restart(tmp_path: Path) -> None:
    with dovecot(tmp_path, users={"ann": "a", "bob": "b"}) as server:
        server.deliver(MAIL, "bob")
        port = server.port
        server.restart()
        assert server.port == port
        with IMAPClient(server.host, server.port, ssl=False) as client:
            client.login("bob", "b")
            assert client.folder_status("INBOX", "MESSAGES") == {b"MESSAGES": 1}
    _assert_gone(server)


def test_redis_answers(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        assert client.keys() == []
        client.set("left", "over")


def test_redis_is_empty_for_the_next_test(redis_server: RedisServer, redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        client.set("left", "over")
        redis_server.flush()
        assert client.keys() == []


def test_redis_forgets_everything_when_it_stops(tmp_path: Path) -> None:
    with redis(tmp_path) as server:
        with Redis.from_url(server.url) as client:
            client.set("here", "today")
        server.stop()
        assert not server.running
        server.start()
        with Redis.from_url(server.url) as client:
            assert client.keys() == []
    _assert_gone(server)


@pytest.mark.parametrize("attempt", [1, 2])
def test_every_test_has_an_empty_postgres_database(postgres_url: str, attempt: int) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE mails (id int)")


def test_postgres_copies_a_template(postgres_server: PostgresServer, postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE mails (id int)")
    copy = postgres_server.create_database("copied", template=postgres_url.rpartition("/")[2])
    with psycopg.connect(copy) as connection:
        assert connection.execute("SELECT count(*) FROM mails").fetchone() == (0,)
    postgres_server.drop_database("copied")


def _ask_until_it_ends(connection: psycopg.Connection[tuple[int]]) -> None:
    """A killed server's backends live on for a moment."""
    for _ in range(100_000):
        connection.execute("SELECT 1")


@pytest.mark.parametrize("how", ["stop", "stop_immediately", "kill"])
def test_postgres_comes_back_with_what_was_committed(tmp_path: Path, how: str) -> None:
    with postgres(tmp_path, durable=True) as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE TABLE mails AS SELECT 1 AS id")
            getattr(server, how)()
            with pytest.raises(psycopg.OperationalError):
                _ask_until_it_ends(connection)
        assert not server.running
        server.start()
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT id FROM mails").fetchone() == (1,)
    _assert_gone(server)


def test_a_missing_server_says_how_to_get_it() -> None:
    with pytest.raises(MissingServer, match=r"no-such-server is not installed: run `make services`"):
        find_program("no-such-server", "no-such-package")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
@pytest.mark.parametrize("name", ["postgres", "redis", "dovecot"])
def test_servers_die_with_a_killed_test_run(name: str, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(f"{name}_server")  # skips when there is no such server
    code = f"""
from maild.testing.servers import {name}
with {name}() as server:
    print(server.pid, server.home, flush=True)
    input()
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        pid, home = run.stdout.readline().split()
        run.send_signal(signal.SIGKILL)
    wait_until(lambda: not _alive(int(pid)), f"the end of {name} with the test run that started it")
    assert Path(home).exists()  # the kill left no time to tidy up
    shutil.rmtree(home)


def _alive(pid: int) -> bool:
    """Is there such a process? An orphan that has ended may wait for a lazy init to bury it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _assert_gone(server: PrivateServer) -> None:
    assert not server.running
    assert not server.home.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((server.host, server.port), timeout=60)
