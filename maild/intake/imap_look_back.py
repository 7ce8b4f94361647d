"""After a restore: mails that came since the backup are moved back to where new mail is, and are read again.

The store that had taken them in is gone. Those that it knows after all are recognised by their content.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from imapclient import IMAPClient

from maild.intake.imap_fetch import AT_ONCE, pieces, sizes
from maild.intake.imap_finish import finish
from maild.intake.imap_folders import select

_ZONES = timedelta(days=1)  # SINCE means days, by whatever clock the server has (RFC 9051 §6.4.4)


def move_back(client: IMAPClient, done: str, folder: str, since: datetime, pulse: Callable[[], object]) -> int:
    """Move what the folder `done` was given since then to `folder`; returns how many mails. `done` is selected then.

    Cut short and done again, it goes on with what is still there. Raises what a broken connection raises.
    """
    select(client, done, readonly=False)
    moved = 0
    for some in pieces(sorted(client.search(["SINCE", (since - _ZONES).date()])), AT_ONCE):
        pulse()
        listed = sizes(client, some).values()
        uids = sorted(mail.uid for mail in listed if mail.received_at is None or mail.received_at >= since)
        if uids:
            finish(client, uids, "move", folder)
        moved += len(uids)
    return moved
