"""One look at a mailbox: fetch what is new, make it durable, then tidy up on the server.

    select -> where to begin -> [reconcile] -> new -> passed over -> failed before -> tidy -> [look back]

The order is the promise. A mail is stored before the server is touched (HOUSE invariant 1); one that
cannot be fetched is written down before the cursor passes it; what a crash leaves between two steps
is found by reconcile. New mail comes before everything that failed once, so nothing blocks it.
"""

from __future__ import annotations

import imaplib
import re
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from imapclient import IMAPClient

from maild.app.arrival import Arrival, Cursor, Door
from maild.app.ports import Inbox, Mailboxes
from maild.clock import Clock
from maild.intake import imap_fetch as fetch
from maild.intake.imap_begin import begin
from maild.intake.imap_failures import Failures, usable
from maild.intake.imap_finish import finish
from maild.intake.imap_folders import Selected, find, find_or_make, select
from maild.intake.imap_lease import Lease
from maild.intake.imap_look_back import LookingBack
from maild.intake.imap_memory import Memory
from maild.intake.imap_reconcile import compare
from maild.intake.imap_settings import MailboxSettings
from maild.intake.imap_trouble import Reporter

RETRY_SECONDS = 60.0  # between attempts to fetch the same mail
RECONCILE_SECONDS = 3600.0
OLD_NEWS = timedelta(days=1)  # after a changed UIDVALIDITY, older mails that turn up send no letters

# RFC 5321 §4.4: the last MTA writes it on top. Further down, anybody may have written it.
RETURN_PATH = re.compile(
    rb"(?:(?:Delivered-To|X-Original-To):[^\r\n]*\r?\n)*Return-Path:[ \t]*<([^<>\r\n]*)>", re.IGNORECASE
)


