"""Each refusal and each limit, as a script."""

from __future__ import annotations

import contextlib
import socket
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from maild.intake.smtp import Limits

if TYPE_CHECKING:
    from tests.integration.test_smtp.conftest import Client, House, Serve

FROM, TO = b"MAIL FROM:<a@b.test>", b"RCPT TO:<x@y.test>"


@pytest.mark.parametrize(
    ("reason", "script", "last"),
    [
        ("MAIL needs a greeting", [b"MAIL FROM:<a@b.test>"], "503 5.5.1"),
        ("a greeting needs a name", [b"EHLO"], "501 5.5.4"),
        ("one name", [b"EHLO a b"], "501 5.5.4"),
        ("RCPT needs MAIL", [b"EHLO c", TO], "503 5.5.1"),
        ("DATA needs RCPT", [b"EHLO c", FROM, b"DATA"], "503 5.5.1"),
        ("DATA after refused recipients", [b"EHLO c", FROM, b"RCPT TO:<nobody@y.test>", b"DATA"], "503 5.5.1"),
        ("MAIL within a mail", [b"EHLO c", FROM, FROM], "503 5.5.1"),
        ("also after the null path", [b"EHLO c", b"MAIL FROM:<>", FROM], "503 5.5.1"),
        ("RSET forgets the mail", [b"EHLO c", FROM, TO, b"RSET", TO], "503 5.5.1"),
        ("so does EHLO", [b"EHLO c", FROM, b"EHLO c", TO], "503 5.5.1"),
        ("unknown address", [b"EHLO c", FROM, b"RCPT TO:<nobody@y.test>"], "550 5.1.1"),
        ("postmaster without a domain is asked for", [b"EHLO c", FROM, b"RCPT TO:<PostMaster>"], "250 2.1.5"),
        ("a size within the limit", [b"EHLO c", b"MAIL FROM:<a@b.test> SIZE=1000 BODY=8BITMIME"], "250 2.1.0"),
        ("a size above it", [b"EHLO c", b"MAIL FROM:<a@b.test> SIZE=26214401"], "552 5.3.4"),
        ("a size that is none", [b"EHLO c", b"MAIL FROM:<a@b.test> SIZE=1e9"], "501 5.5.4"),
        ("a size of a thousand digits", [b"EHLO c", b"MAIL FROM:<a@b.test> SIZE=" + b"9" * 1000], "501 5.5.4"),
        ("a body we do not know", [b"EHLO c", b"MAIL FROM:<a@b.test> BODY=BINARYMIME"], "501 5.5.4"),
        ("SMTPUTF8 is off", [b"EHLO c", b"MAIL FROM:<a@b.test> SMTPUTF8"], "555 5.5.4"),
        ("unknown parameter of MAIL", [b"EHLO c", b"MAIL FROM:<a@b.test> FOO=1"], "555 5.5.4"),
        ("unknown parameter of RCPT", [b"EHLO c", FROM, TO + b" NOTIFY=NEVER"], "555 5.5.4"),
        ("no AUTH here", [b"EHLO c", b"AUTH PLAIN AGEAYg=="], "500 5.5.1"),
        ("no STARTTLS without a certificate", [b"EHLO c", b"STARTTLS"], "503 5.5.1"),
        ("LHLO is LMTP's", [b"LHLO c"], "500 5.5.1"),
        ("VRFY tells nothing", [b"EHLO c", b"VRFY x@y.test"], "252 2.1.5"),
        ("EXPN neither", [b"EHLO c", b"EXPN staff"], "502 5.5.1"),
        ("HELP lists nothing", [b"HELP"], "214 2.0.0"),
        ("an unknown command", [b"BDAT 10 LAST"], "500 5.5.1"),
        ("an empty line", [b""], "500 5.5.1"),
        ("a NUL in a command", [b"EHLO c", b"MAIL FROM:<a\0@b.test>"], "500 5.5.2"),
        ("a CR in a command", [b"EHLO c", b"MAIL FROM:<a\r@b.test>"], "500 5.5.2"),
        ("8-bit bytes in a command", [b"EHLO c", "MAIL FROM:<ä@b.test>".encode()], "500 5.5.2"),
        ("a command of 3,000 bytes", [b"NOOP " + b"x" * 3000], "500 5.5.6"),
        ("a command of a megabyte", [b"NOOP " + b"x" * 1_000_000], "500 5.5.6"),
        (
            "encoded words in an address stay what they are",
            [b"EHLO c", FROM, b"RCPT TO:<=?utf-8?q?a=0d=0aRCPT=20TO:<v@y.test>?=@x.test>"],
            "501 5.1.3",
        ),
    ],
)
def test_an_answer(serve: Serve, reason: str, script: list[bytes], last: str) -> None:
    house = serve(accepts=lambda address: not address.startswith("nobody"))
    client = house.dial()
    client.answer()
    assert client.script(*script)[-1].startswith(last), reason
    assert client.ask(b"NOOP") == "250 2.0.0 OK", "the conversation goes on"


def test_a_bare_lf_ends_no_command(house: House) -> None:
    client = house.dial()
    client.answer()
    client.send(b"EHLO c\nMAIL FROM:<a@b.test>\nRCPT TO:<x@y.test>\r\n")
    assert [client.answer()[:9] for _ in range(3)] == ["500 5.5.2", "500 5.5.2", "503 5.5.1"]


