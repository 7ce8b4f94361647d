"""What the use cases need from the edges, as Protocols; each says what it promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from maild.app.arrival import Arrival, Cursor
from maild.app.look_back import LookBack
from maild.mail.model import Address, Scan
from maild.mail.packages import Package

# Room in memory for a mail of so many bytes, for as long as it is open; a large one waits until no other has it.
Room = Callable[[int], AbstractContextManager[object]]


class Inbox(Protocol):
    """The durable store of mails that were accepted."""

    def accept(self, arrivals: Sequence[Arrival], cursor: Cursor | None = None) -> int:
        """Commit all of them, and the cursor, in one durable transaction; return how many were new.

        Whoever calls it may say 250 or flag the mail only after it returned (HOUSE invariant 1). An
        arrival whose transport_key is already stored is skipped. Any exception means that nothing
        was stored as far as we know: answer temporarily, the sender tries again and a second copy
        is recognised as a duplicate. Thread-safe; blocks for as long as the disk takes.
        """


class Mailboxes(Protocol):
    """Where each IMAP mailbox was left, and who polls it. All calls are short transactions."""

    def take_lease(self, name: str, owner: str, now: datetime, length: timedelta) -> bool:
        """Become, or stay, the only poller of a mailbox until now + length; False: somebody else is."""

    def drop_lease(self, name: str, owner: str) -> None:
        """Give the lease back, so that another daemon need not wait for its end."""

    def cursor(self, name: str) -> Cursor | None:
        """The committed cursor; None before the first run."""

    def set_cursor(self, cursor: Cursor) -> None:
        """Commit a cursor without mail: the first run that starts at "now", or a changed UIDVALIDITY."""

    def stored_uids(self, name: str, uidvalidity: int) -> set[int]:
        """Every UID of this mailbox and UIDVALIDITY that the inbox holds (for the gap alarm)."""

    def look_back(self, name: str) -> LookBack | None:
        """Which mails that were moved away may be unknown, because the store was restored; else None."""

    def looked_back(self, name: str) -> None:
        """They were all moved back, or there is nothing to be done about them."""

    def note_success(self, name: str, now: datetime) -> None:
        """Remember when the mailbox last answered, for `maild status`."""

    def note_trouble(self, name: str, now: datetime, trouble: str) -> None:
        """Remember what went wrong and when, for `maild status`."""

    def failed_uids(self, name: str, uidvalidity: int) -> dict[int, int]:
        """UIDs that could not be fetched so far, each with its number of attempts."""

    def note_failed_uid(self, name: str, uidvalidity: int, uid: int, trouble: str) -> int:
        """Count one more failed attempt to fetch this UID; return the attempts so far."""

    def forget_failed_uid(self, name: str, uidvalidity: int, uid: int) -> None:
        """It was fetched after all, or it is gone from the server."""


class PackageOpener(Protocol):
    """Reads a file that holds files, apart from everything that is worth attacking."""

    def __call__(self, data: bytes) -> Package:
        """What it holds. Raises Permanent when it cannot be read; anything else may work later."""


class Doorbell(Protocol):
    """Wakes a worker. A ring may be lost or come twice: the database is the memory."""

    def ring(self, bell: str, wait: timedelta = timedelta()) -> None:
        """Say that there is, or after `wait` will be, work of the sort `ingest`, `deliver` or `watch`.

        Never raises, never blocks for long.
        """


class Log(Protocol):
    """Writes one line of the log: an event's name and its facts, which hold no personal content."""

    def __call__(self, event: str, **facts: object) -> None:
        """`error=` may hold an exception, whose traceback is then written without locals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail to be sent, complete: bytes, envelope and nothing else. A webhook is sent like one."""

    raw: bytes  # CRLF line ends, no bare CR or LF; of a webhook JSON
    message_id: str  # without brackets, as in the raw; of a webhook its nonce
    envelope_from: str  # "" is the null reverse-path
    envelope_to: tuple[str, ...]  # of a webhook one URL
    webhook: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What the next mail system said to one letter."""

    sent: bool  # it took responsibility (RFC 5321 §4.2.5)
    temporary: bool = False  # when not sent: try again later
    uncertain: bool = False  # the connection broke after the final dot: it may have been taken
    answer: str = ""  # its words, one line
    refused: tuple[tuple[str, str], ...] = ()  # recipients that were refused although others were taken


class Sender(Protocol):
    """Hands letters to a relay or a Maildir. Not thread-safe: one per thread."""

    def send(self, letter: Letter) -> Delivery:
        """Try once; answers and network trouble come back as a Delivery, never as an exception."""

    def close(self) -> None:
        """Say goodbye to the relay; the next send connects again."""


class Lanes(Protocol):
    """Hands several letters over at once."""

    @property
    def free(self) -> int:
        """How many letters may be begun now."""

    def begin(self, letter_id: int, letter: Letter) -> None:
        """Send this letter; how it went comes by `ended`."""

    def ended(self, wait: float) -> list[tuple[int, Delivery]]:
        """The letters that have ended since the last call; waits for the first one, `wait` seconds at most."""

    def close(self) -> None:
        """Say goodbye to the relay; the next `begin` connects again."""


class TokenSource(Protocol):
    """Gives the OAuth2 access token that takes a password's place at a mail server."""

    def token(self) -> str:
        """A token that holds for a while; asked at every login. Raises NoToken."""

    def refused(self, token: str) -> None:
        """The server did not take it: the next one must be another, if there can be one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What the virus scanner said of one file."""

    scan: Scan
    says: str = ""  # the virus, or why it was not scanned
    away: bool = False  # nobody answered: asking about another file now is of no use


class Scanner(Protocol):
    """A virus scanner. Thread-safe; blocks for no longer than its time limit."""

    def scan(self, content: bytes) -> Scanned:
        """Look at one file; trouble comes back as "not scanned", never as an exception."""

    def ping(self) -> str:
        """Why it does not answer; "" when it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that travels with a letter."""

    name: str
    type: str
    content: bytes
    inline: bool = False
    content_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The words of a letter."""

    subject: str  # one line
    text: str  # "\n" line ends
    html: str  # a whole document, already safe
    broken: tuple[str, str] = ("", "")  # a site's own letter in whose place this is: its file; what is wrong, and where


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Everything about a letter but its words: who, to whom, in which thread."""

    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...] = ()
    reply_to: str = ""  # a signed reply address
    message_id: str  # ours, without brackets
    in_reply_to: str = ""
    references: tuple[str, ...] = ()  # oldest first
    date: datetime
    auto_submitted: str = ""  # "auto-replied", "auto-generated", or "" for a person's words (RFC 3834 §5)


class Templates(Protocol):
    """Words for letters. Pure apart from reading files once; thread-safe."""

    def render(self, name: str, language: str, facts: Mapping[str, object]) -> Rendered:
        """Fill one letter; `facts` are values only and are never read as templates themselves."""


class Composer(Protocol):
    """Makes a letter's bytes."""

    def __call__(self, head: Head, words: Rendered, files: Sequence[File] = ()) -> bytes:
        """The complete mail with CRLF line ends; no value from outside can make a header of its own."""
