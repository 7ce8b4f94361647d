"""Whole SMTP and LMTP sessions against the real receiver: any bytes, in any pieces, over a real connection."""

from __future__ import annotations

import asyncio
import hashlib
import re
import ssl
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, cast

from structlog.testing import capture_logs

from fuzz.target import Target, hold
from maild.app.arrival import Arrival, Cursor
from maild.clock import utc_now
from maild.intake.group_commit import GroupCommit
from maild.intake.smtp import Limits, Receiver, ReceiverSettings
from maild.intake.smtp_settings import Protocol, Tls

PATIENCE = 30.0  # seconds until a session that neither answers nor ends is a finding
_LIMITS = Limits(
    connections=1000, connections_per_ip=1000, min_free_disk=0, errors=1000, message_size=64 * 1024, idle=PATIENCE
)
_ANSWER = re.compile(rb"[2-5]\d\d[ -][ -~]*")
_TELLS = re.compile(rb"(?i)traceback|exception|error:|\.py|/home|/usr|secret|sqlite|postgres")
_DOT = re.compile(rb"\r\n\.(?!\r\n)")
_LMTP = b"LHLO"


@dataclass
class _Inbox:
    """Keeps what came in this session."""

    arrivals: list[Arrival] = field(default_factory=list)

    def accept(self, arrivals: Sequence[Arrival], cursor: Cursor | None = None) -> int:
        """One group of mails."""
        del cursor
        self.arrivals.extend(arrivals)
        return len(arrivals)


