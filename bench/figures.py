"""What a row of the bench comes to: figures, each with its target, and whether it is met."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure has to reach, or must stay under."""

    limit: float
    at_least: bool = True

    def met(self, value: float) -> bool:
        """Whether it is reached."""
        return value >= self.limit if self.at_least else value <= self.limit

    def __str__(self) -> str:
        return f"{'at least' if self.at_least else 'at most'} {self.limit:g}"


def at_most(limit: float) -> Target:
    """A target that a figure must not exceed."""
    return Target(limit, at_least=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table. `value` is the median of `rounds`; None: not measured, and `note` says why."""

    name: str
    value: float | None
    unit: str = ""
    target: Target | None = None
    rounds: tuple[float, ...] = ()
    note: str = ""

    @property
    def verdict(self) -> str:
        """ "met", "missed", "not measured", or "" for a figure without a target."""
        if self.value is None:
            return "not measured"
        if self.target is None:
            return ""
        return "met" if self.target.met(self.value) else "missed"


def median(name: str, rounds: Sequence[float], unit: str = "", target: Target | None = None, note: str = "") -> Figure:
    """A figure from its rounds."""
    return Figure(name=name, value=statistics.median(rounds), unit=unit, target=target, rounds=tuple(rounds), note=note)


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How rows are measured."""

    say: Callable[[str], None]
    quick: bool = False  # tiny: whether it works, not how fast it is
    full: bool = False  # at the sizes of the targets, where the default is smaller
    rounds: int = 3
    mails: int | None = None  # instead of a row's own number
    tickets: int | None = None
    connections: int | None = None
    profile: Path | None = None  # record stacks with py-spy into files that begin so
    stores: Path | None = None  # filled stores are kept here, and found here again

    def size(self, quick: int, usual: int, full: int | None = None) -> int:
        """The size that fits."""
        return quick if self.quick else full if self.full and full is not None else usual
