"""A directory that answers in JSON by HTTP. It may be slow, hostile or wrong: it is bounded and checked.

No redirect is followed, wherever it leads, and no proxy of the environment is used. One time limit
stands over everything, from the look-up of the name to the last byte: a watch shuts the connection when
it is over, since a server that sends a byte a second would never meet a limit on silence.
"""

from __future__ import annotations

import json
import logging
import socket
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from urllib.parse import quote, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse

from maild.app.lookups import Entry
from maild.directories.source import LATE, Away, Reading, Row, Trouble, entry_about, entry_of, value_at
from maild.directories.watch import Watch

PLACE = "{key}"  # in the URL: where the key goes
_CHUNK = 64 << 10
# It would log the addresses that are asked, which may hold secrets; what goes wrong is told by us, once.
logging.getLogger("urllib3").setLevel(logging.CRITICAL)
_GONE = frozenset({404, 410})
_OF_ALL = frozenset({401, 403, 407, 408, 421, 425, 429})  # of 4xx, those that another key would get as well
_NO_PLACE = object()
_SHORTEST_SECRET = 4  # characters; a shorter value of a header would be found in any words


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where is asked, and with what."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    token: str = field(default="", repr=False)
    rows: str = ""  # where in an answer the list is, as a dotted path; "" is the answer itself
    tls: ssl.SSLContext | None = None  # None: the system's authorities


class HttpSource:
    """The port `Source` on an endpoint; every question has a connection of its own."""

    def __init__(self, endpoint: Endpoint, reading: Reading) -> None:
        self._endpoint = endpoint
        self._reading = reading
        self.by_key = PLACE in endpoint.url
        self._tls = endpoint.tls
        if self._tls is None and endpoint.url.startswith("https:"):
            self._tls = ssl.create_default_context()  # 10 ms, once

    def stamp(self) -> object:
        """See the port."""
        return None

    def look(self, key: str) -> Entry | None:
        """See the port."""
        if not key.strip(".") or "\x00" in key:  # "." and ".." would be another place on the server
            return None
        found = self._get(self._endpoint.url.replace(PLACE, quote(key, safe="")))
        if found is None:
            return None
        return entry_about(key, _rows(self._inside(found)), self._reading)

    def all(self) -> Sequence[Entry]:
        """See the port."""
        found = self._get(self._endpoint.url)
        if found is None:
            raise Trouble("there is nothing at this address (404)")
        rows = self._inside(found)
        if isinstance(rows, Mapping):
            raise Trouble("it answered with one object, not with a list; `rows` says where in it the list is")
        if rows is None:  # to believe it would take every agent and customer away
            raise Trouble("it answered with nothing, not with a list")
        return [entry_of(row, self._reading) for row in _rows(rows)]

    def _inside(self, found: Any) -> Any:
        """What stands where `rows` says. Raises Trouble when there is no such place, as in the JSON of an error."""
        path = self._endpoint.rows
        if not path or not isinstance(found, Mapping):
            return found
        inside = value_at(found, path, _NO_PLACE)
        if inside is _NO_PLACE:
            raise Trouble(f"its answer has no {path!r}")
        return inside

    def _get(self, url: str) -> Any:
        """The JSON at a URL; None when there is nothing."""
        until = time.monotonic() + self._reading.timeout
        try:
            with _asked(url, self._headers(), self._tls, until) as response:
                if response.status in _GONE:
                    return None
                self._check(response)
                body = _body(response, self._reading.largest)
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            if time.monotonic() >= until or isinstance(error, TimeoutError):
                raise Away(LATE % self._reading.timeout) from None
            raise Away(_why(error)) from None
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise Trouble("its answer is not JSON") from None

    def _check(self, response: HTTPResponse) -> None:
        """Raises Trouble for an answer that is none, in words that repeat nothing secret it may have sent back."""
        try:
            _refuse(response, self._reading.largest)
        except Trouble as trouble:
            secrets = (self._endpoint.token, *self._endpoint.headers.values())
            said = str(trouble).casefold()
            if any(len(secret) >= _SHORTEST_SECRET and secret.casefold() in said for secret in secrets):
                raise type(trouble)(f"it answered {response.status}, with a secret of ours in its head") from None
            raise

    def _headers(self) -> dict[str, str]:
        # identity: a compressed answer could be a thousand times its size, and none is unpacked.
        headers = {"User-Agent": "maild", "Accept": "application/json", "Accept-Encoding": "identity"}
        headers |= {"Connection": "close"} | dict(self._endpoint.headers)
        if self._endpoint.token:
            headers["Authorization"] = f"Bearer {self._endpoint.token}"
        return headers


