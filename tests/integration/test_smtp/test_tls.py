"""STARTTLS and TLS from the first byte."""

from __future__ import annotations

import smtplib
import ssl
from typing import TYPE_CHECKING

import pytest

from maild.intake.smtp import Limits, Tls

if TYPE_CHECKING:
    from tests.integration.test_smtp.conftest import Serve


def test_starttls_with_an_ordinary_client(serve: Serve, tls_context: ssl.SSLContext) -> None:
    house = serve(tls=Tls.STARTTLS, tls_context=tls_context)
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    with smtplib.SMTP(*house.receiver.address) as client:
        client.starttls(context=trusting)
        client.sendmail("a@b.test", ["x@y.test"], b"x\r\n" * 200_000)
    assert house.inbox.bodies == [b"x\r\n" * 200_000]
    assert b"with ESMTPS\r\n" in house.inbox.arrivals[0].raw


def test_what_was_said_before_tls_is_forgotten(serve: Serve, tls_context: ssl.SSLContext) -> None:
    """RFC 3207 §4.2 and CVE-2024-34083: neither an envelope nor commands are carried into TLS."""
    house = serve(tls=Tls.STARTTLS, tls_context=tls_context)
    client = house.dial().hello()
    client.script(b"MAIL FROM:<evil@b.test>", b"RCPT TO:<x@y.test>")
    client.send(b"STARTTLS\r\nEHLO evil.test\r\nMAIL FROM:<evil@b.test>\r\nRCPT TO:<x@y.test>\r\n")
    assert client.answer().startswith("220 ")
    secure = client.secure()
    assert secure.ask(b"MAIL FROM:<a@b.test>").startswith("503 5.5.1 say hello")
    assert "STARTTLS" not in secure.ask(b"EHLO client.test")
    assert secure.ask(b"RCPT TO:<x@y.test>").startswith("503")
    assert secure.ask(b"STARTTLS").startswith("503")
    assert secure.mail(b"x\r\n.\r\n").startswith("250")
    assert [arrival.envelope_from for arrival in house.inbox.arrivals] == ["a@b.test"]
    secure.close()


def test_no_mail_without_tls_when_it_is_required(serve: Serve, tls_context: ssl.SSLContext) -> None:
    house = serve(tls=Tls.STARTTLS, tls_context=tls_context, require_tls=True)
    client = house.dial().hello()
    for command in (b"MAIL FROM:<a@b.test>", b"RCPT TO:<x@y.test>", b"DATA", b"VRFY x"):
        assert client.ask(command).startswith("530 5.7.0")
    assert client.ask(b"STARTTLS").startswith("220")
    secure = client.secure()
    assert secure.ask(b"EHLO c").startswith("250")
    assert secure.mail(b"x\r\n.\r\n").startswith("250")
    secure.close()


def test_tls_from_the_first_byte(serve: Serve, tls_context: ssl.SSLContext) -> None:
    house = serve(tls=Tls.TLS, tls_context=tls_context)
    client = house.dial().secure().hello()
    assert client.mail(b"x" * 1_000_000 + b"\r\n.\r\n").startswith("250")
    assert client.ask(b"QUIT").startswith("221")
    assert client.closed()
    client.close()


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.TLS])
def test_a_handshake_that_stalls_is_counted_and_cut(serve: Serve, tls_context: ssl.SSLContext, tls: Tls) -> None:
    house = serve(tls=tls, tls_context=tls_context, limits=Limits(tls_handshake=1.5, connections=1, min_free_disk=0))
    client = house.dial()
    if tls is Tls.STARTTLS:
        client.hello()
        client.ask(b"STARTTLS")
    else:
        client.send(b"\x16\x03")
    assert house.dial().answer().startswith("421 4.3.2")
    assert client.closed()
    house.everybody_left()


@pytest.mark.parametrize("garbage", [b"NOOP\r\n" * 100, b"\x16\x03\x01\xff\xff" + b"x" * 70_000])
def test_plain_text_after_220_ends_the_connection(serve: Serve, tls_context: ssl.SSLContext, garbage: bytes) -> None:
    house = serve(tls=Tls.STARTTLS, tls_context=tls_context)
    client = house.dial().hello()
    client.ask(b"STARTTLS")
    client.send(garbage)
    assert client.closed()
    house.everybody_left()


def test_a_client_that_vanishes_within_tls(serve: Serve, tls_context: ssl.SSLContext) -> None:
    house = serve(tls=Tls.TLS, tls_context=tls_context)
    client = house.dial().secure().hello().begin_mail()
    client.send(b"half a mail")
    client.close()
    house.everybody_left()
    house.settled()
    assert house.inbox.arrivals == []


def test_silence_within_tls_is_cut(serve: Serve, tls_context: ssl.SSLContext) -> None:
    house = serve(tls=Tls.TLS, tls_context=tls_context, limits=Limits(idle=1.5, min_free_disk=0))
    client = house.dial().secure().hello()
    assert client.answer().startswith("421 4.4.2")
    assert client.closed()
    client.close()


def test_a_handshake_that_stalls_does_not_keep_us_from_stopping(serve: Serve, tls_context: ssl.SSLContext) -> None:
    house = serve(tls=Tls.STARTTLS, tls_context=tls_context)
    client = house.dial().hello()
    assert client.ask(b"STARTTLS").startswith("220")
    house.run(house.receiver.stop(0))
    assert client.closed()


def test_a_client_that_does_not_end_tls_does_not_keep_us_from_stopping(
    serve: Serve, tls_context: ssl.SSLContext
) -> None:
    """It was sent away twice: then asyncio has let go of its TLS while the connection beneath is still open."""
    house = serve(tls=Tls.TLS, tls_context=tls_context)
    client = house.dial().secure().hello()
    transport = house.session().transport
    house.call(transport.close)
    house.call(transport.close)
    assert transport._ssl_protocol is None
    house.run(house.receiver.stop(0))
    assert client.closed()
    client.close()


def test_nothing_is_left_to_do_after_a_handshake_that_failed(serve: Serve, tls_context: ssl.SSLContext) -> None:
    """asyncio tells nobody that the connection is lost, so the deadline still comes."""
    house = serve(tls=Tls.STARTTLS, tls_context=tls_context, limits=Limits(idle=1.5, min_free_disk=0))
    client = house.dial().hello()
    session = house.session()
    assert client.ask(b"STARTTLS").startswith("220")
    client.send(b"NOOP\r\n" * 100)
    assert client.closed()
    house.everybody_left()
    house.call(lambda: session.dismiss("421 4.4.2 you took too long, goodbye"))
