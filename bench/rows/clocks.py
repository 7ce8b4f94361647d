"""Service levels: due times, due clocks among a million, how late an alert is."""

from __future__ import annotations

from collections.abc import Iterator

from bench import clocks
from bench.figures import Figure, How


def measure(how: How) -> Iterator[Figure]:
    """All figures of `bench.clocks`, which names their units; one round, whatever was asked for."""
    for name, value in clocks.measure(how.say).items():
        note = "" if value is not None else "its server is not installed"
        yield Figure(name=name.replace("_", " "), value=value, note=note)
