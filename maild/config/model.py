"""The configuration as typed, frozen values; every key has its default and its sentence here.

The sentences are what `config.example.toml` says; a test holds the two together.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from maild.config.aftercare_tables import AftercareTable, FeedbackTable
from maild.config.connection_tables import Mailbox, OAuth, Send
from maild.config.customer_tables import Customers
from maild.config.directory_tables import DirectoryTable
from maild.config.level_tables import Calendar, Escalation, Policy, Sla, Team
from maild.config.level_values import Folded, Priority
from maild.config.lifecycle_tables import Lifecycle, Requirement, Resolution
from maild.config.mail_tables import Attachments, Authenticity, Letters, MailRules, Organisation, VirusScan
from maild.config.monitoring_tables import Monitoring
from maild.config.retention_tables import RetentionTable
from maild.config.role_tables import Role
from maild.config.routing_tables import Branch, CaseType, Priorities, Reason, Routing, Rule, Type
from maild.config.routing_values import Language, Some
from maild.config.section import SECOND, Section
from maild.config.template_tables import Templates
from maild.config.values import Duration, Listen, MailAddress, Security, Size
from maild.tickets.permissions import DEFAULT


class Desk(Section):
    """Who we are."""

    name: str = Field(default="Support", description="The name that customers see in From and in letters.")
    address: MailAddress = Field(description="The main support address; customers write to it, letters come from it.")
    language: Language = Field(default="en", description="Language of letters to those whose own is not known.")
    timezone: str = Field(default="UTC", description="IANA time zone for times in letters and on the command line.")
    data: Path = Field(
        default=Path("data"), description="Folder for the database and the Maildir; relative to this file."
    )
    secret: SecretStr | None = Field(
        default=None, description="Key that signs reply addresses and Message-IDs; at least 16 characters."
    )
    secret_file: Path | None = Field(
        default=None, description="File that holds the key instead; `maild init` makes one."
    )
    secret_env: str | None = Field(default=None, description="Environment variable that holds the key instead.")
    old_secrets_file: Path | None = Field(
        default=None, description="File with earlier keys, one a line, that are still accepted after a change of key."
    )
    alerts_to: tuple[MailAddress, ...] = Field(
        default=(), description="Who is told of quarantined mail and undeliverable letters."
    )


class Store(Section):
    """Where everything is kept."""

    url: SecretStr = Field(
        default=SecretStr("sqlite"),
        description="`sqlite` (a file in the data folder), `sqlite:///PATH`, or `postgresql://USER:PASSWORD@HOST/DB`.",
    )
    url_file: Path | None = Field(
        default=None, description="File that holds the URL, to keep its password out of here."
    )
    url_env: str | None = Field(default=None, description="Environment variable that holds the URL.")


class Worker(Section):
    """Who does the work after a mail was accepted."""

    broker: SecretStr = Field(
        default=SecretStr("memory"),
        description="`memory` (inside the daemon) or `redis://HOST:PORT/DB` for worker processes.",
    )
    broker_file: Path | None = Field(default=None, description="File that holds the broker's URL.")
    broker_env: str | None = Field(default=None, description="Environment variable that holds the broker's URL.")
    processes: int = Field(default=2, ge=1, le=64, description="Worker processes of `maild worker`.")
    attempts: int = Field(
        default=5, ge=1, le=100, description="How often a mail is tried before it is put into quarantine."
    )
    retry: tuple[Duration, ...] = Field(
        default=tuple(timedelta(seconds=s) for s in (5, 30, 120, 600)),
        min_length=1,
        description="Waits between those tries; the last one repeats.",
    )
    sweep: Duration = Field(
        default=timedelta(minutes=1), ge=SECOND, description="How often forgotten work is looked for."
    )


class Receiver(Section):
    """A door for an MTA or the world: SMTP or LMTP. Any number of them."""

    protocol: Literal["smtp", "lmtp"] = Field(default="smtp", description="smtp, or lmtp with an answer per recipient.")
    listen: Listen = Field(default="127.0.0.1:2525", description="HOST:PORT, [IPV6]:PORT, or unix:PATH.")
    hostname: str | None = Field(
        default=None, description="The name in the greeting; by default the domain of desk.address."
    )
    security: Security = Field(default="none", description="tls (from the first byte), starttls (offered), or none.")
    require_tls: bool = Field(
        default=False, description="With starttls: refuse mail before the connection is encrypted."
    )
    certificate: Path | None = Field(default=None, description="PEM file with the certificate chain.")
    key: Path | None = Field(default=None, description="PEM file with the private key.")
    addresses: tuple[MailAddress, ...] = Field(
        default=(), description="Recipients taken beside the queues' addresses, such as the bounce address."
    )


class Queue(Section):
    """Tickets of one sort, with the addresses customers write to."""

    name: str = Field(description="The queue's name.")
    addresses: tuple[MailAddress, ...] = Field(
        min_length=1, description="Mail to one of these opens tickets here; letters come from the first."
    )
    agents: tuple[MailAddress, ...] = Field(
        default=(), description="Who is notified of its tickets; none means every agent."
    )
    team: str | None = Field(
        default=None, description="The team whose tickets these are, unless a ticket says otherwise."
    )
    internal: bool = Field(default=False, description="For our own people, with service levels of its own.")
    language: Language | None = Field(
        default=None, description="Language of letters to customers whose own is not known; by default the desk's."
    )


class Agent(Section):
    """Somebody who answers customers, from an ordinary mail client."""

    name: str = Field(description="The name that customers see beside the desk's.")
    address: MailAddress = Field(description="Where notifications go; customers never see it.")
    role: Some[str] = Field(default=(DEFAULT,), description="What the agent may do: one role or several, see [[role]].")
    queues: Some[str] = Field(default=(), description="The agent's roles hold only in these queues.")
    teams: Some[str] = Field(default=(), description="And only for tickets of these teams.")
    skills: tuple[Folded, ...] = Field(
        default=(), description="What the agent can do; a rule that asks for a skill finds only agents who name it."
    )
    languages: tuple[Language, ...] = Field(
        default=(), description="The languages that the agent writes, such as en; none means every one."
    )
    customers: tuple[Folded, ...] = Field(
        default=(), description="Only tickets of these organisations, or groups of them, are given to this agent."
    )
    types: tuple[Folded, ...] = Field(default=(), description="Only tickets with one of these types or case types.")
    priorities: tuple[Priority, ...] = Field(default=(), description="Only of these priorities.")
    shift: str | None = Field(
        default=None, description="The calendar of the agent's working hours; outside them no ticket is given."
    )
    capacity: int | None = Field(
        default=None, ge=1, description="The most open tickets at once (on hold does not count); then others get them."
    )
    language: Language | None = Field(default=None, description="Language of letters to the agent; else the desk's.")
    timezone: str | None = Field(default=None, description="IANA time zone for times in them; else the desk's.")


class Tickets(Section):
    """How tickets live."""

    tag: str = Field(default="#", max_length=20, description="What stands before the number in subjects: [#42].")
    after_answer: Literal["responded", "on_hold"] = Field(
        default="responded", description="The status of a ticket once an agent has answered."
    )
    reopen_within: Duration = Field(
        default=timedelta(days=30),
        description="A reply to a ticket closed for longer than this opens a new, linked one.",
    )
    same_subject_within: Duration = Field(
        default=timedelta(days=14),
        description="How long a sender's `Re:` of the same subject joins a ticket that nothing else names; 0s: never.",
    )
    thanks_reopen: bool = Field(
        default=False, description="Whether a mere thank-you opens a resolved ticket again; else it is only noted."
    )
    labels: dict[str, str] = Field(default={}, description='Other words for statuses, such as on_hold = "waiting".')


class Limits(Section):
    """Bounds that keep one mail or one sender from hurting the rest."""

    message: Size = Field(default=25 << 20, ge=1024, description="The largest mail taken.")
    connections: int = Field(default=200, ge=1, description="SMTP connections at once.")
    connections_per_ip: int = Field(default=20, ge=1, description="SMTP connections at once from one address.")
    recipients: int = Field(default=100, ge=1, description="Recipients of one SMTP mail.")
    messages: int = Field(default=100, ge=1, description="Mails of one SMTP connection.")
    errors: int = Field(default=10, ge=1, description="Errors of one SMTP connection before it is closed.")
    idle: Duration = Field(
        default=timedelta(seconds=60), ge=SECOND, description="Silence after which an SMTP connection is closed."
    )
    data: Duration = Field(
        default=timedelta(minutes=10), ge=SECOND, description="The longest time one mail may take to be sent to us."
    )
    session: Duration = Field(default=timedelta(minutes=30), ge=SECOND, description="The longest SMTP connection.")
    free_disk: Size = Field(
        default=500 << 20, ge=0, description="With less free space than this no mail is taken (452)."
    )


class Log(Section):
    """What is written while running."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least that is written."
    )
    format: Literal["auto", "text", "json"] = Field(
        default="auto", description="text or json; auto is text on a terminal and json elsewhere."
    )


