"""What the use cases have to know of the desk: plain facts, made from the configuration once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property

from maild.app.budgets import Budgets
from maild.app.customer_policy import CustomerPolicy
from maild.app.desk_structure import Agent, Branch, Organisation, Queue, Team
from maild.app.languages import Languages
from maild.app.marks import MarkPolicy
from maild.app.service_levels import ServiceLevels
from maild.app.travelling import Travelling
from maild.ids import Signer, plain_address
from maild.mail.authenticity import Trust
from maild.mail.file_policy import FilePolicy
from maild.routing.assignment import NONE
from maild.routing.by_address import Route, route
from maild.routing.conditions import asks_for_reply
from maild.routing.references import Finder
from maild.routing.router import Router
from maild.sla.aftercare import Aftercare
from maild.tickets.lifecycle import LABELS, Status
from maild.tickets.lifecycle_policy import LifecyclePolicy
from maild.tickets.model import Ticket
from maild.tickets.names import Names
from maild.tickets.permissions import BUILT_IN, DEFAULT, Held, Permission, Person, Role, may


def _no_language(_text: str) -> str:
    return ""


def nothing_to_load() -> None:
    """Where no language is told."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Who we are, who answers, and the policies that ingest and delivery follow. Can be sent to another process."""

    name: str
    address: str
    signer: Signer = field(repr=False)
    queues: tuple[Queue, ...]
    agents: Mapping[str, str] = field(default_factory=dict)  # address in lower case -> name
    agent_facts: Mapping[str, Agent] = field(default_factory=dict)  # the same addresses -> all else
    assign: str = NONE  # the strategy where a team names none
    sticky: bool = True  # whether a customer's last agent is preferred
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
    travelling: Travelling = field(default_factory=Travelling)  # which of a customer's files agents get
    trust: Trust = field(default_factory=Trust)  # whose word about a mail's origin is believed
    budgets: Budgets = field(default_factory=Budgets)
    marks: MarkPolicy = field(default_factory=MarkPolicy)
    customers: CustomerPolicy = field(default_factory=CustomerPolicy)
    teams: tuple[Team, ...] = ()
    levels: ServiceLevels = field(default_factory=ServiceLevels)
    router: Router = field(default_factory=Router)
    roles: Mapping[str, Role] = field(default_factory=lambda: BUILT_IN)
    people: Mapping[str, Person] = field(default_factory=dict)  # agents with their roles, by address
    finders: tuple[Finder, ...] = ()  # by which keys of directories are recognised in mails
    directories: Mapping[str, timedelta] = field(default_factory=dict)  # name -> for how long its answers are fresh
    branches: tuple[Branch, ...] = ()
    lifecycle: LifecyclePolicy = field(default_factory=LifecyclePolicy)  # what ending a ticket needs
    languages: Languages = field(default_factory=Languages)
    aftercare: Aftercare = field(default_factory=Aftercare)
    # The language of a text (ISO 639-1), "" when it is not certain; costs milliseconds, so only called for a purpose.
    detect_language: Callable[[str], str] = field(default=_no_language, repr=False, compare=False)
    # Makes `detect_language` quick; its first call would take a second otherwise.
    load_language: Callable[[], None] = field(default=nothing_to_load, repr=False, compare=False)

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
        managers = (*(team.manager for team in self.teams), *(branch.manager for branch in self.branches))
        noticed = (word for rule in self.router.rules for word in rule.then.notify if "@" in word)
        told = (*self.alerts_to, *managers, *noticed, *self.levels.addresses)
        return frozenset(self.agents).union(address.lower() for address in told if address)

    @cached_property
    def assigns(self) -> bool:
        """Whether tickets find agents by themselves at all."""
        rules = [rule.then for rule in self.router.rules]
        strategies = {self.assign, *(team.assign for team in self.teams), *(then.assign for then in rules)}
        return bool(strategies - {"", NONE}) or any(then.assignee for then in rules)

    @cached_property
    def asks_language(self) -> bool:
        """Whether anything depends on the language of a mail: a rule, or who can answer it."""
        return self.router.asks_language or any(agent.languages for agent in self.agent_facts.values())

    @cached_property
    def tells_languages(self) -> bool:
        """Whether the language of some mails is found out."""
        return self.languages.detect or self.asks_language

    def agent_named(self, address: str) -> Agent:
        """What is known of an agent; of anybody else, that nothing limits them."""
        return self.agent_facts.get(address) or Agent(address=address, name=self.agents.get(address, ""))

    @cached_property
    def routes_replies(self) -> bool:
        """Whether any rule is for replies."""
        return any(rule.enabled and asks_for_reply(rule.when) for rule in self.router.rules)

    @cached_property
    def names(self) -> Names:
        """The names that agents' commands may use."""
        catalogue = self.router.catalogue
        return Names(
            queues=tuple(queue.name for queue in self.queues),
            teams=tuple(team.name for team in self.teams),
            reasons=tuple(reason.code for reason in catalogue.reasons),
            types=tuple(sort.name for sort in catalogue.types),
            case_types=tuple(sort.name for sort in catalogue.case_types),
            policies=tuple(policy.name for policy in self.levels.policies),
            branches=tuple(branch.name for branch in self.branches),
            agents=tuple(self.agents.items()),
            lifecycle=self.lifecycle,
        )

    def is_ours(self, address: str) -> bool:
        """Whether mail to this address, with or without an extension, comes to us."""
        return plain_address(address) in self.own_addresses

    def route(self, addressed: Sequence[str]) -> Route:
        """The queue of a new ticket that was sent to these addresses."""
        return route(addressed, self._queue_addresses)

    def queue_named(self, name: str) -> Queue:
        """The queue of a ticket; the first one when that queue is no longer configured."""
        return self._queue_by_name.get(name, self.queues[0])

    @cached_property
    def _queue_addresses(self) -> dict[str, tuple[str, ...]]:
        return {queue.name: queue.addresses for queue in self.queues}

    @cached_property
    def _queue_by_name(self) -> dict[str, Queue]:
        return {each.name: each for each in reversed(self.queues)}  # of two with one name, the first

    def answered_status(self, ticket: Ticket) -> Status:
        """What becomes of a ticket that an agent has answered."""
        return self.aftercare.of(ticket.queue).after_answer or self.after_answer

    def told(self, ticket: Ticket) -> tuple[str, ...]:
        """The agents who are notified: the assignee alone, else the queue's, else all; only who may read it.

        A ticket that none of its queue's agents may read is better told to others than to nobody.
        """
        assignee = (ticket.assignee,) if ticket.assignee in self.agents else ()
        for agents in (assignee, self.queue_named(ticket.queue).agents, tuple(self.agents)):
            if readers := self.readers(agents, ticket):
                return readers
        return ()

    def person(self, address: str) -> Person:
        """An agent with the own roles; somebody else has none."""
        roles = (self.roles[DEFAULT],) if address in self.agents else ()
        return self.people.get(address) or Person(address=address, roles=roles)

    def may(self, address: str, permission: Permission, ticket: Ticket) -> str:
        """Why an agent may not do this with a ticket, and who may; "" when it is allowed."""
        return may(self.person(address), permission, self._held(ticket), map(self.person, self.agents))

    def readers(self, addresses: Iterable[str], ticket: Ticket) -> tuple[str, ...]:
        """Without the agents who may not read a ticket: every letter about one goes through here.

        An address that is no agent's stands in the configuration, where it was meant.
        """
        held = self._held(ticket)
        return tuple(a for a in addresses if a not in self.agents or not may(self.person(a), Permission.READ, held))

    def _held(self, ticket: Ticket) -> Held:
        team = ticket.team or self.queue_named(ticket.queue).team
        return Held(queue=ticket.queue, team=team, assignee=ticket.assignee)

    def organisation_of(self, address: str) -> Organisation | None:
        """The organisation that an address belongs to by its domain; None when there is none."""
        return self._by_domain.get(address.rpartition("@")[2].lower())

    def organisation_named(self, name: str) -> Organisation | None:
        """The organisation that a ticket's customer is; None when it is configured no more."""
        return self._by_name.get(name)

    def organisation_meant(self, text: str) -> Organisation | None:
        """The organisation that a directory means by a name, a domain or somebody's address."""
        return self._by_folded_name.get(text.casefold()) or self._by_domain.get(text.rpartition("@")[2].lower())

    @cached_property
    def _by_folded_name(self) -> dict[str, Organisation]:
        return {each.name.casefold(): each for each in self.organisations}

    def branch_of(self, customer: str) -> Branch | None:
        """The branch that looks after a customer: an organisation's name, or anybody's address."""
        if "@" not in customer:
            return self._branch_by_customer.get(customer.casefold())
        organisation = self.organisation_of(customer)
        found = self._branch_by_customer.get(organisation.name.casefold()) if organisation else None
        return found or self._branch_by_domain.get(customer.rpartition("@")[2].lower())

    @cached_property
    def _branch_by_customer(self) -> dict[str, Branch]:
        return {name.casefold(): each for each in self.branches for name in each.customers}

    @cached_property
    def _branch_by_domain(self) -> dict[str, Branch]:
        return {domain: each for each in self.branches for domain in each.domains}

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
