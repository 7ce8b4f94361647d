"""Translates the configuration into the plain settings that each edge takes."""

from __future__ import annotations

import ssl

from pydantic import SecretStr

from maild.app.desk import Desk
from maild.bootstrap.accounts import named_account, tokens_of
from maild.config.connection_tables import Mailbox
from maild.config.listen import parse_listen
from maild.config.model import Config, Receiver
from maild.config.secret import old_secrets
from maild.ids import Signer, plain_address
from maild.intake.imap_settings import MailboxSettings
from maild.intake.smtp_limits import Limits
from maild.intake.smtp_settings import Protocol, ReceiverSettings, Tls
from maild.outbound.relay import RelaySettings
from maild.scanning.clamd import Clamd, ClamdSettings

_IMAP_PORTS = {"tls": 993, "starttls": 143, "none": 143}
_SMTP_PORTS = {"tls": 465, "starttls": 587, "none": 25}


def _clear(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def make_signer(config: Config) -> Signer:
    """Who signs our names, with the keys of former times for reading."""
    keys = [_clear(config.desk.secret), *(_clear(old) for old in old_secrets(config))]
    return Signer([key.encode() for key in keys])


def make_scanner(config: Config) -> Clamd | None:
    """The virus scanner, if there is one."""
    scan = config.virus_scan
    if scan.clamd is None:
        return None
    place = parse_listen(scan.clamd)
    timeout = scan.timeout.total_seconds()
    return Clamd(
        ClamdSettings(host=place.host, port=place.port, path=place.path, timeout=timeout, largest=scan.largest)
    )


def mailbox_settings(config: Config, mailbox: Mailbox) -> MailboxSettings:
    """What the poller of one mailbox is told."""
    return MailboxSettings(
        name=mailbox.name,
        host=mailbox.host,
        port=mailbox.port or _IMAP_PORTS[mailbox.security],
        security=mailbox.security,
        username=mailbox.username,
        password=lambda: _clear(mailbox.password),
        tokens=tokens_of(config, mailbox),
        folder=mailbox.folder,
        address=mailbox.address or config.desk.address,
        after=mailbox.after,
        move_to=mailbox.move_to,
        first_run=mailbox.first_run,
        idle=mailbox.idle,
        poll_seconds=mailbox.poll.total_seconds(),
        batch=mailbox.batch,
        largest=config.limits.message,
    )


def relay_settings(config: Config) -> RelaySettings:
    """What the SMTP sender is told."""
    send = config.send
    return RelaySettings(
        host=send.host,
        port=send.port or _SMTP_PORTS[send.security],
        security=send.security,
        username=send.username or "",
        password=_clear(send.password),
        tokens=named_account(config, send.oauth),
        hostname=send.hostname or config.desk.address.rpartition("@")[2],
        timeout=send.timeout.total_seconds(),
    )


def receiver_settings(config: Config, receiver: Receiver) -> ReceiverSettings:
    """What one receiver is told. Raises OSError when a certificate cannot be loaded."""
    limits = config.limits
    context = None
    if receiver.security != "none":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(str(receiver.certificate), str(receiver.key) if receiver.key else None)
    return ReceiverSettings(
        listen=receiver.listen,
        hostname=receiver.hostname or config.desk.address.rpartition("@")[2],
        folder=config.desk.data,
        protocol=Protocol(receiver.protocol),
        tls=Tls(receiver.security),
        tls_context=context,
        require_tls=receiver.require_tls,
        limits=Limits(
            message_size=limits.message,
            connections=limits.connections,
            connections_per_ip=limits.connections_per_ip,
            recipients=limits.recipients,
            messages=limits.messages,
            errors=limits.errors,
            idle=limits.idle.total_seconds(),
            data_time=limits.data.total_seconds(),
            session_time=limits.session.total_seconds(),
            min_free_disk=limits.free_disk,
        ),
    )


def accepts(desk: Desk, receiver: Receiver, address: str) -> bool:
    """Whether a receiver takes mail for an address; postmaster always [RFC 5321 §4.5.1]."""
    if address.lower() == "postmaster" or desk.is_ours(address):
        return True
    local, _, domain = plain_address(address).partition("@")
    if local == "postmaster":
        return any(own.endswith(f"@{domain}") for own in desk.own_addresses)
    return plain_address(address) in {plain_address(a) for a in receiver.addresses}