class Config(Section):
    """The whole file."""

    desk: Desk
    store: Store = Store()
    worker: Worker = Worker()
    receiver: tuple[Receiver, ...] = ()
    mailbox: tuple[Mailbox, ...] = ()
    oauth: tuple[OAuth, ...] = ()
    send: Send = Send()
    queue: tuple[Queue, ...] = ()
    agent: tuple[Agent, ...] = ()
    team: tuple[Team, ...] = ()
    role: tuple[Role, ...] = ()
    organisation: tuple[Organisation, ...] = ()
    mail: MailRules = MailRules()
    customers: Customers = Customers()
    tickets: Tickets = Tickets()
    lifecycle: Lifecycle = Lifecycle()
    requirement: tuple[Requirement, ...] = ()
    resolution: tuple[Resolution, ...] = ()
    aftercare: AftercareTable = AftercareTable()
    feedback: FeedbackTable = FeedbackTable()
    attachments: Attachments = Attachments()
    virus_scan: VirusScan = VirusScan()
    authenticity: Authenticity = Authenticity()
    templates: Templates = Templates()
    letters: Letters = Letters()
    sla: Sla = Sla()
    calendar: tuple[Calendar, ...] = ()
    policy: tuple[Policy, ...] = ()
    escalation: tuple[Escalation, ...] = ()
    routing: Routing = Routing()
    priority: Priorities = Priorities()
    rule: tuple[Rule, ...] = ()
    reason: tuple[Reason, ...] = ()
    type: tuple[Type, ...] = ()
    case_type: tuple[CaseType, ...] = ()
    branch: tuple[Branch, ...] = ()
    directory: tuple[DirectoryTable, ...] = ()
    retention: RetentionTable = RetentionTable()
    limits: Limits = Limits()
    log: Log = Log()
    monitoring: Monitoring = Monitoring()
