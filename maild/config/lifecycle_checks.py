"""Checks of how tickets end: names that must exist, codes that agents could not tell apart."""

from __future__ import annotations

from maild.config.level_names import Sections, each_of
from maild.config.lifecycle_tables import Lifecycle, Requirement, Resolution
from maild.config.lines import KeyPath
from maild.config.problems import Problems
from maild.config.routing_names import RoutingNames
from maild.tickets.lifecycle import Status
from maild.tickets.resolutions import BUILT_IN, bare


def check_lifecycle(sections: Sections, names: RoutingNames, problems: Problems) -> None:
    """Note every fault; paths are absolute."""
    for path, lifecycle in each_of(sections, Lifecycle):
        for to, fields in lifecycle.requires.items():
            _never((*path, "requires", to), to, fields, problems)
    for path, requirement in each_of(sections, Requirement):
        _never((*path, "fields"), requirement.to, requirement.fields, problems)
        for i, queue in enumerate(requirement.queues):
            names.others.one((*path, "queues", i), "queue", queue, names.others.queues, problems)
        for i, name in enumerate(requirement.types):
            names.code((*path, "types", i), "type", name, names.types, problems)
        for i, name in enumerate(requirement.case_types):
            names.code((*path, "case_types", i), "case type", name, names.case_types, problems)
    _codes(sections, problems)


def _never(path: KeyPath, to: str, fields: tuple[str, ...], problems: Problems) -> None:
    """A field that is empty in every ticket with this status."""
    if "hold_reason" in fields and to != Status.ON_HOLD:
        problems.add(path, f"a ticket that is {to} waits for nothing, so it has no hold_reason; leave it out")


def _codes(sections: Sections, problems: Problems) -> None:
    """Agents write codes freely: no-answer is no_answer."""
    built_in = {bare(each.code): each.code for each in BUILT_IN}
    first: dict[str, KeyPath] = {}
    for path, resolution in each_of(sections, Resolution):
        code, at = bare(resolution.code), (*path, "code")
        if resolution.code != built_in.get(code, resolution.code):
            problems.add(at, f"agents cannot tell it from the built-in code {built_in[code]}; write {built_in[code]}")
        other = first.setdefault(code, path)
        if other != path:
            where = problems.seen_from(path, (*other, "code"))
            problems.add(at, f"agents cannot tell it from the code in {where}; give each resolution its own")
