"""Adds to the desk what directories say of customers, agents, teams and branches."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from zoneinfo import ZoneInfo

from maild.app.desk import Desk
from maild.app.desk_structure import Agent, Branch, Organisation, Team
from maild.app.lookups import Entry
from maild.config.level_values import read_priority
from maild.config.values import read_address, read_company_domain, unique
from maild.tickets.permissions import DEFAULT, Person

_SEPARATORS = re.compile(r"[;,|]")
_OF_NAMES = re.compile(r"[;|]")  # names of companies hold commas


@dataclass(frozen=True, slots=True)
class Listed:
    """A directory's list."""

    name: str
    of: str  # as the configuration says: customers, agents, teams, branches
    entries: Sequence[Entry]


@dataclass(kw_only=True)
class _Added:
    """What directories add to a desk, and what of it cannot be used."""

    left_out: list[str] = field(default_factory=list)

    def leave_out(self, listed: Listed, entry: Entry, why: object) -> None:
        self.left_out.append(f"directory {listed.name}: {entry.key!r} is left out: {why}")


def _each(lists: Iterable[Listed], of: str) -> Iterator[tuple[Listed, Entry]]:
    """The entries of a sort, those of the first directory first."""
    return ((listed, entry) for listed in lists if listed.of == of for entry in listed.entries)


def with_directories(desk: Desk, lists: Sequence[Listed]) -> tuple[Desk, tuple[str, ...]]:
    """The desk with what its directories say, and a sentence for every entry that cannot be used.

    What the configuration itself says wins; of two directories, the first.
    """
    added = _Added()
    agents = _agents(desk, lists, added)
    teams = _teams(desk, lists, set(agents) | set(desk.agents), added)
    organisations = _organisations(desk, lists, added)
    desk = replace(
        desk,
        agents={**{address: facts.name for address, (facts, _) in agents.items()}, **desk.agents},
        agent_facts={**{address: facts for address, (facts, _) in agents.items()}, **desk.agent_facts},
        people={**{address: person for address, (_, person) in agents.items()}, **desk.people},
        teams=(*desk.teams, *teams),
        organisations=(*desk.organisations, *organisations),
    )
    branches = (*desk.branches, *_branches(desk, lists, added))
    levels = replace(desk.levels, fingerprint=_fingerprint(desk.levels.fingerprint, organisations))
    desk = replace(desk, branches=_with_customers(branches, lists), levels=levels)
    return desk, tuple(added.left_out)


def _fingerprint(before: str, organisations: Sequence[Organisation]) -> str:
    """Clocks follow from the groups and tags of customers as well: when those change, they are derived again."""
    if not organisations:
        return before
    about = sorted((each.name, sorted(each.groups), sorted(each.tags)) for each in organisations)
    return hashlib.sha256(f"{before}\n{about}".encode()).hexdigest()[:32]


def _agents(desk: Desk, lists: Sequence[Listed], added: _Added) -> dict[str, tuple[Agent, Person]]:
    """Agents with what they can do and may do; whose role is not known is no agent."""
    found: dict[str, tuple[Agent, Person]] = {}
    for listed, entry in _each(lists, "agents"):
        try:
            address = read_address(entry.key).lower()
        except ValueError as error:
            added.leave_out(listed, entry, error)
            continue
        roles = _words(entry, "role") or [DEFAULT]
        if desk.is_ours(address):
            added.leave_out(listed, entry, "it is a support address, and a notification to it would open a ticket")
        elif unknown := [role for role in roles if role not in desk.roles]:
            added.leave_out(listed, entry, f"there is no role {', '.join(unknown)}")
        elif address not in desk.agents:
            facts = Agent(
                address=address,
                name=entry.facts.get("name", "") or address,
                skills=frozenset(word.lower() for word in _words(entry, "skills")),
                languages=frozenset(word.lower() for word in _words(entry, "languages")),
                zone=_zone(entry),
                language=entry.facts.get("language", "").lower(),
            )
            found.setdefault(address, (facts, Person(address=address, roles=tuple(desk.roles[role] for role in roles))))
    return found


