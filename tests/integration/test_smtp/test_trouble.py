"""When something breaks: the answer is temporary, says nothing, and no mail is lost or stored by halves."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import struct
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from maild.errors import Permanent

if TYPE_CHECKING:
    from tests.integration.test_smtp.conftest import Client, House, Serve

TRY_LATER = "451 4.3.0 temporary trouble here, please try again later"


@pytest.mark.parametrize(
    "trouble",
    [
        RuntimeError("db down: postgres://user:secret@db refused"),
        OSError(errno.ENOSPC, "no space left"),
        Permanent("never from the database", public="go away"),
        UnicodeError("nicht übersetzbar"),
        EOFError("the database hung up"),
    ],
    ids=lambda trouble: type(trouble).__name__,
)
def test_an_inbox_that_fails_is_a_451_without_details(house: House, trouble: Exception) -> None:
    house.inbox.trouble = trouble
    client = house.dial().hello()
    assert client.mail(b"x\r\n.\r\n") == TRY_LATER
    house.inbox.trouble = None
    assert client.mail(b"again\r\n.\r\n").startswith("250")
    assert house.inbox.bodies == [b"again\r\n"]


def test_an_unknown_failure_of_our_own_is_a_451(serve: Serve) -> None:
    def broken(_: str) -> bool:
        raise OSError("the list of addresses is at /etc/secret")

    client = serve(accepts=broken).dial().hello()
    client.ask(b"MAIL FROM:<a@b.test>")
    assert client.ask(b"RCPT TO:<x@y.test>") == TRY_LATER
    assert client.ask(b"NOOP").startswith("250")


def test_a_failure_in_the_middle_of_data_never_turns_the_rest_into_commands(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maild.intake.smtp_data.DotStream.feed", lambda *_: 1 / 0)
    client = house.dial().hello().begin_mail()
    client.send(b"x\r\nNOOP\r\n")
    assert client.answer().startswith("421 4.3.0 temporary")
    assert client.answer() == ""


def test_mails_after_the_group_commit_was_closed_are_put_off(house: House) -> None:
    house.commit.close()
    assert house.dial().hello().mail(b"x\r\n.\r\n") == TRY_LATER


def test_a_mail_that_cannot_be_stored_does_not_spoil_its_neighbours(house: House) -> None:
    house.inbox.poison = b"poison"
    house.inbox.open.clear()
    first = house.dial().hello().begin_mail()
    first.send(b"first\r\n.\r\n")
    assert house.inbox.entered.wait(60)
    others: list[Client] = []
    for body in (b"good", b"poison", b"fine"):  # these three wait and make one group
        others.append(house.dial().hello().begin_mail())
        others[-1].send(body + b"\r\n.\r\n")
        others[-1].send(b"NOOP\r\n")
    while house.call(lambda: len(house.commit._small.mails)) < 3:
        pass
    house.inbox.open.set()
    assert first.answer().startswith("250")
    assert [client.answer()[:3] for client in others] == ["250", "451", "250"]
    assert house.inbox.bodies == [b"first\r\n", b"good\r\n", b"fine\r\n"]


# ---------------------------------------------------------------------------- the disk


def test_a_full_disk_puts_mail_off_and_space_brings_it_back(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    house = serve.limited(min_free_disk=1000)
    reception = house.receiver._reception
    assert reception is not None
    asked: list[Path] = []
    now, free = [0.0], [5000]

    def ask(folder: Path) -> int:
        asked.append(folder)
        return free[0]

    monkeypatch.setattr(reception.disk, "_ask", ask)
    monkeypatch.setattr(reception.disk, "_monotonic", lambda: now[0])
    client = house.dial().hello()
    assert client.ask(b"MAIL FROM:<a@b.test> SIZE=5000").startswith("452 4.3.1")
    assert client.ask(b"MAIL FROM:<a@b.test> SIZE=4000").startswith("250")
    client.ask(b"RSET")
    free[0], now[0] = 0, 1.0
    for _ in range(20):
        assert client.ask(b"MAIL FROM:<a@b.test>").startswith("452 4.3.1"), "and these are no errors of the client's"
    free[0], now[0] = 5000, 2.0
    assert client.mail(b"x\r\n.\r\n").startswith("250")
    assert len(asked) == 3, "once a second"


def test_a_file_that_cannot_be_written_puts_the_mail_off(serve: Serve, tmp_path: Path) -> None:
    house = serve(folder=tmp_path / "gone")
    (tmp_path / "gone").mkdir()
    client = house.dial().hello().begin_mail()
    (tmp_path / "gone").rmdir()
    client.send(b"x" * 1_000_000 + b"\r\n.\r\n")
    assert client.answer().startswith("452 4.3.1")
    (tmp_path / "gone").mkdir()
    assert client.mail(b"x\r\n.\r\n").startswith("250")


# ---------------------------------------------------------------------------- clients that go away


def reset(client: Client) -> None:
    """Close with RST instead of FIN."""
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


@pytest.mark.parametrize("size", [10, 1_000_000], ids=["in memory", "in a file"])
def test_a_client_that_is_gone_after_the_dot_has_its_mail_stored_once(house: House, size: int) -> None:
    house.inbox.open.clear()
    client = house.dial().hello().begin_mail()
    client.send(b"x" * size + b"\r\n.\r\n")
    assert house.inbox.entered.wait(60)
    reset(client)
    house.everybody_left()  # its task was cancelled while the commit hangs
    house.inbox.open.set()
    house.settled()
    assert house.inbox.bodies == [b"x" * size + b"\r\n"]


def test_a_commit_has_no_deadline(house: House) -> None:
    """The session's time may be over meanwhile; a cut here would bring the mail twice."""
    house.inbox.open.clear()
    client = house.dial().hello().begin_mail()
    client.send(b"x\r\n.\r\n")
    assert house.inbox.entered.wait(60)
    session = house.session()

    def ring_in_an_hour() -> None:
        now = house.loop.time() + 3600
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(house.loop, "time", lambda: now)
            session._timeout_cb()

    house.call(ring_in_an_hour)
    house.inbox.open.set()
    assert client.answer().startswith("250")
    assert client.ask(b"NOOP").startswith("250")


