"""The built-in catalogue, and how an own one is laid over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import TypeVar

from maild.routing.built_in_reasons import BUILT_IN_REASONS
from maild.routing.built_in_types import BUILT_IN_CASE_TYPES, BUILT_IN_PRIORITIES, BUILT_IN_TYPES
from maild.routing.catalogue import Catalogue, Priorities, Reason, Sort

_Entry = TypeVar("_Entry", Reason, Sort)


def built_in_catalogue() -> Catalogue:
    """What a desk has that has configured nothing."""
    return Catalogue(
        reasons=BUILT_IN_REASONS,
        types=BUILT_IN_TYPES,
        case_types=BUILT_IN_CASE_TYPES,
        priorities=BUILT_IN_PRIORITIES,
    )


def merged(own: Catalogue, built_in: Catalogue) -> Catalogue:
    """One's own entries first, as they are written, then the built-in ones that they do not name.

    An own entry with a built-in code replaces that one key by key: what it leaves empty stays. Labels and
    keywords are keys by language as well: own keywords in German leave the built-in ones in French. So are the
    tables of priorities. The headers are one's own.
    """
    return Catalogue(
        reasons=_laid_over(own.reasons, built_in.reasons, lambda reason: reason.code),
        types=_laid_over(own.types, built_in.types, lambda sort: sort.name),
        case_types=_laid_over(own.case_types, built_in.case_types, lambda sort: sort.name),
        priorities=_priorities(own.priorities, built_in.priorities),
        reason_header=own.reason_header,
        type_header=own.type_header,
    )


def _laid_over(own: Sequence[_Entry], built_in: Sequence[_Entry], name: Callable[[_Entry], str]) -> tuple[_Entry, ...]:
    merged_entries = {name(entry): entry for entry in own}
    for entry in built_in:
        mine = merged_entries.get(name(entry))
        merged_entries[name(entry)] = _over(mine, entry) if mine else entry
    return tuple(merged_entries.values())


def _over(entry: _Entry, beneath: _Entry) -> _Entry:
    """Key by key: what is not empty stands above; a mapping by language is laid over the other one."""
    changes: dict[str, object] = {}
    for field in fields(entry):
        mine, other = getattr(entry, field.name), getattr(beneath, field.name)
        if isinstance(mine, Mapping) and isinstance(other, Mapping):
            changes[field.name] = {**other, **mine}
        elif not mine:
            changes[field.name] = other
    return replace(entry, **changes)  # type: ignore[arg-type]  # each value comes from the field of its name


def _priorities(own: Priorities, built_in: Priorities) -> Priorities:
    return Priorities(
        default=own.default,
        keywords=own.keywords or built_in.keywords,
        importance={**built_in.importance, **own.importance},
        urgency=own.urgency or built_in.urgency,
        impact=own.impact or built_in.impact,
        matrix={
            level: {**built_in.matrix.get(level, {}), **own.matrix.get(level, {})}
            for level in {**built_in.matrix, **own.matrix}
        },
    )
