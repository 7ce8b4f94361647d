"""LMTP (RFC 2033): another greeting, and one answer per recipient after DATA."""

from __future__ import annotations

import smtplib
from typing import TYPE_CHECKING

import pytest

from maild.app.arrival import Door
from maild.intake.smtp import Protocol

if TYPE_CHECKING:
    from tests.integration.test_smtp.conftest import Client, House, Serve


@pytest.fixture
def lmtp(serve: Serve) -> House:
    return serve(protocol=Protocol.LMTP, accepts=lambda address: not address.startswith("nobody"))


def begin(house: House) -> Client:
    client = house.dial()
    assert client.answer() == "220 maild.test LMTP maild"
    assert client.ask(b"LHLO mx.test").startswith("250-maild.test")
    answers = client.script(
        b"MAIL FROM:<a@b.test>", b"RCPT TO:<x@y.test>", b"RCPT TO:<nobody@y.test>", b"RCPT TO:<z@y.test>", b"DATA"
    )
    assert [answer[:3] for answer in answers] == ["250", "250", "550", "250", "354"]
    return client


def test_every_accepted_recipient_gets_an_answer_for_one_stored_mail(lmtp: House) -> None:
    client = begin(lmtp)
    client.send(b"x\r\n.\r\nQUIT\r\n")
    assert [client.answer()[:9] for _ in range(3)] == ["250 2.0.0", "250 2.0.0", "221 2.0.0"]
    (arrival,) = lmtp.inbox.arrivals
    assert (arrival.door, arrival.envelope_to) == (Door.LMTP, ("x@y.test", "z@y.test"))
    assert b"with LMTP" in arrival.raw


def test_trouble_is_told_to_each(lmtp: House) -> None:
    lmtp.inbox.trouble = RuntimeError("secret")
    client = begin(lmtp)
    client.send(b"x\r\n.\r\nQUIT\r\n")
    assert [client.answer()[:9] for _ in range(3)] == ["451 4.3.0", "451 4.3.0", "221 2.0.0"]


@pytest.mark.parametrize("greeting", [b"EHLO c", b"HELO c"])
def test_the_greetings_of_smtp_are_unknown(lmtp: House, greeting: bytes) -> None:
    client = lmtp.dial()
    client.answer()
    assert client.ask(greeting).startswith("500 5.5.1")


def test_an_ordinary_client(lmtp: House) -> None:
    with smtplib.LMTP(*lmtp.receiver.address) as client:
        assert client.sendmail("a@b.test", ["x@y.test"], b"x\r\n") == {}
    assert lmtp.inbox.bodies == [b"x\r\n"]
