"""What a poller remembers from one connection to the next, beside the database."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Memory:
    """Losing it costs time, never mail: a new process begins with a reconcile."""

    suspects: set[int] = field(default_factory=set)  # UIDs in whose batch a connection broke: fetch alone
    late: set[int] = field(default_factory=set)  # UIDs below the cursor that were never stored
    again: set[int] = field(default_factory=set)  # UIDs that failed too often, due for one more attempt
    reconcile_at: float = 0.0  # on time.monotonic()
    retry_at: float = 0.0  # the same
    look_back_at: float = 0.0  # the same; never again once nothing is to be fetched back after a restore
    relisted_below: int = 0  # UIDs below it were in the folder when it was first read, or its UIDVALIDITY changed

    def forget_uids(self) -> None:
        """UIDVALIDITY has changed: every UID means another mail now."""
        for uids in (self.suspects, self.late, self.again):
            uids.clear()
