"""The small types: what is read, what is refused, and that writing gives back what was read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.config import values
from maild.config.listen import ListenAddress, is_loopback, parse_listen


@pytest.mark.parametrize("text", ["", "5", "5 x", "s", "-5s", "1.5h", "h 5", "5s!", "٥s", "9" * 30 + "w", None])
def test_what_is_no_duration_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="write it like"):
        values.read_duration(text)


@pytest.mark.parametrize("text", ["", "MiB", "5 MB", "-1", "5 miB", True, None, 1.5])
def test_what_is_no_size_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="write it like"):
        values.read_size(text)


@pytest.mark.parametrize("text", ["", "a", "@b.c", "a@", "a b@c.d", "A <a@b.c>", "a@b.c\nBcc: d@e.f", "a@-b", 5])
def test_what_is_no_address_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="is not a mail address"):
        values.read_address(text)


def test_an_address_keeps_its_local_part_and_lowers_its_domain() -> None:
    assert values.read_address("Support+x@Example.COM") == "Support+x@example.com"


@given(st.integers(0, 3_000_000_000))
def test_a_duration_is_read_as_it_was_written(seconds: int) -> None:
    length = timedelta(seconds=seconds)
    assert values.read_duration(values.write_duration(length)) == length


@given(st.integers(0, 1 << 50))
def test_a_size_is_read_as_it_was_written(count: int) -> None:
    assert values.read_size(values.write_size(count)) == count


def test_an_authserv_id_is_compared_in_lower_case() -> None:
    assert values.read_authserv_id("MX.Example.com") == "mx.example.com"


@pytest.mark.parametrize(
    "text", ["", " ", "a b", "mx.example.com;", "mx.example.com 1", "(mx)", '"mx"', "mx=1", "mx/1"]
)
def test_what_is_no_authserv_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no authserv-id"):
        values.read_authserv_id(text)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:25", ListenAddress("127.0.0.1", 25)),
        ("[::1]:0", ListenAddress("::1", 0)),
        ("localhost:65535", ListenAddress("localhost", 65535)),
    ],
)
def test_a_place_to_listen_is_taken_apart(text: str, address: ListenAddress) -> None:
    assert parse_listen(text) == address


@pytest.mark.parametrize(
    "text", ["", "25", ":25", "a:", "a:65536", "::1:25", "[::1]", "[x]:1", "a:٢٥", "a b:1", "unix:"]
)
def test_what_is_no_place_to_listen_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no place to listen"):
        parse_listen(text)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("127.8.9.1", True),
        ("[::1]", True),
        ("localhost.example.com", False),
        ("127.0.0.1.example.com", False),
        ("::", False),
    ],
)
def test_this_machine_is_known_by_its_name(host: str, local: bool) -> None:
    assert is_loopback(host) is local
