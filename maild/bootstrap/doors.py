"""The doors of one daemon: its receivers and pollers, opened, changed and closed together."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from maild.app.ports import Doorbell
from maild.bootstrap.owner import OWNER
from maild.bootstrap.parts import Parts
from maild.bootstrap.settings import accepts, mailbox_settings, receiver_settings
from maild.clock import utc_now
from maild.config.connection_tables import Mailbox
from maild.config.model import Limits, Receiver
from maild.intake.group_commit import GroupCommit
from maild.intake.smtp import Receiver as SmtpReceiver

if TYPE_CHECKING:  # loaded for those who have a mailbox
    from maild.intake.imap import Poller

_CUT = timedelta(seconds=5)  # that a poller may take to end once it was cut off


@dataclass(frozen=True, slots=True)
class _Polling:
    poller: Poller
    thread: threading.Thread


class Doors:
    """Every way in that the configuration names; belongs to one event loop."""

    def __init__(self, parts: Parts, doorbell: Doorbell) -> None:
        self._parts = parts
        self._doorbell = doorbell
        self._commit: GroupCommit | None = None
        self._receivers: dict[tuple[Receiver, Limits], SmtpReceiver] = {}
        self._pollers: dict[tuple[Mailbox, int, str], _Polling] = {}

    @property
    def addresses(self) -> list[str]:
        """Where the receivers really listen: HOST:PORT, or the path of a socket."""
        found = [r.address for r in self._receivers.values()]
        return [a if isinstance(a, str) else f"{a[0]}:{a[1]}" for a in found]

    def stand_back(self, most: timedelta) -> bool:
        """Return when the receivers are quiet, or after this time; whether they are."""
        return self._commit is None or self._commit.wait_for_lull(most.total_seconds())

    def shut(self) -> list[str]:
        """Which doors of the configuration are not open; safe from any thread."""
        config = self._parts.config
        listening = {receiver for receiver, _ in list(self._receivers)}
        polling = {key[0].name for key, polled in list(self._pollers.items()) if polled.thread.is_alive()}
        return [
            *(receiver.listen for receiver in config.receiver if receiver not in listening),
            *(f"mailbox {mailbox.name}" for mailbox in config.mailbox if mailbox.name not in polling),
        ]

    async def open(self) -> None:
        """Open every door. Raises OSError when an address cannot be had."""
        self._commit = GroupCommit(
            self._parts.inbox, lambda _mails: self._doorbell.ring("ingest"), room=self._parts.large_mails.room
        )
        await self.change(self._parts)

    async def change(self, parts: Parts) -> None:
        """Open what is new, close what is gone, leave alone what is the same."""
        self._parts = parts
        config = parts.config
        receivers = {(r, config.limits): r for r in config.receiver}
        for key in [k for k in self._receivers if k not in receivers]:
            await self._receivers.pop(key).stop(timedelta(seconds=5).total_seconds())
        for key, receiver in receivers.items():
            if key not in self._receivers:
                self._receivers[key] = await self._listen(receiver)
        mailboxes = {(m, config.limits.message, config.desk.address): m for m in config.mailbox}
        gone = [self._pollers.pop(k) for k in list(self._pollers) if k not in mailboxes]
        await asyncio.to_thread(_stop, gone, timedelta(seconds=30))
        for polled, mailbox in mailboxes.items():
            if polled not in self._pollers:
                self._pollers[polled] = self._poll(mailbox)

    async def _listen(self, receiver: Receiver) -> SmtpReceiver:
        if self._commit is None:
            raise RuntimeError("the doors are not open")
        smtp = SmtpReceiver(
            receiver_settings(self._parts.config, receiver),
            # Asked of the parts of the moment: a reload changes the addresses, not the socket.
            accepts=lambda address: accepts(self._parts.desk, receiver, address),
            clock=utc_now,
            commit=self._commit,
        )
        await smtp.start()
        return smtp

    def _poll(self, mailbox: Mailbox) -> _Polling:
        from maild.intake.imap import Poller

        parts = self._parts
        poller = Poller(
            mailbox_settings(parts.config, mailbox),
            parts.inbox,
            parts.mailboxes,
            utc_now,
            lambda _mails: self._doorbell.ring("ingest"),
            owner=OWNER,
        )
        thread = threading.Thread(target=poller.run, name=f"imap-{mailbox.name}", daemon=True)
        thread.start()
        return _Polling(poller, thread)

    async def close(self, grace: timedelta) -> None:
        """Close every door; mails in hand are finished, and what was accepted is committed."""
        receivers, self._receivers = list(self._receivers.values()), {}
        pollers, self._pollers = list(self._pollers.values()), {}
        await asyncio.gather(
            *(r.stop(grace.total_seconds()) for r in receivers), asyncio.to_thread(_stop, pollers, grace)
        )
        if self._commit is not None:
            await asyncio.to_thread(self._commit.close)


def _stop(pollers: Sequence[_Polling], grace: timedelta) -> None:
    """Stop pollers at once; those that do not answer are cut off from their servers, all after the same time."""
    for polling in pollers:
        polling.poller.stop()
    late = _outlast(pollers, grace)
    for polling in late:
        polling.poller.cut()
    _outlast(late, _CUT)


def _outlast(pollers: Sequence[_Polling], most: timedelta) -> list[_Polling]:
    """Wait for them, for no longer than this in all; those that go on."""
    until = time.monotonic() + most.total_seconds()
    for polling in pollers:
        polling.thread.join(max(0.0, until - time.monotonic()))
    return [polling for polling in pollers if polling.thread.is_alive()]
