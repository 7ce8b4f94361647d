"""End to end on SQLite: one process; then the same on a disk whose every commit takes 2 ms longer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from bench.corpus import make_corpus
from bench.figures import Figure, How, Target, median
from bench.fill import fill_database
from bench.measure import Bench, Result
from bench.report import details
from bench.setups import SetUp, Variant, sqlite

SLOWER_MS = 2.0


def measure(how: How) -> Iterator[Figure]:
    """Mails a second, and the share of bare aiosmtpd in the same round."""
    corpus = make_corpus(how.mails or how.size(60, 3000))
    with Bench(corpus, how.connections or 10) as bench:
        fill = partial(fill_database, count=how.tickets) if how.tickets else None
        rounds = run(bench, sqlite, Variant(fill=fill), how, "SQLite")
        yield from told("SQLite", rounds, Target(400), Target(0.20))
        if how.profile or how.quick:
            return
        slow = run(bench, sqlite, Variant(fill=fill, slower_ms=SLOWER_MS), how, "SQLite, commits 2 ms slower")
        yield median("SQLite, commits 2 ms slower: end to end", [r.end_to_end_per_s for r in slow], "mails/s")
        yield median("SQLite, commits 2 ms slower: of bare aiosmtpd", [r.ratio for r in slow], "", Target(0.17))


def run(bench: Bench, set_up: SetUp, variant: Variant, how: How, name: str) -> list[Result]:
    """All rounds of a set-up, told as they end."""
    rounds = []
    for number in range(1, how.rounds + 1):
        result = bench.round(set_up, variant, how.profile)
        how.say(
            f"  {name}, round {number}: {result.end_to_end_per_s:.0f} mails/s end to end,"
            f" bare aiosmtpd {result.bare_per_s:.0f}, ratio {result.ratio:.3f}"
        )
        rounds.append(result)
    return rounds


def told(name: str, rounds: Sequence[Result], per_s: Target, ratio: Target) -> Iterator[Figure]:
    """The figures of a set-up; those without a target say where the time went."""
    yield median(f"{name}: end to end", [r.end_to_end_per_s for r in rounds], "mails/s", per_s)
    yield median(f"{name}: of bare aiosmtpd", [r.ratio for r in rounds], "", ratio)
    yield median(f"{name}: bare aiosmtpd beside it", [r.bare_per_s for r in rounds], "mails/s")
    yield median(f"{name}: accepted", [r.accepted_per_s for r in rounds], "mails/s")
    yield median(f"{name}: 250 to committed, median", [r.commit_p50_ms for r in rounds], "ms")
    yield median(f"{name}: 250 to committed, p99", [r.commit_p99_ms for r in rounds], "ms")
    more = details(rounds)
    for process, cpu in (more["cpu_ms_per_mail"] | more["servers_cpu_ms_per_mail"]).items():
        yield Figure(name=f"{name}: CPU of {process}", value=cpu, unit="ms/mail")
    yield median(f"{name}: CPU of maild in all", [sum(r.cpu_ms.values()) for r in rounds], "ms/mail")
    yield median(f"{name}: peak memory of maild in all", [sum(r.peak_mib.values()) for r in rounds], "MiB")
