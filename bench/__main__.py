"""Measures mails per second end to end, and holds them against bare aiosmtpd in the same run.

Progress and a table go to stderr; the last line of stdout is the result as JSON. docs/performance.md
says what is measured and what the figures mean.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path

from bench import setups
from bench.corpus import make_corpus
from bench.fill import fill_database
from bench.measure import Bench, Result
from bench.processes import BenchFailed
from bench.report import details, summary, table
from maild.testing.servers import MissingServer, ServerFailed

_SETUPS = ("sqlite", "postgresql")


def main(words: Sequence[str] | None = None) -> int:
    """Run the bench; 1 when a set-up failed (one that lacks its server is only left out)."""
    options = _options(words)
    if options.clocks:
        from bench import clocks

        print(json.dumps(clocks.measure(say)), flush=True)
        return 0
    if options.routing:
        from bench import routing

        print(json.dumps(routing.measure(say)), flush=True)
        return 0
    names = _SETUPS if options.setup == "all" else (options.setup,)
    say(f"corpus of {options.mails} mails, {options.rounds} rounds over {options.connections} connections")
    bench = Bench(make_corpus(options.mails), options.connections)
    bare: list[float] = []
    results: dict[str, list[Result] | None] = {}
    failed = False
    try:
        for name in names:
            try:
                results[name] = _rounds(name, bench, options, bare)
            except (MissingServer, ServerFailed, ModuleNotFoundError) as missing:
                say(f"{name}: not measured: {missing}")
                results[name] = None
            except BenchFailed as failure:
                say(f"{name}: failed: {failure}")
                results[name], failed = None, True
        if not bare:
            bare.append(bench.bare())
    finally:
        bench.close()
    say("\n" + table(bare, results) + "\n")
    last = summary(bare, results)
    if options.json:
        more = {name: details(rounds) for name, rounds in results.items() if rounds}
        options.json.write_text(json.dumps({**last, "mails": options.mails, "details": more}, indent=1) + "\n")
    print(json.dumps(last), flush=True)
    return int(failed)


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one round of fewer mails, under 30 s in all")
    parser.add_argument("--clocks", action="store_true", help="measure service levels instead, in about 2 minutes")
    parser.add_argument("--routing", action="store_true", help="measure routing instead, in about 3 minutes")
    parser.add_argument("--setup", choices=("all", *_SETUPS), default="all")
    parser.add_argument("--mails", type=int, help="mails of the corpus (3000; with --quick 300)")
    parser.add_argument("--rounds", type=int, help="rounds, of which medians are taken (3; with --quick 1)")
    parser.add_argument("--connections", type=int, default=10, help="SMTP connections, kept (10)")
    parser.add_argument("--tickets", type=int, default=0, help="tickets to put into the store before each round")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the result with details by process")
    parser.add_argument("--profile", type=Path, metavar="FILE", help="record stacks with py-spy into FILE-PROCESS.txt")
    options = parser.parse_args(words)
    options.mails = options.mails or (300 if options.quick else 3000)
    options.rounds = options.rounds or (1 if options.quick else 3)
    return options


def _rounds(name: str, bench: Bench, options: argparse.Namespace, bare: list[float]) -> list[Result]:
    fill = partial(fill_database, count=options.tickets) if options.tickets else None
    rounds: list[Result] = []
    with _set_up(name) as set_up:
        for number in range(1, options.rounds + 1):
            result = bench.round(set_up, fill, options.profile)
            bare.append(result.bare_per_s)
            say(f"{name} round {number}: {result.end_to_end_per_s:.0f}/s end to end; bare {result.bare_per_s:.0f}/s")
            rounds.append(result)
    return rounds


@contextmanager
def _set_up(name: str) -> Iterator[setups.SetUp]:
    with nullcontext(setups.sqlite) if name == "sqlite" else setups.postgresql() as set_up:
        yield set_up


def say(text: str) -> None:
    """Tell the person who waits."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
