"""Routing: decisions by 1,000 rules, and a trial of them on 100,000 stored mails."""

from __future__ import annotations

from collections.abc import Iterator

from bench import routing
from bench.figures import Figure, How


def measure(how: How) -> Iterator[Figure]:
    """All figures of `bench.routing`, which names their units; one round, whatever was asked for."""
    for name, value in routing.measure(how.say).items():
        note = "" if value is not None else "its server is not installed"
        yield Figure(name=name.replace("_", " "), value=value, note=note)
