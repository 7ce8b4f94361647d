"""What all connections of one receiver share: the settings, the counters and the way to the inbox."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from maild.clock import Clock
from maild.intake.group_commit import GroupCommit
from maild.intake.smtp_limits import Connections, FreeDisk
from maild.intake.smtp_settings import ReceiverSettings

if TYPE_CHECKING:
    from maild.intake.smtp_connection import Connection


class Reception:
    """Lives on the event loop; every connection enters and leaves."""

    def __init__(
        self, settings: ReceiverSettings, accepts: Callable[[str], bool], clock: Clock, commit: GroupCommit
    ) -> None:
        self.settings = settings
        self.accepts = accepts
        self.clock = clock
        self.commit = commit
        self.disk = FreeDisk(settings.folder, time.monotonic)
        self.stopping = False
        self.present: set[Connection] = set()
        self.empty = asyncio.Event()
        self.empty.set()
        self._connections = Connections(settings.limits)

    def enter(self, connection: Connection) -> str:
        """A connection is there; "" or the answer that refuses it."""
        self.present.add(connection)
        self.empty.clear()
        return self._connections.enter(connection.peer)

    def leave(self, connection: Connection) -> None:
        """Its conversation is over."""
        self.present.discard(connection)
        self._connections.leave(connection.peer)
        if not self.present:
            self.empty.set()
