"""After a restore: which mails a mailbox is to give once more, because the store may not know them (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class LookBack:
    """What is to be read again: what came since a moment, but for mails of people who were erased after they wrote.

    People are kept as salted digests of their addresses, and only until the mailbox was looked through.
    """

    since: datetime
    salt: str = ""
    erased: Mapping[str, datetime] = field(default_factory=dict)  # digest of the address: when the erasure was ordered

    def wants(self, sender: str, received_at: datetime | None) -> bool:
        """Whether a mail is to be read again; who was erased and wrote anew afterwards is nobody special."""
        erased_at = self.erased.get(digest(self.salt, sender))
        if erased_at is not None and (received_at is None or received_at <= erased_at):
            return False
        return received_at is None or received_at >= self.since


def digest(salt: str, address: str) -> str:
    """What is kept of an address."""
    return sha256(f"{salt} {address.lower()}".encode()).hexdigest()
