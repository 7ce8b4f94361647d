"""Reads iCalendar text (RFC 5545) as properties in components: within limits, linear, never failing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

SIZE_LIMIT = 512 * 1024  # characters
LINES_LIMIT = 10_000
DEPTH_LIMIT = 10

_FOLD = re.compile(r"\r?\n[ \t]")
_PARAMETER = re.compile(r';([A-Za-z0-9-]{1,60})=((?:"[^"]*"|[^";:])*)')
_NAME = re.compile(r"[A-Za-z0-9-]{1,60}")
_ESCAPED = re.compile(r"\\([\\;,nN:])")


class Property(NamedTuple):
    """One content line."""

    parameters: dict[str, str]  # by name in upper case, quotes taken off
    value: str  # as written


@dataclass(slots=True)
class Component:
    """What stands between BEGIN and END."""

    name: str  # in upper case
    properties: dict[str, list[Property]] = field(default_factory=dict)  # by name in upper case
    children: list[Component] = field(default_factory=list)

    def first(self, name: str) -> Property | None:
        """The first property of that name."""
        return next(iter(self.properties.get(name, ())), None)

    def text(self, name: str) -> str:
        """The first value of that name with its escapes undone (RFC 5545 §3.3.11)."""
        found = self.first(name)
        if found is None:
            return ""
        return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], found.value).strip()

    def named(self, name: str) -> list[Component]:
        """The children of that name."""
        return [child for child in self.children if child.name == name]


def read_ical(text: str) -> Component:
    """The first VCALENDAR; empty when there is none. What is beyond a limit is not read."""
    root = Component("")
    stack = [root]
    for name, found in _lines(text):
        if name == "BEGIN":
            child = Component(found.value.strip().upper())
            if len(stack) <= DEPTH_LIMIT:
                stack[-1].children.append(child)
            stack.append(child)
        elif name == "END":
            if len(stack) > 1:
                stack.pop()
        else:
            stack[-1].properties.setdefault(name, []).append(found)
    return next(iter(root.named("VCALENDAR")), Component("VCALENDAR"))


def _lines(text: str) -> Iterator[tuple[str, Property]]:
    """Content lines, unfolded, with names in upper case (RFC 5545 §3.1); what is none is left out."""
    for line in _FOLD.sub("", text[:SIZE_LIMIT]).split("\n", LINES_LIMIT)[:LINES_LIMIT]:
        name = _NAME.match(line)
        if name is None:
            continue
        parameters: dict[str, str] = {}
        at = name.end()
        while (parameter := _PARAMETER.match(line, at)) is not None:
            parameters.setdefault(parameter[1].upper(), parameter[2].strip().replace('"', ""))
            at = parameter.end()
        if line[at : at + 1] == ":":
            yield name.group().upper(), Property(parameters, line[at + 1 :].strip("\r"))
