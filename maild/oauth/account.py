"""An account at a mail provider: gives an access token that holds, renewed in time, for whoever logs in with it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from maild.clock import Clock
from maild.errors import MaildError, NoToken
from maild.oauth.asking import Away, Refused
from maild.oauth.kept import Kept, Tokens

EARLY = timedelta(minutes=5)  # a token that ends sooner is renewed first: a login and a long FETCH go on with it
_REST = timedelta(minutes=1)  # after a refusal, the same question is not put again at once

Renew = Callable[[Tokens], Tokens]  # raises Away or Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How it stands with an account."""

    name: str
    signs_in: bool  # somebody has to, with `maild login`; else maild asks in its own name
    signed_in_at: datetime | None
    renewed_at: datetime | None
    ends_at: datetime | None  # when somebody has to sign in again, if the issuer says so
    trouble: str
    trouble_at: datetime | None


class Account:
    """Implements the port TokenSource; may be used by many threads and processes at once."""

    def __init__(self, name: str, client: str, kept: Kept, renew: Renew, clock: Clock, *, signs_in: bool) -> None:
        """`client` is our id at the issuer; `signs_in`: the tokens came by `maild login`."""
        self.name = name
        self._client = client
        self._kept = kept
        self._renew = renew
        self._clock = clock
        self._signs_in = signs_in

    def token(self) -> str:
        """An access token that holds for a while. Raises NoToken."""
        tokens = self._tokens()
        if self._holds(tokens):
            return tokens.access
        try:
            with self._kept.alone():
                return self._renewed().access
        except OSError as error:
            raise NoToken(f"account {self.name}: its tokens cannot be kept: {error.strerror}") from None

    def refused(self, token: str) -> None:
        """A server did not take this token: the next one is to be a new one."""
        with suppress(OSError), self._kept.alone():
            tokens = self._tokens()
            fresh = tokens.renewed_at and tokens.renewed_at > self._clock() - _REST
            if tokens.access == token and not fresh:  # a new one that is not taken either: the trouble is elsewhere
                self._kept.write(replace(tokens, until=None))

    def standing(self) -> Standing:
        """How it stands, without asking anybody."""
        tokens = self._tokens()
        missing = self._signs_in and not tokens.refresh and not tokens.trouble
        return Standing(
            name=self.name,
            signs_in=self._signs_in,
            signed_in_at=tokens.signed_in_at,
            renewed_at=tokens.renewed_at,
            ends_at=tokens.refresh_until,
            trouble=self._to_sign_in("nobody has signed in yet") if missing else tokens.trouble,
            trouble_at=tokens.trouble_at,
        )

    def _tokens(self) -> Tokens:
        kept = self._kept.read()
        return kept if kept is not None and kept.client == self._client else Tokens(client=self._client)

    def _holds(self, tokens: Tokens) -> bool:
        return bool(tokens.access and tokens.until and tokens.until - EARLY > self._clock())

    def _renewed(self) -> Tokens:
        tokens, now = self._tokens(), self._clock()
        if self._holds(tokens):  # somebody else was faster
            return tokens
        if self._signs_in and not tokens.refresh:
            raise NoToken(f"account {self.name}: {self._to_sign_in('nobody has signed in yet')}")
        if not (tokens.trouble and tokens.asked_at and now - tokens.asked_at < _REST):
            try:
                tokens = replace(self._renew(tokens), asked_at=now)
            except (Away, Refused) as error:
                since = tokens.trouble_at or now
                tokens = replace(tokens, trouble=self._words(error), trouble_at=since, asked_at=now)
            self._kept.write(tokens)
        if tokens.trouble and not (tokens.access and tokens.until and tokens.until > now):
            raise NoToken(f"account {self.name}: {tokens.trouble}")
        return tokens  # in spite of trouble, the old one while it lasts

    def _words(self, error: MaildError) -> str:
        if not isinstance(error, Refused):
            return str(error)
        trouble = f"the issuer refuses to renew its token: {error}"
        return self._to_sign_in(trouble) if self._signs_in and error.code == "invalid_grant" else trouble

    def _to_sign_in(self, why: str) -> str:
        return f"{why}; sign in with: maild login {self.name}"
