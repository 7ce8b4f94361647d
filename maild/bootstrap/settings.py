"""Translates the configuration into the plain settings that each room takes."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from importlib.util import find_spec
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from maild.app.budgets import LARGE_DOMAINS, Budgets
from maild.app.customer_policy import CustomerPolicy
from maild.app.desk import Desk, Organisation, Queue
from maild.app.languages import Languages
from maild.app.marks import MarkPolicy
from maild.app.travelling import Travelling
from maild.bootstrap.accounts import named_account, tokens_of
from maild.bootstrap.aftercare import make_aftercare
from maild.bootstrap.desk_lists import Listed, with_directories
from maild.bootstrap.directories import kept_lists, make_finders
from maild.bootstrap.lifecycle import make_lifecycle
from maild.bootstrap.routing import make_branches, make_router
from maild.bootstrap.service_levels import make_agents, make_levels, make_teams
from maild.config.connection_tables import Mailbox
from maild.config.listen import parse_listen
from maild.config.model import Config, Receiver
from maild.config.roles import make_people, make_roles
from maild.config.secret import old_secrets
from maild.config.values import unique
from maild.ids import Signer, plain_address
from maild.intake.imap_settings import MailboxSettings
from maild.intake.smtp_limits import Limits
from maild.intake.smtp_settings import Protocol, ReceiverSettings, Tls
from maild.language.detector import MODULE, LanguageDetector
from maild.mail.authenticity import Trust
from maild.mail.file_policy import FilePolicy
from maild.outbound.relay import RelaySettings
from maild.routing.assignment import NONE
from maild.scanning.clamd import Clamd, ClamdSettings
from maild.templates.languages import written_in
from maild.tickets.lifecycle import Status

_LANGUAGE = LanguageDetector()  # one for the process: a reload must not load its model again
_IMAP_PORTS = {"tls": 993, "starttls": 143, "none": 143}
_SMTP_PORTS = {"tls": 465, "starttls": 587, "none": 25}


def _clear(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def make_desk(config: Config, lists: Sequence[Listed] | None = None) -> Desk:
    """Who we are and which policies hold.

    `lists` are what directories say; without them, what they said last to the process that asked them.
    """
    desk = _configured_desk(config)
    if not config.directory:
        return desk
    return with_directories(desk, kept_lists(config) if lists is None else lists)[0]


def left_out(config: Config, lists: Sequence[Listed]) -> tuple[str, ...]:
    """A sentence for every entry of a list that cannot be used."""
    return with_directories(_configured_desk(config), lists)[1] if lists else ()


def _configured_desk(config: Config) -> Desk:
    queues = tuple(
        Queue(
            name=q.name,
            addresses=q.addresses,
            agents=unique(q.agents),
            team=q.team or "",
            internal=q.internal,
            language=q.language or "",
        )
        for q in config.queue
    )
    roles = make_roles(config.role)
    return Desk(
        name=config.desk.name,
        address=config.desk.address,
        signer=make_signer(config),
        queues=queues or (Queue(name="support", addresses=(config.desk.address,)),),
        agents={a.address.lower(): a.name for a in config.agent},
        agent_facts=make_agents(config),
        assign=config.routing.assign or NONE,
        sticky=config.routing.sticky,
        language=config.desk.language,
        zone=ZoneInfo(config.desk.timezone),
        alerts_to=unique(config.desk.alerts_to),
        tag=config.tickets.tag,
        after_answer=Status(config.tickets.after_answer),
        reopen_within=config.tickets.reopen_within,
        trust=Trust(ids=frozenset(config.authenticity.trusted_ids), hops=config.authenticity.hops),
        thanks_reopen=config.tickets.thanks_reopen,
        same_subject_within=config.tickets.same_subject_within,
        organisations=tuple(
            Organisation(
                name=o.name,
                domains=unique(o.domains),
                groups=frozenset(o.groups),
                tags=frozenset(o.tags),
                priority=o.priority or "",
                language=o.language or "",
                zone=ZoneInfo(o.timezone) if o.timezone else None,
                contacts=o.contacts or "",
            )
            for o in config.organisation
        ),
        customers=CustomerPolicy(sees_colleagues=config.customers.see == "organisation"),
        trusted_forms=unique(config.mail.trusted_forms),
        labels=config.tickets.labels,
        attempts=config.worker.attempts,
        retry=config.worker.retry,
        letter_expire=config.send.expire,
        files=file_policy(config),
        budgets=_budgets(config),
        travelling=Travelling(up_to=config.letters.attach_up_to),
        marks=mark_policy(config),
        teams=make_teams(config),
        levels=make_levels(config),
        roles=roles,
        people=make_people(config.agent, roles),
        detect_language=_LANGUAGE,
        load_language=_LANGUAGE.load if find_spec(MODULE) is not None else lambda: None,
        languages=Languages(
            letters=written_in(config.templates.folder),
            detect=config.templates.detect and find_spec(MODULE) is not None,
        ),
        router=make_router(config),
        aftercare=make_aftercare(config),
        branches=make_branches(config),
        lifecycle=make_lifecycle(config),
        finders=make_finders(config),
        directories={table.name: table.refresh for table in config.directory},
    )


def make_signer(config: Config) -> Signer:
    """Who signs our names, with the keys of former times for reading."""
    keys = [_clear(config.desk.secret), *(_clear(old) for old in old_secrets(config))]
    return Signer([key.encode() for key in keys])


def file_policy(config: Config) -> FilePolicy:
    """Which files are handed out."""
    chosen = config.attachments
    return FilePolicy(
        largest=chosen.largest,
        total=chosen.total,
        extensions=frozenset(extension.lower().lstrip(".") for extension in chosen.refused_extensions),
        types=frozenset(kind.lower() for kind in chosen.refused_types),
        programs=chosen.refuse_programs,
        scanning=config.virus_scan.clamd is not None,
    )


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


def mark_policy(config: Config) -> MarkPolicy:
    """When an address counts as one that mail does not reach."""
    letters = config.letters
    return MarkPolicy(bounces=letters.bounces, within=letters.bounces_within, lasts=letters.bounced_for)


def _budgets(config: Config) -> Budgets:
    """The limits of [letters]; our own domain is as large as we are."""
    letters = config.letters
    own = {config.desk.address.rpartition("@")[2].lower()}
    return Budgets(
        address_per_10_minutes=letters.address_per_10_minutes,
        address_per_day=letters.address_per_day,
        ticket_per_hour=letters.ticket_per_hour,
        domain_per_hour=letters.domain_per_hour,
        total_per_10_minutes=letters.total_per_10_minutes,
        agent_per_10_minutes=letters.agent_per_10_minutes,
        agent_per_day=letters.agent_per_day,
        notifications_per_5_minutes=letters.notifications_per_5_minutes,
        notifications_per_hour=letters.notifications_per_hour,
        sender_per_day=letters.sender_per_day,
        answers_per_10_minutes=letters.answers_per_10_minutes,
        large_domains=LARGE_DOMAINS.union(own, (domain.lower() for domain in letters.large_domains)),
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


def check_store(config: Config) -> list[str]:
    """What is wrong with the database, in sentences; [] when it can be used."""
    from maild.bootstrap.parts import database_url
    from maild.errors import MaildError
    from maild.store.engine import Database
    from maild.store.migrate import current, newest

    config.desk.data.mkdir(parents=True, exist_ok=True)
    database = Database(database_url(config))
    try:
        version = current(database)
    except MaildError as error:
        return [str(error)]
    except ModuleNotFoundError as error:
        return [f"the driver is not installed: {error.name}; install maild[postgresql]"]
    finally:
        database.close()
    if version > newest():
        return [f"the database is at version {version}, newer than this maild knows ({newest()}): update maild"]
    return []


def check_broker(config: Config) -> list[str]:
    """What is wrong with the broker, in sentences; [] when it can be used."""
    from maild.worker.bells import probe

    return probe(_clear(config.worker.broker))
