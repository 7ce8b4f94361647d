"""Trying a mailbox's settings for `maild check`, without changing anything on the server."""

from __future__ import annotations

from imapclient import IMAPClient

from maild.intake.imap_connect import connection
from maild.intake.imap_folders import NoFolder, find, select
from maild.intake.imap_settings import MailboxSettings
from maild.intake.imap_trouble import sentence


def probe(settings: MailboxSettings) -> list[str]:
    """What is wrong, each as a sentence; [] when the mailbox can be read. Takes no lease."""
    try:
        with connection(settings) as client:
            return _folders(client, settings)
    except Exception as error:  # noqa: BLE001 - every trouble is an answer here
        return [sentence(error, settings)]


def _folders(client: IMAPClient, settings: MailboxSettings) -> list[str]:
    try:
        select(client, find(client, settings.folder), readonly=True)
    except NoFolder as error:
        return [str(error)]
    return []
