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
        tokens = None
        try:
            tokens = self._tokens()
            if self._holds(tokens):
                return tokens.access
            # Whose token still lasts does not wait for somebody else who is asking a slow issuer.
            with self._kept.alone(wait=not self._lasts(tokens)):
                return self._renewed().access
        except OSError as error:
            if tokens is not None and self._lasts(tokens):
                return tokens.access
            raise NoToken(f"account {self.name}: {_unkept(error)}") from None

    def refused(self, token: str) -> None:
        """A server did not take this token: the next one is to be a new one."""
        with suppress(OSError), self._kept.alone():
            tokens = self._tokens()
            fresh = self._just_now(tokens.renewed_at)
            if tokens.access == token and not fresh:  # a new one that is not taken either: the trouble is elsewhere
                self._kept.write(replace(tokens, until=None))

    def standing(self) -> Standing:
        """How it stands, without asking anybody."""
        try:
            tokens = self._tokens()
        except OSError as error:
            tokens = Tokens(client=self._client, trouble=_unkept(error))
        trouble = tokens.trouble
        if self._signs_in and not trouble and not tokens.refresh:
            trouble = self._to_sign_in("nobody has signed in yet")
        elif tokens.refresh_until and tokens.refresh_until <= self._clock() and not trouble:
            trouble = self._to_sign_in("its login has ended")
        return Standing(
            name=self.name,
            signs_in=self._signs_in,
            signed_in_at=tokens.signed_in_at,
            renewed_at=tokens.renewed_at,
            ends_at=tokens.refresh_until,
            trouble=trouble,
            trouble_at=tokens.trouble_at,
        )

    def _tokens(self) -> Tokens:
        kept = self._kept.read()
        return kept if kept is not None and kept.client == self._client else Tokens(client=self._client)

    def _holds(self, tokens: Tokens) -> bool:
        return self._lasts(tokens, EARLY)

    def _lasts(self, tokens: Tokens, longer: timedelta = timedelta()) -> bool:
        return bool(tokens.access and tokens.until and tokens.until - longer > self._clock())

    def _just_now(self, moment: datetime | None) -> bool:
        """Whether it is less than `_REST` ago; a moment to come is of a clock that was set back, and says nothing."""
        return moment is not None and timedelta() <= self._clock() - moment < _REST

    def _renewed(self) -> Tokens:
        tokens = self._tokens()
        if self._holds(tokens):  # somebody else was faster
            return tokens
        if self._signs_in and not tokens.refresh:
            raise NoToken(f"account {self.name}: {self._to_sign_in('nobody has signed in yet')}")
        if not (tokens.trouble and self._just_now(tokens.asked_at)):
            since = tokens.trouble_at or self._clock()
            try:
                tokens = self._renew(tokens)
            except (Away, Refused) as error:
                tokens = replace(tokens, trouble=self._words(error), trouble_at=since)
            # From the end of the question on: a slow issuer is not asked again at once by whoever waited meanwhile.
            tokens = replace(tokens, asked_at=self._clock())
            self._kept.write(tokens)
        if tokens.trouble and not self._lasts(tokens):
            raise NoToken(f"account {self.name}: {tokens.trouble}")
        return tokens  # in spite of trouble, the old one while it lasts

    def _words(self, error: MaildError) -> str:
        if not isinstance(error, Refused):
            return str(error)
        trouble = f"the issuer refuses to renew its token: {error}"
        return self._to_sign_in(trouble) if self._signs_in and error.code == "invalid_grant" else trouble

    def _to_sign_in(self, why: str) -> str:
        return f"{why}; sign in with: maild login {self.name}"


def _unkept(error: OSError) -> str:
    return f"its tokens cannot be read or kept (does everything run as maild's user?): {error.strerror}"
