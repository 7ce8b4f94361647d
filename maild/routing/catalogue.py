"""Reason codes, types and case types as data; the built-in ones stand in `maild.routing.built_in`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

BRANCH_MANAGER = "branch_manager"  # in place of a team: the manager of the branch that looks after the customer


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Something that the customer is asked for, unless the mail has it."""

    text: Mapping[str, str]  # language -> words; "en" is always there
    unless: str = ""  # "order", "serial", "attachment": not asked when the mail brings one


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A reason code: why a customer writes, and who looks after it."""

    code: str
    label: Mapping[str, str] = field(default_factory=dict)  # language -> words for people
    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # language -> keywords; all are looked for
    team: str = ""  # or BRANCH_MANAGER
    queue: str = ""
    type: str = ""  # what a ticket of this reason is, unless something says otherwise
    case_type: str = ""
    asks: tuple[Asked, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """A type or a case type."""

    name: str
    label: Mapping[str, str] = field(default_factory=dict)
    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    type: str = ""  # of a case type: the type that it belongs to


@dataclass(frozen=True, slots=True, kw_only=True)
class Priorities:
    """Where a priority comes from when no rule sets one: the highest of what these say."""

    default: str = "medium"
    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # priority -> keywords
    importance: Mapping[str, str] = field(default_factory=dict)  # high or low -> priority (Importance, X-Priority)
    urgency: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # high, medium, low -> keywords
    impact: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    matrix: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # urgency -> impact -> priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All of it, with the headers that name a reason and a type."""

    reasons: tuple[Reason, ...] = ()
    types: tuple[Sort, ...] = ()
    case_types: tuple[Sort, ...] = ()
    priorities: Priorities = field(default_factory=Priorities)
    reason_header: str = "x-reason-code"
    type_header: str = "x-ticket-type"
