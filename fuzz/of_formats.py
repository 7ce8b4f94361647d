"""Formats of their own: signed names, winmail.dat, calendars, and the letters that hostile words go out in."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from fuzz.of_mail import strings
from fuzz.seeds import mails
from fuzz.target import Target, hold, one_line, storable, words_of
from maild.app.ports import File, Head, Rendered
from maild.confined.framing import pack, unpack
from maild.ids import Purpose, Signer, read_reply_address
from maild.mail.filenames import safe_name
from maild.mail.invitation_forms import invitation_from, invitation_json, when_text
from maild.mail.invitations import read_invitation
from maild.mail.mailto import mailto
from maild.mail.model import Address
from maild.mail.tnef import read_tnef
from maild.outbound.compose import compose
from maild.outbound.envelope import answer_line
from maild.testing import tnef

_SIGNER = Signer([b"0123456789abcdef"])
_KIM = "kim@customer.example"
_NONCE = _SIGNER.nonce("a cause")
_REPLY = _SIGNER.reply_address("support@example.com", 42, _KIM, Purpose.CUSTOMER)
_BOUNCE = _SIGNER.bounce_address("support@example.com", _NONCE)
_OTHER = _SIGNER.reply_address("support@example.com", 43, _KIM, Purpose.CUSTOMER)
_AGENTS = _SIGNER.reply_address("support@example.com", 42, _KIM, Purpose.AGENT)
_KIMS = {address.partition("@")[0].partition("+")[2] for address in (_REPLY, _OTHER, _AGENTS)}
_LIST = _SIGNER.list_address("support@example.com", "anna@staff.example")
_ID = _SIGNER.message_id("example.com", 42, _NONCE)
_TICKET_ID = _SIGNER.ticket_id("example.com", 42)
_MARK = _SIGNER.mark(42)
_DATE = datetime(2026, 3, 2, 9, tzinfo=UTC)
_BERLIN = ZoneInfo("Europe/Berlin")
_TNEF_SEEDS_LIMIT = 64 * 1024


def check_tokens(data: bytes) -> None:
    """Of all strings only the ones that we made are ours: for their person, purpose and ticket, and no others."""
    text = words_of(data)
    said = text.lower()
    extension = said.rpartition("@")[0].partition("+")[2]
    token = read_reply_address(text)
    if token is not None:
        ours = extension in _KIMS
        hold(_SIGNER.verifies(token, _KIM) is ours, f"a reply address that we did not make verifies: {text!r}")
        hold(not _SIGNER.verifies(token, "eve@evil.example"), "somebody else's reply address verifies")
    found = _SIGNER.read_bounce_address(text)
    hold(
        found is None or (found == _NONCE and extension == _BOUNCE.partition("+")[2].partition("@")[0]),
        f"a bounce address is forged: {text!r}",
    )
    is_list = _SIGNER.is_list_address(text, "anna@staff.example")
    hold(
        not is_list or extension == _LIST.partition("+")[2].partition("@")[0],
        f"an address for lists is forged: {text!r}",
    )
    number = _SIGNER.read_message_id(text)
    ids = {_ID.partition("@")[0], _TICKET_ID.partition("@")[0]}
    hold(number is None or said.partition("@")[0] in ids, f"an id of ours is forged: {text!r}")
    hold(_SIGNER.read_letter_nonce(text) in (None, _NONCE), f"a letter's nonce is forged: {text!r}")
    marked = _SIGNER.read_mark(text)
    hold(marked is None or text.lower() == _MARK, f"a mark is forged: {text!r}")


def check_tnef(data: bytes) -> None:
    """A package is read, whatever is in it, and comes out of the child as it went in."""
    package = read_tnef(data)
    storable("the package", strings(package))
    hold(unpack(b"".join(pack(package))) == package, "handed over by the child, it is another package")
    hold(sum(len(file.data) for file in package.files) <= 64 * len(data) + (1 << 20), "it holds far more than it is")
    for file in package.files:
        name = safe_name(file.name)
        one_line("a file's name", [name])
        hold(not set("/\\\0") & set(name) and name not in (".", ".."), f"a file is called {name!r}")


def check_calendar(data: bytes) -> None:
    """An invitation is read, shown in a zone, kept and read back the same."""
    invitation = read_invitation(words_of(data))
    if invitation is None:
        return
    storable("the invitation", strings(invitation))
    one_line(
        "the invitation",
        [invitation.uid, invitation.summary, invitation.location, invitation.method, invitation.recurrence],
    )
    one_line("who comes", strings((invitation.organizer, invitation.attendees)))
    kept = json.loads(json.dumps(invitation_json(invitation)))
    hold(invitation_from(kept) == invitation, "kept and read back, it is another invitation")
    one_line("when", [when_text(invitation, _BERLIN)])


_ALLOWED = frozenset({
    *("date", "from", "to", "cc", "reply-to", "subject", "message-id", "in-reply-to", "references", "auto-submitted"),
    *("x-auto-response-suppress", "mime-version", "content-type", "content-transfer-encoding"),
})  # fmt: skip
_NAME = re.compile(rb"(?m)^([!-9;-~]+):")


def check_letters(data: bytes) -> None:
    """Whatever stands in the fields: a letter is ASCII with CRLF line ends, and has our headers and recipients only."""
    part = [*(each.decode("utf-8", "surrogateescape") for each in data.split(b"\x1f")), *[""] * 8][:8]
    subject, name, address, to, ids, text, file, kind = part
    words = Rendered(subject=subject, text=text, html=text)
    head = Head(
        sender=Address(name, "help@example.com"), to=(Address(name, "kim@x.example"), Address(to, address)),
        cc=(Address(address, to),), message_id="m.1.x@example.com", in_reply_to=ids,
        references=tuple(ids.split(" ")), date=_DATE,
    )  # fmt: skip
    raw = compose(head, words, [File(name=file, type=kind, content=data, inline=bool(name), content_id=ids)])
    ends = raw.count(b"\r\n")
    hold(
        raw.isascii() and raw.count(b"\n") == ends == raw.count(b"\r") and b"\0" not in raw,
        "a letter has a bare CR, LF or NUL",
    )
    hold(max(map(len, raw.split(b"\r\n"))) <= 998, "a letter has a line of more than 998")
    top = raw.partition(b"\r\n\r\n")[0]
    names = [found.decode().lower() for found in _NAME.findall(top)]
    hold(set(names) <= _ALLOWED and len(set(names)) == len(names), f"a letter has the headers {names}")
    one_line("an answer", [answer_line(text)])
    link = mailto("help@example.com", subject=words_of(subject.encode("utf-8", "surrogateescape")), body=words_of(data))
    one_line("a link", [link])
    storable("a link", [link])


def _tokens() -> list[bytes]:
    made = (_REPLY, _OTHER, _AGENTS, _BOUNCE, _LIST, _ID, _TICKET_ID, _MARK)
    return [each.encode() for each in (*made, *(each.upper() for each in made))]


def _packages() -> list[bytes]:
    inner = tnef.tnef({tnef.SUBJECT: "inner", tnef.BODY: "words"}, [tnef.file(b"x", values={tnef.LONG_NAME: "a.txt"})])
    picture = tnef.file(b"P", values={tnef.CONTENT_ID: "one@x", tnef.FLAGS: 4})
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    found = [raw[raw.find(tnef.TNEF) :] for raw in mails() if tnef.TNEF in raw]
    return [
        tnef.tnef({tnef.BODY: "Hello", tnef.SUBJECT: "x"}),
        tnef.tnef({tnef.HTML: b"<p>Hi<img src='cid:one@x'>"}, [picture]),
        tnef.tnef({tnef.RTF: packed}), tnef.tnef({tnef.RTF: b"\x10\0\0\0\xff\xff\0\0LZFu" + bytes(40)}),
        tnef.tnef(body=b"\xe4\xf6"),
        tnef.tnef({}, [tnef.file(b"", values={tnef.METHOD: 5, tnef.DATA: bytes(16) + inner, tnef.LONG_NAME: "../x"})]),
        inner, tnef.TNEF, tnef.TNEF[:4], *(each for each in found if len(each) < _TNEF_SEEDS_LIMIT),
    ]  # fmt: skip


_VEVENT = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:Our office
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:1@x
ORGANIZER;CN="Kim; Kunde":MAILTO:kim@x.example
ATTENDEE;PARTSTAT=ACCEPTED;CN=Anna:mailto:
 anna@y.example
SUMMARY:Meeting\\, second
DESCRIPTION:one\\ntwo
DTSTART;TZID=Our office:20260504T080000
DTEND;TZID=Europe/Berlin:20260504T093000
DURATION:P1DT2H
RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,-1FR;UNTIL=20260501T000000Z;COUNT=5
STATUS:CANCELLED
END:VEVENT
END:VCALENDAR
"""


