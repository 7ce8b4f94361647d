"""Has the files of claimed mails looked at by the virus scanner, before any transaction begins.

A mail never waits for the scanner: what it does not say in time is "not scanned", such a file is
handed out to nobody, and the sweep asks again (`maild.app.rescan`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from maild.app.ports import Scanned, Scanner
from maild.app.prepare import Prepared
from maild.clock import Clock
from maild.mail.model import Attachment, Scan

GROUP_TIME = timedelta(seconds=30)  # for all files of a group of mails: far less than its lease


@dataclass(kw_only=True)
class Scanning:
    """The scans of one group of mails: every content once, for a limited time."""

    scanner: Scanner | None
    clock: Clock
    until: datetime
    known: dict[str, Scanned] = field(default_factory=dict)  # sha256 -> what was said
    away: str = ""  # why nobody is asked any more

    def of(self, prepared: Prepared) -> Prepared:
        """The mail with what the scanner says of each of its files."""
        mail = prepared.mail
        if self.scanner is None or not mail.attachments:
            return prepared
        if mail.over_limit and prepared.row.handling == "normal":  # it goes into quarantine as it is
            return prepared
        files = tuple([self._scanned(self.scanner, file, prepared) for file in mail.attachments])
        return replace(prepared, mail=replace(mail, attachments=files))

    def _scanned(self, scanner: Scanner, file: Attachment, prepared: Prepared) -> Attachment:
        said = self.known.get(file.sha256)
        if said is None:
            said = self._ask(scanner, file, prepared)
            self.known[file.sha256] = said
        return replace(file, scan=said.scan, scan_says=said.says)

    def _ask(self, scanner: Scanner, file: Attachment, prepared: Prepared) -> Scanned:
        if not self.away and self.clock() >= self.until:
            self.away = "there was no time for it yet"
        if self.away:
            return Scanned(scan=Scan.UNSCANNED, says=self.away)
        said = scanner.scan(prepared.file_bytes(file.part))
        if said.away:  # the next file would only wait for it as well
            self.away = said.says
        return said


def scanning(scanner: Scanner | None, clock: Clock) -> Scanning:
    """The scans of a group that begins now."""
    return Scanning(scanner=scanner, clock=clock, until=clock() + GROUP_TIME)
