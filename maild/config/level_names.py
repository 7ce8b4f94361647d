"""What the tables of service levels may call by name, and the fault when there is no such thing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar, cast

from maild.config.directory_tables import DirectoryTable
from maild.config.faults import nearest
from maild.config.level_tables import Escalation, Matching, Policy, Sla, Team
from maild.config.lines import KeyPath
from maild.config.mail_tables import Organisation
from maild.config.model import Agent, Desk, Queue
from maild.config.problems import Problems
from maild.config.section import Section
from maild.ids import plain_address
from maild.sla.policies import built_in_policies

# What of `of` in [[directory]] adds names to those of the file.
_ADDED = {
    "customers": ("organisation", "group of organisations"),
    "agents": ("agent",),
    "teams": ("team",),
    "branches": ("branch",),
}
_SHOWN = 20  # of a list of names
S = TypeVar("S", bound=Section)
Sections = Mapping[KeyPath, Section]


def each_of(sections: Sections, kind: type[S]) -> Iterator[tuple[KeyPath, S]]:
    """The tables of a kind, from the top of the file to its end."""
    return ((path, section) for path, section in sections.items() if isinstance(section, kind))


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Who and what a file has; addresses, customers' keys, groups and tags in lower case."""

    sla: Sla
    calendars: Collection[str]
    queues: Mapping[str, Queue]
    teams: Mapping[str, Team]
    agents: Collection[str]
    support: Collection[str]  # addresses that open tickets
    customers: Mapping[str, Organisation]
    groups: Collection[str]
    tags: Collection[str]
    policies: Collection[str]
    handed_to: Collection[str]  # the teams that escalations give tickets to
    elsewhere: Collection[str]  # sorts of which a directory may have more than the file

    def one(self, path: KeyPath, sort: str, name: str | None, known: Collection[str], problems: Problems) -> None:
        """Note a name that nothing has."""
        if name is None or name in known or sort in self.elsewhere:
            return
        near = nearest(name, known)
        listed = sorted(each for each in known if each.isprintable())
        shown = ", ".join(listed[:_SHOWN]) + (", ..." if len(known) > len(listed[:_SHOWN]) else "")
        there = f"there are {shown}" if known else f"no {sort} is configured; leave it out"
        problems.add(path, f"there is no {sort} {name!r}; {f'did you mean {near}?' if near else there}")

    def conditions(self, path: KeyPath, table: Matching, problems: Problems) -> None:
        """Note what a policy or an escalation asks for that no ticket can have."""
        for i, queue in enumerate(table.queues):
            self.one((*path, "queues", i), "queue", queue, self.queues, problems)
        for i, customer in enumerate(table.customers):
            self.customer((*path, "customers", i), customer, problems)
        for i, group in enumerate(table.groups):
            self.one((*path, "groups", i), "group of organisations", group, self.groups, problems)
        for i, tag in enumerate(table.tags):
            # Agents may give a ticket any tag; only one that looks like another is a slip of the pen.
            near = None if tag in self.tags or "organisation" in self.elsewhere else nearest(tag, self.tags)
            if near:
                problems.add((*path, "tags", i), f"no organisation has the tag {tag!r}; did you mean {near}?")
        named = [self.customers[name.lower()] for name in table.customers if name.lower() in self.customers]
        if named and table.groups and not any(set(each.groups) & set(table.groups) for each in named):
            text = f"{' or '.join(each.name for each in named)} is in none of these groups; leave out one of the two"
            problems.add((*path, "groups"), text)
        if table.internal is not None and not any(self.queues_of(table)):
            which = f"{', '.join(table.queues)}:" if table.queues else "there is"
            wanted = "internal" if table.internal else "for customers"
            text = f"{which} no queue that is {wanted}; leave it out, or set internal in [[queue]]"
            problems.add((*path, "internal"), text)

    def customer(self, path: KeyPath, name: str, problems: Problems) -> None:
        """Note a name that no organisation has."""
        if name.lower() not in self.customers:
            self.one(path, "organisation", name, [each.name for each in self.customers.values()], problems)

    def recipients(self, path: KeyPath, recipients: Collection[str], problems: Problems) -> None:
        """Note an address at which an alert would open a ticket (a loop)."""
        for i, address in enumerate(recipients):
            if plain_address(address) in self.support:
                text = f"{address} is a support address, and an alert to it would open a ticket; give a person's own"
                problems.add((*path, i), text)

    def agent(self, path: KeyPath, address: str, problems: Problems) -> None:
        """Note an address that no agent has."""
        if address.lower() not in self.agents and "agent" not in self.elsewhere:
            name = address.partition("@")[0]  # colleagues' addresses are all alike after it
            near = nearest(address, [agent for agent in self.agents if nearest(name, [agent.partition("@")[0]])])
            hint = f"did you mean {near}?" if near else f'add [[agent]] with address = "{address}"'
            problems.add(path, f"{address} is no agent; {hint}")

    def queues_of(self, table: Matching) -> Iterator[Queue]:
        """The queues whose tickets a policy or an escalation can be for."""
        for name, queue in self.queues.items():
            if (not table.queues or name in table.queues) and table.internal in (None, queue.internal):
                yield queue


def names_of(sections: Sections, calendars: Collection[str]) -> Names:
    """The names in a file, and those that are built in."""
    sla = cast("Sla", sections["sla",])
    desk = cast("Desk", sections["desk",])
    queues = [queue for _, queue in each_of(sections, Queue)]
    queues = queues or [Queue(name="support", addresses=(desk.address,))]
    organisations = [each for _, each in each_of(sections, Organisation)]
    escalations = [each for _, each in each_of(sections, Escalation)]
    built_in = [policy.name for policy in built_in_policies(sla.calendar)] if sla.built_in else []
    return Names(
        sla=sla,
        calendars=calendars,
        queues={queue.name: queue for queue in queues},
        teams={team.name: team for _, team in each_of(sections, Team)},
        agents={agent.address.lower() for _, agent in each_of(sections, Agent)},
        support={address.lower() for queue in queues for address in queue.addresses},
        customers={each.name.lower(): each for each in organisations},
        groups={group for each in organisations for group in each.groups},
        tags={tag for each in organisations for tag in each.tags} | {each.tag for each in escalations if each.tag},
        policies={policy.name for _, policy in each_of(sections, Policy)} | set(built_in),
        handed_to={each.team for each in escalations if each.team},
        elsewhere={sort for _, each in each_of(sections, DirectoryTable) for sort in _ADDED.get(each.of, ())},
    )
