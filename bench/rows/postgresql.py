"""End to end on PostgreSQL and Redis: one process at the door, two that work."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bench.corpus import make_corpus
from bench.figures import Figure, How, Target
from bench.fill import fill_database
from bench.measure import Bench
from bench.rows.sqlite import run, told
from bench.setups import Variant, postgresql


def measure(how: How) -> Iterator[Figure]:
    """Mails a second, and the share of bare aiosmtpd in the same round."""
    fill = partial(fill_database, count=how.tickets) if how.tickets else None
    corpus = make_corpus(how.mails or how.size(60, 3000))
    with Bench(corpus, how.connections or 10) as bench, postgresql() as set_up:
        rounds = run(bench, set_up, Variant(fill=fill, processes=how.size(1, 2)), how, "PostgreSQL")
        yield from told("PostgreSQL", rounds, Target(350), Target(0.18))