class _House:
    """Receivers of each sort on one event loop, for as long as the process lives."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.unhandled: list[dict[str, Any]] = []
        self.loop.set_exception_handler(lambda _, context: self.unhandled.append(context))
        self.inbox = _Inbox()
        self._commit = GroupCommit(self.inbox, lambda _: None)
        folder = Path(tempfile.mkdtemp(prefix="fuzz-smtp-"))
        plain = ReceiverSettings(listen="127.0.0.1:0", hostname="maild.test", folder=folder, limits=_LIMITS)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(Path(__file__).parent.parent / "tests/integration/test_smtp/certificate.pem")
        settings = (
            plain,
            replace(plain, limits=replace(_LIMITS, errors=10)),
            replace(plain, tls=Tls.STARTTLS, tls_context=context),
            replace(plain, protocol=Protocol.LMTP),
        )
        self._receivers = [Receiver(each, accepts=_accepts, clock=utc_now, commit=self._commit) for each in settings]
        for receiver in self._receivers:
            self.loop.run_until_complete(receiver.start())

    def session(self, wire: bytes) -> tuple[bytes, bool]:
        """All that is answered to these bytes until the server closes; whether the client has got all of it."""
        chance = hashlib.sha256(wire).digest()
        receiver = self._receivers[3 if _LMTP in wire[:200] else chance[0] % 3]
        cut = int.from_bytes(chance[1:4]) % (len(wire) + 1)
        return self.loop.run_until_complete(asyncio.wait_for(_talk(receiver, wire[:cut], wire[cut:]), PATIENCE))


def _accepts(address: str) -> bool:
    return not address.startswith("nobody")


async def _talk(receiver: Receiver, *pieces: bytes) -> tuple[bytes, bool]:
    _, port = cast("tuple[str, int]", receiver.address)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answers = asyncio.ensure_future(_to_the_end(reader))
    with suppress(ConnectionError):  # the server has hung up, which is its right
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        writer.write_eof()
    try:
        return await answers
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def _to_the_end(reader: asyncio.StreamReader) -> tuple[bytes, bool]:
    answers = b""
    try:
        while piece := await reader.read(65536):
            answers += piece
    except ConnectionError:  # a server that hangs up while the client still sends: TCP throws away what is under way
        return answers, False
    return answers, True


@cache
def _house() -> _House:
    return _House()


def check_smtp(wire: bytes) -> None:
    """Every answer is one, none tells of our insides; what got 250 after its dot is stored, as it was sent."""
    house = _house()
    house.inbox.arrivals.clear()
    with capture_logs() as logs:
        answers, is_all = house.session(wire)
    failed = [entry for entry in logs if entry["log_level"] in ("error", "critical") or entry.get("exc_info")]
    hold(not failed, f"the server's own trouble: {failed}")
    hold(not house.unhandled, f"nobody caught {house.unhandled}")
    lines = answers.split(b"\r\n")
    hold(lines[-1] == b"" or b"\r\n" not in answers or not is_all, "an answer without its end")
    for line in lines[:-1]:
        hold(_ANSWER.fullmatch(line), f"no answer: {line[:200]!r}")
        hold(not _TELLS.search(line), f"an answer tells of our insides: {line[:200]!r}")
    stored = house.inbox.arrivals
    yes = lines.count(b"250 2.0.0 accepted")  # LMTP says it for each recipient
    hold(yes <= sum(len(each.envelope_to) if _LMTP in wire else 1 for each in stored), "250 for what is not stored")
    sent = _DOT.sub(b"\r\n", wire)
    for arrival in stored:
        head, _, body = arrival.raw.partition(b"+0000\r\n")
        hold(head.startswith(b"Received: from "), "a mail without our Received line")
        hold(
            head.isascii() and b"\r" not in head.replace(b"\r\n\t", b"").replace(b"\r\n ", b""),
            f"our Received line: {head!r}",
        )
        hold(body in sent, "a mail is stored that nobody sent")
        for address in (arrival.envelope_from or "", *arrival.envelope_to):
            hold(address.isascii() and address.isprintable(), f"an envelope address: {address!r}")


_HELLO = b"EHLO client.test\r\n"
_MAIL = b"MAIL FROM:<a@b.test> SIZE=10 BODY=8BITMIME\r\nRCPT TO:<help@x.test>\r\nRCPT TO:<nobody@x.test>\r\nDATA\r\n"
_WORDS = (
    b"EHLO x\r\n", b"HELO x\r\n", b"LHLO x\r\n", b"MAIL FROM:<>\r\n", b"RCPT TO:<postmaster>\r\n", b"DATA\r\n",
    b"\r\n.\r\n", b"RSET\r\n", b"NOOP x\r\n", b"QUIT\r\n", b"STARTTLS\r\n", b"AUTH PLAIN AGEAYg==\r\n",
    b"VRFY a\r\n", b"EXPN a\r\n", b"HELP\r\n", b"BDAT 5 LAST\r\n", b"SIZE=", b"BODY=", b"SMTPUTF8", b"<@a,@b:c@d>",
    b'<"a b"@c>', b"<a@[127.0.0.1]>", b"\n.\n", b"\r\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\r\r\n", b"\r\n\0.\r\n",
    b"\r\n..\r\n", b"\r\n. \r\n", b"<=?utf-8?q?a=0d=0aRCPT=20TO:<v@y>?=@x.test>", b"Received: x\r\n", b"\xff\xf4",
    b"\x16\x03\x01\x02\0\x01\0", b"+0000\r\n",
)  # fmt: skip


def _sessions() -> list[bytes]:
    body = b"Subject: x\r\n\r\nHello\r\n.. dots\r\n"
    mail = _MAIL + body + b".\r\n"
    smuggled = b"MAIL FROM:<v@evil.test>\r\nRCPT TO:<v@x.test>\r\nDATA\r\ny\r\n.\r\nQUIT\r\n"
    paths = [word for word in _WORDS if word.startswith(b"<")]
    wrong = (
        b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\n", b"\r.\r\n", b"\r\n.\r", b"\n.\r", b"\n\n.\r\n",
        b"\r\n\0.\r\n", b"\r\n.\0\r\n", b"\r\n.\r\r\n", b"\r\r\n.\r\r\n", b"\r\n..\r\n", b"\x0b.\x0b",
        b"\xc2\x85.\xc2\x85", b"\r\n. \r\n",
    )  # fmt: skip
    return [
        _HELLO + mail + b"QUIT\r\n", _HELLO + mail * 3 + b"QUIT\r\n", b"HELO x\r\n" + mail,
        b"LHLO client.test\r\n" + mail * 2 + b"QUIT\r\n", _HELLO + b"STARTTLS\r\n" + _HELLO + mail,
        _HELLO + b"STARTTLS\r\n\x16\x03\x01\x02\0\x01\0" + bytes(99), _HELLO + b"NOOP\r\n" * 210,
        _HELLO + b"X\r\n" * 30,
        _HELLO + b"MAIL FROM:<a@b.test>\r\n" + b"RCPT TO:<help@x.test>\r\n" * 110 + b"DATA\r\n" + body + b".\r\n",
        _HELLO + _MAIL + body, _HELLO + _MAIL + b"x" * 70_000 + b"\r\n.\r\n",
        _HELLO + _MAIL + b"Received: x\r\n" * 60 + b"\r\n.\r\nQUIT\r\n",
        *(_HELLO + _MAIL + b"Subject: x\r\n\r\nx" + each + smuggled for each in wrong),
        *(_HELLO + b"MAIL FROM:" + path + b"\r\nRCPT TO:" + path + b"\r\nDATA\r\nx\r\n.\r\n" for path in paths),
    ]  # fmt: skip


TARGETS = (Target(name="smtp", check=check_smtp, seeds=_sessions, words=_WORDS, seconds=0.5, largest=200 * 1024),)