def _calendars() -> list[bytes]:
    found = [raw[raw.find(b"BEGIN:VCALENDAR") :] for raw in mails() if b"BEGIN:VCALENDAR" in raw]
    days = _VEVENT.replace("DTSTART;TZID=Our office:20260504T080000", "DTSTART;VALUE=DATE:20260504").replace(
        "DTEND;TZID=Europe/Berlin:", "DTEND;VALUE=DATE:"
    )
    return [
        _VEVENT.encode(),
        days.encode(),
        _VEVENT.replace("VEVENT", "VTODO").replace("DTEND", "DUE").encode(),
        *found,
    ]


_FIELDS = (
    b"x\r\nBcc: v@evil.example", b"kim@x.example", b'"a b"@x.example', b"=?utf-8?q?v=40evil.example?=",
    b"a@x.example>\r\nBcc: <v@evil.example", b"<one@x> <two@x>", b"../../a.pdf", b"image/png",
    b"multipart/mixed; boundary=x", b"\r\n.\r\nMAIL FROM:<v@evil.example>\r\n", b"a" * 1200, b"\xc3\xbc" * 600,
    b"%0d%0aBcc: v",
)  # fmt: skip
_ICAL = (
    b"DTSTART:", b"DTEND;TZID=", b"99991231T235959Z", b"00010101T000000Z", b"20260229", b"P99999999999W", b"-PT1S",
    b"RRULE:FREQ=DAILY;COUNT=", b"BYDAY=", b"INTERVAL=0", b"UNTIL=", b"BEGIN:VEVENT\n", b"END:VEVENT\n",
    b"ATTENDEE;CN=", b":mailto:", b"\n ", b"TZOFFSETTO:+9999", b"RECURRENCE-ID:1", b"VALUE=DATE", b"\\n",
    b"\xd9\xa1",
)  # fmt: skip
_MAPI = (
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"\1\0\0\0",
    b"\2\x90\x06\0",
    b"\x03\x90\x06\0",
    b"\x02\x01\x01\x37",
    b"\x1f\0\x07\x37",
    b"LZFu",
    b"MELA",
    b"{\\rtf1\\ansi ",
    b"\\u-1?",
    b"\\'e4",
    b"{\\*\\htmltag ",
)

TARGETS = (
    Target(
        name="tokens",
        check=check_tokens,
        seeds=_tokens,
        words=(b"+t42.", b"+a42.", b"+b.", b"@example.com", b"a", b"2", b"\xc4\xb0", b"\xe2\x84\xaa"),
        largest=16 * 1024,
    ),
    Target(name="tnef", check=check_tnef, seeds=_packages, words=_MAPI, seconds_per_mib=8.0),
    Target(name="calendar", check=check_calendar, seeds=_calendars, words=_ICAL),
    Target(
        name="letters",
        check=check_letters,
        seeds=lambda: [b"\x1f".join(_FIELDS[at:] + _FIELDS[:at]) for at in range(len(_FIELDS))],
        words=(*_FIELDS, b"\x1f"),
        largest=48 * 1024,
        seconds_per_mib=20.0,
    ),
)
