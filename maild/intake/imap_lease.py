"""The lease that makes one poller the only one that touches a mailbox."""

from __future__ import annotations

from datetime import datetime, timedelta

from maild.app.ports import Mailboxes
from maild.clock import Clock

LENGTH = timedelta(minutes=5)  # longer than any single step between two calls of `keep`
RENEW_AFTER = timedelta(minutes=1)


class LeaseLost(Exception):
    """Another poller may have the mailbox: stop touching it at once."""


class Lease:
    """Our hold on one mailbox. Not thread-safe."""

    def __init__(self, mailboxes: Mailboxes, name: str, owner: str, clock: Clock) -> None:
        self._mailboxes = mailboxes
        self._name = name
        self._owner = owner
        self._clock = clock
        self._taken: datetime | None = None

    def take(self) -> bool:
        """Become the only poller; False while somebody else is."""
        now = self._clock()
        self._taken = now if self._mailboxes.take_lease(self._name, self._owner, now, LENGTH) else None
        return self._taken is not None

    def keep(self) -> None:
        """Renew the lease when it is due; cheap otherwise, so call it before every step.

        Raises LeaseLost when it ran out, even if it could be had again: in between somebody else may
        have moved the cursor that the caller works with.
        """
        age = None if self._taken is None else self._clock() - self._taken
        if age is None or age >= LENGTH:
            self._taken = None
            raise LeaseLost(f"the lease of mailbox {self._name} ran out")
        # A negative age is a clock that was set back: renew, so that the row's end is true again.
        if not timedelta(0) <= age < RENEW_AFTER and not self.take():
            raise LeaseLost(f"mailbox {self._name} is polled by somebody else")

    def drop(self) -> None:
        """Give the lease back, if we have it."""
        if self._taken is not None:
            self._taken = None
            self._mailboxes.drop_lease(self._name, self._owner)
