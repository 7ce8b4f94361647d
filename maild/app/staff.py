"""What assignment has to know of agents at this moment, and keeps in step with what is given in a transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from maild.routing.assignment import Candidate, weight_of
from maild.sla.calendar import ALWAYS

if TYPE_CHECKING:
    from maild.app.desk import Desk

BY_MAIL, BY_ADMIN = "mail", "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """An agent is away. What an admin said stands above what the agent's automatic replies say."""

    address: str  # in lower case
    since: datetime
    until: datetime | None  # None: until somebody says otherwise, which only an admin can say
    source: str = BY_MAIL
    mail: int | None = None  # the inbox row that says so

    def holds(self, now: datetime) -> bool:
        """Whether it is not over."""
        return self.until is None or self.until > now


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaiting:
    """A ticket that is to be given to somebody as soon as anybody can take it."""

    ticket: int
    since: datetime
    why: str
    fixed: str = ""  # what was asked for, as `maild.routing.assignment.Wish` has it
    strategy: str = ""
    skill: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """What the store knows of agents."""

    turns: dict[str, int]  # address -> number of the last turn
    absences: dict[str, Absence]


@dataclass(frozen=True, slots=True)
class Load:
    """What somebody has open: tickets that are neither ended nor on hold."""

    weight: int = 0
    tickets: int = 0

    def plus(self, other: Load) -> Load:
        """Both together."""
        return Load(self.weight + other.weight, self.tickets + other.tickets)


class StaffUnit(Protocol):
    """A transaction that may assign."""

    def roster(self) -> Roster:
        """Turns and absences as they are once nobody else assigns: from here to its end this transaction does alone.

        Workers wait for each other here, after everything was looked up and before anything is saved;
        that order keeps them from waiting for each other in a circle.
        """

    def loads(self, agents: Collection[str]) -> Mapping[str, Load]:
        """What these agents have open; who has nothing may be missing."""

    def last_agents(self, contacts: Collection[str]) -> Mapping[str, str]:
        """Who has the newest ticket of each of these contacts that anybody has."""


@dataclass(kw_only=True)
class Staff:
    """The agents, for one transaction; what it gives is counted at once, before it is saved."""

    unit: StaffUnit
    desk: Desk
    now: datetime
    roster: Roster
    _loads: dict[str, Load] = field(default_factory=dict)
    _given: dict[str, Load] = field(default_factory=dict)
    _last_agents: dict[str, str] = field(default_factory=dict)
    _known: dict[str, Candidate] = field(default_factory=dict)

    def candidates(self, pool: Collection[str], *, loads: bool) -> list[Candidate]:
        """These agents as they are now, in this order; `loads` says whether what they have open matters."""
        wanted = [a for a in pool if loads or self.desk.agent_named(a).capacity is not None]
        if missing := [address for address in wanted if address not in self._loads]:
            found = self.unit.loads(missing)
            for address in missing:
                self._loads[address] = found.get(address, Load()).plus(self._given.get(address, Load()))
                self._known.pop(address, None)
        return [self._known.get(address) or self._candidate(address) for address in pool]

    def _candidate(self, address: str) -> Candidate:
        agent, load = self.desk.agent_named(address), self._loads.get(address, Load())
        absence = self.roster.absences.get(address)
        made = self._known[address] = Candidate(
            address=address,
            skills=agent.skills,
            languages=agent.languages,
            customers=agent.customers,
            types=agent.types,
            priorities=agent.priorities,
            load=load.weight,
            open=load.tickets,
            capacity=agent.capacity,
            turn=self.roster.turns.get(address, 0),
            absent=absent_words(absence, self.desk) if absence and absence.holds(self.now) else "",
            off_shift=off_shift(agent.shift, self.desk, self.now),
        )
        return made

    def last_agent(self, contact: str, others: Collection[str]) -> str:
        """Who looked after this contact last; `others` are contacts that will be asked for soon, at one go."""
        if contact and contact not in self._last_agents:
            asked = {contact, *others} - self._last_agents.keys()
            found = self.unit.last_agents(asked)
            self._last_agents.update((each, found.get(each, "")) for each in asked)
        return self._last_agents.get(contact, "")

    def give(self, address: str, contact: str, priority: str) -> int:
        """Count a ticket that somebody gets now; returns the number of this turn."""
        gift = Load(weight_of(priority), 1)
        self._given[address] = self._given.get(address, Load()).plus(gift)
        if address in self._loads:
            self._loads[address] = self._loads[address].plus(gift)
        if contact:
            self._last_agents[contact] = address
        self.roster.turns[address] = turn = max(self.roster.turns.values(), default=0) + 1
        self._known.pop(address, None)
        return turn

    def note(self, address: str, absence: Absence | None) -> None:
        """Somebody is away from now on, or back."""
        self.roster.absences.pop(address, None)
        if absence is not None:
            self.roster.absences[address] = absence
        self._known.pop(address, None)


def applied(stands: Absence | None, said: Absence | None, now: datetime) -> Absence | None:
    """The absence after a mail told of one, or of none: what an admin said stands until it is over."""
    if stands is not None and stands.source == BY_ADMIN and stands.holds(now):
        return stands
    return said


def absent_words(absence: Absence, desk: Desk) -> str:
    """Until when somebody is away."""
    return f"until {desk.time(absence.until)}" if absence.until else "until further notice"


def off_shift(shift: str, desk: Desk, now: datetime) -> str:
    """Until when somebody does not work; "" within working hours, and for a calendar that is there no more."""
    calendar = desk.levels.rules.calendars.get(shift, ALWAYS)
    if not shift or calendar.is_open(now):
        return ""
    begins = next((begin for begin, _ in calendar.stretches(now, now + timedelta(days=60))), None)
    return f"until {desk.time(begins)}" if begins else "for the next weeks"
