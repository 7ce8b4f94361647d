"""Reads a configuration file and those that it includes into one set of tables.

An included file holds tables of which there may be any number, such as [[rule]]; they come after those of
the main file, in the order of `include`, and of the names that a pattern finds.
"""

from __future__ import annotations

import glob
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from maild.config.faults import nearest
from maild.config.lines import KeyPath, Lines
from maild.config.places import Place, Places
from maild.config.problems import Problems
from maild.config.tables import TABLES
from maild.errors import ConfigError

_LIKE = 'write it like include = ["rules/*.toml"]'


class _Unreadable(Exception):
    """A file that is no TOML: the line, what is wrong, and what would be right."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


def read_files(path: Path) -> tuple[dict[str, Any], Problems]:
    """The tables of all files as they are written, and where their faults are collected.

    Raises ConfigError when the main file cannot be read.
    """
    try:
        text, data = _read(path)
    except FileNotFoundError as error:
        raise ConfigError([f"{path}:1: cannot be read: {error.strerror}; `maild init` writes one"]) from None
    except _Unreadable as error:
        raise ConfigError([f"{path}:{error.line}: {error}"]) from None
    problems = Problems(Places(path, Lines(text)))
    for file in _included(path, data.pop("include", []), problems):
        _add(file, data, problems)
    return data, problems


def places_of(path: Path) -> Places:
    """Where everything stands, even if it is faulty. Raises ConfigError when the main file cannot be read."""
    return read_files(path)[1].places


def files_of(path: Path) -> tuple[Path, ...]:
    """The main file and those that it includes, in the order they are read, even if one is faulty.

    Raises ConfigError when the main file cannot be read.
    """
    return places_of(path).files


def _add(file: Path, data: dict[str, Any], problems: Problems) -> None:
    """Append the tables of an included file; its own faults are noted."""
    places = problems.places
    try:
        text, tables = _read(file)
    except (_Unreadable, FileNotFoundError) as error:
        problems.incomplete = True
        line, told = (error.line, str(error)) if isinstance(error, _Unreadable) else (1, "has gone; try again")
        problems.add_at(Place(places.add_file(file, Lines("")), line), (), told)
        return
    number = places.add_file(file, Lines(text))
    for name, value in tables.items():
        wrong = _wrong_in_included(name, value, places.files[0])
        if wrong:
            problems.add_at(places.within(number, (name,)), (name,), wrong)
            continue
        above = data.setdefault(name, [])
        if not isinstance(above, list):
            continue  # the main file's own fault, told of it
        for i, table in enumerate(value):
            places.add_table((name, len(above)), number, (name, i))
            above.append(table)


def _wrong_in_included(name: str, value: object, main: Path) -> str:
    """What is wrong with a table that stands in an included file; "" when nothing is."""
    several = [f"[[{each}]]" for each, (_, many) in TABLES.items() if many]
    if name == "include":
        return f"an included file cannot include others; name them in {main}"
    if name not in TABLES:
        near = nearest(name, TABLES)
        hint = f"did you mean {f'[[{near}]]' if TABLES[near][1] else f'[{near}]'}?" if near else ""
        return f"there is no such table; {hint or 'here can be ' + ', '.join(several)}"
    if not TABLES[name][1]:
        return f"there is one [{name}] only, and it stands in {main}; move its keys there"
    if not isinstance(value, list):
        return f"wrong kind of table; write [[{name}]], with two brackets, for each"
    return ""


def _included(path: Path, value: object, problems: Problems) -> Iterator[Path]:
    """The files that `include` names, each once; what is wrong with it is noted."""
    patterns = [value] if isinstance(value, str) else value
    if not isinstance(patterns, list):
        problems.add(("include",), f"wrong type; {_LIKE}")
        return
    seen = {os.path.realpath(path)}  # unlike Path.resolve it bears links that lead in a circle
    for i, pattern in enumerate(patterns):
        at: KeyPath = ("include", i)
        if not isinstance(pattern, str) or not pattern.strip() or not pattern.isprintable():
            problems.add(at, f"this is no path; {_LIKE}")
            continue
        closed = _closed_folder(path, pattern)
        if closed:
            problems.incomplete = True
            problems.add(at, closed)
        names = sorted(glob.glob(pattern, root_dir=path.parent, recursive=True))  # noqa: PTH207  # may be absolute
        if not names and not glob.has_magic(pattern):
            problems.incomplete = True
            problems.add(at, f"there is no file {pattern}{_or_nearest(path, pattern)}")
        elif not glob.has_magic(pattern) and os.path.realpath(path.parent / pattern) == os.path.realpath(path):
            problems.add(at, f"{pattern} is this file itself; leave it out")
        for name in names:
            file = path.parent / name
            if (real := os.path.realpath(file)) not in seen:
                seen.add(real)
                yield file


def _closed_folder(path: Path, pattern: str) -> str:
    """What is wrong with the folder of a pattern that is there; else a pattern would find nothing, and say nothing."""
    folder = path.parent / pattern
    while glob.has_magic(str(folder)) and not glob.has_magic(str(path.parent)):
        folder = folder.parent
    if folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK):
        return f"cannot read the folder {folder}: Permission denied; maild's user must be able to"
    return ""


def _or_nearest(path: Path, pattern: str) -> str:
    folder = Path(pattern).parent
    there = [str(folder / file.name) for file in (path.parent / folder).glob("*.toml")]
    near = nearest(pattern, there)
    return f"; did you mean {near}?" if near else "; a path is relative to this file"


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    """A file's text and its tables. Raises _Unreadable, and FileNotFoundError as it is."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _Unreadable(
            1, f"cannot be read: {error.strerror}; it must be a file that maild's user may read"
        ) from None
    try:
        text = raw.decode("utf-8-sig")  # editors of Windows begin a file with a byte-order mark
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _Unreadable(line, "is not UTF-8; save the file as UTF-8") from None
    return text, _parse(text)


def _parse(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise _Unreadable(1, "is nested too deep to be read; write it with fewer brackets in brackets") from None
    except tomllib.TOMLDecodeError as error:
        what, _, where = str(error).partition(" (at ")
        found = re.match(r"line (\d+), column (\d+)", where)
        line = int(found[1]) if found else text.rstrip().count("\n") + 1
        column = f" (column {found[2]})" if found else ""
        hint = "text needs quotes, a table is [name], a comment begins with #"
        raise _Unreadable(line, f"is not valid TOML{column}: {what.lower()}; {hint}") from None
