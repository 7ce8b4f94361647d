"""What a desk consists of: queues, teams, agents, branches, and the organisations of its customers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A sort of tickets, and the addresses that customers write to."""

    name: str
    addresses: tuple[str, ...]  # the first is the one that letters come from
    agents: tuple[str, ...] = ()  # who is notified; none: every agent
    team: str = ""  # whose tickets these are, unless a ticket says otherwise
    internal: bool = False  # for our own people, with targets of its own
    language: str = ""  # of letters to customers whose own is not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """A customer's company: whoever writes from its domains belongs to it."""

    name: str
    domains: tuple[str, ...]  # in lower case; never those of free-mail providers
    groups: frozenset[str] = frozenset()  # by which policies are chosen
    tags: frozenset[str] = frozenset()  # such as vip
    priority: str = ""  # what its tickets have at least
    language: str = ""  # of letters to it; "": the one that its mails are in
    zone: tzinfo | None = None  # of times in letters to it; None: the one that its mails tell
    contacts: str = ""  # which tickets its people see by mail: "own", "all", or "" as the desk says


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Agents who share work."""

    name: str
    agents: tuple[str, ...] = ()
    manager: str = ""  # an address
    assign: str = ""  # the strategy by which its tickets find their agents; "": the desk's
    sticky: bool | None = None  # None: as the desk's


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """What an agent can do, when, and how much. Sets are in lower case; an empty one limits nothing."""

    address: str  # in lower case
    name: str = ""
    skills: frozenset[str] = frozenset()  # the exception: a ticket that needs one finds only agents who name it
    languages: frozenset[str] = frozenset()
    customers: frozenset[str] = frozenset()  # organisations or groups of them
    types: frozenset[str] = frozenset()  # types or case types
    priorities: frozenset[str] = frozenset()
    shift: str = ""  # a calendar; "": always
    capacity: int | None = None  # tickets that may be open at once
    zone: tzinfo | None = None  # of times in letters to this agent; None: the desk's
    language: str = ""  # of letters to this agent; "": the desk's


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A place of ours that looks after some customers."""

    name: str
    manager: str = ""  # an agent's address
    customers: tuple[str, ...] = ()  # names of organisations
    domains: tuple[str, ...] = ()  # of customers that are no organisation, in lower case
