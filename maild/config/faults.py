"""Says what pydantic found in words for the person who wrote the file."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, get_args

from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from maild.config.section import Section
from maild.config.values import write_duration

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


def describe(error: ErrorDetails, section: type[Section], others: Iterable[type[Section]]) -> str:
    """One error as "what is wrong; what would be right". The value is never repeated: it may be secret.

    (The value types of `values.py` do repeat theirs, which are addresses, sizes and durations.)
    """
    kind, ctx = error["type"], error.get("ctx", {})
    section, key = _place(section, error["loc"])
    if kind == "missing":
        return f"is missing; {section.model_fields[key].description}"
    if kind == "extra_forbidden":
        return unknown_key(key, section, others)
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
    """The table that a key holds; None when it holds a value."""
    kinds = get_args(field.annotation) or (field.annotation,)
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Section)), None)


def _place(section: type[Section], loc: Sequence[int | str]) -> tuple[type[Section], str]:
    """The table that a fault is in, perhaps one inside the section, and its key."""
    *above, _ = loc or ("",)
    for depth, key in enumerate(above):
        field = section.model_fields.get(str(key))
        inner = inner_table(field) if field else None
        if inner is None:
            return section, str(loc[depth])
        section = inner
    return section, str(loc[-1]) if loc else ""


def unknown_key(key: str, section: type[Section], others: Iterable[type[Section]]) -> str:
    """The nearest key of this table, else the table that has this key, else all keys of this one."""
    near = nearest(key, section.model_fields)
    if near:
        return f"there is no such key; did you mean {near}?"
    homes = [f"[{other.__name__.lower()}]" for other in others if key in other.model_fields]
    if homes:
        return f"there is no such key here; it belongs to {' or '.join(homes)}"
    return f"there is no such key; this table has {', '.join(section.model_fields)}"


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The most similar of the words, if any is similar enough to be meant."""
    folded = {known.casefold(): known for known in words}
    found = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def _plain(bound: Any) -> str:
    return write_duration(bound) if isinstance(bound, timedelta) else str(bound)
