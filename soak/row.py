"""What a row of the matrix is."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Way:
    """How a row is to be shown: how often, by which seed, where it may write, whom it tells."""

    count: int
    seed: int
    folder: Path
    say: Callable[[str], None]

    def dice(self) -> random.Random:
        """Dice that fall the same way each time."""
        return random.Random(self.seed)

    def place(self, name: str) -> Path:
        """A new folder."""
        made = self.folder / name
        made.mkdir()
        return made


@dataclass(frozen=True)
class Shown:
    """What came of it: a figure, and everything that broke."""

    figure: str
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    """One row: its name in RELIABILITY §11, what is done, how often at its full length."""

    name: str
    what: str
    count: int
    show: Callable[[Way], Shown]
