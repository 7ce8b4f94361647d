"""After a restore: mails that came since the backup are moved back to where new mail is, and are read again.

The store that had taken them in is gone. Those that it knows after all are recognised by their content. New mail
comes first, and a server that refuses to give something back is asked again after an hour.
"""

from __future__ import annotations

import imaplib
import math
import time
from collections.abc import Callable
from datetime import timedelta

from imapclient import IMAPClient

from maild.app.look_back import LookBack
from maild.app.ports import Mailboxes
from maild.intake.imap_failures import usable
from maild.intake.imap_fetch import AT_ONCE, list_uids, pieces, senders, sizes
from maild.intake.imap_finish import finish
from maild.intake.imap_folders import select
from maild.intake.imap_memory import Memory
from maild.intake.imap_settings import MailboxSettings
from maild.intake.imap_trouble import Reporter

AGAIN_SECONDS = 3600.0  # after a refusal
_ZONES = timedelta(days=1)  # SINCE means days, by whatever clock the server has (RFC 9051 §6.4.4)


class LookingBack:
    """Looks back once over one connection: `begin`, then the ordinary look, then `run`. Not thread-safe."""

    def __init__(
        self,
        client: IMAPClient,
        settings: MailboxSettings,
        mailboxes: Mailboxes,
        *,
        memory: Memory,
        reporter: Reporter,
        pulse: Callable[[], object],
    ) -> None:
        self._client = client
        self._settings = settings
        self._mailboxes = mailboxes
        self._memory = memory
        self._reporter = reporter
        self._pulse = pulse
        self._back: LookBack | None = None  # what is to be done at this look
        self._end = 0  # the first UID in the done folder that this look has given it

    def begin(self, done: str) -> None:
        """Note how far the folder `done` is to be looked through: what this look moves there is known."""
        self._back = None
        if time.monotonic() < self._memory.look_back_at:
            return
        self._back = self._mailboxes.look_back(self._settings.name)
        if self._back is not None and self._settings.after != "move":
            self._mailboxes.looked_back(self._settings.name)
            self._back = None
        # Set beforehand: also a refusal that costs the connection is not asked for at each of them.
        self._memory.look_back_at = time.monotonic() + AGAIN_SECONDS if self._back else math.inf
        if self._back is not None:
            try:
                self._end = int(self._client.folder_status(done, ["UIDNEXT"])[b"UIDNEXT"])
            except (imaplib.IMAP4.error, KeyError) as error:
                self._refused(error)
                self._back = None

    def run(self, done: str, folder: str) -> int:
        """Move what is wanted from `done` to `folder`, which is selected then; returns how many mails are new there.

        Cut short and done again, it goes on with what is still there. Raises what a broken connection raises.
        """
        back = self._back
        if back is None:
            return 0
        self._back = None
        try:
            moved, left = self._move(back, done, folder)
        except imaplib.IMAP4.error as error:
            self._refused(error)
            select(self._client, folder, readonly=False)  # where new mail is waited for
            return 0
        self._reporter.log.info("imap.looked_back", mails=moved, erased=left, since=back.since.isoformat())
        select(self._client, folder, readonly=False)
        self._mailboxes.looked_back(self._settings.name)
        self._memory.look_back_at = math.inf
        return moved

    def _move(self, back: LookBack, done: str, folder: str) -> tuple[int, int]:
        """(how many were moved, how many of erased people were left)."""
        selected = select(self._client, done, readonly=False)
        # UNDELETED: without MOVE and UIDPLUS what was copied back before is still there, flagged.
        only = ["UNDELETED", "SINCE", (back.since - _ZONES).date()]
        found = [uid for uid in list_uids(self._client, selected, only=only) if uid < self._end]
        moved = left = 0
        for some in pieces(found, AT_ONCE):
            self._pulse()
            listed = sizes(self._client, some)
            late = [uid for uid in some if uid in listed and back.wants("", listed[uid].received_at)]
            wrote = senders(self._client, late) if back.erased and late else {}
            uids = [uid for uid in late if back.wants(wrote.get(uid, ""), listed[uid].received_at)]
            if uids:
                finish(self._client, uids, "move", folder)
            moved += len(uids)
            left += len(late) - len(uids)
        return moved, left

    def _refused(self, error: Exception) -> None:
        """Tell of it; raises it again when the connection is of no use any more."""
        if isinstance(error, imaplib.IMAP4.error) and not usable(self._client, error):
            raise error
        text = (
            f"mails since the backup could not be moved back from {self._settings.move_to}: {error};"
            " move them to where new mail is by hand, or maild tries again each hour"
        )
        self._reporter.alarm("imap.look_back_failed", text)
