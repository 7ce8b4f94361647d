"""The ways out that a configuration names: for letters and for webhooks."""

from __future__ import annotations

from maild.app.ports import Lanes, Sender
from maild.bootstrap.settings import make_signer, relay_settings
from maild.config.model import Config
from maild.outbound.by_sort import BySort
from maild.outbound.lanes import SenderLanes
from maild.outbound.maildir import MaildirSender
from maild.outbound.smtp import SmtpSender


def make_lanes(config: Config) -> Lanes:
    """The configured way out, as often as it may be used at once."""
    resting: dict[str, float] = {}  # of webhooks: what one lane learned of a dead host, all know
    return SenderLanes(lambda: make_sender(config, resting), config.send.connections)


def make_sender(config: Config, resting: dict[str, float]) -> Sender:
    """The configured way out, for letters and for webhooks."""
    relayed = config.send.kind != "maildir"
    letters: Sender = SmtpSender(relay_settings(config)) if relayed else MaildirSender(config.send.path)
    return BySort(letters, lambda: make_webhook_sender(config, resting))


def make_webhook_sender(config: Config, resting: dict[str, float]) -> Sender:
    """The way out for webhooks."""
    from maild.outbound.webhook import WebhookSender, WebhookSettings

    return WebhookSender(WebhookSettings(keys=make_signer(config).webhook_keys), resting=resting)