def test_a_client_that_half_closes_after_the_dot_gets_its_answer(house: House) -> None:
    client = house.dial().hello().begin_mail()
    client.send(b"x\r\n.\r\n")
    client.socket.shutdown(socket.SHUT_WR)
    assert client.answer().startswith("250")
    assert client.closed()
    assert house.inbox.bodies == [b"x\r\n"]


@pytest.mark.parametrize("size", [10, 1_000_000], ids=["in memory", "in a file"])
@pytest.mark.parametrize("how", [reset, lambda client: client.close()], ids=["reset", "close"])
def test_a_client_that_is_gone_before_the_dot_leaves_nothing(
    house: House, tmp_path: Path, size: int, how: Callable[[Client], None]
) -> None:
    client = house.dial().hello().begin_mail()
    client.send(b"x" * size + b"\r\n")
    how(client)
    house.everybody_left()
    house.settled()
    assert house.inbox.arrivals == []
    assert [name for name in _open_files() if str(tmp_path) in name] == []


def _open_files() -> list[str]:
    names = []
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):  # the one of the listing itself
            names.append(str(link.readlink()))
    return names


# ---------------------------------------------------------------------------- stopping


def test_stop_lets_the_mail_in_hand_finish_and_sends_the_others_away(house: House) -> None:
    idle, busy = house.dial().hello(), house.dial().hello().begin_mail()
    stopping = _start_stop(house, 20)
    assert idle.answer().startswith("421 4.3.2")
    assert idle.closed()
    busy.send(b"x\r\n.\r\n")
    assert busy.answer().startswith("250")
    assert busy.answer().startswith("421 4.3.2")
    stopping.result(20)
    assert house.inbox.bodies == [b"x\r\n"]
    assert house.receiver.connections == 0


def test_stop_does_not_wait_longer_than_its_grace(house: House) -> None:
    busy = house.dial().hello().begin_mail()
    house.run(house.receiver.stop(0.05))
    assert busy.closed()


def test_stop_does_not_wait_for_a_commit_that_hangs_and_the_mail_is_stored_after_all(house: House) -> None:
    house.inbox.open.clear()
    client = house.dial().hello().begin_mail()
    client.send(b"x\r\n.\r\n")
    assert house.inbox.entered.wait(60)
    house.run(house.receiver.stop(0.05))
    house.inbox.open.set()
    house.settled()
    assert house.inbox.bodies == [b"x\r\n"]


def _start_stop(house: House, grace: float) -> Future[None]:
    return asyncio.run_coroutine_threadsafe(house.receiver.stop(grace), house.loop)
