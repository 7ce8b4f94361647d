"""Everything the poller must be told about one IMAP mailbox."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from maild.app.ports import TokenSource

Security = Literal["tls", "starttls", "none"]
After = Literal["move", "flag", "delete", "leave"]
FirstRun = Literal["new", "all"]

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxSettings:
    """One mailbox that is emptied into tickets.

    Raises ValueError when a word that is sent to the server carries CR, LF or NUL: imaplib writes
    arguments as they are, so such a word would be a second command (CVE-2025-15366).
    """

    name: str  # of the cursor, the lease and the transport keys; must never change
    host: str
    port: int
    security: Security = "tls"
    ssl_context: ssl.SSLContext | None = field(default=None, repr=False, compare=False)  # None: system's trust
    username: str
    password: Callable[[], str] = field(repr=False, compare=False)  # asked at every login: it may be rotated
    tokens: TokenSource | None = field(default=None, repr=False, compare=False)  # OAuth2, instead of the password
    folder: str = "INBOX"  # "/" stands for the server's own separator
    address: str  # the support address that this mailbox stands for
    after: After = "move"
    move_to: str = "Processed"
    first_run: FirstRun = "new"
    idle: bool = True
    poll_seconds: float = 60.0  # how often to look when IDLE says nothing
    batch: int = 50  # mails fetched and committed at a time
    batch_bytes: int = 8 * MIB  # bytes fetched and committed at a time; one bigger mail comes alone, in pieces
    largest: int = 25 * MIB  # of one mail; up to twice as much is still taken in
    connect_seconds: float = 15.0
    read_seconds: float = 60.0  # for each answer of the server

    def __post_init__(self) -> None:
        for what in ("name", "host", "username", "folder", "move_to"):
            one_line(getattr(self, what), f"the {what} of a mailbox")
        if self.after == "move" and self.move_to == self.folder:
            raise ValueError(f"mailbox {self.name}: mail cannot be moved to the folder it is in")


def one_line(word: str, what: str) -> str:
    """The same word, if it can be an argument of an IMAP command; ValueError if it could start another."""
    if any(sign in word for sign in "\r\n\0"):
        raise ValueError(f"{what} contains a line break or NUL")
    return word
