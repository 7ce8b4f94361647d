"""Checks of reason codes, types and branches against the other tables; those of rules stand in `rule_checks`."""

from __future__ import annotations

from maild.config.level_names import Names, Sections, each_of
from maild.config.lifecycle_checks import check_lifecycle
from maild.config.lines import KeyPath
from maild.config.problems import Problems
from maild.config.routing_names import RoutingNames, routing_names_of
from maild.config.routing_tables import Branch, CaseType, Reason, Rule
from maild.config.rule_checks import check_rule
from maild.routing.catalogue import BRANCH_MANAGER


def check_routing(sections: Sections, others: Names, problems: Problems) -> None:
    """Note every fault of routing; paths are absolute."""
    names = routing_names_of(sections, others)
    for path, rule in each_of(sections, Rule):
        check_rule(path, rule, names, problems)
    for path, reason in each_of(sections, Reason):
        _reason(path, reason, names, problems)
    for path, case_type in each_of(sections, CaseType):
        names.code((*path, "type"), "type", case_type.type, names.types, problems)
    _branches(sections, others, problems)
    check_lifecycle(sections, names, problems)


def _reason(path: KeyPath, reason: Reason, names: RoutingNames, problems: Problems) -> None:
    """What one's own table names must exist; the teams of built-in codes need not."""
    others = names.others
    if reason.team != BRANCH_MANAGER:
        known = [*others.teams, BRANCH_MANAGER]
        others.one((*path, "team"), "team", reason.team or None, known, problems)
    others.one((*path, "queue"), "queue", reason.queue or None, others.queues, problems)
    names.code((*path, "type"), "type", reason.type, names.types, problems)
    names.code((*path, "case_type"), "case type", reason.case_type, names.case_types, problems)


def _branches(sections: Sections, names: Names, problems: Problems) -> None:
    """Customers exist and have one branch each; managers can be given tickets."""
    taken: dict[tuple[str, str], KeyPath] = {}
    for path, branch in each_of(sections, Branch):
        if branch.manager is not None:
            names.agent((*path, "manager"), branch.manager, problems)
        for i, customer in enumerate(branch.customers):
            names.customer((*path, "customers", i), customer, problems)
        for key in ("customers", "domains"):
            for i, value in enumerate(getattr(branch, key)):
                at: KeyPath = (*path, key, i)
                other = taken.setdefault((key, value.lower()), at)
                if other[:2] != path:
                    where = problems.seen_from(at, other)
                    problems.add(at, f"{value} belongs to the branch of {where}; a customer has one branch")
