"""What the use cases ask of directories: customers, agents, orders and the like, as others keep them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Entry:
    """What a directory says of one key."""

    key: str  # as the directory writes it
    facts: Mapping[str, str] = field(default_factory=dict)  # by our names: customer, product, branch and more


def folded(key: str) -> str:
    """A key as it is compared: case and how many blanks there are do not count."""
    return " ".join(key.split()).casefold()


@dataclass(frozen=True, slots=True)
class Asked:
    """A key of a directory."""

    directory: str
    key: str  # as somebody wrote it


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of a look-up."""

    entry: Entry | None = None  # None: there is no such thing, as far as is known
    trouble: str = ""  # why nobody could be asked now, in words; the entry is the last that was said
    at: datetime | None = None  # when the answer was given; None: never


class Lookups(Protocol):
    """All directories that answer about things which mails name. Thread-safe."""

    def look_up(self, wanted: Collection[Asked]) -> Mapping[Asked, Looked]:
        """Ask about all of them at once; every one is answered, trouble is words and never an exception.

        Blocks for no longer than the longest time limit of a directory, however many there are and
        whatever they do; one that did not answer is not asked again for a while.
        """
