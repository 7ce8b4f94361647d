"""How long a group of mails asks the virus scanner, and about what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from maild.app.arrival import Door
from maild.app.desk import Desk
from maild.app.desk_structure import Queue
from maild.app.ports import Scanned
from maild.app.prepare import Prepared, prepare
from maild.app.scan_files import GROUP_TIME, scanning
from maild.app.work import Claimed
from maild.confined.opening import open_package
from maild.ids import Signer
from maild.mail.model import Scan
from maild.testing.mails import File, new_mail

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DESK = Desk(
    name="Support",
    address="support@example.com",
    signer=Signer([b"0123456789abcdef"]),
    queues=(Queue(name="support", addresses=("support@example.com",)),),
)


def mail(*contents: bytes, raw: bytes = b"", handling: str = "normal") -> Prepared:
    files: list[File] = [(f"{number}.bin", "application/x-any", content) for number, content in enumerate(contents)]
    row = Claimed(
        id=1,
        door=Door.SMTP,
        raw=raw or new_mail(files=files),
        received_at=NOW,
        envelope_from=None,
        envelope_to=(),
        message_id="",
        thread_hint="",
        silent=False,
        handling=handling,
        attempts=1,
    )
    return prepare(row, DESK, open_package)


class Slow:
    """A scanner that takes ten seconds for each file, on its own clock."""

    def __init__(self) -> None:
        self.now = NOW
        self.asked: list[bytes] = []

    def clock(self) -> datetime:
        return self.now

    def scan(self, content: bytes) -> Scanned:
        self.now += timedelta(seconds=10)
        self.asked.append(content)
        return Scanned(scan=Scan.CLEAN)

    def ping(self) -> str:
        return ""


def test_a_group_asks_for_a_limited_time_and_leaves_the_rest_to_the_sweep() -> None:
    scanner = Slow()
    scans = scanning(scanner, scanner.clock)
    one = scans.of(mail(*(b"%d" % number for number in range(5))))
    two = scans.of(mail(b"5"))
    said = [file.scan for file in (*one.mail.attachments, *two.mail.attachments)]
    assert said == [Scan.CLEAN] * 3 + [Scan.UNSCANNED] * 3
    assert scanner.now - NOW <= GROUP_TIME


def test_what_is_known_already_needs_no_time() -> None:
    scanner = Slow()
    scans = scanning(scanner, scanner.clock)
    for content in (b"1", b"2", b"3", b"1", b"3"):
        assert [file.scan for file in scans.of(mail(content)).mail.attachments] == [Scan.CLEAN]
    assert scanner.asked == [b"1", b"2", b"3"]


def test_without_a_scanner_nobody_is_asked() -> None:
    assert [file.scan for file in scanning(None, lambda: NOW).of(mail(b"1")).mail.attachments] == [Scan.UNASKED]


def test_a_mail_on_its_way_to_quarantine_is_scanned_when_it_is_replayed() -> None:
    raw = new_mail(files=[("a.bin", "application/x-any", b"1")])
    raw = raw.replace(b"\r\n\r\n", b"\r\n" + b"X-A: b\r\n" * 1001 + b"\r\n", 1)
    scanner = Slow()
    scanning(scanner, scanner.clock).of(mail(raw=raw))
    assert scanner.asked == []
    scanning(scanner, scanner.clock).of(mail(raw=raw, handling="forced"))
    assert scanner.asked == [b"1"]
