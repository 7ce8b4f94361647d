"""Carries webhooks: one signed POST each, to a receiver that may hang, lie or never end.

    POST /tickets HTTP/1.1
    Content-Type: application/json
    Idempotency-Key: k7f3…                     the same for every try, and `id` in the body
    Maild-Signature: t=1772442000,v1=5f1c…     HMAC-SHA256 over "1772442000." and the body, in hex

The key of a host is made of the desk's secret (`maild webhook-key URL`). While an old secret is accepted
there is a further v1 made with it: a receiver takes the request when any of them is right.
"""

from __future__ import annotations

import contextlib
import hmac
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException
from urllib.parse import SplitResult, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from maild.app.ports import Delivery, Letter
from maild.clock import Clock, utc_now
from maild.outbound.envelope import answer_line
from maild.outbound.webhook_url import webhook_fault

_READ = 1024  # bytes of an answer's body; nobody needs more of them
_LATER = frozenset({408, 425, 429})  # RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4: not now


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSettings:
    """How webhooks leave."""

    keys: Callable[[str], Sequence[str]]  # host -> the keys that sign, the newest first
    timeout: float = 10.0  # seconds for the whole exchange, whatever the other side does
    rest: float = 60.0  # seconds in which a host that did not answer is left alone: letters wait behind it
    context: ssl.SSLContext | None = None  # None: the system's CAs


def sign(keys: Sequence[str], at: int, body: bytes) -> str:
    """The value of Maild-Signature: `at` in seconds since 1970, and a v1 for each key."""
    stamped = b"%d.%b" % (at, body)
    return ",".join([f"t={at}", *(f"v1={hmac.digest(key.encode(), stamped, 'sha256').hex()}" for key in keys)])


class WebhookSender:
    """Implements Sender for webhooks. Not thread-safe: one per thread.

    2xx                                     sent
    408, 425, 429, 5xx                      temporary
    anything else, redirects as well        refused: the URL is the configuration's
    no connection, no TLS                   temporary
    connected, but no whole answer in time  temporary, uncertain: it may have been taken
    """

    def __init__(
        self,
        settings: WebhookSettings,
        clock: Clock = utc_now,
        ticks: Callable[[], float] = time.monotonic,
        resting: dict[str, float] | None = None,
    ) -> None:
        """`resting` is what all lanes know of hosts that did not answer: scheme and host -> until when they rest.

        `ticks` gives seconds on a clock that never goes back; only tests give another.
        """
        self._settings = settings
        self._clock = clock
        self._ticks = ticks
        self._resting = {} if resting is None else resting

    def send(self, letter: Letter) -> Delivery:
        """Try once; the letter's recipient is the URL, its Message-ID the nonce."""
        [url] = letter.envelope_to
        fault = webhook_fault(url)
        if fault:
            return Delivery(sent=False, answer=fault)
        parts = urlsplit(url)
        where = f"{parts.scheme}://{parts.netloc}"
        if self._resting.get(where, 0.0) > self._ticks():
            return Delivery(sent=False, temporary=True, answer=f"not tried: {where} did not answer a moment ago")
        self._resting.pop(where, None)
        delivery, is_away = self._exchange(parts, letter)
        if is_away:
            self._resting[where] = self._ticks() + self._settings.rest
        return delivery

    def close(self) -> None:
        """Nothing stays open between webhooks."""

    def _exchange(self, parts: SplitResult, letter: Letter) -> tuple[Delivery, bool]:
        """How it went, and whether nobody is there."""
        connection = self._connection(parts)
        with _Deadline(connection, self._settings.timeout) as deadline, contextlib.closing(connection):
            try:
                connection.connect()
                deadline.hold()
            except (OSError, HTTPError, ValueError) as trouble:  # a certificate's name is told by a ValueError
                said = deadline.words or f"no connection: {_cause(trouble)}"
                return Delivery(sent=False, temporary=True, answer=answer_line(said)), True
            try:
                return self._post(connection, parts, letter, deadline), False
            except (OSError, HTTPError, HTTPException, ValueError) as trouble:
                said = deadline.words or f"no answer: {_cause(trouble)}"
                return Delivery(sent=False, temporary=True, uncertain=True, answer=answer_line(said)), True

    def _connection(self, parts: SplitResult) -> HTTPConnection:
        host, timeout = parts.hostname or "", self._settings.timeout
        if parts.scheme == "http":
            return HTTPConnection(host, parts.port, timeout=timeout)
        return HTTPSConnection(host, parts.port, timeout=timeout, ssl_context=self._settings.context or _context())

    def _post(self, connection: HTTPConnection, parts: SplitResult, letter: Letter, deadline: _Deadline) -> Delivery:
        at = int(self._clock().timestamp())
        connection.request(
            "POST",
            (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
            letter.raw,
            {
                "Content-Type": "application/json",
                "User-Agent": "maild",
                "Idempotency-Key": letter.message_id,
                "Maild-Signature": sign(self._settings.keys(parts.hostname or ""), at, letter.raw),
                "Connection": "close",
            },
            preload_content=False,
            decode_content=False,  # or a small answer could unpack to a large one
        )
        response = connection.getresponse()
        deadline.check()  # http.client takes headers that end in the middle for whole ones
        status, reason = response.status, response.reason or ""
        words = b""
        with contextlib.suppress(OSError, HTTPError, HTTPException):  # the status has said it all
            words = response.read(_READ, decode_content=False)
        said = answer_line(f"HTTP {status} {reason} {words.decode('utf-8', 'replace')}")
        temporary = status in _LATER or status >= 500
        return Delivery(sent=200 <= status < 300, temporary=temporary, answer=said)


class _Deadline:
    """Ends a connection when its time is up, however busy the other side keeps it: a byte a second is no silence."""

    def __init__(self, connection: HTTPConnection, seconds: float) -> None:
        self.words = ""  # once the time is up
        self._connection = connection
        self._socket: socket.socket | None = None
        self._seconds = seconds
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> _Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_trouble: object) -> None:
        self._timer.cancel()

    def hold(self) -> None:
        """Keep the socket: an answer that says "Connection: close" takes it away from the connection."""
        self._socket = self._connection.sock
        self.check()

    def check(self) -> None:
        """Raise TimeoutError when the time is up."""
        if self.words:
            raise TimeoutError(self.words)

    def _end(self) -> None:
        self.words = f"no whole answer within {self._seconds:g} s"
        held = self._socket or self._connection.sock
        if held is not None:
            with contextlib.suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)


@cache
def _context() -> ssl.SSLContext:
    """Verifies names and certificates; reading the CAs takes 20 ms, so only once."""
    return ssl.create_default_context()


def _cause(trouble: Exception) -> str:
    """The trouble in words; urllib3's own name the object, which is of no use to anybody."""
    cause = trouble.__cause__ if isinstance(trouble, HTTPError) and trouble.__cause__ else trouble
    return str(cause) or type(cause).__name__
