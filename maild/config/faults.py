"""Says what pydantic found in words for the person who wrote the file."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, get_args

from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from maild.config.section import Section, keys_of
from maild.config.values import write_duration

Tables = Mapping[str, tuple[type[Section], bool]]  # as `tables.TABLES`

# Beginnings of pydantic's names for a wrong type, and what would be right.
_WANTED = {
    "bool": "true or false, without quotes",
    "int": "a whole number, such as 10, without quotes",
    "string": 'text in quotes, such as "text"',
    "path": 'a path in quotes, such as "folder/file"',
    "tuple": 'a list in brackets, such as ["one", "two"]',
    "model": "a table: its name in brackets, with keys below it",
    "dict": 'a table of words, such as { on_hold = "waiting" }',
}


def describe(error: ErrorDetails, section: type[Section], tables: Tables) -> str:
    """One error as "what is wrong; what would be right". The value is never repeated: it may be secret.

    (The value types of `values.py` do repeat theirs, which are addresses, sizes and durations.)
    """
    kind, ctx = error["type"], error.get("ctx", {})
    inner, key = _place(section, error["loc"])
    if kind == "missing":
        return f"is missing; {keys_of(inner)[key].description}"
    if kind == "extra_forbidden":
        return unknown_key(key, inner, section, tables)
    if kind == "value_error":
        return str(ctx["error"])
    if kind == "literal_error":
        return f"unknown word; it can be {ctx['expected']}"
    for name, how in (("greater_than_equal", "at least"), ("less_than_equal", "at most")):
        if kind == name:
            return f"out of range; it must be {how} {_plain(next(iter(ctx.values())))}"
    if kind == "too_short":
        return "the list is empty; give at least one"
    if kind == "string_too_long":
        return f"too long; at most {ctx['max_length']} characters"
    wanted = next((text for name, text in _WANTED.items() if kind.startswith(name)), None)
    return f"wrong type; it must be {wanted}" if wanted else error["msg"]


def inner_table(field: FieldInfo) -> type[Section] | None:
    """The table, or the sort of tables, that a key holds; None when it holds a value."""
    kinds = get_args(field.annotation) or (field.annotation,)
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Section)), None)


def _place(section: type[Section], loc: Sequence[int | str]) -> tuple[type[Section], str]:
    """The table that a fault is in, perhaps one far inside the section, and its key."""
    *above, last = loc or ("",)
    for key in above:
        if isinstance(key, int):
            continue  # one of several
        field = keys_of(section).get(key)
        inner = inner_table(field) if field else None
        if inner is None:
            return section, key
        section = inner
    return section, str(last)


def unknown_key(key: str, kind: type[Section], top: type[Section], tables: Tables) -> str:
    """The nearest key of this table, else the tables that have this key, else all keys of this one.

    `top` is the table of the file that this one is in, or is itself; its other inner tables are looked at first.
    """
    if key == "include":
        return "there is no such key here; it stands at the top of the main file, above all tables"
    near = nearest(key, keys_of(kind))
    if near:
        return f"there is no such key; did you mean {near}?"
    inside = {name: inner for name, field in keys_of(top).items() if (inner := inner_table(field))}
    homes = [name for name, inner in inside.items() if inner is not kind and key in keys_of(inner)]
    if kind is not top and key in keys_of(top):
        homes.insert(0, "the table around it")
    if not homes:
        homes = [f"[{name}]" for name, (other, _) in tables.items() if key in keys_of(other)]
    if homes:
        return f"there is no such key here; it belongs to {' or '.join(homes)}"
    return f"there is no such key; this table has {', '.join(keys_of(kind))}"


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The most similar of the words, if any is similar enough to be meant."""
    folded = {known.casefold(): known for known in words}
    found = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def _plain(bound: Any) -> str:
    return write_duration(bound) if isinstance(bound, timedelta) else str(bound)