class _Watched(HTTPConnection):
    """A connection that is watched from its first moment."""

    until: float
    watch: Watch

    def _new_conn(self) -> socket.socket:
        line = super()._new_conn()
        self.watch.over(line)
        self.timeout = _left(self.until)  # the look-up of the name has had its share
        line.settimeout(self.timeout)
        return line


class _WatchedTls(_Watched, HTTPSConnection):
    """The same with TLS."""


@contextmanager
def _asked(url: str, headers: Mapping[str, str], tls: ssl.SSLContext | None, until: float) -> Iterator[HTTPResponse]:
    """The answer's head; its body is still to be read."""
    parts = urlsplit(url)
    host, left = parts.hostname or "", _left(until)
    connection: _Watched
    if parts.scheme == "https":
        connection = _WatchedTls(host, parts.port, timeout=left, ssl_context=tls)
    else:
        connection = _Watched(host, parts.port, timeout=left)
    connection.until, connection.watch = until, Watch(until)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", path, headers=headers, preload_content=False, decode_content=False)
        with connection.getresponse() as response:
            connection.watch.check()
            yield response
            connection.watch.check()
    finally:
        connection.watch.end()
        connection.close()


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _refuse(response: HTTPResponse, largest: int) -> None:
    """Raises Trouble for an answer that is none, before its body is read."""
    status = response.status
    if 300 <= status < 400:
        to = urlsplit(response.headers.get("Location", ""))
        raise Away(f"it redirects to {to.hostname or 'another place'}, and no redirect is followed")
    if 400 <= status < 500 and status not in _OF_ALL:
        raise Trouble(f"it answered {status}")
    if status != 200:
        raise Away(f"it answered {status}")
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise Trouble(f"its answer is {kind[:60] or 'of no type'}, not application/json")
    packed = response.headers.get("Content-Encoding", "identity").strip().lower()
    if packed not in ("", "identity"):
        raise Trouble(f"its answer is compressed ({packed[:20]}), although it was asked not to be")
    length = response.headers.get("Content-Length", "")
    if length.isdigit() and int(length[:20]) > largest:
        raise Trouble(f"it would send more than {largest} bytes")


def _body(response: HTTPResponse, largest: int) -> bytes:
    body = bytearray()
    while chunk := response.read1(_CHUNK, decode_content=False):
        body += chunk
        if len(body) > largest:
            raise Trouble(f"it sent more than {largest} bytes")
    return bytes(body)


def _rows(found: Any) -> list[Row]:
    """The objects of an answer: one, or a list of them."""
    if isinstance(found, Mapping):
        return [found]
    if found is None:
        return []
    if isinstance(found, list) and all(isinstance(row, Mapping) for row in found):
        return found
    raise Trouble("its answer is no object and no list of objects")


def _why(error: Exception) -> str:
    """What went wrong, without a URL, which may hold what is secret."""
    name = type(error).__name__
    if name == "NameResolutionError":
        return "its name cannot be looked up"
    if name in ("NewConnectionError", "ConnectTimeoutError"):
        return "it cannot be reached"
    if isinstance(error, ssl.SSLError) or "SSL" in name:
        return f"its certificate or TLS is not accepted: {getattr(error, 'reason', '') or name}"
    return f"the connection broke ({name})"
