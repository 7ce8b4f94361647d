"""Reads the configuration file: TOML in, a checked `Config` out, or every fault at once.

    read the files -> secrets -> each table by itself -> absolute paths -> what must fit together

Each table is checked by itself, and one with a faulty key is checked further with that key's default
in its place, so that a fault in one key hides no fault in another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from maild.config.calendar_checks import check_calendars
from maild.config.checks import check_names, check_together
from maild.config.faults import describe, inner_table, nearest
from maild.config.files import read_files
from maild.config.lines import KeyPath
from maild.config.model import Config, Desk, Queue
from maild.config.paths import absolute, make_absolute
from maild.config.problems import Problems
from maild.config.routing_tables import Rule
from maild.config.secret import resolve_secrets
from maild.config.section import Section, keys_of
from maild.config.tables import TABLES
from maild.sla.calendar import Calendar

# For keys without a default, while the other keys are checked. Never seen outside.
_STAND_INS = {
    "address": "missing@missing.invalid",
    "code": "missing",
    "addresses": ["missing@missing.invalid"],
    "domains": ["missing.invalid"],
    "fields": ["assignee"],
    "of": "orders",
    "query": "SELECT 1",
    "url": "https://missing.invalid/{key}",
    "host": "localhost",
    "hours": {},
    "name": "missing",
    "permissions": ["service.read"],
    "provider": "microsoft",
    "timezone": "UTC",
    "to": "closed",
    "username": "missing",
}

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LAYOUT = {ord(c): None for c in "\t\r\n"}


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """The configuration with its secrets read and its paths absolute.

    Raises ConfigError with one line for every fault: `FILE:LINE: table.key: what is wrong; what
    would be right`.
    """
    data, problems = read_files(path)
    resolve_secrets(data, environ, problems)
    _check_strings((), data, problems)
    sections = _sections(data, problems, TABLES)
    folder = absolute(cast("Desk", sections["desk",]).data, problems.places.folder(("desk",)))
    sections = {at: make_absolute(each, problems.places.folder(at), folder) for at, each in sections.items()}
    if not problems.incomplete:  # or each name that stands in a file that cannot be read would be a fault
        check_together(sections, problems)
    problems.stop()
    return _join({at: _standing(section, at, problems) for at, section in sections.items()})


def _standing(section: Section, at: KeyPath, problems: Problems) -> Section:
    """A rule knows its place, for what is told of it later."""
    return section.standing_at(problems.where(at)) if isinstance(section, Rule) else section


def load_calendars(path: Path) -> dict[str, Calendar]:
    """The calendars of a file by name, 24x7 among them; nothing else in the file is looked at.

    Raises ConfigError as `load` does.
    """
    data, problems = read_files(path)
    data = {"calendar": data.get("calendar", [])}
    _check_strings((), data, problems)
    sections = _sections(data, problems, {"calendar": TABLES["calendar"]})
    check_names(sections, problems)
    sound = check_calendars(sections, problems)
    problems.stop()
    return sound


def _join(sections: Mapping[KeyPath, Section]) -> Config:
    """The checked tables as one value; without any queue there is one for the desk's address."""
    values: dict[str, Any] = {}
    for (name, *index), section in sections.items():
        if index:
            values.setdefault(str(name), []).append(section)
        else:
            values[str(name)] = section
    if "queue" not in values:
        values["queue"] = [Queue(name="support", addresses=(values["desk"].address,))]
    return Config.model_validate(values)


def _check_strings(path: KeyPath, value: object, problems: Problems) -> None:
    """Refuse empty texts, and control characters, which could begin a header or log line of their own."""
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in pairs:
            _check_strings((*path, key), inner, problems)
    elif isinstance(value, str) and not value.strip() and not _is_expected(path):
        problems.add(path, "is empty; leave the key out to get its default")
    elif isinstance(value, str) and _CONTROL.search(value.translate(_LAYOUT) if _is_mail(path) else value):
        problems.add(path, "holds a control character or a line break; write it in one line")


def _is_mail(path: KeyPath) -> bool:
    """Whether this is the mail of a rule's test, which may be written out."""
    return path[:1] == ("rule",) and "test" in path and path[-1] == "mail"


def _is_expected(path: KeyPath) -> bool:
    """Whether a rule's test says here what comes of its mail, which may be nothing."""
    return path[:1] == ("rule",) and "test" in path and "expect" in path


def _sections(
    data: dict[str, Any], problems: Problems, tables: Mapping[str, tuple[type[Section], bool]]
) -> dict[KeyPath, Section]:
    """Every table as its model; where it is faulty, with stand-ins that let the check go on."""
    kinds = {name: kind for name, (kind, _) in tables.items()}
    found: dict[KeyPath, Section] = {}
    for name in data.keys() - kinds.keys():
        near = nearest(name, kinds)
        hint = f"did you mean [{near}]?" if near else f"the tables are {', '.join(kinds)}"
        problems.add((name,), f"there is no such table; {hint}")
    for name, (kind, many) in tables.items():
        value = data.get(name, [] if many else {})
        if many and isinstance(value, list):
            each: list[tuple[KeyPath, object]] = [((name, i), table) for i, table in enumerate(value)]
        else:
            each = [((name,), value)]
            if many or not isinstance(value, dict):
                right = f"[[{name}]], with two brackets, for each" if many else f"[{name}] above its keys"
                problems.add((name,), f"wrong kind of table; write {right}")
                each = [] if many else [((name,), {})]
        for path, table in each:
            if isinstance(table, dict):
                found[path] = _section(path, kind, table, problems)
            else:
                problems.add(path, f"wrong type; write [[{name}]] with keys below it")
    return found


def _section(path: KeyPath, kind: type[Section], table: dict[str, Any], problems: Problems) -> Section:
    try:
        return kind.model_validate(table)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False)
    for fault in faults:
        # "[key]" is pydantic's way to say that the key itself is what is wrong, not its value
        loc = tuple(key for key in fault["loc"] if key != "[key]")
        problems.add((*path, *loc), describe(fault, kind, TABLES))
    sound = deepcopy(table)
    for fault in faults:
        _leave_out(fault["loc"], sound, kind)
    needed = {name for name, field in keys_of(kind).items() if field.is_required()}
    return kind.model_validate(sound | {key: _STAND_INS[key] for key in needed - sound.keys()})


def _leave_out(loc: Sequence[int | str], table: dict[str, Any], kind: type[Section]) -> None:
    """Take the faulty key out, of a table inside this one if it is there and can be without."""
    key, rest = str(loc[0]), loc[1:]
    field = keys_of(kind).get(key)
    inner = inner_table(field) if field else None
    value = table.get(key)
    if inner is not None and rest and isinstance(rest[0], int):  # one of several, or the only one, written alone
        value = value[rest[0]] if isinstance(value, list) and rest[0] < len(value) else value
        rest = rest[1:]
    if inner is not None and rest and isinstance(value, dict):
        field = keys_of(inner).get(str(rest[0]))
        if field is None or not field.is_required():
            _leave_out(rest, value, inner)
            return
    table.pop(key, None)
