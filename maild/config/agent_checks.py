"""Checks of agents: whether the tickets that they are for can exist."""

from __future__ import annotations

import importlib.util

from maild.config.faults import nearest
from maild.config.level_names import Names, Sections, each_of
from maild.config.model import Agent
from maild.config.problems import Problems
from maild.config.routing_names import routing_names_of


def check_agents(sections: Sections, names: Names, problems: Problems) -> None:
    """Note every fault; paths are absolute."""
    routing = routing_names_of(sections, names)
    types = {*routing.types, *routing.case_types}
    known = {*names.customers, *names.groups}
    for path, agent in each_of(sections, Agent):
        names.one((*path, "shift"), "calendar", agent.shift, names.calendars, problems)
        for i, customer in enumerate(agent.customers):
            names.one((*path, "customers", i), "organisation or group of them", customer, known, problems)
        for i, word in enumerate(agent.types):
            # A type may be any word; only one that looks like another is a slip of the pen.
            near = None if word in types else nearest(word, types)
            if near:
                problems.add((*path, "types", i), f"there is no type {word!r}; did you mean {near}?")
        if agent.languages and importlib.util.find_spec("py3langid") is None:
            text = "there is no module py3langid, so no ticket has a language; install maild[lang], or leave this out"
            problems.add((*path, "languages"), text)
