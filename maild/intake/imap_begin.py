"""Deciding from which UID a mailbox is read on: first runs, changed UIDVALIDITY, servers gone back."""

from __future__ import annotations

from imapclient import IMAPClient

from maild.app.arrival import Cursor
from maild.app.ports import Mailboxes
from maild.intake.imap_fetch import list_uids
from maild.intake.imap_folders import Selected
from maild.intake.imap_memory import Memory
from maild.intake.imap_settings import MailboxSettings
from maild.intake.imap_trouble import Reporter


def begin(
    client: IMAPClient,
    folder: Selected,
    settings: MailboxSettings,
    *,
    mailboxes: Mailboxes,
    memory: Memory,
    reporter: Reporter,
) -> Cursor:
    """The committed cursor to go on from."""
    cursor = mailboxes.cursor(settings.name)
    if cursor is None:
        at = _newest(client, folder) if settings.first_run == "new" else 0
        left_alone = folder.exists if settings.first_run == "new" else 0
        if settings.first_run == "all":
            memory.relisted_below = _newest(client, folder) + 1  # nobody wants answers to last year's mail
        reporter.log.info("imap.first_run", there=folder.exists, left_alone=left_alone)
    elif cursor.uidvalidity != folder.uidvalidity:
        # The old UIDs mean nothing now (RFC 9051 §2.3.1.1). Take everything again: the ingest knows
        # the mails by their content, and a mail too often is better than one too few.
        at = 0
        memory.forget_uids()
        memory.relisted_below = _newest(client, folder) + 1
        reporter.alarm(
            "imap.uidvalidity_changed",
            f"UIDVALIDITY went from {cursor.uidvalidity} to {folder.uidvalidity}: "
            f"all {folder.exists} mails of the folder are read again",
        )
    elif folder.uidnext is not None and folder.uidnext <= cursor.last_uid:
        # Forbidden, yet a server restored from a backup does it: the next mails get UIDs that we have
        # passed. A UID that is already stored cannot be stored a second time: a person must look.
        at = folder.uidnext - 1
        reporter.alarm(
            "imap.uidnext_went_back",
            f"the server's next UID is {folder.uidnext} although {cursor.last_uid} was read: it seems to be "
            "restored from a backup; mails under UIDs that were stored before are taken for those",
        )
    else:
        return cursor
    fresh = Cursor(settings.name, folder.uidvalidity, at)
    mailboxes.set_cursor(fresh)
    return fresh


def _newest(client: IMAPClient, folder: Selected) -> int:
    if folder.uidnext is not None:
        return folder.uidnext - 1
    return max(list_uids(client, folder), default=0)