def test_an_endless_command_line_is_not_kept(house: House) -> None:
    client = house.dial()
    client.answer()
    tracemalloc.start()
    try:
        for _ in range(256):
            client.send(b"x" * 65536)  # 16 MiB
        client.send(b"\r\n")
        assert client.answer().startswith("500 5.5.6")
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


# ---------------------------------------------------------------------------- limits


@pytest.mark.parametrize(
    ("limits", "before", "command", "answer"),
    [
        ({"errors": 3}, [b"XX"] * 3, b"XX", "421 4.7.0 too many errors"),
        ({"commands": 3}, [b"NOOP"] * 3, b"NOOP", "421 4.7.0 too many commands"),
        ({"commands": 3}, [b"RSET", b"NOOP", b"VRFY x"], b"RSET", "421 4.7.0 too many commands"),
        ({"messages": 1}, [FROM, TO, b"DATA", b"x\r\n."], FROM, "421 4.7.0 enough mails"),
    ],
)
def test_a_limit_that_ends_the_connection(
    serve: Serve, limits: dict[str, int], before: list[bytes], command: bytes, answer: str
) -> None:
    client = serve.limited(**{"commands": 100, **limits}).dial()
    client.answer()
    client.ask(b"HELO c") if "commands" not in limits else None
    assert not [reply for reply in client.script(*before) if reply.startswith("421")]
    assert client.ask(command).startswith(answer)
    assert client.closed()


def test_a_mail_sets_the_count_of_commands_back(serve: Serve) -> None:
    client = serve.limited(commands=4).dial().hello()
    for _ in range(5):
        assert client.ask(b"NOOP").startswith("250")
        assert client.ask(b"RSET").startswith("250")
        assert client.mail(b"x\r\n.\r\n").startswith("250")


def test_recipients_above_the_limit_are_put_off_and_are_no_errors(serve: Serve) -> None:
    client = serve.limited(recipients=2, errors=1).dial().hello()
    assert [answer[:9] for answer in client.script(FROM, *[TO] * 6)] == ["250 2.1.0"] + ["250 2.1.5"] * 2 + [
        "452 4.5.3"
    ] * 4
    assert client.script(b"DATA", b"x\r\n.")[-1].startswith("250")


def test_too_many_connections(serve: Serve) -> None:
    house = serve.limited(connections=2)
    first, second = house.dial().hello(), house.dial().hello()
    third = house.dial()
    assert third.answer().startswith("421 4.3.2")
    assert third.closed()
    first.ask(b"QUIT")
    assert first.closed()
    house.call(lambda: None)  # the loop has seen it
    assert house.dial().answer().startswith("220")
    assert second.ask(b"NOOP").startswith("250")


def test_too_many_connections_from_one_address(serve: Serve) -> None:
    house = serve.limited(connections_per_ip=1)
    house.dial().hello()
    assert house.dial().answer().startswith("421 4.7.0")


def test_the_limit_per_address_does_not_count_a_unix_socket(serve: Serve, tmp_path: Path) -> None:
    house = serve(listen=f"unix:{tmp_path / 's'}", limits=Limits(connections_per_ip=1, min_free_disk=0))
    house.dial().hello()
    house.dial().hello()


# ---------------------------------------------------------------------------- time
# The client sends all it has at once and then reads to the end: a slow machine cannot make it late.


def last_words(client: Client) -> str:
    answers = list(iter(client.answer, ""))
    assert client.closed()
    return answers[-1]


def test_silence_is_cut(serve: Serve) -> None:
    assert last_words(serve.limited(idle=0.05).dial()).startswith("421 4.4.2")


def test_a_command_that_is_never_finished_is_cut(serve: Serve) -> None:
    client = serve.limited(idle=0.2).dial()
    client.send(b"NOOP")
    assert last_words(client).startswith("421 4.4.2")


def test_noop_for_ever_is_cut_by_the_sessions_time(serve: Serve) -> None:
    house = serve.limited(session_time=0.2, commands=10**9)
    client = house.dial()
    with contextlib.suppress(ConnectionError):  # it is cut while we are asking
        while client.ask(b"NOOP"):
            pass
    house.everybody_left()


@pytest.mark.parametrize(
    "limits",
    [{"idle": 0.1}, {"data_time": 0.05}, {"data_grace": 0.05, "data_rate": 10**6}],
    ids=["idle", "whole", "rate"],
)
def test_data_that_stalls_is_cut(serve: Serve, limits: dict[str, float]) -> None:
    house = serve.limited(**limits)
    client = house.dial()
    client.send(b"\r\n".join([b"EHLO c", FROM, TO, b"DATA", b"x" * 10_000, b""]))
    assert last_words(client).startswith("421 4.4.2")
    house.settled()
    assert house.inbox.arrivals == []


def test_a_client_that_does_not_read_is_cut_off(serve: Serve) -> None:
    house = serve.limited(session_time=1.5, commands=10**9)
    client = house.dial().hello()
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    transport = house.session().transport
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    client.send(b"NOOP\r\n" * 100_000)  # 1.4 MB of answers, which the sockets' buffers do not hold
    house.everybody_left()
    assert transport.get_write_buffer_size() == 0
