"""What a desk asks for beyond the table of moves: fields that must be filled, and the codes a ticket ends with."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from maild.tickets.lifecycle import LABELS, TRANSITIONS, Status, check_transition
from maild.tickets.model import SETTABLE, Ticket
from maild.tickets.resolutions import BUILT_IN, Resolution, label_of, split_code

# What may be asked for: every field that a command can fill. The first mail fills the others.
REQUIRABLE = (
    "contact",
    "hold_reason",
    *(field for field in SETTABLE if field not in ("subject", "description", "customer", "csat")),
)
# The command that fills a field; `#set FIELD VALUE` fills those that are not named.
_FILLED_BY: Mapping[str, str] = {
    "resolution_code": "#resolve CODE or #close CODE",
    "resolution_notes": "#close CODE NOTES or #set resolution_notes NOTES",
    "root_cause": "#cause TEXT",
    "resolution_path": "#path TEXT",
    "contact": "#customer ADDRESS",
    "hold_reason": "#hold REASON",
    "assignee": "#assign me",
    "priority": "#priority NAME",
    "queue": "#queue NAME",
    "team": "#team NAME",
    "type": "#type NAME",
    "reason_code": "#reason CODE",
    "tags": "#tag +NAME",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """Fields that must be filled before a ticket gets a status; for every ticket unless a set limits it."""

    to: Status
    fields: tuple[str, ...]
    queues: Collection[str] = ()
    types: Collection[str] = ()
    case_types: Collection[str] = ()
    priorities: Collection[str] = ()

    def is_for(self, ticket: Ticket) -> bool:
        """Whether it holds for a ticket."""
        limits = (
            (self.queues, ticket.queue),
            (self.types, ticket.type),
            (self.case_types, ticket.case_type),
            (self.priorities, ticket.priority),
        )
        return all(not limit or value in limit for limit, value in limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecyclePolicy:
    """A desk's resolution codes and requirements."""

    resolutions: tuple[Resolution, ...] = BUILT_IN
    requirements: tuple[Requirement, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The resolution codes there are."""
        return tuple(each.code for each in self.resolutions)

    def split_code(self, text: str) -> tuple[str, str]:
        """The code at the beginning of a text, freely spelled, and the notes behind it; "" for no code."""
        return split_code(text, self.resolutions)

    def label_of(self, code: str, language: str) -> str:
        """What people read in place of a code, in their language."""
        return label_of(code, language, self.resolutions)

    def missing(self, ticket: Ticket, to: Status) -> tuple[str, ...]:
        """The fields that are empty, and must not be when a ticket, as it stands, gets this status."""
        transition = TRANSITIONS[ticket.status].get(to)
        needed = list(transition.needs if transition else ())
        for requirement in self.requirements:
            if requirement.to is to and requirement.is_for(ticket):
                needed += requirement.fields
        return tuple(name for name in dict.fromkeys(needed) if not getattr(ticket, name))

    def refusal(self, ticket: Ticket, to: Status, *, code: str = "") -> str:
        """Why a ticket, as it stands, may not get this status, the resolution code given with it; "" when it may."""
        if not_in_table := check_transition(ticket.status, to):
            return not_in_table.why
        ticket = replace(ticket, resolution_code=code or ticket.resolution_code)
        return self.wants(to, self.missing(ticket, to))

    def wants(self, to: Status, missing: Collection[str]) -> str:
        """What is missing for a status, with the command that gives each; "" for nothing."""
        if not missing:
            return ""
        named = [f"{name.replace('_', ' ')} ({self._filled_by(name)})" for name in missing]
        return f"to become {LABELS[to]} the ticket needs {' and '.join(named)}"

    def _filled_by(self, name: str) -> str:
        how = _FILLED_BY.get(name, f"#set {name} VALUE")
        return f"{how}, where CODE is one of {', '.join(self.codes)}" if name == "resolution_code" else how
