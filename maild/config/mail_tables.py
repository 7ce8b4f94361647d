"""The tables of the configuration that say how mail is understood and answered (docs/mail.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field

from maild.config.level_values import Folded, Priority, Tag
from maild.config.routing_values import Language
from maild.config.section import SECOND, Section
from maild.config.values import AuthservId, CompanyDomain, Duration, Listen, MailAddress, Size
from maild.mail.file_policy import EXTENSIONS, LARGEST, TOTAL, TYPES


class Organisation(Section):
    """A customer's company. Any number of them."""

    name: str = Field(description="Its name, as tickets show it.")
    domains: tuple[CompanyDomain, ...] = Field(
        min_length=1,
        description="Whoever writes from one of these domains belongs to it; a free-mail provider's is refused.",
    )
    groups: tuple[Folded, ...] = Field(default=(), description="Groups of customers, by which policies are chosen.")
    tags: tuple[Tag, ...] = Field(default=(), description="Words about it, such as vip, for policies and escalations.")
    priority: Priority | None = Field(default=None, description="The priority that its tickets have at least.")
    language: Language | None = Field(
        default=None, description="Language of letters to it; else the one that its mails are in, then the queue's."
    )
    timezone: str | None = Field(
        default=None, description="IANA time zone for times in letters to it; else what its mails tell, or the desk's."
    )
    contacts: Literal["own", "all"] | None = Field(
        default=None, description="Which of its tickets its people see by a mail of `status`; else as [customers] says."
    )


class MailRules(Section):
    """How mail is understood; docs/mail.md says more."""

    trusted_forms: tuple[MailAddress, ...] = Field(
        default=(), description="Senders, such as a web form, whose Reply-To says who really wrote."
    )


class Authenticity(Section):
    """Who says whether a mail comes from the domain in its From; docs/mail.md tells what to write here."""

    trusted_ids: tuple[AuthservId, ...] = Field(
        default=(),
        description="The authserv-ids of your own mail system, whose Authentication-Results are believed;"
        ' "microsoft" for a mailbox at Microsoft 365, which writes none.',
    )
    hops: int = Field(
        default=2,
        ge=0,
        le=20,
        description="How many Received lines of your own mail system may stand above its Authentication-Results,"
        " the one of maild included. The fewer, the safer.",
    )
    check_here: bool = Field(
        default=False,
        description="For receivers that face the world: check DKIM, SPF and DMARC of mail that comes by SMTP here,"
        " by DNS, and do not believe its header. Needs maild[check].",
    )


class Attachments(Section):
    """Which files leave the house. What is refused stays in the raw mail and is listed with the reason."""

    largest: Size = Field(default=LARGEST, ge=1024, description="The largest file that travels with an answer.")
    total: Size = Field(
        default=TOTAL,
        ge=1024,
        description="All files of one answer together; written as mail they take a third more.",
    )
    refused_extensions: tuple[str, ...] = Field(
        default=EXTENSIONS, description="Files whose name ends so are handed out to nobody."
    )
    refused_types: tuple[str, ...] = Field(default=TYPES, description="Nor are files that are declared as these.")
    refuse_programs: bool = Field(
        default=True, description="Nor what its first bytes show to be a program, whatever it is called."
    )


class VirusScan(Section):
    """A virus scanner that looks at every file that comes; only what it found clean is handed out."""

    clamd: Listen | None = Field(default=None, description="Where clamd listens: HOST:PORT or unix:PATH.")
    timeout: Duration = Field(
        default=timedelta(seconds=20),
        ge=SECOND,
        le=timedelta(seconds=30),
        description="The longest time for one file; at most 30s.",
    )
    largest: Size = Field(
        default=25 << 20,
        ge=1024,
        description="Larger files are not scanned, so not handed out; at most clamd's StreamMaxLength.",
    )


class Letters(Section):
    """How many letters maild writes by itself, so that no loop and no flood goes on (docs/mail.md)."""

    address_per_10_minutes: int = Field(
        default=10, ge=1, description="Automatic letters to one address of a customer, or alerts to one, in 10 minutes."
    )
    address_per_day: int = Field(default=40, ge=1, description="The same in a day.")
    ticket_per_hour: int = Field(default=10, ge=1, description="Automatic letters to customers about one ticket.")
    domain_per_hour: int = Field(
        default=30,
        ge=1,
        description="Automatic letters to one domain; free mail providers and our own have no such limit.",
    )
    large_domains: tuple[str, ...] = Field(
        default=(), description="Further domains without that limit, such as a customer with very many people."
    )
    total_per_10_minutes: int = Field(
        default=300, ge=1, description="Automatic letters to all customers together; tickets are opened even so."
    )
    agent_per_10_minutes: int = Field(
        default=20, ge=1, description="Confirmations and problems to one agent in 10 minutes."
    )
    agent_per_day: int = Field(default=200, ge=1, description="The same in a day.")
    notifications_per_5_minutes: int = Field(
        default=20, ge=1, description="Notifications to one agent; what is more comes in a digest after 5 minutes."
    )
    notifications_per_hour: int = Field(
        default=48, ge=1, description="The same in an hour; with a digest every 5 minutes that makes 60."
    )
    sender_per_day: int = Field(
        default=100,
        ge=1,
        description="Mails of one sender that agents are notified of; beyond it, alerts_to hears of it.",
    )
    answers_per_10_minutes: int = Field(
        default=10, ge=1, description="Answers of agents on one ticket; what is more comes back to the agent."
    )
    attach_up_to: Size = Field(
        default=10 << 20,
        description="Files of a customer's mail that go along with notifications of it; 0: they are only named.",
    )
    bounces: int = Field(
        default=3, ge=1, description="After so many letters that came back for good an address gets no automatic ones."
    )
    bounces_within: Duration = Field(
        default=timedelta(days=30), ge=SECOND, description="The span in which they must have come back."
    )
    bounced_for: Duration = Field(
        default=timedelta(days=30), ge=SECOND, description="After this long, or when it writes, it is tried again."
    )
