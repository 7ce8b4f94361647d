"""Compares two configurations, and tells in sentences what is different."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from difflib import SequenceMatcher

from pydantic import SecretStr

from maild.config.model import Config
from maild.config.section import Section
from maild.config.values import write_duration

_CALLED_BY = ("name", "code", "address", "listen")  # the keys that tell one entry of a [[table]] from another
# No secrets by their types, but they may hold one.
_NOT_SHOWN = frozenset({"token_command", "webhook", "url", "headers"})
_LONGEST = 60  # characters of a value; longer ones are only said to be changed


def what_changed(old: Config, new: Config) -> list[str]:
    """One sentence for every difference, in the order of the tables; [] when there is none.

    `rule refunds: then.queue is billing, was support`, `rule x is new`, `rule y is gone`, `rules a and b
    changed places`, `send.host is b, was a`. A secret is never shown, only that it changed.
    """
    lines: list[str] = []
    for table in type(new).model_fields:
        before, after = getattr(old, table), getattr(new, table)
        if isinstance(after, tuple):
            lines += _entries(table, before, after)
        else:
            lines += [f"{table}.{line}" for line in _keys(before, after)]
    return lines


def _entries(table: str, before: Sequence[Section], after: Sequence[Section]) -> Iterator[str]:
    """What is different in all entries of one [[table]]."""
    old, new = _called(before), _called(after)
    word = table.replace("_", " ")
    yield from (f"{word} {name} is gone" for name in old if name not in new)
    for name, entry in new.items():
        if name not in old:
            yield f"{word} {name} is new"
        else:
            yield from (f"{word} {name}: {line}" for line in _keys(old[name], entry))
    yield from _moves(word, [name for name in old if name in new], [name for name in new if name in old])


def _called(entries: Sequence[Section]) -> dict[str, Section]:
    """Entries by name; by their place when they have none, and further ones of a name with their number."""
    found: dict[str, Section] = {}
    for place, entry in enumerate(entries, 1):
        named = next((str(getattr(entry, key)) for key in _CALLED_BY if getattr(entry, key, None)), f"{place}")
        times = 1
        name = named
        while name in found:
            times += 1
            name = f"{named} ({times})"
        found[name] = entry
    return found


def _moves(word: str, before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """Which of the entries that are in both stand elsewhere among them."""
    other = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    if len(other) == 2 and other[0] == other[1][::-1]:
        yield f"{_many(word)} {other[0][0]} and {other[0][1]} changed places"
        return
    blocks = SequenceMatcher(a=before, b=after, autojunk=False).get_matching_blocks()
    stayed = {name for block in blocks for name in before[block.a : block.a + block.size]}
    for place, name in enumerate(after):
        if name not in stayed:
            yield f"{word} {name} moved: it stands {f'after {after[place - 1]}' if place else 'first'} now"


def _many(word: str) -> str:
    if word.endswith("y"):
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("ch", "x")) else f"{word}s"


def _keys(before: object, after: object, path: str = "") -> Iterator[str]:
    """What is different in one table, and in the tables inside it."""
    old, new = _inside(before), _inside(after)
    for key in [*new, *(key for key in old if key not in new)]:
        name, was, now = f"{path}{key}", old.get(key), new.get(key)
        if was == now or (_is_empty(was) and _is_empty(now)):
            continue
        tables = isinstance(was, Section | Mapping | None) and isinstance(now, Section | Mapping | None)
        if tables and key not in _NOT_SHOWN:
            yield from _keys(was, now, f"{name}.")
        else:
            yield f"{name} {_change(key, was, now)}"


def _inside(value: object) -> Mapping[str, object]:
    if isinstance(value, Section):
        return {field.alias or key: getattr(value, key) for key, field in type(value).model_fields.items()}
    return value if isinstance(value, Mapping) else {}


def _is_empty(value: object) -> bool:
    return value is None or value in ((), "", {})


def _change(key: str, was: object, now: object) -> str:
    shown = [_shown(was), _shown(now)]
    if key in _NOT_SHOWN or None in shown or shown[0] == shown[1]:
        return "changed"
    return f"is {shown[1]}, was {shown[0]}"


def _shown(value: object) -> str | None:
    """A value as people write it; None when it is a secret, or too long, or a table."""
    if _is_empty(value):
        return "not set"
    if isinstance(value, tuple | list | frozenset | set):
        each = [_shown(item) for item in (sorted(value) if isinstance(value, frozenset | set) else value)]
        text = None if None in each else ", ".join(map(str, each))
    elif isinstance(value, SecretStr | Section | Mapping):
        return None
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, timedelta):
        text = write_duration(value)
    else:
        text = str(value)
    return text if text is not None and len(text) <= _LONGEST else None
