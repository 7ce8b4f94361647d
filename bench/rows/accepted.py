"""Accepted: how fast 250s come over 50 connections, each after the durable commit, on SQLite.

The targets are for the door alone (`maild run --without worker`): what it gives the senders when tickets may wait.
Beside the worker, in one process, it shares one core with everything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import mean

from bench.corpus import make_corpus
from bench.figures import Figure, How, Target, at_most, median
from bench.measure import Bench, Sending
from bench.setups import Variant, sqlite

_WAYS = {
    "door alone": Variant(worker=False),
    "door alone, commits 2 ms slower": Variant(worker=False, slower_ms=2),
}
_TARGETS = {"door alone": Target(0.70), "door alone, commits 2 ms slower": Target(0.55)}


def measure(how: How) -> Iterator[Figure]:
    """The share of bare aiosmtpd, and what 99 of 100 mails waited at most for their 250."""
    with Bench(make_corpus(how.mails or how.size(60, 3000)), how.connections or how.size(10, 50)) as bench:
        ways = dict(list(_WAYS.items())[-1:]) if how.quick else _WAYS
        alone: dict[str, list[tuple[float, Sending]]] = {name: [] for name in ways}
        beside = []
        for number in range(1, how.rounds + 1):
            before = bench.bare()
            for name, variant in ways.items():
                sending = bench.accept(sqlite, variant)
                after = bench.bare()
                ratio, before = sending.per_s / mean((before, after)), after
                alone[name].append((ratio, sending))
                how.say(f"  {name}, round {number}: {sending.per_s:.0f} mails/s, ratio {ratio:.2f}")
            if how.quick:
                continue
            result = bench.alone(sqlite, Variant())
            beside.append((result.accepted_per_s / before, result))
            how.say(f"  beside the worker, round {number}: {result.accepted_per_s:.0f} mails/s")
    for name, rounds in alone.items():
        yield median(f"{name}: of bare aiosmtpd", [ratio for ratio, _ in rounds], "", _TARGETS[name])
        yield median(f"{name}: accepted", [sending.per_s for _, sending in rounds], "mails/s")
        yield median(f"{name}: p99 of the 250", [sending.p99_ms for _, sending in rounds], "ms", at_most(150))
    if not beside:
        return
    yield median("beside the worker: of bare aiosmtpd", [ratio for ratio, _ in beside])
    yield median("beside the worker: accepted", [result.accepted_per_s for _, result in beside], "mails/s")
    yield median("beside the worker: p99 of the 250", [result.answer_p99_ms for _, result in beside], "ms")
