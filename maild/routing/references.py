"""Finds in a mail the orders, serial numbers and products that it names, by configured regular expressions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from maild.routing.facts import Reference
from maild.routing.patterns import found_all

_MOST = 10  # references of one mail: what it lists beyond is a list, not its subject
_LONGEST = 80  # characters of a key


@dataclass(frozen=True, slots=True, kw_only=True)
class Finder:
    """What a sort of reference looks like."""

    sort: str  # "order", "serial", "product"
    patterns: tuple[str, ...]  # see `maild.routing.patterns`; the first group is the key, if there is one
    name: str = ""  # of the directory, or of whatever the patterns were written for


def find_references(subject: str, text: str, finders: Sequence[Finder]) -> tuple[Reference, ...]:
    """What a mail names, in the order of appearance, subject first; each once, at most ten; nobody was asked yet.

    Keys are in upper case, with spaces and dashes as they were written. What two finders of one sort find counts
    for the first of them.
    """
    found: dict[tuple[str, str], Reference] = {}
    for part in (subject, text):
        for finder, key in _in_order(part, finders):
            found.setdefault((finder.sort, key), Reference(sort=finder.sort, key=key, directory=finder.name))
    return tuple(found.values())[:_MOST]


def _in_order(part: str, finders: Sequence[Finder]) -> Iterator[tuple[Finder, str]]:
    hits = [
        (part.find(hit), at, finder, key)
        for at, finder in enumerate(finders)
        for pattern in finder.patterns
        for key, hit in _keys(pattern, part)
    ]
    for _, _, finder, key in sorted(hits, key=lambda each: each[:2]):
        yield finder, key


def _keys(pattern: str, part: str) -> Iterator[tuple[str, str]]:
    """The first few keys, each as it is kept and as it was written; a mail that is full of them costs no more."""
    keys: dict[str, str] = {}
    for hit in found_all(pattern, part):
        if len(keys) == _MOST:
            break
        if 0 < len(key := hit.strip().upper()) <= _LONGEST:
            keys.setdefault(key, hit)
    yield from keys.items()
