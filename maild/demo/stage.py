"""What the story is told with: mails are sent, commands are run, and promises are checked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from maild.app.story import Story
from maild.demo import cast
from maild.demo.daemon import Daemon
from maild.demo.mailbox import Mailbox
from maild.demo.mails import Posted
from maild.demo.watch import Letter, Taken, Watch, wait_for
from maild.store.tickets_read import TicketLine

Facts = Sequence[tuple[str, str]]  # (name, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A promise, and whether it was kept."""

    promise: str
    kept: bool
    expected: str = ""  # in words; only told when it was not kept
    saw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a timeline."""

    at: datetime
    what: str
    details: str


class Teller(Protocol):
    """Shows what happens, while it happens."""

    def opening(self, facts: Facts) -> None:
        """Where everything runs."""

    def begin(self, number: int, title: str) -> None:
        """A step of the story begins."""

    def mail(self, posted: Posted, taken: Taken) -> None:
        """A mail came in and was worked on."""

    def replayed(self, taken: Taken) -> None:
        """A mail that was set aside was worked on again."""

    def command(self, line: str, output: str) -> None:
        """A command of maild was run."""

    def check(self, check: Check) -> None:
        """A promise was checked."""

    def end(self, trouble: str) -> None:
        """The step is over; `trouble` says why the story cannot go on."""

    def tickets(self, tickets: Sequence[TicketLine]) -> None:
        """The tickets there are at the end."""

    def timeline(self, number: int, entries: Sequence[Entry]) -> None:
        """What happened on one ticket."""

    def verdict(self, facts: Facts, *, kept: bool, seconds: float) -> None:
        """Whether all went as told, and where to look."""

    def staying(self, facts: Facts) -> None:
        """Everything goes on running."""


class Stage:
    """One telling of the story."""

    def __init__(self, daemon: Daemon, mailbox: Mailbox, watch: Watch, teller: Teller) -> None:
        self.watch = watch
        self.teller = teller
        self.kept = True  # every promise so far
        self._daemon = daemon
        self._mailbox = mailbox

    def by_smtp(self, mail: Posted) -> Taken:
        """Send a mail to the daemon's receiver, and wait until it is done with."""
        self._daemon.receive(mail)
        return self._shown(mail)

    def by_imap(self, mail: Posted) -> Taken:
        """Put a mail into the mailbox that the daemon polls, and wait until it is done with."""
        self._mailbox.append(mail)
        return self._shown(mail)

    def again(self, inbox: int) -> Taken:
        """Wait until a mail that left quarantine is done with."""
        taken = self.watch.again(inbox)
        self.teller.replayed(taken)
        return taken

    def command(self, *words: str) -> str:
        """Run a command of maild as an admin would; its output."""
        done = self._daemon.ask(*words)
        output = (done.stdout + done.stderr).strip()
        self.teller.command(" ".join(("maild", *words)), output)
        self.expect(f"maild {words[0]} {words[1]} ends with 0", 0, done.returncode)
        return output

    def letter(self, template: str, recipient: str) -> Letter:
        """The newest letter of a sort to somebody, opened from the Maildir."""
        return self.watch.letter(template, recipient.lower())

    def ticket(self, number: int) -> Story:
        """A ticket as it stands, with its events."""
        return self.watch.story(number)

    def expect(self, promise: str, wanted: object, saw: object) -> None:
        """A promise is kept when what we saw is what was wanted."""
        self._check(promise, wanted == saw, str(wanted), str(saw))

    def expect_in(self, promise: str, part: str, whole: str) -> None:
        """A promise is kept when a text has a part."""
        self._check(promise, part in whole, f"“{part}” in it", _short(whole))

    def expect_absent(self, promise: str, part: str, whole: str) -> None:
        """A promise is kept when a text has no such part."""
        at = whole.find(part)
        self._check(promise, at < 0, f"no “{part}” in it", _short(whole[max(0, at - 40) :]))

    def processed(self) -> int:
        """How many mails the daemon has moved away, once the mailbox is empty."""
        wait_for("the mailbox to be empty", lambda: True if self._mailbox.count("INBOX") == 0 else None)
        return self._mailbox.count("Processed")

    def timeline(self, number: int) -> list[Entry]:
        """What happened on a ticket, as `maild show` tells it."""
        story = json.loads(self._daemon.ask("show", str(number), "--json").stdout)
        return [
            Entry(at=datetime.fromisoformat(e["at"]), what=_named(e["what"]), details="; ".join(e["details"]))
            for e in story["timeline"]
        ]

    def _shown(self, mail: Posted) -> Taken:
        taken = self.watch.next_mail()
        self.teller.mail(mail, taken)
        return taken

    def _check(self, promise: str, kept: bool, expected: str, saw: str) -> None:  # noqa: FBT001 - the result itself
        self.kept = self.kept and kept
        self.teller.check(Check(promise=promise, kept=kept, expected="" if kept else expected, saw="" if kept else saw))


def _named(text: str) -> str:
    """The same with people's names in place of their addresses."""
    for address, name in cast.NAMES.items():
        text = text.replace(address, name)
    return text


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 160 else words[:160] + " …"
