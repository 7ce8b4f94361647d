"""An OAuth2 issuer on loopback: codes for devices and browsers, refresh tokens that may change, and refusals."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import parse_qsl, urlencode, urlsplit

from maild.testing.servers.daemon import HOST

Form = dict[str, str]


class No(Exception):
    """An answer of RFC 6749 §5.2."""


@dataclass
class FakeIssuer:
    """Gives tokens to who asks rightly. What it was asked is in `asked`; `gives` makes it answer otherwise."""

    client: str = "maild-test"
    secret: str = "the-secret-of-maild-test"  # noqa: S105  # of a test
    life: int = 3600  # seconds of an access token
    changes: bool = False  # a refresh token is good for once
    pending: int = 0  # how often a device's code is not typed in yet
    says: tuple[int, object] | None = None  # status and JSON (or bytes) of every answer instead
    refresh_life: int = 0  # seconds, told when not 0
    asked: list[Form] = field(default_factory=list)
    refresh: str = ""  # the one that is good now
    tokens: set[str] = field(default_factory=set)  # access tokens that servers take
    url: str = ""
    challenge: str = ""  # of the login in a browser
    _numbers: Iterator[int] = field(default_factory=count)

    @contextmanager
    def running(self) -> Iterator[FakeIssuer]:
        """Listen on loopback."""
        server = ThreadingHTTPServer((HOST, 0), _Conversation)
        server.issuer = self  # type: ignore[attr-defined]
        self.url = f"http://{HOST}:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def sign_in(self, address: str) -> str:
        """What a browser does at the login page: the address that it is sent to in the end."""
        asked = dict(parse_qsl(urlsplit(address).query))
        self.asked.append(asked)
        self.challenge = asked["code_challenge"]
        return f"{asked['redirect_uri']}?{urlencode({'code': 'code-of-browser', 'state': asked['state']})}"

    def answer(self, path: str, form: Form) -> dict[str, object]:
        """To a POST. Raises No."""
        self.asked.append(form)
        if path == "/device":
            return {
                "device_code": "code-of-device",
                "user_code": "WDJB-MJHT",
                "verification_uri": f"{self.url}/here",
                "interval": 0,
                "expires_in": 600,
            }
        match form.get("grant_type"):
            case "urn:ietf:params:oauth:grant-type:device_code":
                if self.pending:
                    self.pending -= 1
                    raise No("authorization_pending")
                _demand(form.get("device_code") == "code-of-device")
            case "authorization_code":
                digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
                _demand(base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == self.challenge)
            case "refresh_token":
                _demand(form.get("refresh_token") == self.refresh)
            case "client_credentials":
                return self._give(form, refresh=False)
            case "urn:ietf:params:oauth:grant-type:jwt-bearer":
                return self._give({"client_secret": self.secret}, refresh=False)
            case _:
                raise No("unsupported_grant_type")
        return self._give(form, refresh=True)

    def _give(self, form: Form, *, refresh: bool) -> dict[str, object]:
        if form.get("client_secret") != self.secret:
            raise No("invalid_client")
        token = f"access-token-{next(self._numbers)}"
        self.tokens.add(token)
        given: dict[str, object] = {"access_token": token, "token_type": "Bearer", "expires_in": self.life}
        if refresh and (self.changes or not self.refresh):
            self.refresh = given["refresh_token"] = f"refresh-{token}"
        elif refresh and form.get("grant_type") != "refresh_token":
            given["refresh_token"] = self.refresh
        if self.refresh_life:
            given["refresh_token_expires_in"] = self.refresh_life
        return given


def _demand(right: bool) -> None:  # noqa: FBT001  # it reads as what it is
    if not right:
        raise No("invalid_grant")


class _Conversation(BaseHTTPRequestHandler):
    def do_POST(self) -> None:  # http.server's name
        """One question."""
        issuer: FakeIssuer = self.server.issuer  # type: ignore[attr-defined]
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        try:
            status, said = issuer.says or (200, issuer.answer(self.path, form))
        except No as no:
            status, said = 400, {"error": str(no), "error_description": "AADSTS70000: kim@customer.example may not"}
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