def _teams(desk: Desk, lists: Sequence[Listed], agents: set[str], added: _Added) -> list[Team]:
    """Teams, with those agents whose own entry names the team."""
    known = {team.name.casefold() for team in desk.teams}
    members: dict[str, list[str]] = {}
    for _, entry in _each(lists, "agents"):
        for team in _words(entry, "team"):
            members.setdefault(team.casefold(), []).append(entry.key.lower())
    found: dict[str, Team] = {}
    for listed, entry in _each(lists, "teams"):
        manager = entry.facts.get("manager", "").lower()
        if desk.is_ours(manager):
            added.leave_out(listed, entry, f"its manager {manager} is a support address")
        elif entry.key.casefold() not in known and entry.key.casefold() not in found:
            names = [*_words(entry, "agents"), *members.get(entry.key.casefold(), [])]
            theirs = tuple(name for name in unique(names) if name in agents)
            found[entry.key.casefold()] = Team(name=entry.key, agents=theirs, manager=manager)
    return list(found.values())


def _organisations(desk: Desk, lists: Sequence[Listed], added: _Added) -> list[Organisation]:
    known = {each.name.casefold() for each in desk.organisations}
    taken = {domain for each in desk.organisations for domain in each.domains}
    found: list[Organisation] = []
    for listed, entry in _each(lists, "customers"):
        if entry.key.casefold() in known:
            continue
        known.add(entry.key.casefold())
        domains = []
        for word in _words(entry, "domains"):
            try:
                domain = read_company_domain(word)
            except ValueError as error:
                added.leave_out(listed, entry, error)
                continue
            if domain in taken:
                added.leave_out(listed, entry, f"{domain} belongs to another customer already")
            else:
                domains.append(domain)
        taken.update(domains)
        priority = ""
        with suppress(ValueError):
            priority = read_priority(entry.facts["priority"].lower()) if "priority" in entry.facts else ""
        found.append(
            Organisation(
                name=entry.key,
                domains=tuple(domains),
                groups=frozenset(word.lower() for word in _words(entry, "groups")),
                tags=frozenset(word.lower() for word in _words(entry, "tags")),
                priority=priority,
                language=entry.facts.get("language", "").lower(),
                zone=_zone(entry),
            )
        )
    return found


def _zone(entry: Entry) -> tzinfo | None:
    """The time zone that an entry names, if there is such a zone."""
    try:
        return ZoneInfo(entry.facts["timezone"])
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        return None


def _branches(desk: Desk, lists: Sequence[Listed], added: _Added) -> list[Branch]:
    known = {branch.name.casefold() for branch in desk.branches}
    found: list[Branch] = []
    for listed, entry in _each(lists, "branches"):
        manager = entry.facts.get("manager", "").lower()
        if manager and manager not in desk.agents:
            added.leave_out(listed, entry, f"its manager {manager} is no agent")
        elif entry.key.casefold() not in known:
            known.add(entry.key.casefold())
            domains = tuple(word.lower().removeprefix("@") for word in _words(entry, "domains"))
            found.append(
                Branch(
                    name=entry.key,
                    manager=manager,
                    customers=tuple(_words(entry, "customers", _OF_NAMES)),
                    domains=domains,
                )
            )
    return found


def _with_customers(branches: Sequence[Branch], lists: Sequence[Listed]) -> tuple[Branch, ...]:
    """Branches with the customers whose own entry names the branch."""
    theirs: dict[str, list[str]] = {}
    for _, entry in _each(lists, "customers"):
        if branch := entry.facts.get("branch"):
            theirs.setdefault(branch.casefold(), []).append(entry.key)
    taken = {name.casefold() for branch in branches for name in branch.customers}

    def more(branch: Branch) -> tuple[str, ...]:
        return tuple(name for name in theirs.get(branch.name.casefold(), ()) if name.casefold() not in taken)

    return tuple(replace(branch, customers=(*branch.customers, *more(branch))) for branch in branches)


def _words(entry: Entry, name: str, separators: re.Pattern[str] = _SEPARATORS) -> list[str]:
    """A fact that holds several words: in CSV between ; , or |, in JSON a list."""
    return [word.strip() for word in separators.split(entry.facts.get(name, "")) if word.strip()]
