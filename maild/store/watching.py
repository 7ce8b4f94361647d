"""What a transaction knows of clocks and steps: the ports `WatchUnit`, `ClockUnit` and `CareUnit`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from maild.app.rederive import DueTimes
from maild.store.clocks import (
    due_tickets,
    due_times,
    lock_tickets,
    open_tickets,
    postpone,
    read_built_on,
    write_built_on,
)
from maild.store.steps import asked_at, due_steps, look_at_all, mails_wait, postpone_step


class StoredWatch:
    """On an open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def due(self, now: datetime, limit: int) -> list[int]:
        """See the port `WatchUnit`."""
        clocks = due_tickets(self._connection, now, limit, alone=True)
        steps = due_steps(self._connection, now, limit, alone=True)
        return list(dict.fromkeys((*clocks, *steps)))[:limit]

    def postpone(self, ticket: int, until: datetime) -> None:
        """See the port `WatchUnit`."""
        postpone(self._connection, ticket, until)
        postpone_step(self._connection, ticket, until)

    def mails_wait(self) -> bool:
        """See the port `WatchUnit`."""
        return mails_wait(self._connection)

    def look_at_all(self, now: datetime) -> bool:
        """See the port `CareUnit`."""
        return look_at_all(self._connection, now)

    def asked_at(self, address: str) -> datetime | None:
        """See the port."""
        return asked_at(self._connection, address)

    def open_tickets(self, after: int, limit: int) -> list[int]:
        """See the port `ClockUnit`."""
        return open_tickets(self._connection, after, limit)

    def alone(self, tickets: Sequence[int]) -> None:
        """See the port `ClockUnit`."""
        lock_tickets(self._connection, tickets)

    def due_times(self, tickets: Sequence[int]) -> DueTimes:
        """See the port `ClockUnit`."""
        return due_times(self._connection, tickets)

    def fingerprint(self, name: str) -> str:
        """See the port `ClockUnit`."""
        return read_built_on(self._connection, name)

    def keep_fingerprint(self, name: str, fingerprint: str) -> None:
        """See the port `ClockUnit`."""
        write_built_on(self._connection, name, fingerprint)
