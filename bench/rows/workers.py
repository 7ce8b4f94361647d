"""Worker processes: 1, 2 and 4 on PostgreSQL and Redis, which wait for I/O as they do in life.

The I/O is a virus scanner that takes 200 ms for a file; every tenth mail has one, so a mail waits 20 ms on
average: four times what it costs in CPU. What one worker does is the unit; n do n times as much while there
is CPU for them.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator

from bench.corpus import make_corpus
from bench.figures import Figure, How, Target, median
from bench.measure import Bench
from bench.processes import first_line, helper
from bench.setups import Variant, postgresql

_SCAN_MS = 200
_COUNTS = (1, 2, 4)


def measure(how: How) -> Iterator[Figure]:
    """Mails a second with each number of workers, and how that compares with one."""
    corpus = make_corpus(how.mails or how.size(20, 1000))
    counts = _COUNTS[:1] if how.quick else _COUNTS
    per_s: dict[int, list[float]] = {count: [] for count in counts}
    cpu: dict[int, list[float]] = {count: [] for count in counts}
    with (
        helper("bench.scanner", str(_SCAN_MS)) as scanner,
        postgresql() as set_up,
        Bench(corpus, how.connections or 10) as bench,
    ):
        settings = f'[virus_scan]\nclamd = "127.0.0.1:{first_line(scanner)}"\n'
        for number in range(1, how.rounds + 1):
            for count in counts:
                result = bench.alone(set_up, Variant(processes=count, settings=settings))
                per_s[count].append(result.end_to_end_per_s)
                cpu[count].append(sum(result.cpu_ms.values()) + sum(result.servers_cpu_ms.values()))
                how.say(f"  round {number}, {count} workers: {result.end_to_end_per_s:.0f} mails/s")
    for count in counts:
        yield median(f"{count} workers, {_SCAN_MS} ms a file: end to end", per_s[count], "mails/s")
        yield median(f"{count} workers: CPU of maild and its servers", cpu[count], "ms/mail")
    for count in counts[1:]:
        times = [many / one for one, many in zip(per_s[1], per_s[count], strict=True)]
        busy = statistics.median(per_s[count]) * statistics.median(cpu[count]) / 1000
        cores = os.cpu_count() or 1
        full = busy > 0.75 * cores
        yield median(
            f"{count} workers: times one worker",
            times,
            "times",
            # Near-linear until the cores are used: then the machine is the limit, not maild.
            None if full else Target(0.85 * count),
            note=f"{busy:.1f} of {cores} cores used by maild and its servers" + (", so no target" if full else ""),
        )
