"""What maild knows of a mail once it has been read: plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Kind(StrEnum):
    """What sort of sender wrote a mail (MAIL.md §1); decides five things apart."""

    HUMAN = "human"  # a person wrote to us
    LIST = "list"  # a person wrote, and it came through a mailing list
    NOTICE = "notice"  # a program wrote it unasked: newsletters, monitoring, orders
    AUTO_REPLY = "auto_reply"  # a program answered: out-of-office, "we got your mail"
    BOUNCE = "bounce"  # a mail system could not deliver, or not yet
    REPORT = "report"  # abuse report, read receipt, challenge
    CALENDAR = "calendar"  # an invitation is the main part
    OWN = "own"  # our own letter came back


class Scan(StrEnum):
    """What a virus scanner said of a file."""

    UNASKED = ""  # none is set up, or none was when the mail came
    CLEAN = "clean"
    INFECTED = "infected"
    UNSCANNED = "unscanned"  # it did not answer, and is asked again
    UNSCANNABLE = "unscannable"  # it will not scan this file


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of a header: the decoded display name ("" when absent) and the bare address.

    The address keeps its local part as written; the domain is in lower case. It may be "" when
    the header held only a name.
    """

    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file in a mail. Its bytes stay in the raw mail: `attachment_bytes(raw, part)` reads them."""

    name: str  # made safe: no path, control or bidi characters, at most 120 characters; never ""
    type: str  # "image/png", in lower case
    size: int  # decoded bytes
    sha256: str  # of the decoded bytes, in hex
    inline: bool  # shown inside the text (Content-Disposition inline, or referred to by cid)
    part: str  # where it is: "2.1" is the first child of the second part of the top multipart
    content_id: str = ""  # without angle brackets
    runs: str = ""  # what sort of program its first bytes are, "" for none
    scan: Scan = Scan.UNASKED
    scan_says: str = ""  # the virus that was found, or why it was not scanned


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """What a calendar part asks: who shall come, when and where (RFC 5545, RFC 6047)."""

    method: str = "publish"  # "request", "cancel", "reply", "publish" .., in lower case
    uid: str = ""  # the same in every mail about the event
    summary: str = ""
    description: str = ""  # several lines
    location: str = ""
    organizer: Address | None = None
    attendees: tuple[Address, ...] = ()  # an address may be "" when only a name is given
    answer: str = ""  # of a reply: "accepted", "declined", "tentative"
    start: datetime | None = None  # UTC; naive when no zone is named ("9 o'clock wherever you are"), and for days
    end: datetime | None = None  # as `start`; of days the last one
    all_day: bool = False  # `start` and `end` are days
    frequency: str = ""  # "daily", "weekly", "monthly", "yearly", "hourly"; "" happens once
    recurrence: str = ""  # the same in English words, with its days and its end
    cancelled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """What a delivery report says (RFC 3464, or read from a plain-text bounce)."""

    recipients: tuple[str, ...]  # the addresses that failed, bare, in order, without repetition
    permanent: bool  # false for "delayed"
    status: str = ""  # enhanced status code such as "5.1.1" (RFC 3463)
    diagnostic: str = ""  # the remote system's words, one line
    returned_message_id: str = ""  # Message-ID of the mail that came back, without brackets


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail as read. Everything is text that is safe to store: no NUL, no lone surrogate."""

    message_id: str = ""  # without angle brackets; "" when absent
    in_reply_to: tuple[str, ...] = ()  # ids without brackets, in order
    references: tuple[str, ...] = ()  # ids without brackets, oldest first, at most 100
    subject: str = ""  # decoded, one line
    sender: Address | None = None  # the first address of the (first) From header
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    date: datetime | None = None  # the Date header in UTC; never used for clocks
    text: str = ""  # the whole readable text, "\n" line ends
    further_text: str = ""  # the end of `text` that came with further text parts, such as a file shown inline
    html_only: bool = False  # `text` was laid out from `html`, there being no plain text
    html: str = ""  # the HTML alternative as written (not sanitised), "" when there is none
    attachments: tuple[Attachment, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()  # (name in lower case, decoded one-line value), in order
    content_type: str = "text/plain"  # of the whole mail, in lower case
    report_type: str = ""  # report-type parameter of multipart/report, in lower case
    delivery_status: tuple[tuple[tuple[str, str], ...], ...] = ()  # header blocks of message/delivery-status
    returned: tuple[tuple[str, str], ...] = ()  # headers of the mail inside a report, as `headers`
    calendar_method: str = ""  # of an invitation, such as "request" (RFC 6047 §2.4); an attached .ics is none
    invitation: Invitation | None = None  # the first that can be read, attached or not
    defects: tuple[str, ...] = ()  # what was wrong with it, for people
    over_limit: str = ""  # the limit (MAIL.md §7) that it breaks, as a sentence; such a mail waits in quarantine
    size: int = 0  # bytes of the raw mail

    def header(self, name: str) -> str:
        """The first header of that name (any case), or ""."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key == wanted), "")

    def headers_named(self, name: str) -> tuple[str, ...]:
        """Every header of that name, in order."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key == wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A mail's own words apart from what it quotes; nothing is thrown away."""

    text: str  # the new text
    cut: str = ""  # quote and signature that were cut, kept to be shown folded
    signature: str = ""  # the signature that was cut below the new text, without its mark
    only_quoted: bool = False  # nothing would be left without the quotes, so `text` holds them as well
    left: str = ""  # of such a mail, what is left without them: "" or signs without a word


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What kind of mail it is, whether a machine may answer it, and why."""

    kind: Kind
    why: tuple[str, ...]  # one sentence each
    acknowledge: bool
    acknowledge_why: str
    bounce: Bounce | None = None  # for Kind.BOUNCE
    away_until: date | None = None  # the last day away, for Kind.AUTO_REPLY that names it


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a mail says of us: needed to recognise our own letters coming back."""

    addresses: frozenset[str] = field(default_factory=frozenset)  # our support addresses, lower case
    own_message_id: bool = False  # its Message-ID carries our valid signature
