"""DATA: where a mail ends, how large it may be, and how little of it is kept in memory."""

from __future__ import annotations

import contextlib
import random
import tracemalloc
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.test_smtp.conftest import House, Serve

INJECTED = b"MAIL FROM:<evil@b.test>\r\nRCPT TO:<x@y.test>\r\nDATA\r\nsecond\r\n"


# RELIABILITY §6.1a; what the sequence becomes once leading dots are taken off.
@pytest.mark.parametrize(
    ("sequence", "kept"),
    [
        (b"\n.\n", b"\n.\n"),
        (b"\n.\r\n", b"\n.\r\n"),
        (b"\r\n.\n", b"\r\n\n"),
        (b"\r.\r", b"\r.\r"),
        (b"\r.\n", b"\r.\n"),
        (b"\r.\r\n", b"\r.\r\n"),
        (b"\r\n.\r", b"\r\n\r"),
        (b"\n.\r", b"\n.\r"),
        (b"\n\n.\r\n", b"\n\n.\r\n"),
        (b"\r\n\0.\r\n", b"\r\n\0.\r\n"),
        (b"\r\n.\0\r\n", b"\r\n\0\r\n"),
        (b"\r\n.\r\r\n", b"\r\n\r\r\n"),
        (b"\r\r\n.\r\r\n", b"\r\r\n\r\r\n"),
        (b"\r\n..\r\n", b"\r\n.\r\n"),
        (b"\x0b.\x0b", b"\x0b.\x0b"),
        (b"\xc2\x85.\xc2\x85", b"\xc2\x85.\xc2\x85"),
        (b"\r\n. \r\n", b"\r\n \r\n"),
    ],
)
@pytest.mark.parametrize("cut", [False, True], ids=["whole", "bytewise"])
def test_only_crlf_dot_crlf_ends_a_mail(house: House, sequence: bytes, kept: bytes, cut: bool) -> None:
    client = house.dial().hello().begin_mail()
    wire = b"first" + sequence + INJECTED + b".\r\n"
    for piece in [wire[i : i + 1] for i in range(len(wire))] if cut else [wire]:
        client.send(piece)
    assert client.answer() == "250 2.0.0 accepted"
    assert client.ask(b"QUIT").startswith("221")
    assert house.inbox.bodies == [b"first" + kept + INJECTED]


def test_the_control_gives_two_mails(house: House) -> None:
    client = house.dial().hello().begin_mail()
    client.send(b"first\r\n.\r\n" + INJECTED + b".\r\n")
    assert [client.answer()[:3] for _ in range(5)] == ["250", "250", "250", "354", "250"]
    assert house.inbox.bodies == [b"first\r\n", b"second\r\n"]


def test_lines_of_any_length_and_bare_line_ends_are_kept(house: House) -> None:
    body = b"a" * 5_000_000 + b"\r\n" + b"b\nc\rd\r\n"
    assert house.dial().hello().mail(body + b".\r\n").startswith("250")
    assert house.inbox.bodies == [body]


def test_an_empty_mail(house: House) -> None:
    assert house.dial().hello().mail(b".\r\n").startswith("250")
    assert house.inbox.bodies == [b""]


def test_random_cuts_on_the_wire(house: House) -> None:
    rng = random.Random(5)
    client = house.dial().hello()
    sent = []
    for _ in range(40):
        lines = [rng.choice([b"", b".", b"..", b".x", b"y" * rng.randrange(300)]) for _ in range(50)]
        sent.append(b"".join(line + b"\r\n" for line in lines))
        wire = b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines) + b".\r\n"
        client.begin_mail()
        while wire:
            size = rng.randrange(1, 400)
            client.send(wire[:size])
            wire = wire[size:]
        assert client.answer().startswith("250")
    assert house.inbox.bodies == sent


# ---------------------------------------------------------------------------- size


@pytest.mark.parametrize(("size", "answer"), [(100_000, "250 2.0.0"), (100_001, "552 5.3.4"), (190_000, "552 5.3.4")])
def test_the_limit_is_exact_and_the_conversation_goes_on(serve: Serve, size: int, answer: str) -> None:
    house = serve.limited(message_size=100_000)
    client = house.dial().hello()
    body = b"x" * (size - 2) + b"\r\n"
    assert client.mail(body + b".\r\n").startswith(answer)
    assert house.inbox.bodies == ([body] if answer.startswith("250") else [])
    assert client.mail(b"small\r\n.\r\n").startswith("250")


def test_the_limit_holds_beyond_what_fits_in_memory(serve: Serve) -> None:
    house = serve.limited(message_size=1_000_000)
    client = house.dial().hello()
    assert client.mail(b"x" * 999_998 + b"\r\n.\r\n").startswith("250")
    assert client.mail(b"x" * 999_999 + b"\r\n.\r\n").startswith("552")


@pytest.mark.parametrize("line", [b"", b"a", b"x" * 76, b"x" * 65536], ids=["empty", "one", "76", "64k"])
@pytest.mark.parametrize("ended", [True, False], ids=["lines", "endless"])
def test_twice_the_limit_is_cut_and_little_is_kept(serve: Serve, line: bytes, ended: bool) -> None:
    """RELIABILITY §0.1: one connection took a gigabyte, or 2.7 GB for 32 MiB of empty lines."""
    house = serve.limited(message_size=4_000_000)
    client = house.dial().hello().begin_mail()
    block = (line + b"\r\n" if ended else line or b"x") * max(1, 65536 // (len(line) + 2))
    tracemalloc.start()
    sent = 0
    try:
        with contextlib.suppress(ConnectionError):
            while sent < 64_000_000:
                client.send(block)
                sent += len(block)
        assert sent < 24_000_000  # twice the limit, and the sockets' own buffers
        house.everybody_left()
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()
    assert house.inbox.arrivals == []


def test_the_cut_says_421_to_a_client_that_listens(serve: Serve) -> None:
    client = serve.limited(message_size=1000).dial().hello().begin_mail()
    client.send(b"x" * 2001)
    assert client.answer().startswith("421 4.3.4")
    assert client.closed()


# ---------------------------------------------------------------------------- loops


@pytest.mark.parametrize(("hops", "answer"), [(49, "250 2.0.0"), (50, "554 5.4.6")])
@pytest.mark.parametrize("size", [10, 600_000], ids=["in memory", "in a file"])
def test_a_mail_with_fifty_received_lines_runs_in_a_circle(house: House, hops: int, answer: str, size: int) -> None:
    head = b"Received: from a by b; today\r\n" * (hops - 1) + b"RECEIVED: from c\r\n by d\r\n"
    body = b"\r\nReceived: in the body\r\n" + b"x" * size + b"\r\n.\r\n"
    assert house.dial().hello().mail(head + body).startswith(answer)
