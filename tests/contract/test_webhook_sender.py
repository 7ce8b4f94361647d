"""Webhooks against receivers that answer, refuse, hang, lie and never end; and against a receiver that checks them."""

from __future__ import annotations

import hashlib
import hmac
import json
import shutil
import ssl
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import pytest

from maild.app.ports import Delivery, Letter
from maild.ids import Signer
from maild.outbound.webhook import WebhookSender, WebhookSettings, sign
from maild.outbound.webhook_url import webhook_fault
from maild.testing.receiver import OK, Answer, begins, drips, hangs, receiver, says

BODY = json.dumps({"event": "ticket.routed", "id": "abcdefghij234567"}).encode()
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NEW, OLD = b"n" * 32, b"o" * 32
SIGNER = Signer([NEW, OLD])


def webhook(url: str) -> Letter:
    return Letter(raw=BODY, message_id="abcdefghij234567", envelope_from="", envelope_to=(url,), webhook=True)


def sender(*, timeout: float = 60.0, ticks: Callable[[], float] = monotonic) -> WebhookSender:
    return WebhookSender(WebhookSettings(keys=SIGNER.webhook_keys, timeout=timeout), lambda: NOW, ticks)


def test_a_receiver_sees_what_it_can_check() -> None:
    with receiver(OK) as there:
        assert sender().send(webhook(there.url)) == Delivery(sent=True, answer="HTTP 200 OK hi")
    [(line, headers, body)] = there.requests
    assert line == "POST /tickets?team=a%20b HTTP/1.1"
    assert body == BODY
    assert headers["content-type"] == "application/json"
    assert headers["idempotency-key"] == json.loads(body)["id"]

    # As docs/routing.md tells receivers to: with the key that `maild webhook-key` prints, and nothing else of maild.
    key = SIGNER.webhook_keys("127.0.0.1")[0]
    stamp, *proofs = headers["maild-signature"].split(",")
    at = stamp.removeprefix("t=")
    right = hmac.new(key.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert f"v1={right}" in proofs
    assert int(at) == int(NOW.timestamp())


def test_a_changed_secret_cuts_nobody_off_and_hosts_have_keys_of_their_own() -> None:
    before = Signer([OLD]).webhook_keys("hooks.example.com")[0]
    signature = sign(SIGNER.webhook_keys("Hooks.example.com"), 1, BODY)
    assert signature.count("v1=") == 2
    assert hmac.new(before.encode(), b"1." + BODY, hashlib.sha256).hexdigest() in signature
    assert before not in (*SIGNER.webhook_keys("other.example.com"), *SIGNER.webhook_keys("example.com"))


@pytest.mark.parametrize(
    ("status", "sent", "temporary"),
    [
        ("200 OK", True, False),
        ("202 Accepted", True, False),
        ("204 No Content", True, False),
        ("301 Moved", False, False),
        ("307 Temporary Redirect", False, False),
        ("400 Bad Request", False, False),
        ("404 Not Found", False, False),
        ("410 Gone", False, False),
        ("408 Request Timeout", False, True),
        ("429 Too Many Requests", False, True),
        ("500 Internal Server Error", False, True),
        ("503 Service Unavailable", False, True),
    ],
)
def test_what_an_answer_means(status: str, sent: bool, temporary: bool) -> None:
    with receiver(says(f"HTTP/1.1 {status}\nContent-Length: 0\n\n")) as there:
        delivery = sender().send(webhook(there.url))
    assert (delivery.sent, delivery.temporary, delivery.uncertain) == (sent, temporary, False)
    assert delivery.answer == f"HTTP {status}"


def test_a_redirect_is_not_followed() -> None:
    with receiver(OK) as inside:
        away = says(f"HTTP/1.1 302 Found\nLocation: {inside.url}\nContent-Length: 0\n\n")
        with receiver(away) as there:
            assert not sender().send(webhook(there.url)).sent
    assert inside.requests == []


def test_no_proxy_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver(OK) as proxy, receiver(OK) as there:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert sender().send(webhook(there.url)).sent
    assert (len(there.requests), proxy.requests) == (1, [])


@pytest.mark.parametrize(
    "answer",
    [
        hangs,
        drips(b"H"),  # never a whole line
        drips(b"HTTP/1.1 100 Continue\r\n\r\n"),
        begins(b"HTTP/1.1 200 OK\r\n", drips(b"X-Y: z\r\n ")),
    ],
    ids=["hangs", "drips a line", "drips continues", "drips headers"],
)
def test_a_receiver_that_never_answers_costs_its_time_and_no_more(answer: Answer) -> None:
    with receiver(answer) as there:
        begun = monotonic()
        delivery = sender(timeout=0.5).send(webhook(there.url))
        assert monotonic() - begun < 60
    assert (delivery.sent, delivery.temporary, delivery.uncertain) == (False, True, True)


@pytest.mark.parametrize(
    "answer",
    [
        begins(b"HTTP/1.1 200 OK\r\n\r\n", drips(b"x" * 65536)),
        begins(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", drips(b"x")),
        begins(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nx", hangs),
        says("HTTP/1.1 200 OK\nContent-Length: 1073741824\nContent-Encoding: gzip\n\nnot at all"),
    ],
    ids=["endless", "endless and slow", "never whole", "a bomb"],
)
def test_an_endless_answer_counts_by_its_status(answer: Answer) -> None:
    with receiver(answer) as there:
        begun = monotonic()
        delivery = sender(timeout=0.5).send(webhook(there.url))
        assert monotonic() - begun < 60
    assert delivery.sent
    assert len(delivery.answer) <= 500


@pytest.mark.parametrize("text", ["", "220 mail.example ESMTP\n", "HTTP/1.1 999999 x\n\n", "HTTP/1.1 200"])
def test_who_speaks_no_http_may_have_taken_it(text: str) -> None:
    with receiver(says(text)) as there:
        delivery = sender().send(webhook(there.url))
    assert (delivery.sent, delivery.temporary) == (text == "HTTP/1.1 200", text != "HTTP/1.1 200")
    assert delivery.uncertain is (text != "HTTP/1.1 200")


def test_who_is_not_there_took_nothing() -> None:
    with receiver(OK) as there:
        pass
    delivery = sender().send(webhook(there.url))
    assert (delivery.temporary, delivery.uncertain) == (True, False)
    assert "refused" in delivery.answer


def test_only_who_proves_the_name_by_tls_is_told_anything(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl to make a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    order = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([openssl, *order.split(), *names], check=True, capture_output=True)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(certificate, key)
    with receiver(OK) as there:
        there.context = server
        url = there.url.replace("http:", "https:")
        delivery = sender().send(webhook(url))
        assert (delivery.sent, delivery.temporary, delivery.uncertain) == (False, True, False)
        assert "certificate" in delivery.answer
        assert there.requests == []
        knows = WebhookSettings(keys=SIGNER.webhook_keys, context=ssl.create_default_context(cafile=certificate))
        assert WebhookSender(knows).send(webhook(url)).sent
        stranger = WebhookSender(knows).send(webhook(url.replace("127.0.0.1", "localhost")))
        assert (stranger.sent, stranger.uncertain) == (False, False)
    assert len(there.requests) == 1


def test_a_host_that_does_not_answer_is_left_alone_for_a_minute_so_that_letters_do_not_wait() -> None:
    now = [0.0]
    with receiver(hangs, OK) as there, receiver(OK) as other:
        sending = sender(timeout=2, ticks=lambda: now[0])
        assert sending.send(webhook(there.url)).uncertain
        second = sending.send(webhook(there.url))
        assert (second.temporary, second.uncertain) == (True, False)  # it was certainly not sent
        assert "not tried" in second.answer
        assert sending.send(webhook(other.url)).sent
        now[0] = 61.0
        assert sending.send(webhook(there.url)).sent
    assert len(there.requests) == 2


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("https://hooks.example.com/tickets", ""),
        ("https://hooks.example.com:8443", ""),
        ("http://localhost:8080/x", ""),
        ("http://127.0.0.1/x", ""),
        ("http://[::1]:80/x", ""),
        ("http://hooks.example.com/x", "for this machine only"),
        ("http://127.example.com/x", "for this machine only"),
        ("http://10.0.0.1/x", "for this machine only"),
        ("ftp://hooks.example.com/x", "no URL of a web server"),
        ("hooks.example.com", "no URL of a web server"),
        ("https:///x", "no URL of a web server"),
        ("https://a..b/x", "no URL of a web server"),
        ("https://hooks.example.com:99999/", "this is no URL"),
        ("https://[::1", "this is no URL"),
        ("https://kim:secret@hooks.example.com/", "no login"),
        ("https://hooks.example.com/#x", "no fragment"),
        ("https://hooks.example.com/ x", "printable ASCII"),
        ("https://hooks.example.com/x\r\nX: y", "printable ASCII"),
        ("https://höoks.example.com/", "printable ASCII"),
        ("https://hooks.example.com/" + "x" * 2000, "at most 2000"),
    ],
)
def test_which_urls_are_called(url: str, fault: str) -> None:
    assert fault in webhook_fault(url)
    assert bool(fault) is bool(webhook_fault(url))
    if fault:
        delivery = sender().send(webhook(url))
        assert (delivery.sent, delivery.temporary) == (False, False)
