"""A directory that answers by HTTP, and every way in which it may not."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from maild.directories.http_source import Endpoint, HttpSource
from maild.directories.source import Away, Reading, Trouble
from maild.testing.endpoint import FakeEndpoint, whole

ORDER = {"number": "SO-123456", "customer": {"mail": "kim@acme.example"}, "lines": [{"sku": "P-1"}], "shipped": None}
COLUMNS = {"key": "number", "customer": "customer.mail", "product": "lines.0.sku", "shipped": "shipped"}
FAR = 10.0  # seconds that no test comes near


@pytest.fixture
def endpoint() -> Iterator[FakeEndpoint]:
    server = FakeEndpoint({"SO-123456": ORDER, "a/b c": {"number": "a/b c"}})
    server.start()
    yield server
    server.stop()


def source(endpoint: FakeEndpoint, path: str = "/{key}", timeout: float = FAR, **facts: Any) -> HttpSource:
    more = {name: facts.pop(name) for name in ("headers", "token", "rows") if name in facts}
    reading = Reading(columns=COLUMNS, timeout=timeout, **facts)
    return HttpSource(Endpoint(url=endpoint.url + path, **more), reading)


def test_an_order_is_looked_up_by_our_names(endpoint: FakeEndpoint) -> None:
    found = source(endpoint).look("SO-123456")
    assert found is not None
    assert found.key == "SO-123456"
    assert found.facts == {"customer": "kim@acme.example", "product": "P-1"}


def test_404_and_nothing_say_that_there_is_no_such_thing(endpoint: FakeEndpoint) -> None:
    assert source(endpoint).look("SO-000000") is None
    for nothing in (b"null", b"[]"):
        endpoint.mode = whole(nothing).decode()
        assert source(endpoint).look("SO-123456") is None


@pytest.mark.parametrize("key", [".", "..", "a\x00b"])
def test_a_key_that_is_another_place_on_the_server_is_not_asked_about(endpoint: FakeEndpoint, key: str) -> None:
    assert source(endpoint).look(key) is None
    assert endpoint.asked == []


def test_a_key_cannot_leave_its_place_in_the_address(endpoint: FakeEndpoint) -> None:
    found = source(endpoint).look("a/b c")
    assert found is not None
    assert found.key == "a/b c"
    source(endpoint).look("../x?y=1#z%")
    assert endpoint.asked == ["/a%2Fb%20c", "/..%2Fx%3Fy%3D1%23z%25"]


def test_a_list_is_read_whole_and_may_stand_inside_of_the_answer(endpoint: FakeEndpoint) -> None:
    assert [entry.key for entry in source(endpoint, "/").all()] == ["SO-123456", "a/b c"]
    endpoint.mode = whole(json.dumps({"data": {"items": [ORDER]}}).encode()).decode()
    assert [entry.key for entry in source(endpoint, "/", rows="data.items").all()] == ["SO-123456"]
    with pytest.raises(Trouble, match="one object"):
        source(endpoint, "/").all()


def test_token_and_headers_are_sent_and_nothing_compressed_is_asked_for(endpoint: FakeEndpoint) -> None:
    source(endpoint, token="s3cret", headers={"X-Shop": "7"}).look("SO-123456")
    head = endpoint.heads[0]
    assert "Authorization: Bearer s3cret\r\n" in head
    assert "X-Shop: 7\r\n" in head
    assert "Accept-Encoding: identity\r\n" in head


def test_no_proxy_of_the_environment_is_used(endpoint: FakeEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert source(endpoint).look("SO-123456") is not None


BOMB = gzip.compress(bytes(50 << 20))
LIE = json.dumps(ORDER | {"number": "SO-999999"}).encode()


REFUSED = {
    "inward": (
        whole(b"", 302, more="Location: http://127.0.0.1/admin\r\n"),
        "it redirects to 127.0.0.1, and no redirect",
    ),
    "outward": (whole(b"", 301, more="Location: https://other.example/\r\n"), "it redirects to other.example"),
    "nowhere": (whole(b"", 307), "it redirects to another place"),
    "echo": (
        whole(b"", 302, more="Location: https://x-s3cret.other.example/\r\n"),
        "it answered 302, with a secret of ours",
    ),
    "echo of a type": (whole(b"{}", kind="text/x-S3CRET"), "it answered 200, with a secret of ours"),
    "500": (whole(b"{}", 500), "it answered 500"),
    "401": (whole(b"{}", 401), "it answered 401"),
    "204": (whole(b"", 204), "it answered 204"),
    "html": (whole(b"<html>", kind="text/html; charset=x"), "its answer is text/html, not application/json"),
    "untyped": (whole(b"{}", kind=""), "of no type"),
    "cut": (whole(b"{"), "is not JSON"),
    "deep": (whole(b"[" * 60_000), "is not JSON"),
    "latin": (whole(b"\xff\xfe{}"), "is not JSON"),
    "number": (whole(b"7"), "no object and no list"),
    "numbers": (whole(b"[1, 2]"), "no object and no list"),
    "lie": (whole(LIE), "asked about 'SO-123456' and answered about 'SO-999999'"),
    "keyless": (whole(b"{}"), "has no 'number', which is the key"),
    "packed": (whole(b"{}", more="Content-Encoding: gzip\r\n"), "compressed (gzip)"),
    "bomb": (whole(BOMB, more="Content-Encoding: gzip\r\n"), "compressed (gzip)"),
    "long": (whole(b" " * 70_000), "it would send more than 65536 bytes"),
    "longer": (
        b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\n\r\n" + b" " * 70_000,
        "it sent more than 65536 bytes",
    ),
    "nonsense": (b"nonsense\r\n\r\n", "the connection broke"),
    "heads": (b"HTTP/1.1 200 X\r\n" + b"X-Y: z\r\n" * 200 + b"\r\n", "the connection broke"),
    "head": (b"HTTP/1.1 200 X\r\nX: " + b"y" * 100_000, "the connection broke"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_answer_that_is_none_is_refused_with_the_reason(endpoint: FakeEndpoint, name: str) -> None:
    answer, says = REFUSED[name]
    endpoint.mode = answer.decode("latin-1")
    with pytest.raises(Trouble) as refused:
        source(endpoint, largest=65536, headers={"X-Key": "s3cret"}).look("SO-123456")
    assert says in str(refused.value)


@pytest.mark.parametrize(("status", "away"), [(400, False), (422, False), (401, True), (429, True), (503, True)])
def test_whether_another_key_would_get_the_same_answer(endpoint: FakeEndpoint, status: int, *, away: bool) -> None:
    endpoint.mode = whole(b"{}", status).decode()
    with pytest.raises(Trouble, match=f"it answered {status}") as refused:
        source(endpoint).look("SO-123456")
    assert isinstance(refused.value, Away) is away


ERRORS = [b'{"error": "maintenance"}', b'{"data": {}}', b'{"data": {"items": null}}']


@pytest.mark.parametrize("body", ERRORS)
def test_an_error_that_looks_like_an_answer_is_no_empty_list(endpoint: FakeEndpoint, body: bytes) -> None:
    """Else all agents and customers would be gone."""
    endpoint.mode = whole(body).decode()
    with pytest.raises(Trouble, match=r"its answer has no 'data\.items'|with nothing, not with a list"):
        source(endpoint, "/", rows="data.items").all()


@pytest.mark.parametrize("body", ERRORS[:2])
def test_an_error_does_not_say_that_there_is_no_such_order(endpoint: FakeEndpoint, body: bytes) -> None:
    endpoint.mode = whole(body).decode()
    with pytest.raises(Trouble, match=r"its answer has no 'data\.items'"):
        source(endpoint, rows="data.items").look("SO-123456")


@pytest.mark.parametrize("body", [b'{"data": {"items": null}}', b'{"data": null}', b'{"data": {"items": []}}'])
def test_nothing_in_its_place_says_that_there_is_no_such_order(endpoint: FakeEndpoint, body: bytes) -> None:
    endpoint.mode = whole(body).decode()
    assert source(endpoint, rows="data.items").look("SO-123456") is None


def test_what_never_ends_is_cut_at_the_size(endpoint: FakeEndpoint) -> None:
    endpoint.mode = "endless"
    with pytest.raises(Trouble, match="it sent more than 65536 bytes"):
        source(endpoint, largest=65536).look("SO-123456")


def test_an_answer_that_is_cut_short_is_none(endpoint: FakeEndpoint) -> None:
    endpoint.mode = "close"
    with pytest.raises(Trouble, match="the connection broke"):
        source(endpoint).look("SO-123456")


@pytest.mark.parametrize("mode", ["hang", "drip", "drip body"])
def test_who_is_slow_is_left_when_the_time_is_over_however_it_is_slow(endpoint: FakeEndpoint, mode: str) -> None:
    endpoint.mode = mode
    begun = time.monotonic()
    with pytest.raises(Away, match=r"no whole answer within 0\.3 s"):
        source(endpoint, timeout=0.3).look("SO-123456")
    assert time.monotonic() - begun < FAR


def test_who_is_away_is_away(endpoint: FakeEndpoint) -> None:
    endpoint.stop()
    with pytest.raises(Away, match="it cannot be reached"):
        source(endpoint).look("SO-123456")


def test_a_handshake_that_hangs_is_cut_before_anything_is_told(endpoint: FakeEndpoint) -> None:
    asked = Endpoint(url=endpoint.url.replace("http:", "https:") + "/{key}", token="s3cret")
    with pytest.raises(Away, match=r"no whole answer within 0\.3 s"):
        HttpSource(asked, Reading(timeout=0.3)).look("SO-123456")
    assert "s3cret" not in "".join(endpoint.heads)
