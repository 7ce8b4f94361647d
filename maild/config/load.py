"""Reads the configuration file: TOML in, a checked `Config` out, or every fault at once.

    read the text -> TOML -> secrets -> each table by itself -> what must fit together -> absolute paths

Each table is checked by itself, and one with a faulty key is checked further with that key's default
in its place, so that a fault in one key hides no fault in another.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, cast, get_args

from pydantic import ValidationError

from maild.config.calendar_checks import check_calendars
from maild.config.checks import check_names, check_together
from maild.config.faults import describe, inner_table, nearest
from maild.config.lines import KeyPath, Lines
from maild.config.model import Config, Desk, Queue
from maild.config.paths import absolute, make_absolute
from maild.config.problems import Problems
from maild.config.secret import resolve_secrets
from maild.config.section import Section
from maild.errors import ConfigError
from maild.sla.calendar import Calendar

# For keys without a default, while the other keys are checked. Never seen outside.
_STAND_INS = {
    "address": "missing@missing.invalid",
    "addresses": ["missing@missing.invalid"],
    "domains": ["missing.invalid"],
    "host": "localhost",
    "hours": {},
    "name": "missing",
    "timezone": "UTC",
    "username": "missing",
}


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """The configuration with its secrets read and its paths absolute.

    Raises ConfigError with one line for every fault: `FILE:LINE: table.key: what is wrong; what
    would be right`.
    """
    data, problems = _tables_of(path)
    base = path.absolute().parent
    resolve_secrets(data, base, environ, problems)
    _check_strings((), data, problems)
    sections = _sections(data, problems, TABLES)
    folder = absolute(cast("Desk", sections["desk",]).data, base)
    sections = {at: make_absolute(section, base, folder) for at, section in sections.items()}
    check_together(sections, problems)
    problems.stop()
    return _join(sections)


def load_calendars(path: Path) -> dict[str, Calendar]:
    """The calendars of a file by name, 24x7 among them; nothing else in the file is looked at.

    Raises ConfigError as `load` does.
    """
    data, problems = _tables_of(path)
    data = {"calendar": data.get("calendar", [])}
    _check_strings((), data, problems)
    sections = _sections(data, problems, {"calendar": TABLES["calendar"]})
    check_names(sections, problems)
    sound = check_calendars(sections, problems)
    problems.stop()
    return sound


def _tables_of(path: Path) -> tuple[dict[str, Any], Problems]:
    """The tables as they are written, and where their faults are collected."""
    text = _read(path)
    return _parse(path, text), Problems(str(path), Lines(text))


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


def _read(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError([f"{path}:1: cannot be read: {error.strerror}; `maild init` writes one"]) from None
    try:
        return raw.decode("utf-8-sig")  # editors of Windows begin a file with a byte-order mark
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError([f"{path}:{line}: is not UTF-8; save the file as UTF-8"]) from None


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what, _, where = str(error).partition(" (at ")
        found = re.match(r"line (\d+), column (\d+)", where)
        line = int(found[1]) if found else text.rstrip().count("\n") + 1
        column = f" (column {found[2]})" if found else ""
        hint = "text needs quotes, a table is [name], a comment begins with #"
        raise ConfigError([f"{path}:{line}: is not valid TOML{column}: {what.lower()}; {hint}"]) from None


def _check_strings(path: KeyPath, value: object, problems: Problems) -> None:
    """Refuse empty texts, and control characters, which could begin a header or log line of their own."""
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in pairs:
            _check_strings((*path, key), inner, problems)
    elif isinstance(value, str) and not value.strip():
        problems.add(path, "is empty; leave the key out to get its default")
    elif isinstance(value, str) and re.search(r"[\x00-\x1f\x7f-\x9f]", value):
        problems.add(path, "holds a control character or a line break; write it in one line")


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
    others = [other for other, _ in TABLES.values()]
    for fault in faults:
        problems.add((*path, *fault["loc"]), describe(fault, kind, others))
    sound = deepcopy(table)
    for fault in faults:
        _leave_out(fault["loc"], sound, kind)
    needed = {name for name, field in kind.model_fields.items() if field.is_required()}
    return kind.model_validate(sound | {key: _STAND_INS[key] for key in needed - sound.keys()})


def _leave_out(loc: Sequence[int | str], table: dict[str, Any], kind: type[Section]) -> None:
    """Take the faulty key out, of a table inside this one if it is there and can be without."""
    key, *rest = map(str, loc)
    inner = inner_table(kind.model_fields[key]) if key in kind.model_fields else None
    if inner is not None and rest and key in table:
        field = inner.model_fields.get(rest[0])
        if field is None or not field.is_required():
            _leave_out(rest, table[key], inner)
            return
    table.pop(key, None)


def _tables() -> dict[str, tuple[type[Section], bool]]:
    """Name of each table -> its model, and whether it is written [[name]], any number of times."""
    tables = {}
    for name, field in Config.model_fields.items():
        inner = get_args(field.annotation)
        tables[name] = (inner[0] if inner else field.annotation, bool(inner))
    return tables  # type: ignore[return-value]  # every field of Config is a Section or a tuple of one


TABLES = _tables()
