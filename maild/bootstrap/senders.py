"""The ways out that a configuration names: for letters and for webhooks, one sender for each thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

from maild.app.ports import Sender
from maild.bootstrap.settings import make_signer, relay_settings
from maild.config.model import Config
from maild.outbound.by_sort import BySort
from maild.outbound.maildir import MaildirSender
from maild.outbound.smtp import SmtpSender


def make_sender(config: Config) -> Sender:
    """The configured way out, for letters and for webhooks."""
    relayed = config.send.kind != "maildir"
    letters: Sender = SmtpSender(relay_settings(config)) if relayed else MaildirSender(config.send.path)
    return BySort(letters, lambda: make_webhook_sender(config))


def make_webhook_sender(config: Config) -> Sender:
    """The way out for webhooks."""
    from maild.outbound.webhook import WebhookSender, WebhookSettings

    return WebhookSender(WebhookSettings(keys=make_signer(config).webhook_keys))


class ThreadSenders:
    """One sender for each thread that asks, since a sender is not thread-safe; kept for the next letter.

    Threads come and go while the broker is away: the sender of one that has ended is closed when the next asks.
    """

    def __init__(self, make: Callable[[], Sender]) -> None:
        self._make = make
        self._local = threading.local()
        self._all: list[tuple[threading.Thread, Sender]] = []
        self._lock = threading.Lock()

    def __call__(self) -> Sender:
        """This thread's sender."""
        if not hasattr(self._local, "sender"):
            self._local.sender = self._make()
            self._close(self._exchange(self._local.sender))
        sender: Sender = self._local.sender
        return sender

    def close(self) -> None:
        """Say goodbye to the relay; only when no thread is sending any more."""
        self._close([sender for _, sender in self._all])

    def _exchange(self, new: Sender) -> list[Sender]:
        """Keep this thread's; those whose threads have ended."""
        with self._lock:
            ended = [sender for thread, sender in self._all if not thread.is_alive()]
            self._all = [(thread, sender) for thread, sender in self._all if sender not in ended]
            self._all.append((threading.current_thread(), new))
        return ended

    def _close(self, senders: list[Sender]) -> None:
        for sender in senders:
            sender.close()
