"""What the use cases have to know of the desk: plain facts, made from the configuration once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property

from maild.app.budgets import Budgets
from maild.app.marks import MarkPolicy
from maild.app.service_levels import ServiceLevels
from maild.ids import Signer, plain_address
from maild.mail.authenticity import Trust
from maild.mail.file_policy import FilePolicy
from maild.routing.by_address import Route, route
from maild.tickets.lifecycle import LABELS, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A sort of tickets, and the addresses that customers write to."""

    name: str
    addresses: tuple[str, ...]  # the first is the one that letters come from
    agents: tuple[str, ...] = ()  # who is notified; none: every agent
    team: str = ""  # whose tickets these are, unless a ticket says otherwise
    internal: bool = False  # for our own people, with targets of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """A customer's company: whoever writes from its domains belongs to it."""

    name: str
    domains: tuple[str, ...]  # in lower case; never those of free-mail providers
    groups: frozenset[str] = frozenset()  # by which policies are chosen
    tags: frozenset[str] = frozenset()  # such as vip


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Agents who share work."""

    name: str
    agents: tuple[str, ...] = ()
    manager: str = ""  # an address


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Who we are, who answers, and the policies that ingest and delivery follow."""

    name: str
    address: str
    signer: Signer = field(repr=False)
    queues: tuple[Queue, ...]
    agents: Mapping[str, str] = field(default_factory=dict)  # address in lower case -> name
    language: str = "en"
    zone: tzinfo = UTC
    alerts_to: tuple[str, ...] = ()
    tag: str = "#"
    after_answer: Status = Status.RESPONDED
    reopen_within: timedelta = timedelta(days=30)
    same_subject_within: timedelta = timedelta(days=14)
    thanks_reopen: bool = False
    organisations: tuple[Organisation, ...] = ()
    trusted_forms: tuple[str, ...] = ()  # senders whose Reply-To says who really wrote
    labels: Mapping[str, str] = field(default_factory=dict)
    attempts: int = 5
    retry: tuple[timedelta, ...] = (timedelta(seconds=5),)
    letter_expire: timedelta = timedelta(days=5)
    files: FilePolicy = field(default_factory=FilePolicy)
    trust: Trust = field(default_factory=Trust)  # whose word about a mail's origin is believed
    budgets: Budgets = field(default_factory=Budgets)
    marks: MarkPolicy = field(default_factory=MarkPolicy)
    teams: tuple[Team, ...] = ()
    levels: ServiceLevels = field(default_factory=ServiceLevels)

    @cached_property
    def domain(self) -> str:
        """The domain of our Message-IDs."""
        return self.address.rpartition("@")[2]

    @cached_property
    def own_addresses(self) -> frozenset[str]:
        """Every address of ours, without extensions, in lower case."""
        return frozenset(a.lower() for a in (self.address, *(a for q in self.queues for a in q.addresses)))

    @cached_property
    def staff(self) -> frozenset[str]:
        """Everybody of ours who is told of things by mail: agents, admins, managers, in lower case."""
        told = (*self.alerts_to, *(team.manager for team in self.teams), *self.levels.addresses)
        return frozenset(self.agents).union(address.lower() for address in told if address)

    def is_ours(self, address: str) -> bool:
        """Whether mail to this address, with or without an extension, comes to us."""
        return plain_address(address) in self.own_addresses

    def route(self, addressed: Sequence[str]) -> Route:
        """The queue of a new ticket that was sent to these addresses."""
        return route(addressed, {queue.name: queue.addresses for queue in self.queues})

    def queue_named(self, name: str) -> Queue:
        """The queue of a ticket; the first one when that queue is no longer configured."""
        return next((q for q in self.queues if q.name == name), self.queues[0])

    def told(self, queue: Queue, assignee: str) -> tuple[str, ...]:
        """The agents who are notified: the assignee alone, else the queue's, else all."""
        if assignee in self.agents:
            return (assignee,)
        return queue.agents or tuple(self.agents)

    def organisation_of(self, address: str) -> Organisation | None:
        """The organisation that an address belongs to by its domain; None when there is none."""
        return self._by_domain.get(address.rpartition("@")[2].lower())

    def organisation_named(self, name: str) -> Organisation | None:
        """The organisation that a ticket's customer is; None when it is configured no more."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, Organisation]:
        return {each.name: each for each in self.organisations}

    @cached_property
    def _by_domain(self) -> dict[str, Organisation]:
        return {domain: each for each in self.organisations for domain in each.domains}

    def label(self, status: Status) -> str:
        """The word for a status."""
        return self.labels.get(status, LABELS[status])

    def time(self, moment: datetime) -> str:
        """A moment as people read it, in the desk's zone."""
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M}"