class Sync:
    """Looks at one mailbox over one connection. Not thread-safe."""

    def __init__(
        self,
        client: IMAPClient,
        settings: MailboxSettings,
        inbox: Inbox,
        mailboxes: Mailboxes,
        clock: Clock,
        *,
        on_stored: Callable[[int], None],
        lease: Lease,
        memory: Memory,
        reporter: Reporter,
        stopping: Callable[[], bool],
    ) -> None:
        self._client = client
        self._settings = settings
        self._inbox = inbox
        self._mailboxes = mailboxes
        self._clock = clock
        self._on_stored = on_stored
        self._lease = lease
        self._memory = memory
        self._reporter = reporter
        self._stopping = stopping
        self._folder = find(client, settings.folder)
        self._target = find_or_make(client, settings.move_to) if settings.after == "move" else ""
        self._looking_back = LookingBack(
            client, settings, mailboxes, memory=memory, reporter=reporter, pulse=lease.keep
        )
        self._stored: list[int] = []  # durable, and not yet tidied up on the server
        self._selected: Selected
        self._failures: Failures
        self._last_uid = 0

    def look(self) -> int:
        """Do all that is to be done now; return how many mails were new to the inbox.

        Raises LeaseLost, what the ports raise, and what a broken connection raises. The connection is
        then to be thrown away; nothing is lost.
        """
        try:
            return self._look()
        except BaseException:
            if self._stored:
                self._memory.reconcile_at = 0.0  # the next connection must tidy up after this one
            raise

    def _look(self) -> int:
        settings, memory = self._settings, self._memory
        self._lease.keep()
        # Read-only when nothing is ever changed: EXAMINE does not even take away \Recent.
        self._selected = select(self._client, self._folder, readonly=settings.after == "leave")
        cursor = begin(
            self._client,
            self._selected,
            settings,
            mailboxes=self._mailboxes,
            memory=memory,
            reporter=self._reporter,
        )
        self._looking_back.begin(self._target)
        self._last_uid = cursor.last_uid
        self._failures = Failures(self._client, self._mailboxes, memory, self._reporter, cursor)
        if time.monotonic() >= memory.reconcile_at:
            self._reconcile()
        new = fetch.list_uids(self._client, self._selected, self._last_uid + 1)
        taken = self._take([uid for uid in new if uid not in self._failures.attempts])
        late = sorted(memory.late - self._failures.attempts.keys())
        taken += self._take(late, below_cursor=True)
        if time.monotonic() >= memory.retry_at and (due := self._failures.due()):
            memory.retry_at = time.monotonic() + RETRY_SECONDS  # first: one of them may break the connection
            memory.again.clear()
            memory.suspects.update(due)
            taken += self._take(due, below_cursor=True)
        self._tidy()
        self._mailboxes.note_success(settings.name, self._clock())
        if self._looking_back.run(self._target, self._folder):
            taken += self._look()  # what was moved back comes behind the cursor
        return taken

    def _reconcile(self) -> None:
        """Compare the server's list with ours, and put on the way what does not agree."""
        settings, memory = self._settings, self._memory
        memory.reconcile_at = time.monotonic() + RECONCILE_SECONDS
        present = set(fetch.list_uids(self._client, self._selected))
        stored = self._mailboxes.stored_uids(settings.name, self._selected.uidvalidity)
        found = compare(present, stored, self._failures.attempts, self._last_uid)
        for uid in sorted(found.gone):
            self._failures.forget(uid)
        memory.late, memory.again, memory.retry_at = set(found.gap), set(found.failed), 0.0
        if found.gap:
            text = f"{len(found.gap)} mails below the cursor were never stored, from UID {min(found.gap)} on"
            self._reporter.alarm("imap.gap", text, uids=sorted(found.gap)[:20])
        if settings.after in {"move", "delete"} and found.left:
            # Without MOVE and UIDPLUS tidied mails stay, flagged as deleted: not a new copy each hour.
            undeleted = fetch.list_uids(self._client, self._selected, only=["UNDELETED"])
            self._stored.extend(found.left.intersection(undeleted))
            self._reporter.log.info("imap.left_behind", mails=len(self._stored))
            self._tidy()

    def _take(self, uids: Sequence[int], *, below_cursor: bool = False) -> int:
        """Fetch and store these mails, ascending; the cursor moves along unless they are below it."""
        taken = 0
        alone = self._memory.suspects
        for some in fetch.runs(uids, fetch.AT_ONCE, alone):
            if self._stopping():
                break
            self._lease.keep()
            listed = self._failures.guard(some, lambda few: fetch.sizes(self._client, few))
            self._failures.missing(set(some) - listed.keys())
            in_order = [listed[uid] for uid in some if uid in listed]
            for batch in fetch.batches(in_order, self._settings.batch, self._settings.batch_bytes, alone):
                if self._stopping():
                    break
                taken += self._take_batch(batch, below_cursor=below_cursor)
            if len(self._stored) >= fetch.AT_ONCE:
                self._tidy()
        return taken

    def _take_batch(self, batch: Sequence[fetch.Listed], *, below_cursor: bool) -> int:
        self._lease.keep()
        raws = self._raws(batch)
        uids = {mail.uid for mail in batch}
        self._failures.missing(uids - raws.keys())
        arrivals = [self._arrival(mail, raws[mail.uid]) for mail in batch if mail.uid in raws]
        last = max(self._last_uid, *uids)
        cursor = Cursor(self._settings.name, self._selected.uidvalidity, last)
        self._lease.keep()  # it may have run out while a slow server sent
        new = 0
        if arrivals:
            new = self._inbox.accept(arrivals, None if below_cursor else cursor)
        elif not below_cursor:
            self._mailboxes.set_cursor(cursor)
        # From here on the mails are durable: the server may be touched.
        self._stored.extend(raws)
        if not below_cursor:
            self._last_uid = last
        self._memory.late -= uids
        self._memory.suspects -= uids
        for uid in raws:
            self._failures.forget(uid)
        if new:
            self._reporter.log.info("imap.stored", mails=new, last_uid=self._last_uid)
            self._on_stored(new)
        return new

    def _raws(self, batch: Sequence[fetch.Listed]) -> dict[int, bytes]:
        """The bodies of a batch; those that failed are noted and missing."""
        if batch[0].size > self._settings.batch_bytes:  # then it is alone
            return self._failures.guard([batch[0].uid], lambda _: self._large(batch[0]))
        uids = [mail.uid for mail in batch]
        return self._failures.guard(uids, lambda few: fetch.bodies(self._client, few))

    def _large(self, mail: fetch.Listed) -> dict[int, bytes]:
        most = 2 * self._settings.largest
        try:
            raw = fetch.large_body(self._client, mail, most, self._lease.keep)
        except fetch.TooLarge as error:
            text = f"the mail with UID {mail.uid} is too large ({error}); it stays on the server"
            self._failures.note(mail.uid, text)
            self._reporter.alarm("imap.too_large", text, uid=mail.uid)
            return {}
        return {} if raw is None else {mail.uid: raw}

    def _arrival(self, mail: fetch.Listed, raw: bytes) -> Arrival:
        path = RETURN_PATH.match(raw)
        received_at = mail.received_at or self._clock()
        relisted = mail.uid < self._memory.relisted_below
        return Arrival(
            door=Door.IMAP,
            raw=raw,
            received_at=received_at,
            envelope_from=path.group(1).decode("utf-8", "replace") if path else None,
            envelope_to=(self._settings.address,),
            transport_key=f"imap:{self._settings.name}:{self._selected.uidvalidity}:{mail.uid}",
            silent=relisted and received_at < self._clock() - OLD_NEWS,
        )

    def _tidy(self) -> None:
        """Move, flag or delete on the server what is durable here."""
        uids = sorted(self._stored)
        if self._settings.after != "leave":
            for some in fetch.pieces(uids, fetch.AT_ONCE):
                self._lease.keep()
                self._tidy_some(some)
        self._stored.clear()

    def _tidy_some(self, uids: Sequence[int]) -> None:
        after = self._settings.after
        try:
            finish(self._client, uids, after, self._target)
        except imaplib.IMAP4.error as error:
            if not usable(self._client, error):
                raise
        else:
            return
        # Somebody moved some of them away (Dovecot then moves none: EXPUNGEISSUED) or has deleted the
        # folder (TRYCREATE): once more, with what there is now.
        try:
            if after == "move":
                self._target = find_or_make(self._client, self._settings.move_to)
            if there := sorted(fetch.still_there(self._client, uids)):
                finish(self._client, there, after, self._target)
        except imaplib.IMAP4.error as error:
            if not usable(self._client, error):
                raise
            # They are stored, so this is untidy only; the next reconcile tries again.
            self._reporter.trouble("imap.tidy_failed", f"{after} of {len(uids)} stored mails failed: {error}")
