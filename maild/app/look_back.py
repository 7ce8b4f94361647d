"""After a restore: which mails a mailbox is to give once more, because the store may not know them (pure)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LookBack:
    """What is to be read again: what came since a moment, but for mails of people who were erased after they wrote."""

    since: datetime
    erased: Mapping[str, datetime] = field(default_factory=dict)  # pseudonym: when the erasure was ordered
    pseudonyms: Callable[[str], Sequence[str]] = lambda _address: ()  # see Signer.pseudonyms

    def wants(self, sender: str, received_at: datetime | None) -> bool:
        """Whether a mail is to be read again; who was erased and wrote anew afterwards is nobody special."""
        ordered = [self.erased[name] for name in self.pseudonyms(sender) if name in self.erased]
        if ordered and (received_at is None or received_at <= max(ordered)):
            return False
        return received_at is None or received_at >= self.since
