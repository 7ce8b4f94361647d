"""What is asked of an issuer, in the words of oauthlib: each function puts one question, or one login's several."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isnan
from typing import Any
from urllib.parse import urlencode

from oauthlib.oauth2 import (
    BackendApplicationClient,
    OAuth2Error,
    ServiceApplicationClient,
    WebApplicationClient,
)

from maild.clock import Clock
from maild.oauth.asking import Ask, Away, Refused
from maild.oauth.issuers import Issuer
from maild.oauth.kept import Tokens

_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
_LIFE = 3600  # seconds of an access token whose issuer does not say (RFC 6749 §5.1 recommends to)
_SLOWER = timedelta(seconds=5)  # RFC 8628 §3.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """maild as the issuer knows it."""

    issuer: Issuer
    id: str
    secret: str = ""
    ask: Ask

    def form(self, body: str) -> str:
        """The body with our secret, where we have one (RFC 6749 §2.3.1)."""
        return f"{body}&{urlencode({'client_secret': self.secret})}" if self.secret else body


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCode:
    """What somebody has to do to sign in on another device (RFC 8628 §3.2)."""

    code: str
    user_code: str
    address: str  # where it is typed in
    interval: timedelta
    until: datetime


def renewed(client: Client, tokens: Tokens, clock: Clock) -> Tokens:
    """Fresh tokens for a refresh token (RFC 6749 §6), which an issuer may change each time. Raises Away or Refused."""
    said = client.ask(
        client.issuer.token_url,
        client.form(WebApplicationClient(client.id).prepare_refresh_body(refresh_token=tokens.refresh)),
    )
    return _tokens(client, said, clock, before=tokens)


def in_our_name(client: Client, clock: Clock) -> Tokens:
    """Tokens for maild itself by its secret (RFC 6749 §4.4). Raises Away or Refused."""
    body = BackendApplicationClient(client.id).prepare_request_body(
        scope=" ".join(client.issuer.own_scopes), include_client_id=True
    )
    return _tokens(client, client.ask(client.issuer.token_url, client.form(body)), clock)


def by_service_account(client: Client, key: Mapping[str, str], subject: str, clock: Clock) -> Tokens:
    """Tokens for `subject`'s mail by a signed claim (RFC 7523), as Google's service accounts do it.

    `key` is the account's file as Google gives it. Raises Away or Refused.
    """
    now = clock().timestamp()
    body = ServiceApplicationClient(client.id, private_key=key["private_key"]).prepare_request_body(
        issuer=key["client_email"],
        subject=subject,
        audience=client.issuer.token_url,
        issued_at=now,
        expires_at=now + _LIFE,
        extra_claims={"scope": " ".join(client.issuer.own_scopes)},
    )
    return _tokens(client, client.ask(client.issuer.token_url, body), clock)


def begin_device(client: Client, clock: Clock) -> DeviceCode:
    """Ask for a code that somebody types in elsewhere. Raises Away or Refused."""
    form = urlencode({"client_id": client.id, "scope": " ".join(client.issuer.scopes)})
    said = client.ask(client.issuer.device_url, form)
    try:
        return DeviceCode(
            code=str(said["device_code"]),
            user_code=_plain(said["user_code"]),
            address=_plain(said.get("verification_uri") or said["verification_url"]),  # Google's word for it
            interval=timedelta(seconds=_seconds(said.get("interval"), 5)),
            until=clock() + timedelta(seconds=_seconds(said.get("expires_in"), 900)),
        )
    except (KeyError, TypeError, ValueError):
        raise Away("its answer to the request for a code is not understood") from None


def finish_device(client: Client, code: DeviceCode, clock: Clock, wait: Callable[[timedelta], None]) -> Tokens:
    """Ask until it was typed in (RFC 8628 §3.4). Raises Refused when it was not, or no more. `wait` lets time pass."""
    form = client.form(urlencode({"grant_type": _DEVICE, "device_code": code.code, "client_id": client.id}))
    interval = code.interval
    while clock() < code.until:
        wait(interval)
        try:
            return _tokens(client, client.ask(client.issuer.token_url, form), clock)
        except Refused as refused:
            if refused.code == "slow_down":
                interval += _SLOWER
            elif refused.code != "authorization_pending":
                raise
        except Away:
            interval += _SLOWER  # RFC 8628 §3.5: after a time-out, less often
    raise Refused("expired_token")


class BrowserLogin:
    """A login in a browser that ends at an address of this machine (RFC 8252 §7.3), with PKCE (RFC 7636)."""

    def __init__(self, client: Client, ends_at: str, hint: str) -> None:
        """`ends_at`: the address; `hint`: who is to sign in."""
        self._client = client
        self._ends_at = ends_at
        self._oauth = WebApplicationClient(client.id)
        self._verifier = self._oauth.create_code_verifier(64)
        self._state = self._oauth.state_generator()
        self._challenge = self._oauth.create_code_challenge(self._verifier, "S256")
        scheme, _, _ = client.issuer.browser_url.partition("://")
        address = self._oauth.prepare_request_uri(
            _as_https(client.issuer.browser_url),
            redirect_uri=ends_at,
            scope=" ".join(client.issuer.scopes),
            state=self._state,
            code_challenge=self._challenge,
            code_challenge_method="S256",
            login_hint=hint,
            access_type="offline",  # Google: with a refresh token
            prompt="consent",  # and with one again, when somebody signs in for the second time
        )
        self.address = scheme + address.removeprefix("https")

    def finish(self, ended_at: str, clock: Clock) -> Tokens:
        """The tokens for the address that the browser ended at. Raises Away, or Refused also when it is another's."""
        try:
            code = self._oauth.parse_request_uri_response(_as_https(ended_at), state=self._state)["code"]
        except OAuth2Error as error:
            raise Refused(str(error.error) if error.error else "no code came back") from None
        body = self._oauth.prepare_request_body(
            code=code, redirect_uri=self._ends_at, code_verifier=self._verifier, include_client_id=True
        )
        return _tokens(self._client, self._client.ask(self._client.issuer.token_url, self._client.form(body)), clock)


def _as_https(url: str) -> str:
    """Oauthlib wants https, which an address of one's own machine need not have (RFC 8252 §8.3)."""
    return "https://" + url.partition("://")[2]


def _tokens(client: Client, said: Mapping[str, Any], clock: Clock, before: Tokens | None = None) -> Tokens:
    """What an issuer gave (RFC 6749 §5.1)."""
    token, now = said.get("access_token"), clock()
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or " " in token or not token:
        raise Away("its answer holds no token")
    ends = said.get("refresh_token_expires_in", said.get("refresh_expires_in"))  # Google's and Keycloak's word
    return Tokens(
        client=client.id,
        access=token,
        until=now + timedelta(seconds=_seconds(said.get("expires_in"), _LIFE)),
        refresh=str(said.get("refresh_token") or (before.refresh if before else "")),
        refresh_until=now + timedelta(seconds=_seconds(ends, 0)) if ends else before.refresh_until if before else None,
        renewed_at=now,
        signed_in_at=before.signed_in_at if before else now,
    )


def _seconds(said: object, otherwise: float) -> float:
    try:
        seconds = float(str(said))
    except ValueError:
        return float(otherwise)
    return min(max(seconds, 0.0), 10 * 365 * 86400.0) if not isnan(seconds) else float(otherwise)


def _plain(said: object) -> str:
    """A word for a person's terminal: nothing in it moves the cursor."""
    text = str(said)
    if not text or not text.isprintable() or len(text) > 200:
        raise ValueError(text)
    return text
