"""Gets an OAuth2 access token from a command, as Gmail and Microsoft 365 want one instead of a password.

How a token is had differs by provider and changes; programs that do nothing else (such as oama or
mailctl) know it and keep the refresh token in a keyring. maild only runs one and reads what it prints.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from maild.errors import NoToken

_SECONDS = 30.0
_MOST = 8192  # characters; Microsoft's tokens have about 2,500


class TokenCommand:
    """Implements the port TokenSource: the command keeps the tokens, and is asked at every login."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command

    def token(self) -> str:
        """What the command prints. Raises NoToken."""
        return read_token(self._command)

    def refused(self, token: str) -> None:
        """Nothing is kept here that could be thrown away."""


def read_token(command: Sequence[str]) -> str:
    """The access token that a command prints on its first line. Raises NoToken."""
    what = f"the token command {command[0]}"
    try:
        done = subprocess.run(  # noqa: S603  # the admin's own command, run without a shell
            list(command), stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise NoToken(f"{what} took longer than {_SECONDS:.0f} s") from None
    except OSError as error:
        raise NoToken(f"{what} cannot be run: {error.strerror}") from None
    token = done.stdout.decode("ascii", "replace").partition("\n")[0].strip()
    if done.returncode:
        raise NoToken(f"{what} ended with status {done.returncode}")
    if not token or not token.isascii() or not token.isprintable() or " " in token or len(token) > _MOST:
        raise NoToken(f"{what} printed no token")
    return token
