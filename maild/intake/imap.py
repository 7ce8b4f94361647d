"""The IMAP door: a thread that keeps one mailbox empty by making its mails durable here."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from imapclient import IMAPClient

from maild.app.ports import Inbox, Mailboxes
from maild.clock import Clock
from maild.intake.imap_backoff import Backoff
from maild.intake.imap_connect import LoginRefused, connection, interrupt
from maild.intake.imap_lease import Lease, LeaseLost
from maild.intake.imap_memory import Memory
from maild.intake.imap_probe import probe
from maild.intake.imap_settings import MailboxSettings
from maild.intake.imap_sync import Sync
from maild.intake.imap_trouble import Reporter, sentence
from maild.intake.imap_wait import SLICE, idle

__all__ = ["Busy", "MailboxSettings", "Poller", "probe"]

IDLE_SECONDS = 9.5 * 60  # many firewalls forget a silent connection after 10 to 15 minutes
BUSY_SECONDS = 30.0  # until we ask again for a mailbox that another poller has


class Flag(Protocol):
    """The part of threading.Event that is needed."""

    def is_set(self) -> bool:
        """Has it been set?"""


class Busy(Exception):
    """Another poller has the mailbox."""


class Poller:
    """Polls one mailbox. `run` belongs to one thread; `stop` and `cut` may be called from any.

    A poller is used once: after it stopped, make another.
    """

    def __init__(
        self,
        settings: MailboxSettings,
        inbox: Inbox,
        mailboxes: Mailboxes,
        clock: Clock,
        on_stored: Callable[[int], None],
        *,
        owner: str,
        wait: Callable[[float], None] | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        """Prepare; nothing is connected yet.

        `on_stored` is told how many mails have just become durable; it must not raise or block.
        `owner` names this process in the lease. `wait` and `backoff` are for tests.
        """
        self.settings = settings
        self._inbox = inbox
        self._mailboxes = mailboxes
        self._clock = clock
        self._on_stored = on_stored
        self._lease = Lease(mailboxes, settings.name, owner, clock)
        self._memory = Memory()
        self._reporter = Reporter(mailboxes, settings.name, clock)
        self._wait = wait or self._pause
        self._backoff = backoff or Backoff()
        self._stopped = threading.Event()
        self._flag: Flag | None = None
        self._waiting: IMAPClient | None = None  # the client, while nothing is under way
        self._client: IMAPClient | None = None

    def run(self, stop: Flag | None = None) -> None:
        """Poll until `stop` is set (seen within a second) or `stop()` is called (at once).

        Never raises because of the mailbox: trouble is noted, and the connection made anew.
        """
        self._flag = stop
        try:
            while not self._stopping():
                self._wait(self._session())
        finally:
            with suppress(Exception):  # the lease also ends by itself
                self._lease.drop()

    def poll_once(self) -> int:
        """One connection, one look, no waiting; return how many mails were new.

        Raises Busy, and whatever goes wrong with the connection or the ports.
        """
        if not self._lease.take():
            raise Busy(f"mailbox {self.settings.name} is polled by somebody else")
        try:
            with connection(self.settings) as client:
                return self._sync(client).look()
        finally:
            self._lease.drop()

    def stop(self) -> None:
        """End `run`: at once out of IDLE or a pause, else after the present command and batch."""
        self._stopped.set()  # first: `run` says that it waits, then looks at this, then waits
        waiting = self._waiting
        if waiting is not None:
            interrupt(waiting)  # whatever its link is like

    def cut(self) -> None:
        """End `run` without waiting for the server; what is stored and not moved is moved next time."""
        self.stop()
        client = self._client
        if client is not None:
            interrupt(client)

    def _session(self) -> float:
        """Poll over one connection until it ends; seconds to wait before the next one."""
        try:
            if not self._lease.take():
                self._reporter.log.info("imap.busy")
                return BUSY_SECONDS
            with connection(self.settings) as client:
                self._client = client
                self._poll(client)
        except LeaseLost as error:
            self._reporter.log.warning("imap.lease_lost", text=str(error))
            return BUSY_SECONDS
        except Exception as error:  # noqa: BLE001 - whatever it is: nothing was lost, connect again
            return self._trouble(error)
        finally:
            self._client = self._waiting = None
        return 0.0

    def _poll(self, client: IMAPClient) -> None:
        sync = self._sync(client)
        idling = self.settings.idle and client.has_capability("IDLE")
        self._reporter.log.info("imap.connected", idle=idling)
        while not self._stopping():
            taken = sync.look()
            self._backoff.reset()
            # Mail that came meanwhile was announced in answers that nobody read, and IDLE does not
            # repeat it: wait only after a look that found nothing.
            if not taken and not self._stopping():
                self._wait_for_mail(client, idling=idling)

    def _wait_for_mail(self, client: IMAPClient, *, idling: bool) -> None:
        self._waiting = client
        if not idling:
            self._pause(self.settings.poll_seconds)
        elif not self._stopping():
            # The poll is the net below IDLE: a link that died in silence looks like a quiet mailbox.
            idle(client, min(self.settings.poll_seconds, IDLE_SECONDS), self._pulse)
        self._waiting = None

    def _sync(self, client: IMAPClient) -> Sync:
        return Sync(
            client,
            self.settings,
            self._inbox,
            self._mailboxes,
            self._clock,
            on_stored=self._on_stored,
            lease=self._lease,
            memory=self._memory,
            reporter=self._reporter,
            stopping=self._stopping,
        )

    def _trouble(self, error: Exception) -> float:
        """Note it; seconds to wait."""
        if self._stopping():
            return 0.0  # `cut` made it
        refused = isinstance(error, LoginRefused)
        wait = self._backoff.refused() if refused else self._backoff.next()
        text = sentence(error, self.settings)
        with suppress(Exception):  # the database may be the trouble
            self._reporter.trouble("imap.login_refused" if refused else "imap.trouble", text, retry_in=wait)
        return wait

    def _pulse(self) -> bool:
        """Keep the lease while waiting; False: stop."""
        self._lease.keep()
        return not self._stopping()

    def _pause(self, seconds: float) -> None:
        """Let time pass, unless we stop; `stop()` ends it at once, the outer flag within a second."""
        end = time.monotonic() + seconds
        while not self._stopping() and (left := end - time.monotonic()) > 0:
            self._stopped.wait(min(left, SLICE))

    def _stopping(self) -> bool:
        return self._stopped.is_set() or (self._flag is not None and self._flag.is_set())
