"""Mails that cannot be fetched: counted, tried again, alarmed after three attempts, never in the way."""

from __future__ import annotations

import imaplib
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from imapclient import IMAPClient

from maild.app.arrival import Cursor
from maild.app.ports import Mailboxes
from maild.intake.imap_fetch import still_there
from maild.intake.imap_lease import LeaseLost
from maild.intake.imap_memory import Memory
from maild.intake.imap_trouble import Reporter

T = TypeVar("T")

ATTEMPTS = 3  # then a UID is left alone until the next reconcile


class Failures:
    """The failed UIDs of one folder under one UIDVALIDITY, during one look at it."""

    def __init__(
        self,
        client: IMAPClient,
        mailboxes: Mailboxes,
        memory: Memory,
        reporter: Reporter,
        cursor: Cursor,
    ) -> None:
        self._client = client
        self._mailboxes = mailboxes
        self._memory = memory
        self._reporter = reporter
        self._name = cursor.mailbox
        self._uidvalidity = cursor.uidvalidity
        self._noted: set[int] = set()  # during this look: one attempt is counted once
        self.attempts = mailboxes.failed_uids(self._name, self._uidvalidity)

    def due(self) -> list[int]:
        """The UIDs to be tried again, ascending."""
        return sorted(uid for uid, tried in self.attempts.items() if tried < ATTEMPTS or uid in self._memory.again)

    def guard(self, uids: Sequence[int], command: Callable[[Sequence[int]], dict[int, T]]) -> dict[int, T]:
        """Run a FETCH so that one bad mail harms no other; UIDs that failed are not in the answer.

        A refusal (NO, BAD, nonsense) of many is tried one by one. When the connection breaks, that
        error is raised, and the next connection fetches the same UIDs one by one: the one that
        breaks it every time is then known.
        """
        try:
            return command(uids)
        except LeaseLost:
            raise
        except imaplib.IMAP4.error as error:
            if not usable(self._client, error):
                self._blame(uids, error)
                raise
            if len(uids) == 1:
                self.note(uids[0], str(error))
                return {}
        except Exception as error:
            self._blame(uids, error)
            raise
        answers: dict[int, T] = {}
        for uid in uids:
            answers |= self.guard([uid], command)
        return answers

    def missing(self, uids: Collection[int]) -> None:
        """The server answered without these mails: gone, or something it cannot hand out."""
        unknown = set(uids) - self._noted
        if unknown:
            there = still_there(self._client, unknown)
            for uid in sorted(unknown):
                if uid in there:
                    self.note(uid, "the server answered without the mail")
                else:
                    self.forget(uid)

    def note(self, uid: int, trouble: str) -> None:
        """Count one failed attempt, once in a look. To be committed before the cursor passes the UID."""
        if uid in self._noted:
            return
        self._noted.add(uid)
        tried = self._mailboxes.note_failed_uid(self._name, self._uidvalidity, uid, trouble)
        self.attempts[uid] = tried
        if tried < ATTEMPTS:
            self._reporter.log.warning("imap.fetch_failed", uid=uid, attempts=tried, text=trouble)
        else:
            text = f"the mail with UID {uid} could not be fetched in {tried} attempts: {trouble}"
            self._reporter.alarm("imap.fetch_given_up", text, uid=uid, attempts=tried)

    def forget(self, uid: int) -> None:
        """It was stored after all, or it is gone."""
        if self.attempts.pop(uid, None) is not None:
            self._mailboxes.forget_failed_uid(self._name, self._uidvalidity, uid)

    def _blame(self, uids: Sequence[int], error: Exception) -> None:
        if len(uids) == 1:
            self.note(uids[0], f"the connection broke: {type(error).__name__}: {error}")
        else:
            self._memory.suspects.update(uids)


def usable(client: IMAPClient, error: imaplib.IMAP4.error) -> bool:
    """Can the connection be used after this error?

    imaplib raises the same class for a plain NO and for a line of two million bytes of which half is
    still to come: only a command that is answered tells.
    """
    if isinstance(error, imaplib.IMAP4.abort):
        return False
    try:
        client.noop()
    except Exception:  # noqa: BLE001 - whatever it is, the connection is of no use
        return False
    return True
