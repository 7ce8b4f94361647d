"""What a well-behaved client sees."""

from __future__ import annotations

import smtplib
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from maild.app.arrival import Door

if TYPE_CHECKING:
    from tests.integration.test_smtp.conftest import House, Serve

MAIL = b"From: Ann <a@b.test>\r\nSubject: it is broken\r\n\r\n.hidden dot\r\n..\r\n\xc3\xa4\r\n"


def test_a_mail_arrives_as_it_was_sent(house: House) -> None:
    with smtplib.SMTP(*house.receiver.address) as client:
        assert client.sendmail("a@b.test", ["x@y.test", "z@y.test"], MAIL) == {}
        assert client.sendmail("", ["x@y.test"], MAIL) == {}
    first, second = house.inbox.arrivals
    assert house.inbox.bodies == [MAIL, MAIL]
    assert (first.door, first.envelope_from, first.envelope_to) == (Door.SMTP, "a@b.test", ("x@y.test", "z@y.test"))
    assert first.received_at.isoformat() == "2026-11-22T09:30:00+00:00"
    assert (second.envelope_from, second.envelope_to) == ("", ("x@y.test",))
    house.settled()
    assert sum(house.rung) == 2


def test_we_add_one_received_line_that_names_a_single_recipient_only(house: House) -> None:
    client = house.dial().hello()
    client.mail(b"Subject: x\r\n\r\n.\r\n")
    client.script(b"MAIL FROM:<>", b"RCPT TO:<x@y.test>", b"RCPT TO:<blind@y.test>", b"DATA")
    assert client.ask(b"Subject: x\r\n\r\n.") == "250 2.0.0 accepted"
    one, two = (arrival.raw for arrival in house.inbox.arrivals)
    assert one == (
        b"Received: from client.test ([127.0.0.1])\r\n"
        b"\tby maild.test (maild) with ESMTP\r\n"
        b"\tfor <x@y.test>;\r\n"
        b"\tSun, 22 Nov 2026 09:30:00 +0000\r\n"
        b"Subject: x\r\n\r\n"
    )
    assert b"blind" not in two


def test_the_offers_are_these(house: House) -> None:
    client = house.dial()
    assert client.answer() == "220 maild.test ESMTP maild"
    assert client.ask(b"EHLO c") == (
        "250-maild.test\n250-SIZE 26214400\n250-8BITMIME\n250-PIPELINING\n250 ENHANCEDSTATUSCODES"
    )
    assert client.ask(b"HELO c") == "250 maild.test"


def test_a_pipelined_group_is_answered_in_order_and_mails_may_follow_each_other(house: House) -> None:
    client = house.dial().hello()
    one = b"MAIL FROM:<a@b.test>\r\nRCPT TO:<x@y.test>\r\nDATA\r\n"
    client.send(one + b"first\r\n.\r\n" + one + b"second\r\n.\r\nQUIT\r\n")
    assert [client.answer()[:3] for _ in range(9)] == ["250", "250", "354", "250"] * 2 + ["221"]
    assert house.inbox.bodies == [b"first\r\n", b"second\r\n"]
    assert client.closed()


def test_a_mail_of_many_megabytes_goes_through_a_file_and_leaves_none(house: House, tmp_path: Path) -> None:
    body = b"Subject: x\r\n\r\n" + (b"y" * 70 + b"\r\n") * 120_000
    assert house.dial().hello().mail(body + b".\r\n") == "250 2.0.0 accepted"
    assert house.inbox.bodies == [body]
    assert list(tmp_path.iterdir()) == []


def test_hundreds_of_clients_at_once(serve: Serve) -> None:
    house = serve.limited(connections=400, connections_per_ip=400)
    clients = [house.dial() for _ in range(300)]  # all are connected before the first one speaks

    def send(number: int) -> str:
        return clients[number].hello().mail(b"number %d\r\n.\r\n" % number)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(send, range(300)))
    assert set(answers) == {"250 2.0.0 accepted"}
    assert sorted(house.inbox.bodies) == sorted(b"number %d\r\n" % number for number in range(300))


def test_a_unix_socket_and_its_traces(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "smtp.sock"
    house = serve(listen=f"unix:{path}")
    assert path.stat().st_mode & 0o777 == 0o660
    assert house.dial().hello().mail(b"x\r\n.\r\n").startswith("250 ")
    assert b"from client.test\r\n" in house.inbox.arrivals[0].raw
    house.run(house.receiver.stop(1))
    assert not path.exists()


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6")
def test_ipv6(serve: Serve) -> None:
    try:
        house = serve(listen="[::1]:0")
    except OSError:
        pytest.skip("no IPv6 loopback")
    assert house.dial().hello().mail(b"x\r\n.\r\n").startswith("250 ")
    assert b"([IPv6:::1])" in house.inbox.arrivals[0].raw
