"""Looks into the daemon's database and Maildir for what became of a mail; waits by condition, never longer."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import TypeVar

from maild.app.story import LetterLine, Story
from maild.bootstrap import database_url
from maild.clock import utc_now
from maild.config.model import Config
from maild.store.decision import Decision, read_decision
from maild.store.engine import Database
from maild.store.letters_read import list_letters
from maild.store.reading import snapshot
from maild.store.story import read_story
from maild.store.tickets_read import TicketLine, Which, list_tickets

PATIENCE = 30.0  # seconds for one mail; it needs a tenth of one, a busy machine more
_PAUSE = 0.03
_ALL = 1000  # letters; the demo writes about thirty

T = TypeVar("T")


class TooSlow(Exception):
    """What the story waits for did not happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a mail."""

    decision: Decision
    letters: tuple[LetterLine, ...]  # caused by it, every one sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter that went out, as its recipient has it."""

    line: LetterLine
    raw: bytes
    mail: EmailMessage

    @property
    def text(self) -> str:
        """Its plain text."""
        body = self.mail.get_body(("plain",))
        return str(body.get_content()) if body else ""

    @property
    def everything(self) -> str:
        """Whatever anybody could read in it: as sent and decoded, headers and parts, in lower case."""
        headers = "\n".join(f"{name}: {value}" for name, value in self.mail.items())
        texts = [str(p.get_content()) for p in self.mail.walk() if p.get_content_maintype() == "text"]
        envelope = f"{self.line.envelope_from} {self.line.message_id}"
        return "\n".join([envelope, headers, *texts, self.raw.decode("ascii", "replace")]).lower()


class Watch:
    """Sees what the daemon has done."""

    def __init__(self, config: Config) -> None:
        self.maildir: Path = config.send.path
        self._database = Database(database_url(config))
        self._inbox = 0  # the last row that was seen
        self._outbox = 0

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def next_mail(self) -> Taken:
        """Wait until the next mail is done with, and every letter that it caused is sent."""
        self._inbox += 1
        return self._taken(self._inbox, lambda decision: decision.state in ("done", "quarantined"))

    def again(self, inbox: int) -> Taken:
        """Wait until a mail that was in quarantine is done with."""
        return self._taken(inbox, lambda decision: decision.state == "done")

    def letter(self, template: str, recipient: str) -> Letter:
        """The newest letter of a sort to somebody, opened from the Maildir."""
        found = next((x for x in self.letters() if (x.template, x.recipient) == (template, recipient)), None)
        if found is None:
            raise TooSlow(f"there is no letter {template} to {recipient}")
        return self.open(found)

    def open(self, line: LetterLine) -> Letter:
        """A letter as it lies in the Maildir, found by its Message-ID as a mail client would find it."""
        wanted = f"<{line.message_id}>"
        for path in self.files():
            raw = path.read_bytes()
            mail = message_from_bytes(raw, policy=policy.default)
            if str(mail["Message-ID"]).strip() == wanted:
                return Letter(line=line, raw=raw, mail=mail)
        raise TooSlow(f"letter {line.id} ({line.template}) is not in {self.maildir}")

    def files(self) -> list[Path]:
        """Every letter in the Maildir."""
        return sorted(path for part in ("new", "cur") for path in (self.maildir / part).glob("*"))

    def letters(self) -> list[LetterLine]:
        """Every letter, the newest first."""
        with snapshot(self._database) as connection:
            return list_letters(connection, [], limit=_ALL)

    def tickets(self) -> list[TicketLine]:
        """Every ticket, the oldest first."""
        with snapshot(self._database) as connection:
            return list_tickets(connection, Which.ALL, utc_now())[::-1]

    def story(self, number: int) -> Story:
        """All that happened on a ticket."""
        with snapshot(self._database) as connection:
            found = read_story(connection, number)
        if found is None:
            raise TooSlow(f"there is no ticket {number}")
        return found

    def _taken(self, inbox: int, is_done: Callable[[Decision], bool]) -> Taken:
        def look() -> Taken | None:
            with snapshot(self._database) as connection:
                decision = read_decision(connection, inbox)
                lines = list_letters(connection, [], limit=_ALL)
            new = tuple(x for x in reversed(lines) if x.cause == inbox and x.id > self._outbox)
            if decision is None or not is_done(decision) or any(x.state != "sent" for x in new):
                return None
            return Taken(decision=decision, letters=new)

        taken = wait_for(f"mail {inbox} to be done with", look)
        self._outbox = max([self._outbox, *(x.id for x in taken.letters)])
        return taken


def wait_for(what: str, look: Callable[[], T | None], patience: float = PATIENCE) -> T:
    """What `look` finds, as soon as it finds it. Raises TooSlow."""
    end = time.monotonic() + patience
    while (found := look()) is None:
        if time.monotonic() > end:
            raise TooSlow(f"waited {patience:.0f} s for {what}")
        time.sleep(_PAUSE)
    return found
