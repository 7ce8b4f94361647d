"""What every source of a directory has in common: what it is asked, and the trouble it may be in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from maild.app.lookups import Entry, folded

KEY = "key"  # our name of what an entry is asked by
LARGEST = 5 << 20  # bytes of an answer
MOST_FACTS = 20  # of an entry
LONGEST = 10_000  # characters of a fact, which may be a list
LONGEST_KEY = 200
LATE = "it gave no whole answer within %g s"
Row = Mapping[str, Any]


class Trouble(Exception):  # it never leaves the room; it is the sentence that people read
    """Why a source gave no answer that can be used, in words for people; it holds no secret."""


class Away(Trouble):
    """Nobody answers, or nobody may ask: the next question would only wait as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How rows are read, and how much of them."""

    columns: Mapping[str, str] = field(default_factory=dict)  # our names -> theirs; none: theirs are ours
    key: str = KEY  # our name of the column that entries are asked by
    timeout: float = 2.0  # seconds for one answer, from the look-up of the name to the last byte
    largest: int = LARGEST


class Source(Protocol):
    """Where a directory's entries come from. Thread-safe."""

    by_key: bool  # whether it is asked about one key, or tells all it has

    def look(self, key: str) -> Entry | None:
        """Ask about one key; None: it has no such thing. Raises Trouble."""

    def all(self) -> Sequence[Entry]:
        """Everything it has. Raises Trouble."""

    def stamp(self) -> object:
        """Something that changes when the list does, and costs next to nothing; None when there is nothing such."""


def entry_of(row: Row, reading: Reading, where: str = "its answer") -> Entry:
    """A row by our names. Raises Trouble when it has no key."""
    columns = reading.columns or {name: name for name in row}
    key = plain(value_at(row, columns.get(reading.key, reading.key)))[:LONGEST_KEY]
    if not key:
        raise Trouble(f"{where} has no {columns.get(reading.key, reading.key)!r}, which is the key")
    facts: dict[str, str] = {}
    for name, theirs in columns.items():
        if len(facts) == MOST_FACTS:
            break
        # Without a mapping the names are theirs as well: shown to people and stored, as the values are.
        if name != reading.key and (text := plain(value_at(row, theirs))) and (ours := plain(name)[:LONGEST_KEY]):
            facts[ours] = text
    return Entry(key, facts)


def entry_about(key: str, rows: Sequence[Row], reading: Reading) -> Entry | None:
    """The entry of the key that was asked about; None without rows. Raises Trouble for one about anything else."""
    entries = [entry_of(row, reading) for row in rows]
    found = next((entry for entry in entries if same_key(entry.key, key)), None)
    if found is None and entries:
        raise Trouble(f"it was asked about {key!r} and answered about {entries[0].key!r}")
    return found


def same_key(one: str, other: str) -> bool:
    """Whether two ways of writing a key mean the same: case and outer blanks do not count."""
    return folded(one) == folded(other)


def value_at(row: Row, path: str, missing: Any = None) -> Any:
    """What stands in a row under a name, or under a dotted path; `missing` when there is no such place."""
    if path in row:
        return row[path]
    found: Any = row
    for step in path.split("."):
        if isinstance(found, Mapping):
            found = found.get(step, missing)
        elif isinstance(found, Sequence) and not isinstance(found, str) and step.isdigit() and int(step) < len(found):
            found = found[int(step)]
        elif found is None:  # nothing, said on the way there
            return None
        else:
            return missing
    return found


def plain(value: Any) -> str:
    """A value as one short line of text; lists are joined by "; ", what is no value is left out."""
    if isinstance(value, list | tuple):
        return "; ".join(text for item in value[:1000] if (text := plain(item)))[:LONGEST]
    if value is None or isinstance(value, Mapping):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, bytes):
        value = value[:LONGEST].decode("utf-8", "replace")
    text = " ".join(str(value)[: 2 * LONGEST].split())
    return "".join(c for c in text if c.isprintable() or c == " ")[:LONGEST]
