"""Which mailboxes can give back by themselves, after a restore, what they were given to keep since the backup."""

from __future__ import annotations

from maild.config.connection_tables import Mailbox
from maild.config.model import Config


def looking_back(config: Config) -> list[str]:
    """The names of the mailboxes, but for those whose `move_to` another one uses: whose mail would be whose?"""
    boxes = config.mailbox
    return [box.name for box in boxes if not any(_shares(box, other) for other in boxes if other is not box)]


def _shares(box: Mailbox, other: Mailbox) -> bool:
    """Whether what is in a mailbox's done folder may be another mailbox's."""
    account = (box.host.lower(), box.username) == (other.host.lower(), other.username)
    used = {other.folder.lower(), other.move_to.lower() if other.after == "move" else ""}
    return account and box.after == "move" and box.move_to.lower() in used
