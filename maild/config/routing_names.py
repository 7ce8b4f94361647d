"""What the tables of routing may call by name, beside what the other tables have."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import cast

from maild.config.level_names import Names, Sections, each_of
from maild.config.lines import KeyPath
from maild.config.model import Agent
from maild.config.problems import Problems
from maild.config.routing_tables import CaseType, Reason, Routing, Rule, Type
from maild.routing.built_in import built_in_catalogue

_TABLES = {"reason code": "[[reason]]", "type": "[[type]]", "case type": "[[case_type]]"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingNames:
    """Codes, types and case types are in lower case."""

    others: Names
    rules: Collection[str]
    reasons: Collection[str]
    types: Collection[str]
    case_types: Collection[str]
    skills: Collection[str]  # of agents
    tags: Collection[str]  # of customers, escalations and rules

    def code(self, path: KeyPath, sort: str, name: str, known: Collection[str], problems: Problems) -> None:
        """Note a reason code, a type or a case type that is not in the catalogue; "" is none."""
        if name and not known:
            problems.add(path, f"there is no {sort} {name!r}; add {_TABLES[sort]}")
        else:
            self.others.one(path, sort, name or None, known, problems)


def routing_names_of(sections: Sections, others: Names) -> RoutingNames:
    """The names in a file, and those that are built in."""
    routing = cast("Routing", sections["routing",])
    built_in = built_in_catalogue()
    reasons = built_in.reasons if routing.built_in_reasons else ()
    types, case_types = (built_in.types, built_in.case_types) if routing.built_in_types else ((), ())
    rules = [rule for _, rule in each_of(sections, Rule)]
    return RoutingNames(
        others=others,
        rules={rule.name for rule in rules},
        reasons={reason.code for reason in reasons} | {each.code for _, each in each_of(sections, Reason)},
        types={each.name for each in types} | {each.name for _, each in each_of(sections, Type)},
        case_types={each.name for each in case_types} | {each.name for _, each in each_of(sections, CaseType)},
        skills={skill for _, agent in each_of(sections, Agent) for skill in agent.skills},
        tags={*others.tags, *(tag for rule in rules if rule.then for tag in rule.then.tags)},
    )
